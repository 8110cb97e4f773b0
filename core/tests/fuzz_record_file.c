/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "data/record_file.h"
#include "tests/fuzz.h"

/* What is accepted piece by piece equals the result of record_parse() for the whole. */

static int collect(void *argument, size_t index, const struct record *item, struct err *err)
{
	(void)err;
	if (record_length(argument) != index)
		abort();
	record_add(argument, record_copy(item));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_record) struct record *whole = NULL, *items = record_array();
	CLEANUP(cleanup_fd) int fd = memfd_create("f", MFD_CLOEXEC);
	CLEANUP(cleanup_free) char *path = text_format("/proc/self/fd/%d", fd);
	CLEANUP(cleanup_free) char *parsed = NULL, *pieces = NULL;
	struct record_file *file = NULL;
	struct err err = { 0 }, cause = { 0 };
	int rc;

	if (fd < 0 || file_write_all(fd, data, size) < 0)
		abort();
	rc = record_file_open(AT_FDCWD, path, "checks", collect, items, &file, &err);
	if (rc < 0 && (err.code != EINVAL || !*err.msg))
		abort();
	if (record_parse("f", (const char *)data, size, &whole, &cause) < 0) {
		if (!rc && !strstr(cause.msg, "deeper"))
			abort();
		record_file_close(file);
		return 0;
	}
	if (!rc) {
		record_put(record_file_head(file), "checks", TAKE(items));
		parsed = record_print(whole);
		pieces = record_print(record_file_head(file));
		if (strcmp(parsed, pieces) != 0)
			abort();
	}
	record_file_close(file);
	return 0;
}
