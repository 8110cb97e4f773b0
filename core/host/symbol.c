/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/symbol.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* proc/kallsyms: each line is "ADDRESS TYPE NAME", and after a tab "[MODULE]". Code has the type
 * t or T. */

struct wanted {
	char module[64], name[128];
};

static struct wanted parse(const char *text)
{
	const char *colon = strchr(text, ':');
	struct wanted wanted = { 0 };

	if (colon)
		snprintf(wanted.module, sizeof(wanted.module), "[%.*s]", (int)(colon - text), text);
	snprintf(wanted.name, sizeof(wanted.name), "%s", colon ? colon + 1 : text);
	return wanted;
}

static bool fits(const struct wanted *wanted, char *line, uint64_t *address)
{
	char *rest = line, *digits = strsep(&rest, " "), *type = strsep(&rest, " ");
	char *name = strsep(&rest, "\t\n"), *module = strsep(&rest, "\n");

	if (!name || tolower(*type) != 't' || strcmp(name, wanted->name) ||
			(*wanted->module && (!module || strcmp(module, wanted->module))))
		return false;
	*address = strtoull(digits, NULL, 16);
	return true;
}

int kernel_symbol(const struct host *host, const char *name, uint64_t *address, struct err *err)
{
	CLEANUP(cleanup_file) FILE *symbols = NULL;
	CLEANUP(cleanup_free) char *line = NULL;
	int fd = host_open_file(host, "proc/kallsyms", O_RDONLY);
	struct wanted wanted = parse(name);
	unsigned found = 0;
	size_t room = 0;

	if (fd < 0)
		return err_set(err, -fd, "cannot read the kernel's symbols: %s", strerror(-fd));
	symbols = fdopen(fd, "r");
	if (!symbols)
		abort();
	while (getline(&line, &room, symbols) > 0)
		found += strstr(line, wanted.name) && fits(&wanted, line, address);
	if (!found)
		return err_set(err, ENOENT, "the kernel has no function %s", name);
	if (found > 1)
		return err_set(err, EEXIST, "%u functions of the kernel have the name %s", found,
				name);
	if (!*address)
		return err_set(err, EPERM, "the kernel hides the address of %s", name);
	return 0;
}
