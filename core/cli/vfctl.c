/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "cli/cli.h"
#include "cli/define.h"

int call_host(const struct verb_call *call, struct host **host, struct err *err)
{
	const char *root = call_value(call, "root");

	return host_open(root ? root : "/", host, err);
}

int call_printed(const struct verb_call *call)
{
	struct err err = { 0 };

	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_GOOD;
	err_sys(&err, "cannot write to standard output");
	return call_failed(call, &err);
}

int call_print(const struct verb_call *call, const char *schema, const char *key,
		struct record *record)
{
	CLEANUP(cleanup_record) struct record *whole = record_object();
	CLEANUP(cleanup_free) char *text = NULL;

	record_put_str(whole, "schema", schema);
	record_put(whole, key, record);
	text = record_print_pretty(whole);
	puts(text);
	return call_printed(call);
}

void fact_print(const char *name, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("  %-14s ", name);
	text_print_safe(text, stdout);
	putchar('\n');
}

static const struct flag flags[] = {
	{ "root", 0, "DIR", "Look at a recorded tree with sys/ and proc/, not at this machine" },
	{ "json", 0, NULL, "Print JSON" },
	{ 0 },
};

static const struct verb *const groups[] = { verbs_inspect, verbs_rules, verbs_change,
	verbs_desired, verbs_apply, verbs_define, verbs_allow, verbs_exchange, NULL };

static const struct program vfctl = {
	.name = "vfctl",
	.summary = "manage SR-IOV on this host",
	.details = "vfctl lists the cards with SR-IOV, says what a host lacks for it, and sets the "
		   "number of virtual functions and the settings of each. Every change is read "
		   "back: what the kernel accepted and did not do is an error.\n\nA card is named "
		   "by its interface (eth0) or its address (0000:01:00.0).",
	.groups = groups,
	.flags = flags,
};

int main(int argc, char **argv)
{
	define_prepare();
	return program_main(&vfctl, argc, argv);
}
