/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "pci/rules.h"
#include "tests/fuzz.h"

static void hold_against_rules(struct dump *dump, struct bdf pf)
{
	CLEANUP(cleanup_card) struct card card = { 0 };
	struct finding finding;

	if (card_read_dump(dump, pf, &card, NULL) < 0)
		return;
	for (const struct rule *rule = rules; rule->id; rule++)
		rule_apply(rule, &card, &finding);
}

/* Whatever configuration spaces a dump contains, the rules terminate and read only inside them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_fd) int fd = memfd_create("dump", MFD_CLOEXEC);
	CLEANUP(cleanup_dump) struct dump *dump = NULL;
	CLEANUP(cleanup_free) struct bdf *list = NULL;
	struct err err = { 0 };
	size_t count = 0;
	char path[32];

	if (fd < 0 || file_write_all(fd, data, size) < 0)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (dump_open(path, &dump, &err) < 0) {
		if (!*err.msg)
			abort();
		return 0;
	}
	if (card_list_dump(dump, &list, &count, &err) < 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		hold_against_rules(dump, list[i]);
	return 0;
}
