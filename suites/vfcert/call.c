/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfcert/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct call_values call_values(const struct verb_call *call, const char *flag)
{
	struct call_values values = { .list = calloc(call->value_count + 1, sizeof(char *)) };
	const char *value;

	if (!values.list)
		abort();
	while ((value = call_value_at(call, flag, values.count)))
		values.list[values.count++] = value;
	return values;
}

void cleanup_call_values(struct call_values *values)
{
	free(values->list);
}

void call_print_word(const char *word, FILE *out)
{
	static const char plain[] =
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%";

	if (*word && !word[strspn(word, plain)]) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){ *word, '\0' }, out);
	fputc('\'', out);
}

char *call_command(const struct verb_call *call)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	fprintf(out, "%s %s", call->program->name, call->verb->name);
	for (size_t i = 0; i < call->value_count; i++) {
		fprintf(out, " --%s", call->values[i].flag->name);
		if (!call->values[i].value)
			continue;
		fputc(' ', out);
		call_print_word(call->values[i].value, out);
	}
	for (size_t i = 0; i < call->count; i++) {
		fputc(' ', out);
		call_print_word(call->args[i], out);
	}
	fclose(out);
	return text;
}

bool call_colour(int fd)
{
	const char *refused = getenv("NO_COLOR");

	return isatty(fd) && !(refused && *refused);
}
