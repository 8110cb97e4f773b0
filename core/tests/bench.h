/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdint.h>

/* Times of one program. Programs that are compared take turns, so that a busy machine slows all. */
enum { BENCH_ROUNDS_MOST = 32 };

struct bench {
	int64_t us[BENCH_ROUNDS_MOST];
	int rounds;
	long peak_kb;
};

/* Runs the program once, with its output to /dev/null. Returns -1 if its exit status is not 0. */
int bench_run(struct bench *bench, char *const argv[]);
double bench_median_ms(struct bench *bench);

#endif
