/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/bench.h"
#include "tests/tree.h"

/*
 * Compares the inventory of 1,032 functions by vfctl list with lspci on the same tree. The two
 * alternate, so that a busy machine slows both; the medians are compared.
 */

enum { CARDS = 8, VFS = 128, ROUNDS = 15, MEMORY_LIMIT_KB = 10 * 1024 };

static int compare(struct tree *tree)
{
	CLEANUP(cleanup_free) char *path = text_format("sysfs.path=%s/sys/bus/pci", tree->root);
	char *const vfctl[] = { VFCTL, "list", "--root", tree->root, NULL };
	char *const lspci[] = { "lspci", "-n", "-D", "-O", path, NULL };
	struct bench ours = { 0 }, theirs = { 0 };
	double ours_ms, theirs_ms;

	for (int round = 0; round < ROUNDS; round++) {
		if (bench_run(&ours, vfctl) < 0 || bench_run(&theirs, lspci) < 0)
			return 1;
	}
	ours_ms = bench_median_ms(&ours);
	theirs_ms = bench_median_ms(&theirs);
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
