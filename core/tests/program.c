/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/program.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"

enum { WORDS_MOST = 40 };

static void take(int fd, char *text, size_t size)
{
	ssize_t got;
	size_t used = 0;

	while ((got = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	close(fd);
}

static void add_root(const char **argv, size_t *count, const struct tree *tree, bool write)
{
	argv[(*count)++] = "--root";
	argv[(*count)++] = tree->root;
	if (write)
		argv[(*count)++] = "--write-tree";
}

static void run(const char *program, struct tree *tree, const char *line, bool write,
		struct said *said)
{
	CLEANUP(cleanup_free) char *words = text_format("%s", line);
	const char *argv[WORDS_MOST + 6] = { program };
	char *rest = words, *word;
	struct process process = PROCESS_NONE;
	int out[2], errs[2], status = -1;
	size_t count = 1;
	bool flags_end = false;

	while ((word = strsep(&rest, " ")) && count < WORDS_MOST) {
		if (!strcmp(word, "--")) {
			add_root(argv, &count, tree, write);
			flags_end = true;
		}
		argv[count++] = !strcmp(word, "''") ? "" : word;
	}
	if (!flags_end)
		add_root(argv, &count, tree, write);
	if (pipe(out) < 0 || pipe(errs) < 0 ||
			process_start(argv, (struct process_streams){ -1, out[1], errs[1] },
					&process, NULL) < 0)
		err(1, "cannot run %s", program);
	close(out[1]);
	close(errs[1]);
	take(out[0], said->out, sizeof(said->out));
	take(errs[0], said->err, sizeof(said->err));
	if (process_wait(&process, deadline_in(30000), &status) < 0)
		errx(1, "%s does not end", program);
	said->status = WEXITSTATUS(status);
}

void program_run(const char *program, struct tree *tree, const char *line, struct said *said)
{
	run(program, tree, line, true, said);
}

void program_look(const char *program, struct tree *tree, const char *line, struct said *said)
{
	run(program, tree, line, false, said);
}

struct record *said_record(const struct said *said, const char *schema)
{
	struct record *record = NULL;
	struct err err = { 0 };

	if (record_parse("vfctl", said->out, strlen(said->out), &record, &err) < 0)
		errx(1, "%s: %s", err.msg, said->out);
	if (strcmp(record_str(record, "schema", ""), schema) != 0)
		errx(1, "not %s: %s", schema, said->out);
	return record;
}
