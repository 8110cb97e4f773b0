/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ready/readiness.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ready/requirement.h"
#include "sriov/inventory.h"

/*
 * The list of requirements: what the host must offer, then what each card must offer. Each is
 * found out for itself, so that one look tells all that is to be changed.
 */

void requirement_add(struct readiness *readiness, const char *id, const char *subject,
		enum requirement_state state, const char *remedy, const char *format, ...)
{
	struct requirement *item = &readiness->items[readiness->count];
	va_list args;

	if (readiness->count == sizeof(readiness->items) / sizeof(*readiness->items))
		return; /* 30 cards in one host: the first ones tell what is to be done */
	readiness->count++;
	item->id = id;
	item->state = state;
	item->remedy = state == REQUIREMENT_MET ? NULL : remedy;
	snprintf(item->subject, sizeof(item->subject), "%s", subject);
	va_start(args, format);
	vsnprintf(item->found, sizeof(item->found), format, args);
	va_end(args);
}

static int all_cards(const struct host *host, struct readiness *readiness, struct err *err)
{
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };
	int rc = inventory_read(host, INVENTORY_COUNTS, &inventory, err);

	if (rc < 0)
		return rc;
	if (!inventory.count)
		requirement_add(readiness, "card", "host", REQUIREMENT_MISSING,
				"Plug in a card with SR-IOV, switch SR-IOV on in the firmware's "
				"setup, and see to a kernel with CONFIG_PCI_IOV",
				"the kernel offers SR-IOV on no PCI function");
	for (size_t i = 0; i < inventory.count && !rc; i++)
		rc = readiness_of_card(host, inventory.pfs[i].function.bdf, readiness, err);
	return rc;
}

int readiness_read(const struct host *host, const char *name, struct readiness *readiness,
		struct err *err)
{
	struct err not_a_pf = { 0 };
	struct bdf bdf;
	int rc;

	readiness->count = 0;
	if (name) {
		rc = pf_find(host, name, &bdf, &not_a_pf);
		/* A function without SR-IOV is looked at too: the list says what it lacks. */
		if (rc < 0 &&
				!(rc == -EINVAL && !bdf_parse(name, &bdf) &&
						!function_has(host, bdf, "physfn")))
			return err_set(err, -rc, "%s", not_a_pf.msg);
	}
	readiness_of_host(host, readiness);
	return name ? readiness_of_card(host, bdf, readiness, err)
		    : all_cards(host, readiness, err);
}

struct record *readiness_to_record(const struct readiness *readiness)
{
	static const char *const states[] = { "met", "missing", "weak", "unknown" };
	struct record *array = record_array();

	for (size_t i = 0; i < readiness->count; i++) {
		const struct requirement *item = &readiness->items[i];
		struct record *record = record_object();

		record_put_str(record, "id", item->id);
		record_put_str(record, "subject", item->subject);
		record_put_str(record, "state", states[item->state]);
		record_put_str(record, "found", item->found);
		record_put_str(record, "remedy", item->remedy);
		record_add(array, record);
	}
	return array;
}
