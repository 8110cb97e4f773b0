/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_OWNER_PARTS_H
#define SRIOV_OWNER_PARTS_H

#include "sriov/owner.h"

/* What owner_find() is made of. */

/* The names of one card. */
struct card_names {
	char id_path[BDF_TEXT + 4]; /* systemd's "pci-0000:01:00.0" */
	const char *netdev, *driver;
	char mac[18], permanent_mac[18]; /* "": none */
};

/* Whether LIST, words between the SEPARATORS, has a pattern for VALUE. One that begins with !
 * turns the list around. */
bool owner_list_has(const char *list, const char *separators, const char *value);

/* The text of netplan's FILE. */
void owner_find_netplan(const char *file, const char *text, const struct card_names *names,
		struct faults *owners);

#endif
