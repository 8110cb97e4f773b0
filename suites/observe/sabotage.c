/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/sabotage.h"

#include <stdlib.h>

enum { WRITES_LIMIT = 4096 };

static int take_word(const struct record *from, const char *key, uint32_t fallback, uint32_t *word,
		struct err *err)
{
	int64_t number = record_int(from, key, fallback);

	if (number < 0 || number > UINT32_MAX)
		return err_set(err, EINVAL, "a register write's %s is no 32-bit number", key);
	*word = (uint32_t)number;
	return 0;
}

static int take_write(const struct record *from, size_t bar_size, struct register_write *write,
		struct err *err)
{
	if (take_word(from, "address", UINT32_MAX, &write->address, err) < 0 ||
			take_word(from, "mask", 0, &write->mask, err) < 0 ||
			take_word(from, "match", 0, &write->match, err) < 0 ||
			take_word(from, "clear", 0, &write->clear, err) < 0 ||
			take_word(from, "set", 0, &write->set, err) < 0)
		return -EINVAL;
	if (write->address % 4 || write->address + 4ull > bar_size)
		return err_set(err, EINVAL,
				"a register write's address 0x%x is not in BAR 0 (%zu bytes)",
				write->address, bar_size);
	return 0;
}

int sabotage_open(const struct host *host, struct bdf pf, const struct record *registers,
		struct sabotage *sabotage, struct err *err)
{
	size_t count = record_length(registers);
	int rc;

	*sabotage = (struct sabotage){ .count = count };
	if (!count)
		return 0;
	if (count > WRITES_LIMIT)
		return err_set(err, EINVAL, "more than %d register writes", WRITES_LIMIT);
	sabotage->writes = calloc(count, sizeof(*sabotage->writes));
	if (!sabotage->writes)
		return err_set(err, ENOMEM, "no memory for %zu register writes", count);
	rc = bar_map(host, pf, 0, &sabotage->bar, err);
	for (size_t i = 0; !rc && i < count; i++)
		rc = take_write(record_at(registers, i), sabotage->bar.size, &sabotage->writes[i],
				err);
	if (rc < 0)
		sabotage_close(sabotage);
	return rc;
}

void sabotage_close(struct sabotage *sabotage)
{
	bar_unmap(&sabotage->bar);
	free(sabotage->writes);
	*sabotage = (struct sabotage){ 0 };
}

void sabotage_apply(const struct sabotage *sabotage)
{
	for (size_t i = 0; i < sabotage->count; i++) {
		const struct register_write *write = &sabotage->writes[i];
		uint32_t value = bar_read(&sabotage->bar, write->address);

		if ((value & write->mask) == write->match)
			bar_write(&sabotage->bar, write->address,
					(value & ~write->clear) | write->set);
	}
}
