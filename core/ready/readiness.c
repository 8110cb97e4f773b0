/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ready/readiness.h"

#include "base/cleanup.h"
#include "ready/readiness_internal.h"
#include "sriov/inventory.h"
#include "sriov/other_functions.h"

/* Reports a card that cannot be read; the other cards are still checked. */
static void add_unreadable(struct readiness *readiness, const char *why)
{
	requirement_add(readiness, "card", "host", REQUIREMENT_MISSING,
			"See the kernel log, and whether the card is still in its slot", "%s", why);
}

/* The host has no PF. In a guest that is as it should be. */
static void add_no_card(const struct host *host, struct readiness *readiness)
{
	CLEANUP(cleanup_free) char *vfs = guest_vfs(host);

	if (*vfs)
		requirement_add(readiness, "card", "host", REQUIREMENT_MISSING,
				"Nothing here: run vfctl on the host, which has the PF",
				"no PF, but virtual functions whose PF is the host's: %s", vfs);
	else
		requirement_add(readiness, "card", "host", REQUIREMENT_MISSING,
				"Plug in a card with SR-IOV, switch SR-IOV on in the firmware's "
				"setup, and use a kernel with CONFIG_PCI_IOV",
				"the kernel offers SR-IOV on no PCI function");
}

static int all_cards(const struct host *host, struct readiness *readiness, struct err *err)
{
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };
	int rc = inventory_read(host, INVENTORY_COUNTS, &inventory, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < inventory.unreadable.count; i++)
		add_unreadable(readiness, inventory.unreadable.lines[i]);
	if (!inventory.count && !inventory.unreadable.count)
		add_no_card(host, readiness);
	for (size_t i = 0; i < inventory.count; i++) {
		struct err cause = { 0 };

		if (readiness_of_card(host, inventory.pfs[i].function.bdf, readiness, &cause) < 0)
			add_unreadable(readiness, cause.msg);
	}
	return 0;
}

int readiness_read(const struct host *host, const char *name, struct readiness *readiness,
		struct err *err)
{
	struct err not_a_pf = { 0 };
	struct bdf bdf;
	int rc;

	*readiness = (struct readiness){ 0 };
	if (name) {
		rc = pf_find(host, name, &bdf, &not_a_pf);
		/* A function without SR-IOV is checked too: the list shows what it is missing. */
		if (rc < 0 &&
				!(rc == -EINVAL && !bdf_parse(name, &bdf) &&
						!function_has(host, bdf, "physfn")))
			return err_set(err, -rc, "%s", not_a_pf.msg);
	}
	readiness_of_host(host, readiness);
	return name ? readiness_of_card(host, bdf, readiness, err)
		    : all_cards(host, readiness, err);
}
