/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_OWNER_PARTS_H
#define POLICY_OWNER_PARTS_H

#include "policy/owner.h"

/* What owner_find() is made of: one function for each kind of file, from texts. */

/* The names of one card. */
struct card_names {
	char id_path[BDF_TEXT + 4]; /* systemd's "pci-0000:01:00.0" */
	const char *netdev, *driver;
	bool renamed;                    /* the interface, whose first name is not known then */
	char mac[18], permanent_mac[18]; /* "": none */
};

struct owner_text {
	char *file; /* as it is told to people */
	char *text;
};

struct owner_texts {
	size_t count;
	struct owner_text *items;
};

/* A .link or .network file, then its drop-ins in their order. */
void owner_of_systemd(const struct owner_texts *texts, const struct card_names *names,
		struct diagnostics *owners);

/* NetworkManager's keyfiles of connections, and its configuration: each text for itself. */
void owner_of_connections(const struct owner_texts *texts, const struct card_names *names,
		struct diagnostics *owners);
void owner_of_manager(const struct owner_texts *texts, const struct card_names *names,
		struct diagnostics *owners);

/* All of netplan's files in their order: a definition may be spread over several. */
void owner_of_netplan(const struct owner_texts *texts, const struct card_names *names,
		struct diagnostics *owners);

/* Whether one of the words of LIST, between SEPARATORS, is a pattern for VALUE, in any case. */
bool owner_list_has(const char *list, const char *separators, const char *value);

#endif
