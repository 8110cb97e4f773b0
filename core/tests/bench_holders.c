/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/bench.h"
#include "tests/tree.h"

/*
 * How the time grows in which vfctl finds who holds the VFs of a card: from 64 VFs on a host with
 * 1,250 processes to 256 VFs and 5,000 processes, both of which are 4 times as many. Beside each
 * tree find(1) lists the open files of its processes, which is the floor.
 */

enum { GROWTH = 4, VFS = 256, PROCESSES = 5000, FILES = 6, ROUNDS = 9 };

/* A busy machine, and a cache that the larger tree does not fit into, make 4 times as much work
 * some more; quadratic growth is 16. */
static const double growth_limit = 1.6 * GROWTH;
static const double floor_limit = 4;

static const char *const verbs[] = { "show", "plan", "status" };
enum { VERBS = sizeof(verbs) / sizeof(*verbs) };

static struct tree *make_host(unsigned vfs, unsigned processes)
{
	struct tree *tree = tree_large(1, vfs);
	char path[64];

	for (unsigned pid = 1000; pid < 1000 + processes; pid++) {
		snprintf(path, sizeof(path), "proc/%u/comm", pid);
		tree_file(tree, path, "worker\n");
		for (int fd = 0; fd < FILES; fd++) {
			snprintf(path, sizeof(path), "proc/%u/fd/%d", pid, fd);
			tree_link(tree, path, fd < 3 ? "/dev/null" : "socket:[12345]");
		}
	}
	tree_file(tree, "etc/vfctl/10-card.conf", "[Match]\nPath=0000:01:00.0\n");
	return tree;
}

static double measure(struct tree *tree, double ms[VERBS])
{
	CLEANUP(cleanup_free) char *proc = text_format("%s/proc", tree->root);
	char *const find[] = { "find", proc, "-type", "l", "-printf", "%l\n", NULL };
	struct bench ours[VERBS] = { 0 }, floor = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		if (bench_run(&floor, find) < 0)
			return -1;
		for (int i = 0; i < VERBS; i++) {
			char *const argv[] = { VFCTL, (char *)verbs[i], "--root", tree->root,
				NULL };
			char *const show[] = { VFCTL, (char *)verbs[i], "0000:01:00.0", "--root",
				tree->root, NULL };

			if (bench_run(&ours[i], i ? argv : show) < 0)
				return -1;
		}
	}
	for (int i = 0; i < VERBS; i++)
		ms[i] = bench_median_ms(&ours[i]);
	return bench_median_ms(&floor);
}

int main(void)
{
	struct tree *small = make_host(VFS / GROWTH, PROCESSES / GROWTH);
	struct tree *large = make_host(VFS, PROCESSES);
	double few[VERBS], many[VERBS];
	double few_floor = measure(small, few), many_floor = measure(large, many);
	int status = few_floor < 0 || many_floor < 0;

	for (int i = 0; i < VERBS && !status; i++) {
		printf("vfctl %s: %.1f ms, 4 times as much %.1f ms: %.1f times; find: %.1f ms, %.1f "
		       "ms; ratio %.2f\n",
				verbs[i], few[i], many[i], many[i] / few[i], few_floor, many_floor,
				many[i] / many_floor);
	}
	for (int i = 0; i < VERBS && !status; i++)
		status = many[i] / few[i] > growth_limit || many[i] / many_floor > floor_limit;
	tree_free(small);
	tree_free(large);
	return status;
}
