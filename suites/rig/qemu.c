/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/qemu.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/text.h"
#include "base/version.h"
#include "rig/folder.h"
#include "rig/image.h"

/*
 * A bare boot starts the image's kernel and initramfs without disks. When the initramfs reports that it
 * finds no root, the kernel has run a program.
 */

#define OLDEST_MAJOR  8 /* the first with igb */
#define VERSION_MARK  "version "
#define REACHED_MARK  "vfcert initrd:"
#define KVM_TIME_MS   10000
#define START_TIME_MS 20000
#define LOG_LIMIT     (1u << 20)
#define POLL_MS       10
#define ACCEL_FILE    "accelerator.json"

int qemu_inspect(const char *program, struct qemu *qemu, struct err *err)
{
	const char *const argv[] = { program, "--version", NULL };
	CLEANUP(cleanup_free) char *output = NULL;
	const char *found;
	struct stat st;
	int rc;

	if (stat(program, &st) < 0)
		return err_sys(err, "cannot find QEMU at %s", program);
	rc = process_run(argv, deadline_in(START_TIME_MS), &output, err);
	if (rc < 0)
		return rc;
	found = strstr(output, VERSION_MARK);
	if (!found)
		return err_set(err, EPROTO, "%s --version prints no version", program);
	found += strlen(VERSION_MARK);
	*qemu = (struct qemu){ .program = text_format("%s", program),
		.size = (uint64_t)st.st_size,
		.changed = (int64_t)st.st_mtime };
	snprintf(qemu->version, sizeof(qemu->version), "%.*s", (int)strcspn(found, "\r\n"), found);
	if (atoi(qemu->version) < OLDEST_MAJOR)
		return err_set(err, ENOTSUP,
				"%s is version %s; the emulated rig needs 8.0 or newer (on Debian "
				"12: qemu-system-x86 from bookworm-backports)",
				program, qemu->version);
	return 0;
}

void qemu_free(struct qemu *qemu)
{
	free(TAKE(qemu->program));
}

static int refuse(const struct topology *topology, const char *what, struct err *err)
{
	return err_set(err, EINVAL, "topology %s needs QEMU %s or newer, and not %s", topology->id,
			topology->qemu, what);
}

int qemu_choose(const struct rig_options *options, const struct topology *topology,
		const char **built, struct err *err)
{
	CLEANUP(qemu_free) struct qemu own = { .program = NULL };
	const char *wanted = rig_option(options, "qemu"), *needed = topology->qemu;
	bool fits;
	int rc = options->qemu ? qemu_inspect(options->qemu, &own, err) : 0;

	*built = NULL;
	if (wanted && needed && version_compare(wanted, needed) < 0 &&
			!version_begins(needed, wanted))
		return refuse(topology, wanted, err);
	fits = own.program && (!wanted || version_begins(own.version, wanted)) &&
			(!needed || version_compare(own.version, needed) >= 0);
	if (fits)
		return 0;
	if (rc < 0 && !wanted)
		return rc;
	if (!own.program && !wanted && !needed)
		return err_set(err, ENOENT,
				"qemu-system-x86_64 is not in PATH: install it (Debian: "
				"qemu-system-x86), or have one built (--qemu VERSION)");
	*built = wanted ? wanted : "";
	return 0;
}

static bool has_reached(const char *log)
{
	CLEANUP(cleanup_free) char *text = NULL;

	return file_read(AT_FDCWD, log, LOG_LIMIT, &text, NULL, NULL) == 0 &&
			strstr(text, REACHED_MARK);
}

int qemu_boot_bare(const char *program, const char *accelerator, const char *kernel,
		const char *folder, struct deadline deadline, struct err *err)
{
	CLEANUP(cleanup_free) char *log = text_format("%s/bare.log", folder);
	CLEANUP(cleanup_free) char *serial = text_format("file:%s", log);
	CLEANUP(cleanup_free) char *file = text_format("%s/kernel", kernel);
	CLEANUP(cleanup_free) char *initrd = text_format("%s/initrd.cpio", kernel);
	const char *const argv[] = { program, "-accel", accelerator, "-machine",
		"q35,kernel-irqchip=split", "-cpu", strcmp(accelerator, "kvm") ? "max" : "host",
		"-m", "256", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
		"-serial", serial, "-kernel", file, "-initrd", initrd, "-append", qemu_kernel,
		NULL };
	CLEANUP(cleanup_process) struct process process = PROCESS_NONE;
	int status, rc;

	unlink(log);
	rc = process_start(argv, (struct process_streams){ -1, -1, -1 }, &process, err);
	while (!rc && !has_reached(log)) {
		struct pollfd polled = { .fd = process.fd, .events = POLLIN };

		if (!deadline_left(deadline))
			return err_set(err, ETIMEDOUT,
					"the kernel does not get to its first program");
		rc = signals_poll(&polled, 1, deadline_in(POLL_MS), err);
		if (rc == -ETIMEDOUT)
			rc = 0;
		else if (rc > 0 && process_wait(&process, deadline_in(0), &status) == 0) {
			char how[64];

			return has_reached(log) ? 0
						: err_set(err, EIO, "QEMU exits (%s)",
								  process_status(status, how));
		}
	}
	process_end(&process, 0);
	return rc;
}

/* Loads the outcomes of earlier attempts since the host booted: {"boot":ID,
 * KEY:{"kvm","reason"}, ...}. NULL: there are none. */
static struct record *load_tries(const char *path, const char *boot)
{
	struct record *tries = NULL;

	if (record_load(AT_FDCWD, path, &tries, NULL) == 0 &&
			!strcmp(record_str(tries, "boot", ""), boot))
		return tries;
	record_free(tries);
	return NULL;
}

static bool remembered(const struct record *tries, const char *key, struct qemu *qemu)
{
	const struct record *kept = record_get(tries, key);

	if (!kept)
		return false;
	qemu->kvm = record_bool(kept, "kvm", false);
	snprintf(qemu->reason, sizeof(qemu->reason), "%s", record_str(kept, "reason", ""));
	return true;
}

static void remember(const char *path, const char *boot, const struct record *former,
		const char *key, const struct qemu *qemu)
{
	CLEANUP(cleanup_record)
	struct record *tries = former ? record_copy(former) : record_object();
	struct record *kept = record_object();

	record_put_str(tries, "boot", boot);
	record_put_bool(kept, "kvm", qemu->kvm);
	record_put_str(kept, "reason", qemu->reason);
	record_put(tries, key, kept);
	record_save(AT_FDCWD, path, tries, NULL); /* if that fails, the next rig tries again */
}

static int boot_under_kvm(const struct rig_options *options, const char *kernel, struct qemu *qemu,
		struct err *err)
{
	CLEANUP(folder_remove) struct folder folder = FOLDER_NONE;
	struct err cause = { 0 };
	int rc = folder_make(options->run_dir, NULL, &folder, err);

	if (rc < 0)
		return rc;
	rig_progress(options, "trying KVM (once per boot of this host)");
	rc = qemu_boot_bare(qemu->program, "kvm", kernel, folder.path, deadline_in(KVM_TIME_MS),
			&cause);
	if (rc == -EINTR)
		return err_set(err, EINTR, "%s", cause.msg);
	qemu->kvm = !rc;
	snprintf(qemu->reason, sizeof(qemu->reason), "%s%.120s",
			rc ? "/dev/kvm opens, but " : "the kernel runs in it", cause.msg);
	return 0;
}

int qemu_try_kvm(const struct rig_options *options, const char *kernel, struct qemu *qemu,
		struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/" ACCEL_FILE, options->cache_dir);
	CLEANUP(cleanup_free) char *boot = NULL;
	CLEANUP(cleanup_free) char *key = NULL;
	CLEANUP(cleanup_record) struct record *tries = NULL;
	CLEANUP(cleanup_fd) int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int rc;

	qemu->kvm = false;
	if (fd < 0) {
		snprintf(qemu->reason, sizeof(qemu->reason), "cannot open /dev/kvm: %s",
				strerror(errno));
		return 0;
	}
	rc = file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 100, &boot, NULL, err);
	if (rc < 0)
		return rc;
	boot[strcspn(boot, "\n")] = '\0';
	key = text_format("%s %lld", qemu->version, (long long)qemu->changed);
	tries = load_tries(path, boot);
	if (remembered(tries, key, qemu))
		return 0;
	rc = boot_under_kvm(options, kernel, qemu, err);
	if (!rc && (qemu->kvm || !image_is_own(kernel)))
		remember(path, boot, tries, key, qemu);
	return rc;
}
