/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/signals.h"
#include "base/verb.h"
#include "vfsuite/vfsuite.h"

static int list(void)
{
	CLEANUP(cleanup_record) struct record *listing = listing_record();
	CLEANUP(cleanup_free) char *text = record_print(listing);

	return puts(text) < 0 ? EXIT_UNUSABLE : EXIT_GOOD;
}

static int serve_here(void)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	struct err err = { 0 };

	if (host_open("/", &host, &err) < 0) {
		fprintf(stderr, "vfsuite: %s\n", err.msg);
		return EXIT_UNUSABLE;
	}
	signals_block();
	return serve(host, STDIN_FILENO, stdout);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--list"))
		return list();
	if (argc == 2 && !strcmp(argv[1], "--serve"))
		return serve_here();
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("vfsuite %s\n", PROJECT_VERSION);
		return EXIT_GOOD;
	}
	fprintf(stderr,
			"vfsuite runs checks on the machine under test; vfcert starts it.\n\n"
			"Usage: vfsuite --list      the checks, as JSON\n"
			"       vfsuite --serve     answer requests on standard input\n"
			"       vfsuite --version\n");
	return argc == 2 && !strcmp(argv[1], "--help") ? EXIT_GOOD : EXIT_USAGE;
}
