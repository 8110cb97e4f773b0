/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/page.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"

/*
 * mlock() keeps a page in memory but not in place: compaction also moves locked pages. A reference
 * pins it: vmsplice() puts the pages themselves into a pipe that nobody reads.
 */

enum { PAGES_LIMIT = 256 };

static int pin(struct pages *pages, struct err *err)
{
	if (pipe2(pages->pin, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(err, "cannot open a pipe to pin pages");
	if (fcntl(pages->pin[1], F_SETPIPE_SZ, (int)pages->count * PAGE_BYTES) < 0)
		return err_sys(err, "cannot make a pipe with room for %u pages", pages->count);
	for (unsigned i = 0; i < pages->count; i++) {
		struct iovec page = { pages->memory + (size_t)i * PAGE_BYTES, PAGE_BYTES };

		if (vmsplice(pages->pin[1], &page, 1, 0) != PAGE_BYTES)
			return err_sys(err, "cannot pin page %u of %u", i, pages->count);
	}
	return 0;
}

/* Linux, admin-guide/mm/pagemap: bit 63 is "present", bits 0 to 54 are the frame number. */
static int locate(const struct host *host, struct pages *pages, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, "proc/self/pagemap", O_RDONLY);
	off_t at = (off_t)((uintptr_t)pages->memory / PAGE_BYTES * sizeof(uint64_t));
	size_t size = pages->count * sizeof(uint64_t);

	if (fd < 0 || pread(fd, pages->physical, size, at) != (ssize_t)size)
		return err_sys(err, "cannot read where pages are in memory");
	for (unsigned i = 0; i < pages->count; i++) {
		uint64_t frame = pages->physical[i] & ((1ull << 55) - 1);

		if (!(pages->physical[i] >> 63) || !frame)
			return err_set(err, EPERM,
					"the kernel does not show where a page is in memory (run "
					"as root)");
		pages->physical[i] = frame * PAGE_BYTES;
	}
	return 0;
}

int pages_take(const struct host *host, unsigned count, struct pages *pages, struct err *err)
{
	size_t size = (size_t)count * PAGE_BYTES;
	void *memory;
	int rc;

	*pages = (struct pages){ .pin = { -1, -1 } };
	if (!count || count > PAGES_LIMIT)
		return err_set(err, EINVAL, "%u pages: from 1 to %d", count, PAGES_LIMIT);
	pages->physical = calloc(count, sizeof(*pages->physical));
	if (!pages->physical)
		abort();
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		rc = err_sys(err, "cannot take %u pages", count);
	} else {
		pages->memory = memory;
		pages->count = count;
		madvise(memory, size, MADV_NOHUGEPAGE);
		madvise(memory, size, MADV_DONTFORK);
		memset(memory, 0, size);
		rc = mlock(memory, size) < 0 ? err_sys(err, "cannot lock %u pages", count) : 0;
	}
	if (!rc)
		rc = pin(pages, err);
	if (!rc)
		rc = locate(host, pages, err);
	if (rc < 0)
		pages_give(pages);
	return rc;
}

void pages_give(struct pages *pages)
{
	if (!pages->physical)
		return;
	cleanup_fd(&pages->pin[0]);
	cleanup_fd(&pages->pin[1]);
	if (pages->memory)
		munmap(pages->memory, (size_t)pages->count * PAGE_BYTES);
	free(pages->physical);
	*pages = (struct pages){ 0 };
}
