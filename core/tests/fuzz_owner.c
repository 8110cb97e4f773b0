/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "policy/owner_parts.h"
#include "tests/fuzz.h"

enum { TEXTS_MOST = 3 };

static void (*const kinds[])(
		const struct owner_texts *, const struct card_names *, struct diagnostics *) = {
	owner_of_systemd,
	owner_of_connections,
	owner_of_manager,
	owner_of_netplan,
};

/* The first byte chooses the kind, a form feed begins the next text. Every owner has its place. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct card_names names = { .id_path = "pci-0000:01:00.0",
		.netdev = "eth0",
		.driver = "igb",
		.mac = "52:54:00:00:00:02",
		.permanent_mac = "52:54:00:00:00:02" };
	struct owner_text list[TEXTS_MOST];
	struct owner_texts texts = { 0, list };
	struct diagnostics owners = { 0 };
	char *copy = malloc(size + 1), *rest = copy, *text;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	copy[size] = '\0';
	rest += !!size;
	while (texts.count < TEXTS_MOST && (text = strsep(&rest, "\f")))
		list[texts.count++] = (struct owner_text){ "f", text };
	kinds[size ? *data % 4 : 0](&texts, &names, &owners);
	for (size_t i = 0; i < owners.count; i++) {
		if (strncmp(owners.lines[i], "f:", 2) != 0)
			abort();
	}
	diagnostics_free(&owners);
	free(copy);
	return 0;
}
