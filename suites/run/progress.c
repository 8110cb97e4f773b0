/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"

#define ERASE "\r\033[K"

struct progress progress_begin(const char *prefix)
{
	struct progress progress = { .terminal = isatty(STDERR_FILENO), .started_ms = clock_ms() };

	snprintf(progress.prefix, sizeof(progress.prefix), "%s%s", prefix, *prefix ? ": " : "");
	return progress;
}

void progress_clear(struct progress *progress)
{
	if (progress->shown)
		fputs(ERASE, stderr);
	progress->shown = false;
}

/* Cuts the line: one that wraps could not be overwritten. */
static void show(struct progress *progress)
{
	struct winsize window = { .ws_col = 80 };
	char line[256];

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) < 0 || window.ws_col < 20)
		window.ws_col = 80;
	snprintf(line, sizeof(line), "%s%zu/%zu %s, %lld s", progress->prefix, progress->index + 1,
			progress->total, progress->check,
			(long long)(clock_ms() - progress->started_ms) / 1000);
	if (strlen(line) >= window.ws_col)
		line[window.ws_col - 1] = '\0';
	fputs(ERASE, stderr);
	escape_terminal(line, stderr);
	fflush(stderr);
	progress->shown = true;
}

static void on_start(void *argument, const char *check, size_t index, size_t total)
{
	struct progress *progress = argument;

	snprintf(progress->check, sizeof(progress->check), "%s", check);
	progress->index = index;
	progress->total = total;
	if (progress->terminal)
		show(progress);
}

static void on_wait(void *argument)
{
	show(argument);
}

/* On a terminal, where the summary follows, only unexpected verdicts get a line that stays. */
static void on_end(void *argument, const struct check_result *check)
{
	struct progress *progress = argument;

	if (progress->terminal && check->verdict != VERDICT_FAIL &&
			check->verdict != VERDICT_BROKEN)
		return;
	progress_clear(progress);
	fprintf(stderr, "%s%-7s ", progress->prefix, verdict_words[check->verdict]);
	escape_terminal(check->id, stderr);
	fprintf(stderr, " %.2f s", check->duration_s);
	if (check->reason) {
		fputs(": ", stderr);
		escape_terminal(check->reason, stderr);
	}
	fputc('\n', stderr);
}

struct run_events progress_events(struct progress *progress)
{
	return (struct run_events){ .start = on_start,
		.end = on_end,
		.wait = progress->terminal ? on_wait : NULL,
		.argument = progress };
}
