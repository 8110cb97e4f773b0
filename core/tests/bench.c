/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

int bench_run(struct bench *bench, char *const argv[])
{
	int64_t start = clock_us();
	struct rusage usage;
	int status;
	pid_t pid = bench->rounds < BENCH_ROUNDS_MOST ? fork() : -1;

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
	bench->us[bench->rounds++] = clock_us() - start;
	if (usage.ru_maxrss > bench->peak_kb)
		bench->peak_kb = usage.ru_maxrss;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

double bench_median_ms(struct bench *bench)
{
	qsort(bench->us, (size_t)bench->rounds, sizeof(*bench->us), by_value);
	return (double)bench->us[bench->rounds / 2] / 1000;
}
