/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/signals.h"
#include "command/verb.h"
#include "vfsuite/vfsuite.h"

static int list(void)
{
	CLEANUP(cleanup_record) struct record *listing = listing_record();
	CLEANUP(cleanup_free) char *text = record_print(listing);

	return puts(text) < 0 ? EXIT_UNUSABLE : EXIT_GOOD;
}

void error_print(const char *what, const struct err *err, bool debug)
{
	char origin[ERR_ORIGIN_TEXT];

	fprintf(stderr, "vfsuite: %s: %s", what, err->msg);
	if (debug)
		fprintf(stderr, " (%s)", err_origin_print(err, origin));
	fputc('\n', stderr);
}

static int serve_here(bool debug)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	struct err err = { 0 };

	if (host_open("/", &host, &err) < 0) {
		error_print("no host", &err, debug);
		return EXIT_UNUSABLE;
	}
	signals_block();
	return serve_requests(host, STDIN_FILENO, stdout, debug);
}

int main(int argc, char **argv)
{
	bool debug = false;

	for (int i = 1; i < argc && !debug; i++) {
		debug = !strcmp(argv[i], "--debug");
		if (debug)
			memmove(argv + i, argv + i + 1, (size_t)(argc-- - i) * sizeof(*argv));
	}
	if (argc == 2 && !strcmp(argv[1], "--list"))
		return list();
	if (argc == 2 && !strcmp(argv[1], "--serve"))
		return serve_here(debug);
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("vfsuite %s\n", PROJECT_VERSION);
		return EXIT_GOOD;
	}
	fprintf(stderr,
			"vfsuite runs checks on the machine under test; vfcert starts it.\n\n"
			"Usage: vfsuite --list      the checks, as JSON\n"
			"       vfsuite --serve     answer requests on standard input\n"
			"       vfsuite --version\n"
			"With --debug an error shows the place in the source where it arose.\n");
	return argc == 2 && !strcmp(argv[1], "--help") ? EXIT_GOOD : EXIT_USAGE;
}
