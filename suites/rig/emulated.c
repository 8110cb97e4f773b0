/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "rig/action.h"
#include "rig/emulated.h"
#include "rig/image.h"
#include "rig/interrupt.h"

/*
 * The emulated rig: a topology in QEMU with the hypervisor image, a disk with the programs under
 * test, and one that outlives the boots of its machine.
 */

#define SCALE_KVM     1.0
#define SCALE_TCG     4.0
#define HELLO_TIME_MS 10000 /* times the scale */
#define TAIL_LINES    15
#define RUN_PLACE     "RUN" /* for the folders in a command line that is compared */
#define IMAGE_PLACE   "IMAGE"

static void emulated_end(struct rig *common)
{
	struct emulated *rig = (struct emulated *)common;

	life_end(rig);
	folder_remove(&rig->folder);
	topology_free(rig->topology);
	record_free(rig->rig.identity);
	record_free(rig->rig.actions);
	free(rig->image);
	free(rig);
}

static void cleanup_emulated(struct emulated **rig)
{
	if (*rig)
		emulated_end(&(*rig)->rig);
}

static char *emulated_console(const struct rig *common)
{
	return console_tail(((const struct emulated *)common)->folder.path, TAIL_LINES);
}

static const char *emulated_folder(const struct rig *common)
{
	return ((const struct emulated *)common)->folder.path;
}

static int emulated_lend(struct rig *common, struct err *err)
{
	struct emulated *rig = (struct emulated *)common;
	struct deadline deadline = deadline_in((int64_t)(HELLO_TIME_MS * rig->scale));
	struct record *request = record_object();
	int rc;

	record_put_str(request, "op", "quit");
	rc = channel_ask(common->channel, request, deadline, NULL, err);
	if (!rc)
		rc = channel_hear(common->channel, "exited", deadline, err);
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
		rc = interrupt_poll(&polled, 1, deadline_in(INT32_MAX), err);
	} while (rc == -ETIMEDOUT);
	return rc < 0 ? rc : 0;
}

static int emulated_act(struct rig *common, const char *action, const struct record *arguments,
		struct err *err)
{
	struct emulated *rig = (struct emulated *)common;

	if (rig_crosses(action))
		return life_leave(rig, action, arguments, err);
	return action_do(rig->machine->qmp, rig->topology, action, arguments, err);
}

static int emulated_come_back(struct rig *common, struct record **boot, struct err *err)
{
	return life_return((struct emulated *)common, boot, err);
}

static const struct rig_methods emulated_methods = {
	.act = emulated_act,
	.come_back = emulated_come_back,
	.end = emulated_end,
	.console = emulated_console,
	.lend = emulated_lend,
	.wait = emulated_wait,
	.folder = emulated_folder,
};

/* The same machine in another folder is the same machine. Under KVM the processor is the host's,
 * and a state does not fit another one. */
static int make_key(struct emulated *rig, struct err *err)
{
	CLEANUP(words_free) struct words command = { .list = NULL };
	CLEANUP(cleanup_free) char *cpu = NULL;
	const char *model, *flags;
	int rc;

	qemu_command(&command, "qemu", rig->topology, rig->qemu.kvm, IMAGE_PLACE, RUN_PLACE);
	if (rig->qemu.kvm) {
		rc = file_read(AT_FDCWD, "/proc/cpuinfo", 16u << 20, &cpu, NULL, err);
		if (rc < 0)
			return rc;
		model = strstr(cpu, "model name");
		flags = strstr(cpu, "flags");
		words_add(&command, "%.*s", model ? (int)strcspn(model, "\n") : 0, model);
		words_add(&command, "%.*s", flags ? (int)strcspn(flags, "\n") : 0, flags);
	}
	snapshot_key(&rig->qemu, rig->image, &command, &rig->key);
	return 0;
}

static void describe(struct emulated *rig)
{
	struct record *identity = rig->rig.identity = record_object();
	const char *image = strrchr(rig->image, '/');

	record_put_str(identity, "kind", "emulated");
	record_put_str(identity, "topology", rig->topology->id);
	record_put_str(identity, "title", rig->topology->title);
	record_put_str(identity, "accelerator", rig->qemu.kvm ? "kvm" : "tcg");
	record_put_str(identity, "qemu", rig->qemu.version);
	record_put_str(identity, "machine", rig->topology->machine.properties[0].value);
	record_put_str(identity, "image", image ? image + 1 : rig->image);
	record_put_bool(identity, "snapshot", rig->restored);
	record_put_str(identity, "pf", rig->topology->pf_address);
	record_put_str(identity, "partner", rig->topology->partner_mac);
	record_put_real(identity, "scale", rig->scale);
	record_put_str(identity, "origin", "emulated");
}

static int load_topology(
		const struct rig_options *options, struct topology **topology, struct err *err)
{
	CLEANUP(cleanup_free)
	char *topologies = file_path("%s/fixtures/topologies", options->data_dir);

	return topology_load(topologies, options->topology ? options->topology : "igb",
			options->overlays, options->overlay_count, topology, err);
}

int rig_check_emulated(const struct rig_options *options, struct err *err)
{
	struct topology *topology = NULL;
	int rc = load_topology(options, &topology, err);

	topology_free(topology);
	return rc;
}

static int prepare(struct emulated *rig, const struct rig_options *options, struct err *err)
{
	CLEANUP(cleanup_free) char *tools = NULL;
	int rc = load_topology(options, &rig->topology, err);

	if (!rc)
		rc = qemu_inspect(options, &rig->qemu, err);
	if (!rc)
		rc = image_find(options, rig->topology->flavour, &rig->image, err);
	if (!rc)
		rc = qemu_try_kvm(options, rig->image, &rig->qemu, err);
	if (rc < 0)
		return rc;
	rig_progress(options, "%s: %s", rig->qemu.kvm ? "KVM" : "no KVM, so QEMU translates (TCG)",
			rig->qemu.reason);
	rig->scale = rig->qemu.kvm ? SCALE_KVM : SCALE_TCG;
	rc = make_key(rig, err);
	if (!rc)
		rc = folder_make(options->run_dir, options->folder, &rig->folder, err);
	if (rc < 0)
		return rc;
	rig->cold = options->cold || rig->topology->flavour;
	tools = file_path("%s/tools.erofs", rig->folder.path);
	rc = image_pack_tools(options, tools, err);
	return rc ? rc : life_prepare_state(rig, true, err);
}

int rig_up_emulated(const struct rig_options *options, struct rig **rig, struct err *err)
{
	CLEANUP(cleanup_emulated) struct emulated *fresh = calloc(1, sizeof(*fresh));
	int rc;

	if (!fresh)
		abort();
	fresh->rig.methods = &emulated_methods;
	fresh->folder = FOLDER_NONE;
	fresh->options = *options;
	rc = prepare(fresh, options, err);
	if (!rc)
		rc = life_begin(fresh, err);
	if (rc < 0)
		return rc;
	describe(fresh);
	fresh->rig.actions = action_list(fresh->topology);
	*rig = &TAKE(fresh)->rig;
	return 0;
}
