/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/text.h"
#include "checks/persistence/persistence.h"
#include "host/host_file.h"
#include "sriov/vfs.h"

/*
 * A host in trouble: its disk is full or read-only, the manager's stored state is damaged, its
 * clock jumps, an interface has another name, two administrators act at once. These checks do not
 * boot: they reset the card to its state after a boot, and remove what the manager has stored since
 * this boot.
 */

#define FILLER     STORE_FOLDER "/vfcert-filler"
#define STATE_DISK "state"

enum { DAMAGES = 4, TEXT_LIMIT = 65536 };

enum verdict persistence_begin(struct check_run *run)
{
	struct intent intent = intent_of(run->dut, 0);

	record_put_int(run->memory, "mtu", pf_mtu(run->dut));
	if (manager_install(run, &intent) < 0)
		return check_broken(run, "the policy file cannot be written");
	return manager_apply(run);
}

enum verdict persistence_end(struct check_run *run, enum verdict verdict)
{
	int rc = manager_forget(run, (uint32_t)record_int(run->memory, "mtu", 0));

	return rc < 0 && verdict == VERDICT_PASS ? check_broken(run, "the card cannot be restored")
						 : verdict;
}

/* Resets card and manager to their state after a boot. */
static int as_booted(struct check_run *run)
{
	struct dut *dut = run->dut;
	int rc = vfs_set_count(dut->host, dut->pf, 0, &run->err);

	if (!rc)
		rc = netdev_set_mtu(dut->host, dut->pf_netdev,
				(uint32_t)record_int(run->memory, "mtu", 0), &run->err);
	return rc ? rc : host_tree_remove(dut->host, "run/vfctl", &run->err);
}

enum verdict persistence_restores(
		struct check_run *run, const struct intent *intent, const char *word, bool fails)
{
	static const char *const args[] = { "restore", NULL };
	CLEANUP(call_end) struct call call = { 0 };

	if (as_booted(run) < 0 || manager_call(run, args, &call) < 0)
		return check_broken(run, "vfctl restore cannot be called");
	evidence_text(run, "vfctl restore", "status %d: %.300s", call.status, call.output);
	if (word && !strstr(call.output, word))
		return check_fail(run, "vfctl restore does not name %s: %.200s", word,
				call_last(&call));
	if (fails && !call.status)
		return check_fail(run, "vfctl restore names %s and ends with 0", word);
	return manager_holds(run, intent, "after vfctl restore");
}

static enum verdict restores(struct check_run *run, const char *word)
{
	struct intent intent = intent_of(run->dut, 0);

	return persistence_restores(run, &intent, word, false);
}

/* vfctl apply must fail, and its output must contain WORD. */
static enum verdict apply_says(struct check_run *run, const char *word)
{
	static const char *const args[] = { "apply", NULL };
	CLEANUP(call_end) struct call call = { 0 };

	if (manager_call(run, args, &call) < 0)
		return check_broken(run, "vfctl apply cannot be called");
	evidence_text(run, "vfctl apply", "status %d: %.300s", call.status, call.output);
	if (!call.status || call.status > 127)
		return check_fail(run, "vfctl apply ends with %d although nothing can be written",
				call.status);
	if (!strstr(call.output, word))
		return check_fail(run, "vfctl apply does not say '%s': %.200s", word,
				call_last(&call));
	return VERDICT_PASS;
}

/* Tries apply and restore while the disk cannot be written, and again once it can. */
static enum verdict without_disk(struct check_run *run, const char *word,
		int (*take)(struct check_run *run), int (*give_back)(struct check_run *run))
{
	struct intent other = intent_of(run->dut, 1), first = intent_of(run->dut, 0);
	enum verdict verdict = persistence_begin(run);

	if (verdict == VERDICT_PASS && (manager_install(run, &other) < 0 || take(run) < 0))
		verdict = check_broken(run, "the disk cannot be made unusable");
	if (verdict == VERDICT_PASS)
		verdict = apply_says(run, word);
	if (give_back(run) < 0 || manager_install(run, &first) < 0 || take(run) < 0)
		verdict = check_broken(run, "the disk cannot be made usable again");
	if (verdict == VERDICT_PASS)
		verdict = restores(run, NULL);
	if (give_back(run) < 0)
		verdict = check_broken(run, "the disk cannot be made usable again");
	if (verdict == VERDICT_PASS)
		verdict = manager_apply(run);
	if (verdict == VERDICT_PASS)
		verdict = manager_clean(run);
	return persistence_end(run, verdict);
}

static int fill_disk(struct check_run *run)
{
	CLEANUP(cleanup_fd)
	int fd = host_file_create(run->dut->host, FILLER, &run->err);
	char block[4096] = "";
	size_t size = sizeof(block);

	/* Ever smaller pieces fill the disk to the last byte. */
	while (fd >= 0 && size) {
		if (write(fd, block, size) <= 0)
			size /= 2;
	}
	if (fd < 0)
		return fd;
	return errno == ENOSPC ? 0 : err_sys(&run->err, "cannot fill the disk");
}

static int free_disk(struct check_run *run)
{
	return host_file_remove(run->dut->host, FILLER, &run->err);
}

static int remount(struct check_run *run, unsigned long flags)
{
	CLEANUP(cleanup_free) char *path = host_path(run->dut->host, STATE_DISK);

	sync();
	if (mount(NULL, path, NULL, MS_REMOUNT | flags, NULL) < 0)
		return err_sys(&run->err, "cannot remount %s", path);
	return 0;
}

static int seal_disk(struct check_run *run)
{
	return remount(run, MS_RDONLY);
}

static int unseal_disk(struct check_run *run)
{
	return remount(run, 0);
}

enum verdict persistence_disk_full(struct check_run *run)
{
	return without_disk(run, "No space left", fill_disk, free_disk);
}

enum verdict persistence_read_only(struct check_run *run)
{
	return without_disk(run, "Read-only", seal_disk, unseal_disk);
}

/* The path of the first file below FOLDER, at any depth; the caller frees it. */
static char *find_file(const struct host *host, const char *folder)
{
	char **names = NULL, *found = NULL;
	size_t count = 0;

	if (host_names(host, folder, &names, &count, NULL) < 0)
		return NULL;
	for (size_t i = 0; !found && i < count; i++) {
		char *path = text_format("%s/%s", folder, names[i]);

		if (host_is_file(host, path))
			found = path;
		else {
			found = find_file(host, path);
			free(path);
		}
	}
	host_names_free(names, count);
	return found;
}

/* Damages a file as a failing disk or writer does. Returns its new length. */
static size_t damage(char *text, size_t length, unsigned way)
{
	switch (way) {
	case 0:
		return 0;
	case 1:
		return length / 2;
	case 2:
		memset(text, 0, length);
		return length;
	default:
		text[length / 2] ^= 0x40;
		text[0] = '#';
		return length;
	}
}

/* Whether another file of the store has these bytes, because the manager set them aside. */
static bool is_kept(struct check_run *run, const char *path, const char *text, size_t length)
{
	CLEANUP(cleanup_free)
	char *folder = text_format("%.*s", (int)(strrchr(path, '/') - path), path);
	char **names = NULL;
	size_t count = 0;
	bool kept = false;

	if (host_names(run->dut->host, folder, &names, &count, NULL) < 0)
		return false;
	for (size_t i = 0; !kept && i < count; i++) {
		CLEANUP(cleanup_free) char *name = text_format("%s/%s", folder, names[i]);
		CLEANUP(cleanup_free) char *found = NULL;
		size_t size = 0;

		kept = strcmp(name, path) &&
				host_file_read(run->dut->host, name, TEXT_LIMIT, &found, &size,
						NULL) == 0 &&
				size == length && !memcmp(found, text, length);
	}
	host_names_free(names, count);
	return kept;
}

static enum verdict damaged_once(struct check_run *run, unsigned way)
{
	CLEANUP(cleanup_free) char *path = find_file(run->dut->host, STORE_FOLDER);
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length = 0;
	enum verdict verdict;

	if (!path)
		return check_fail(run, "the manager stores nothing in " STORE_FOLDER);
	if (host_file_read(run->dut->host, path, TEXT_LIMIT, &text, &length, &run->err) < 0)
		return check_broken(run, "what the manager stores cannot be read");
	length = damage(text, length, way);
	if (host_file_write(run->dut->host, path, text, length, &run->err) < 0)
		return check_broken(run, "%s cannot be damaged", path);
	verdict = restores(run, path);
	if (verdict == VERDICT_PASS && !is_kept(run, path, text, length))
		return check_fail(run, "%s was damaged, and its content was not kept", path);
	return verdict == VERDICT_PASS ? manager_clean(run) : verdict;
}

enum verdict persistence_store_damaged(struct check_run *run)
{
	enum verdict verdict = persistence_begin(run);

	for (unsigned way = 0; verdict == VERDICT_PASS && way < DAMAGES; way++) {
		/* Otherwise find_file() would find the file that was set aside before. */
		if (way && host_tree_remove(run->dut->host, STORE_FOLDER "/cards", &run->err) < 0)
			verdict = check_broken(run, "the store cannot be emptied");
		if (verdict == VERDICT_PASS && way)
			verdict = manager_apply(run);
		if (verdict == VERDICT_PASS)
			verdict = damaged_once(run, way);
	}
	return persistence_end(run, verdict);
}

/* Sets the clock to SECONDS, lets the manager restore and apply, and sets the clock right again. */
static enum verdict at_time(struct check_run *run, time_t seconds)
{
	struct timespec was, began, now, then = { .tv_sec = seconds };
	enum verdict verdict;

	clock_gettime(CLOCK_REALTIME, &was);
	clock_gettime(CLOCK_MONOTONIC, &began);
	if (clock_settime(CLOCK_REALTIME, &then) < 0)
		return check_broken(run, "the clock cannot be set: %s", strerror(errno));
	verdict = restores(run, NULL);
	if (verdict == VERDICT_PASS)
		verdict = manager_apply(run);
	if (verdict == VERDICT_PASS)
		verdict = manager_clean(run);
	clock_gettime(CLOCK_MONOTONIC, &now);
	was.tv_sec += now.tv_sec - began.tv_sec;
	clock_settime(CLOCK_REALTIME, &was);
	return verdict;
}

enum verdict persistence_clock(struct check_run *run)
{
	enum verdict verdict = persistence_begin(run);

	if (verdict == VERDICT_PASS)
		verdict = at_time(run, 86400); /* the clock's battery is empty */
	if (verdict == VERDICT_PASS)
		verdict = at_time(run, INT32_MAX - 2L); /* just before 32 bits overflow */
	return persistence_end(run, verdict);
}

static int rename_pf(struct check_run *run, const char *from, const char *to)
{
	const char *const down[] = { "ip", "link", "set", from, "down", NULL };
	const char *const name[] = { "ip", "link", "set", from, "name", to, NULL };
	const char *const up[] = { "ip", "link", "set", to, "up", NULL };
	struct deadline deadline = dut_deadline(run->dut, CALL_MS);
	int rc = process_run(down, deadline, NULL, &run->err);

	if (!rc)
		rc = process_run(name, deadline, NULL, &run->err);
	if (!rc)
		rc = process_run(up, deadline, NULL, &run->err);
	if (!rc)
		snprintf(run->dut->pf_netdev, IFNAMSIZ, "%s", to);
	return rc;
}

enum verdict persistence_renamed(struct check_run *run)
{
	char former[IFNAMSIZ];
	enum verdict verdict = persistence_begin(run);

	memcpy(former, run->dut->pf_netdev, sizeof(former));
	if (verdict == VERDICT_PASS && rename_pf(run, former, "uplink7") < 0)
		verdict = check_broken(run, "the interface cannot be renamed");
	if (verdict == VERDICT_PASS)
		verdict = restores(run, NULL);
	if (verdict == VERDICT_PASS)
		verdict = manager_clean(run);
	/* Remove VFs first: one may have taken the old name. */
	verdict = persistence_end(run, verdict);
	if (strcmp(run->dut->pf_netdev, former) != 0 &&
			rename_pf(run, run->dut->pf_netdev, former) < 0)
		return check_broken(run, "the interface cannot be renamed back");
	return verdict;
}

/* Both programs must end, each with success or with a message. */
static enum verdict both_end(struct check_run *run)
{
	static const char *const argv[] = { "sh", "-c",
		"vfctl apply >/tmp/vfcert-1 2>&1 & vfctl apply >/tmp/vfcert-2 2>&1; a=$?; wait $!; "
		"echo $? $a; cat /tmp/vfcert-1 /tmp/vfcert-2",
		NULL };
	CLEANUP(call_end) struct call call = { 0 };
	int first, second;

	if (program_call(run, argv, &call) < 0)
		return check_broken(run, "two vfctl apply cannot be started");
	if (sscanf(call.output, "%d %d", &first, &second) != 2)
		return check_broken(run, "their exit statuses are not known");
	evidence_text(run, "two at once", "status %d and %d", first, second);
	if ((first || second) && !strstr(call.output, "vfctl"))
		return check_fail(run, "of two vfctl apply one ends with %d and gives no reason",
				first ? first : second);
	return VERDICT_PASS;
}

enum verdict persistence_two_at_once(struct check_run *run)
{
	struct intent other = intent_of(run->dut, 1);
	enum verdict verdict = persistence_begin(run);

	if (verdict == VERDICT_PASS && manager_install(run, &other) < 0)
		verdict = check_broken(run, "the policy file cannot be written");
	if (verdict == VERDICT_PASS)
		verdict = both_end(run);
	if (verdict == VERDICT_PASS)
		verdict = manager_holds(run, &other, "after two vfctl apply");
	if (verdict == VERDICT_PASS)
		verdict = manager_clean(run);
	return persistence_end(run, verdict);
}
