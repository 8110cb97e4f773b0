/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/allowlist.h"

#include <string.h>

#include "policy/select_pf.h"
#include "sriov/pf.h"

static const struct property selector_properties[] = {
	PROPERTY(allowlist, path, .key = "Path", .flag = { { "path" } }, .kind = PROPERTY_TEXT),
	PROPERTY(allowlist, mac, .key = "PermanentMACAddress", .flag = { { "mac" } },
			.kind = PROPERTY_TEXT),
	PROPERTY(allowlist, device, .key = "Device", .flag = { { "device" } },
			.kind = PROPERTY_TEXT),
	PROPERTY(allowlist, port, .key = "Port", .flag = { { "port" } }, .kind = PROPERTY_TEXT),
	PROPERTY(allowlist, name, .key = "Name", .flag = { { "interface" } },
			.kind = PROPERTY_TEXT),
	{ 0 },
};

static const struct property properties[] = {
	PROPERTY(allowlist, all, .key = "All",
			.flag = { { "all", 0, "yes|no", "Allow all networks; clears both lists" } },
			.kind = PROPERTY_BOOL),
	PROPERTY(allowlist, networks, .key = "Networks", .flag = { { "network" } },
			.kind = PROPERTY_NAMES),
	PROPERTY(allowlist, labels, .key = "Labels", .flag = { { "label" } },
			.kind = PROPERTY_NAMES),
	{ 0 },
};

const struct definition_kind allowlist_kind = {
	.noun = "allowlist",
	.folder = "etc/vfctl/allow",
	.suffix = ".allow",
	.size = sizeof(struct allowlist),
	.sections = { { "Match", selector_properties }, { "Allow", properties } },
};

/* Selects by the permanent address, which stays with a card that moves to another slot. A card
 * without an interface shows none, so its slot is used. */
void allowlist_init(const struct host *host, const struct pf *pf, struct allowlist *allowlist)
{
	struct mac mac;
	char *c;

	definition_init(&allowlist_kind, allowlist, "");
	if (!pf_permanent_mac(host, &pf->function, &mac))
		memcpy(allowlist->head.name, mac_format(mac, allowlist->mac), MAC_TEXT);
	else
		memcpy(allowlist->head.name, bdf_format(pf->function.bdf, allowlist->path),
				BDF_TEXT);
	while ((c = strchr(allowlist->head.name, ':')))
		*c = '-';
	allowlist->all = true;
}

int allowlist_selector(
		const struct allowlist *allowlist, struct pf_selector *card, const char **key)
{
	*card = (struct pf_selector){ 0 };
	for (const struct property *property = selector_properties; property->key; property++) {
		const char *text = (const char *)allowlist + property->offset;

		*key = property->key;
		if (*text && pf_selector_set(card, property->key, text) < 0)
			return -EINVAL;
	}
	*key = "Path";
	return card->by_path || card->by_mac || card->by_device || card->by_name ? 0 : -EINVAL;
}

int allowlist_of(const struct host *host, const struct definitions *allowlists, const struct pf *pf,
		const struct allowlist **allowlist, struct err *err)
{
	*allowlist = NULL;
	for (size_t i = 0; i < allowlists->count; i++) {
		const struct allowlist *here = definition_at(allowlists, i);
		struct pf_selector card;
		const char *key;
		char name[64];

		if (allowlist_selector(here, &card, &key) < 0 ||
				!pf_selector_fits(host, &card, &pf->function))
			continue;
		if (*allowlist)
			return refuse(err, REFUSAL_AMBIGUOUS_ALLOWLIST,
					"%s has two allowlists, %s%s and %s%s in /%s: remove one",
					pf_name(&pf->function, name, sizeof(name)),
					(*allowlist)->head.name, allowlist_kind.suffix,
					here->head.name, allowlist_kind.suffix,
					allowlist_kind.folder);
		*allowlist = here;
	}
	return 0;
}

bool allowlist_permits(const struct allowlist *allowlist, const struct network *network)
{
	if (!allowlist || allowlist->all ||
			string_set_has(&allowlist->networks, network->head.name))
		return true;
	for (size_t i = 0; i < network->labels.count; i++) {
		if (string_set_has(&allowlist->labels, network->labels.list[i]))
			return true;
	}
	return false;
}

void allowlist_set_all(struct allowlist *allowlist, bool all)
{
	allowlist->all = all;
	string_set_free(&allowlist->networks);
	string_set_free(&allowlist->labels);
}

static int check_lists(const struct allowlist *allowlist, const char *card, struct err *err)
{
	if (!allowlist->all)
		return 0;
	return refuse(err, REFUSAL_CANNOT_SET_WHILE_ALL_ALLOWED,
			"%s may carry all networks, so none can be chosen: vfctl allow change %s "
			"--all no, then choose",
			card, card);
}

int allowlist_add_network(
		struct allowlist *allowlist, const char *card, const char *network, struct err *err)
{
	int rc = check_lists(allowlist, card, err);

	if (rc < 0 || string_set_add(&allowlist->networks, network))
		return rc;
	return refuse(err, REFUSAL_NETWORK_ALREADY_ALLOWED,
			"%s may carry network %s already: nothing to do", card, network);
}

int allowlist_add_label(
		struct allowlist *allowlist, const char *card, const char *label, struct err *err)
{
	int rc = check_lists(allowlist, card, err);

	if (rc < 0 || string_set_add(&allowlist->labels, label))
		return rc;
	return refuse(err, REFUSAL_LABEL_ALREADY_ALLOWED,
			"%s may carry networks with label %s already: nothing to do", card, label);
}

int allowlist_remove_network(
		struct allowlist *allowlist, const char *card, const char *network, struct err *err)
{
	int rc = check_lists(allowlist, card, err);

	if (rc < 0 || string_set_remove(&allowlist->networks, network))
		return rc;
	return refuse(err, REFUSAL_NETWORK_NOT_ALLOWED,
			"network %s is not among those allowed by name on %s: vfctl allow show %s",
			network, card, card);
}

int allowlist_remove_label(
		struct allowlist *allowlist, const char *card, const char *label, struct err *err)
{
	int rc = check_lists(allowlist, card, err);

	if (rc < 0 || string_set_remove(&allowlist->labels, label))
		return rc;
	return refuse(err, REFUSAL_LABEL_NOT_ALLOWED,
			"label %s is not among those allowed on %s: vfctl allow show %s", label,
			card, card);
}
