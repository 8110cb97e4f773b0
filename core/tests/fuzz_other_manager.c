/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "managers/other_manager_internal.h"
#include "tests/fuzz.h"

enum { TEXTS_MOST = 3 };

static void (*const kinds[])(
		const struct manager_files *, const struct card_names *, struct diagnostics *) = {
	find_systemd_files,
	find_nm_connections,
	find_nm_configuration,
	find_netplan_files,
	find_udev_rules,
	find_ifupdown,
	find_scripts,
	find_declared,
};

/* The first byte selects the kind; a form feed begins the next text. Every finding has a
 * position. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct card_names names = { .bdf = "0000:01:00.0",
		.netdev = "eth0",
		.driver = "igb",
		.mac = "52:54:00:00:00:02",
		.permanent_mac = "52:54:00:00:00:02" };
	struct manager_file list[TEXTS_MOST];
	struct manager_files texts = { 0, list };
	struct diagnostics managers = { 0 };
	char *copy = malloc(size + 1), *rest = copy, *text;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	copy[size] = '\0';
	rest += !!size;
	while (texts.count < TEXTS_MOST && (text = strsep(&rest, "\f")))
		list[texts.count++] = (struct manager_file){ "f", text };
	kinds[size ? *data % 8 : 0](&texts, &names, &managers);
	for (size_t i = 0; i < managers.count; i++) {
		if (strncmp(managers.lines[i], "f:", 2) != 0)
			abort();
	}
	diagnostics_free(&managers);
	free(copy);
	return 0;
}
