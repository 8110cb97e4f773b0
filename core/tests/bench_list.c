/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "tests/tree.h"

/*
 * Compares the inventory of 1,032 functions by vfctl list with lspci on the same tree. The two
 * alternate, so that a busy machine slows both; the medians are compared.
 */

enum { CARDS = 8, VFS = 128, ROUNDS = 15, MEMORY_LIMIT_KB = 10 * 1024 };

struct measured {
	int64_t us[ROUNDS];
	long peak_kb;
};

/* Runs the program with its output to /dev/null. */
static int measure(char *const argv[], struct measured *measured, int round)
{
	int64_t start = clock_us();
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status) {
		fprintf(stderr, "%s failed\n", argv[0]);
		return -1;
	}
	measured->us[round] = clock_us() - start;
	if (usage.ru_maxrss > measured->peak_kb)
		measured->peak_kb = usage.ru_maxrss;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static double median_ms(struct measured *measured)
{
	qsort(measured->us, ROUNDS, sizeof(*measured->us), by_value);
	return (double)measured->us[ROUNDS / 2] / 1000;
}

static int compare(struct tree *tree)
{
	CLEANUP(cleanup_free) char *path = text_format("sysfs.path=%s/sys/bus/pci", tree->root);
	char *const vfctl[] = { VFCTL, "list", "--root", tree->root, NULL };
	char *const lspci[] = { "lspci", "-n", "-D", "-O", path, NULL };
	struct measured ours = { .peak_kb = 0 }, theirs = { .peak_kb = 0 };
	double ours_ms, theirs_ms;

	for (int round = 0; round < ROUNDS; round++) {
		if (measure(vfctl, &ours, round) < 0 || measure(lspci, &theirs, round) < 0)
			return 1;
	}
	ours_ms = median_ms(&ours);
	theirs_ms = median_ms(&theirs);
	printf("vfctl list: %.2f ms, %ld KiB; lspci -n: %.2f ms, %ld KiB; ratio %.2f\n", ours_ms,
			ours.peak_kb, theirs_ms, theirs.peak_kb, ours_ms / theirs_ms);
	return ours_ms > theirs_ms || ours.peak_kb > MEMORY_LIMIT_KB;
}

int main(void)
{
	struct tree *tree;
	int status;

	if (access("/usr/bin/lspci", X_OK) < 0) {
		puts("lspci (package pciutils) is not here to compare with");
		return 77;
	}
	tree = tree_large(CARDS, VFS);
	status = compare(tree);
	tree_free(tree);
	return status;
}
