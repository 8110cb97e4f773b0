/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "tests/fuzz.h"

/* Passes each file of a folder to the fuzz target, as a regression test for what a fuzzer has
 * found. */
int main(int argc, char **argv)
{
	CLEANUP(cleanup_dir) DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	int count = 0;

	if (!dir) {
		fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
		return 2;
	}
	while ((entry = readdir(dir))) {
		CLEANUP(cleanup_free) char *text = NULL;
		struct err err = { 0 };
		size_t length;

		if (entry->d_name[0] == '.')
			continue;
		if (file_read(dirfd(dir), entry->d_name, 1 << 20, &text, &length, &err) < 0) {
			fprintf(stderr, "%s\n", err.msg);
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)text, length);
		count++;
	}
	printf("%d inputs\n", count);
	return count ? 0 : 1;
}
