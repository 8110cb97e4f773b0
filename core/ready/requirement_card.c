/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "drivers/drivers.h"
#include "pci/pcie.h"
#include "ready/readiness_internal.h"
#include "sriov/other_functions.h"
#include "sriov/pf.h"

/* Requirements for one card: that it has VFs, its driver, its link. */

void requirement_of_card(struct checked_card *card, const char *id, enum requirement_state state,
		const char *remedy, const char *format, ...)
{
	CLEANUP(cleanup_free) char *found = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&found, format, args) < 0)
		abort();
	va_end(args);
	requirement_add(card->readiness, id, card->subject, state, remedy, "%s", found);
}

const char *unread_remedy(unsigned length)
{
	return length == 256 ? "See the kernel log on MMCONFIG or ECAM: the kernel reaches only "
			       "256 bytes of config space"
			     : "Run as root";
}

void requirement_unread(struct checked_card *card, const char *id, unsigned length)
{
	requirement_of_card(card, id, REQUIREMENT_UNKNOWN, unread_remedy(length),
			"extended config space cannot be read");
}

/* Why a function without SR-IOV has none. */
static void add_incapable(struct checked_card *card)
{
	struct bdf bdf = card->pf.function.bdf;
	CLEANUP(cleanup_free)
	char *others = other_functions(card->host, bdf, FUNCTION_MAKES_VFS);

	if (*others)
		requirement_of_card(card, "capable", REQUIREMENT_MISSING, "Check these functions",
				"the VFs of its device are made by %s", others);
	else if (function_is_guest_vf(card->host, bdf))
		requirement_of_card(card, "capable", REQUIREMENT_MISSING,
				"Run vfctl on the host, which has its PF",
				"it is a virtual function, whose PF is the host's");
	else if (card->space.length == SPACE_SIZE)
		requirement_of_card(card, "capable", REQUIREMENT_MISSING,
				"Switch SR-IOV on with the vendor's tool or in the firmware's "
				"setup; otherwise use another card",
				"the card shows no SR-IOV capability");
	else
		requirement_of_card(card, "capable", REQUIREMENT_MISSING,
				card->space.length == 256
						? "See the kernel log on MMCONFIG or ECAM, without "
						  "which it finds no SR-IOV"
						: "Run as root, who can see whether the card has "
						  "the capability",
				"the kernel offers no SR-IOV on it");
}

/* Returns whether the kernel offers SR-IOV on the card. */
static bool check_capable(struct checked_card *card)
{
	if (card->pf.total_vfs) {
		requirement_of_card(card, "capable", REQUIREMENT_MET, NULL, "up to %u VF%s%s",
				card->pf.total_vfs, text_plural(card->pf.total_vfs),
				card->pf.card_vfs > card->pf.total_vfs ? " (the card has more)"
								       : "");
		return true;
	}
	if (function_has(card->host, card->pf.function.bdf, "sriov_totalvfs"))
		requirement_of_card(card, "capable", REQUIREMENT_MISSING,
				"Switch SR-IOV on with the vendor's tool or in the firmware's "
				"setup, or use the driver that manages VFs",
				"the capability is there, and offers 0 VFs");
	else if (card->sriov)
		requirement_of_card(card, "capable", REQUIREMENT_MISSING,
				"Use a kernel with CONFIG_PCI_IOV, and read its log on this card",
				"the card has SR-IOV, and the kernel does not offer it");
	else
		add_incapable(card);
	return false;
}

static void add_without_interface(struct checked_card *card)
{
	const char *driver = card->pf.function.driver;
	CLEANUP(cleanup_free)
	char *others = other_functions(card->host, card->pf.function.bdf, FUNCTION_HAS_INTERFACE);

	if (*others)
		requirement_of_card(card, "driver", REQUIREMENT_WEAK,
				"Nothing, unless VLAN or MAC of its VFs are to be set: that needs "
				"an interface of this function, which the driver may make together "
				"with VFs",
				"%s, without an interface on this function; its device has them on "
				"%s",
				driver, others);
	else if (function_has_netdev_anywhere(card->host, card->pf.function.bdf))
		requirement_of_card(card, "driver", REQUIREMENT_WEAK,
				"Look for its interface in other network namespaces",
				"%s, without a network interface in this namespace", driver);
	else
		requirement_of_card(card, "driver", REQUIREMENT_WEAK,
				"Bind the card's own network driver, or see in the kernel log why "
				"it made no interface: VLAN and MAC of VFs are set through it",
				"%s, without a network interface in any namespace", driver);
}

static void check_driver(struct checked_card *card)
{
	const char *driver = card->pf.function.driver;

	if (!*driver)
		requirement_of_card(card, "driver", REQUIREMENT_MISSING,
				"Load the card's driver (modprobe), or bind it",
				"no driver is bound to the card");
	else if (driver_handover(driver) && card->network)
		requirement_of_card(card, "driver", REQUIREMENT_MISSING,
				"Bind the card's own network driver",
				"%s is bound, which sets no VLAN or MAC of VFs", driver);
	else if (driver_handover(driver))
		requirement_of_card(card, "driver", REQUIREMENT_MISSING,
				"Bind the card's own driver",
				"%s is bound, which is for any card and knows nothing of its VFs",
				driver);
	else if (!card->network)
		requirement_of_card(card, "driver", REQUIREMENT_MET, NULL, "%s", driver);
	else if (!*card->pf.function.netdev)
		add_without_interface(card);
	else
		requirement_of_card(card, "driver", REQUIREMENT_MET, NULL, "%s%s%s%s", driver,
				*card->pf.firmware ? ", firmware " : "", card->pf.firmware,
				card->pf.net.vf_count || !card->pf.num_vfs ? ""
						: *card->pf.net.vfs_unread
						? ", which has more VFs than its "
						  "settings can be read of"
						: ", which reports no settings of its "
						  "VFs");
}

static void check_link(struct checked_card *card)
{
	const struct netdev *net = &card->pf.net;

	if (!net->index)
		return;
	if (!net->up)
		requirement_of_card(card, "up", REQUIREMENT_WEAK,
				"vfctl set brings it up: ip link set DEV up",
				"%s is down: VFs made now may stay dead", net->name);
	else if (!net->carrier)
		requirement_of_card(card, "link", REQUIREMENT_WEAK,
				"Plug in the cable, and check the far end",
				"%s is up, and has no link", net->name);
	else
		requirement_of_card(card, "link", REQUIREMENT_MET, NULL, "%s is up and has a link",
				net->name);
}

static void read_spaces(struct checked_card *card)
{
	struct bdf above[PATH_LIMIT], bdf = card->pf.function.bdf;
	size_t depth = 0;

	space_read(card->host, bdf, &card->space, NULL);
	if (!function_path(card->host, bdf, above, PATH_LIMIT, &depth, NULL) && depth)
		space_read(card->host, above[0], &card->port, NULL);
	if (card->space.length == SPACE_SIZE)
		card->sriov = space_extended(&card->space, PCIE_EXT_SRIOV);
}

int readiness_of_card(const struct host *host, struct bdf bdf, struct readiness *readiness,
		struct err *err)
{
	struct checked_card card = {
		.host = host, .pf = { .function.bdf = bdf }, .readiness = readiness
	};
	int rc = pf_fill_counts(host, &card.pf, err);

	if (!rc)
		rc = pf_fill(host, &card.pf, err);
	if (rc < 0) {
		pf_free(&card.pf);
		return rc;
	}
	bdf_format(bdf, card.subject);
	card.network = function_is_network(&card.pf.function);
	read_spaces(&card);
	if (check_capable(&card)) {
		check_driver(&card);
		check_ari(&card);
		check_buses(&card);
		check_bars(&card);
		check_acs(&card);
		check_groups(&card);
		check_iommu_mode(&card);
		check_link(&card);
		check_migration(&card);
	}
	pf_free(&card.pf);
	return 0;
}
