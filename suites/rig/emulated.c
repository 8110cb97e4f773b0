/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/text.h"
#include "base/version.h"
#include "rig/action.h"
#include "rig/emulated.h"
#include "rig/image.h"

/*
 * The emulated rig: a topology in QEMU with the hypervisor image, a disk with the programs under test,
 * and a disk that keeps state across boots.
 */

#define SCALE_KVM     1.0
#define SCALE_TCG     4.0
#define HELLO_TIME_MS 10000 /* times the scale */
#define TAIL_LINES    15
#define RUN_PLACE     "RUN" /* replace the folders in the command line of a key */
#define PROGRAM       "qemu-system-x86_64"

static void emulated_free(struct emulated *rig)
{
	if (!rig)
		return;
	emulated_stop(rig);
	emulated_free(rig->peer);
	folder_remove(&rig->folder);
	card_move_back(&rig->card, rig->topology);
	topology_free(rig->topology);
	record_free(rig->rig.identity);
	record_free(rig->rig.actions);
	image_free(&rig->image);
	qemu_free(&rig->qemu);
	free(rig);
}

static void emulated_down(struct rig *common)
{
	emulated_free((struct emulated *)common);
}

static void cleanup_emulated(struct emulated **rig)
{
	emulated_free(*rig);
}

static char *emulated_console_tail(const struct rig *common)
{
	return console_tail(((const struct emulated *)common)->folder.path, TAIL_LINES);
}

static const char *emulated_folder(const struct rig *common)
{
	return ((const struct emulated *)common)->folder.path;
}

static int emulated_lend_console(struct rig *common, struct err *err)
{
	struct emulated *rig = (struct emulated *)common;
	struct deadline deadline = deadline_in((int64_t)(HELLO_TIME_MS * rig->scale));
	struct record *request = record_object();
	int rc;

	record_put_str(request, "op", "quit");
	rc = channel_ask(common->channel, request, deadline, NULL, err);
	if (!rc)
		rc = channel_await_event(common->channel, "exited", deadline, err);
	if (!rc)
		rc = machine_allow_restart(rig->machine, true, err);
	if (!rc)
		channel_free(TAKE(common->channel));
	return rc;
}

static int emulated_wait(struct rig *common, struct err *err)
{
	struct emulated *rig = (struct emulated *)common;
	struct pollfd polled = { .fd = rig->machine->process.fd, .events = POLLIN };
	int rc;

	do {
		rc = signals_poll(&polled, 1, deadline_in(INT32_MAX), err);
	} while (rc == -ETIMEDOUT);
	return rc < 0 ? rc : 0;
}

static int emulated_act(struct rig *common, const char *action, const struct record *arguments,
		struct err *err)
{
	struct emulated *rig = (struct emulated *)common;

	if (rig_action_reboots(action))
		return emulated_reboot_begin(rig, action, arguments, err);
	if (!strcmp(action, "break-functions"))
		return patches_apply(&rig->machine->patches, rig->machine->qmp, rig->folder.path,
				arguments, err);
	if (!strcmp(action, "mend-functions"))
		return patches_undo(&rig->machine->patches, rig->folder.path, err);
	return action_do(rig->machine->qmp, rig->topology, action, arguments, err);
}

static int emulated_await_reboot(struct rig *common, struct record **boot, struct err *err)
{
	return emulated_reboot_wait((struct emulated *)common, boot, err);
}

/* The key does not depend on the rig's folder. Under KVM it depends on the host's processor. */
static int make_key(struct emulated *rig, struct err *err)
{
	const struct image places = { .root = "ROOT", .kernel = "KERNEL", .guests = "GUESTS" };
	CLEANUP(argv_free) struct argv command = { .list = NULL };
	CLEANUP(cleanup_free) char *cpu = NULL;
	const char *model, *flags;
	int rc;

	qemu_command(&command, "qemu", rig->topology, rig->qemu.kvm, &places, RUN_PLACE);
	if (rig->qemu.kvm) {
		rc = file_read(AT_FDCWD, "/proc/cpuinfo", 16u << 20, &cpu, NULL, err);
		if (rc < 0)
			return rc;
		model = strstr(cpu, "model name");
		flags = strstr(cpu, "flags");
		argv_add(&command, "%.*s", model ? (int)strcspn(model, "\n") : 0, model);
		argv_add(&command, "%.*s", flags ? (int)strcspn(flags, "\n") : 0, flags);
	}
	snapshot_key(&rig->qemu, &rig->image, &command, &rig->key);
	return 0;
}

static const char *part_name(const char *folder)
{
	const char *slash = strrchr(folder, '/');

	return slash ? slash + 1 : folder;
}

static void identify(struct emulated *rig)
{
	struct record *identity = rig->rig.identity = record_object();
	CLEANUP(cleanup_free) char *kernel = image_manifest(rig->image.kernel, "kernel");
	CLEANUP(cleanup_free)
	char *libvirt = image_manifest(rig->image.root, "package.libvirt-daemon");

	record_put_str(identity, "kind", "emulated");
	record_put_str(identity, "topology", rig->topology->id);
	record_put_str(identity, "title", rig->topology->title);
	record_put_str(identity, "accelerator", rig->qemu.kvm ? "kvm" : "tcg");
	record_put_str(identity, "qemu", rig->qemu.version);
	record_put_str(identity, "machine", rig->topology->machine.properties[0].value);
	record_put_str(identity, "image", part_name(rig->image.root));
	record_put_str(identity, "kernel", kernel);
	record_put_str(identity, "kernel_image", part_name(rig->image.kernel));
	record_put_str(identity, "libvirt", libvirt);
	record_put_bool(identity, "snapshot", rig->restored);
	record_put_str(identity, "pf", rig->topology->pf_address);
	record_put_str(identity, "partner", rig->topology->partner_mac);
	record_put_real(identity, "scale", rig->scale);
	record_put_str(identity, "origin", "emulated");
}

int emulated_load(const struct rig_options *options, const struct ini *const *overlays,
		size_t overlay_count, struct topology **topology, struct err *err)
{
	CLEANUP(cleanup_free)
	char *topologies = text_format("%s/fixtures/topologies", options->data_dir);
	const char *name = rig_option(options, "topology");

	return topology_load(topologies, name ? name : TOPOLOGY_DEFAULT, overlays, overlay_count,
			topology, err);
}

static int load_topology(
		const struct rig_options *options, struct topology **topology, struct err *err)
{
	return emulated_load(options, options->overlays, options->overlay_count, topology, err);
}

/* The default kernel and QEMU need no check. */
static int emulated_check(const struct rig_options *options, struct err *err)
{
	CLEANUP(cleanup_topology) struct topology *topology = NULL;
	const char *built = NULL;
	int rc = load_topology(options, &topology, err);

	if (!rc && rig_option(options, "modules") && !rig_option(options, "kernel"))
		rc = err_set(err, EINVAL, "--modules needs the --kernel that they belong to");
	if (!rc && (rig_option(options, "qemu") || topology->qemu))
		rc = qemu_choose(options, topology, &built, err);
	if (!rc && (rig_option(options, "kernel") || rig_option(options, "libvirt") || built))
		rc = image_check(options, built, err);
	return rc;
}

/* The parts of the machine, and which QEMU runs it. */
static int find_parts(struct emulated *rig, const struct rig_options *options, struct err *err)
{
	CLEANUP(cleanup_free) char *program = NULL;
	struct image_wanted wanted = { .flavour = rig->topology->flavour,
		.guests = rig->topology->hosts_guests };
	const char *built = NULL, *needed = rig->topology->qemu;
	int rc = qemu_choose(options, rig->topology, &built, err);

	wanted.qemu = built;
	if (!rc)
		rc = image_find(options, &wanted, &rig->image, err);
	if (rc < 0)
		return rc;
	program = built ? text_format("%s/" PROGRAM, rig->image.qemu)
			: text_format("%s", options->qemu);
	rc = qemu_inspect(program, &rig->qemu, err);
	if (!rc && needed && version_compare(rig->qemu.version, needed) < 0)
		return err_set(err, EINVAL, "topology %s needs QEMU %s or newer, and %s is there",
				rig->topology->id, needed, rig->qemu.version);
	return rc ? rc : qemu_try_kvm(options, rig->image.kernel, &rig->qemu, err);
}

int emulated_prepare(struct emulated *rig, struct err *err)
{
	const struct rig_options *options = &rig->options;
	CLEANUP(cleanup_free) char *tools = NULL, *always = NULL;
	int rc = find_parts(rig, options, err);

	if (rc < 0)
		return rc;
	if (!rig->is_peer)
		rig_progress(options, "%s: %s",
				rig->qemu.kvm ? "KVM" : "no KVM, so QEMU translates (TCG)",
				rig->qemu.reason);
	rig->scale = rig->qemu.kvm ? SCALE_KVM : SCALE_TCG;
	rc = make_key(rig, err);
	if (!rc)
		rc = folder_make(options->run_dir, options->folder, &rig->folder, err);
	if (rc < 0)
		return rc;
	always = image_manifest(rig->image.root, "boot");
	rig->cold = rig_option(options, "cold") || always;
	tools = text_format("%s/tools.erofs", rig->folder.path);
	rc = image_pack_tools(options, tools, err);
	return rc ? rc : emulated_make_state(rig, true, err);
}

/* For users who try their own kernel. */
static void report_console(const struct emulated *rig)
{
	CLEANUP(cleanup_free)
	char *text = rig->folder.path ? emulated_console_tail(&rig->rig) : NULL;
	char *rest = text, *line;

	while (text && (line = strsep(&rest, "\n"))) {
		if (*line)
			rig_progress(&rig->options, "console: %s", line);
	}
}

static int emulated_up(const struct rig_options *options, struct rig **rig, struct err *err)
{
	CLEANUP(cleanup_emulated) struct emulated *fresh = calloc(1, sizeof(*fresh));
	int rc;

	if (!fresh)
		abort();
	fresh->folder = FOLDER_NONE;
	fresh->options = *options;
	rc = load_topology(options, &fresh->topology, err);
	if (!rc)
		rc = emulated_prepare(fresh, err);
	if (!rc && fresh->topology->peer)
		rc = peer_up(fresh, err);
	if (!rc)
		rc = emulated_boot(fresh, err);
	if (rc < 0 && rc != -EINTR && rig_option(options, "kernel"))
		report_console(fresh);
	if (rc < 0)
		return rc;
	identify(fresh);
	fresh->rig.actions = action_list(fresh->topology);
	record_add_str(fresh->rig.actions, "break-functions");
	record_add_str(fresh->rig.actions, "mend-functions");
	*rig = &TAKE(fresh)->rig;
	return 0;
}

static const char *const *lacks(const struct rig_options *options)
{
	static const char *const all[] = { "guests", "peer", NULL };
	CLEANUP(cleanup_topology) struct topology *topology = NULL;
	struct err err = { 0 };

	if (load_topology(options, &topology, &err) < 0)
		return &all[2];
	if (topology->peer)
		return &all[2];
	return topology->guests ? &all[1] : all;
}

static const struct flag flags[] = {
	{ "topology", 't', "NAME",
			"Topology of the emulated rig, a name or a file (" TOPOLOGY_DEFAULT ")" },
	{ "cold", 0, NULL, "Boot the emulated rig, and neither use nor make a snapshot" },
	{ "kernel", 0, "VERSION",
			"Emulated rig: the newest Debian kernel that begins like that (6.12), or the "
			"file of a bzImage or vmlinux" },
	{ "modules", 0, "DIR",
			"The modules of a --kernel of your own, as make modules_install "
			"INSTALL_MOD_PATH=DIR gives them" },
	{ "libvirt", 0, "VERSION",
			"Emulated rig: the Debian release whose libvirt begins like that (9.0)" },
	{ "qemu", 0, "VERSION",
			"Emulated rig: the QEMU that begins like that (11.1), this machine's or "
			"Debian's" },
	{ 0 },
};

const struct rig_kind rig_emulated = {
	.name = "emulated",
	.help = "a machine in QEMU, from a topology file",
	.flags = flags,
	.many = true,
	.lacks = lacks,
	.check = emulated_check,
	.up = emulated_up,
	.down = emulated_down,
	.act = emulated_act,
	.reboot_wait = emulated_await_reboot,
	.console_tail = emulated_console_tail,
	.lend_console = emulated_lend_console,
	.wait = emulated_wait,
	.folder = emulated_folder,
};
