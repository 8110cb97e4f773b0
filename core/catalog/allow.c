/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/allow.h"

#include <string.h>

#include "catalog/catalog.h"
#include "policy/match.h"
#include "sriov/pf.h"

static const struct property match[] = {
	PROPERTY(allow, path, .key = "Path", .flag = "path", .kind = PROPERTY_TEXT),
	PROPERTY(allow, mac, .key = "PermanentMACAddress", .flag = "mac", .kind = PROPERTY_TEXT),
	PROPERTY(allow, device, .key = "Device", .flag = "device", .kind = PROPERTY_TEXT),
	PROPERTY(allow, port, .key = "Port", .flag = "port", .kind = PROPERTY_TEXT),
	PROPERTY(allow, name, .key = "Name", .flag = "interface", .kind = PROPERTY_TEXT),
	{ 0 },
};

static const struct property properties[] = {
	PROPERTY(allow, all, .key = "All", .flag = "all", .kind = PROPERTY_BOOL, .value = "yes|no",
			.help = "Allow all networks; clears both lists"),
	PROPERTY(allow, networks, .key = "Networks", .flag = "network", .kind = PROPERTY_NAMES),
	PROPERTY(allow, labels, .key = "Labels", .flag = "label", .kind = PROPERTY_NAMES),
	{ 0 },
};

const struct definition_kind allow_kind = {
	.noun = "whitelist",
	.folder = "etc/vfctl/allow",
	.suffix = ".allow",
	.size = sizeof(struct allow),
	.sections = { { "Match", match }, { "Allow", properties } },
};

/* The address that the card was made with stays with it in another slot; where it has no interface
 * its place must do. */
void allow_init(const struct host *host, const struct pf *pf, struct allow *allow)
{
	struct mac mac;
	char *c;

	definition_preset(&allow_kind, allow, "");
	if (!match_permanent_mac(host, &pf->function, &mac))
		memcpy(allow->head.name, mac_format(mac, allow->mac), MAC_TEXT);
	else
		memcpy(allow->head.name, bdf_format(pf->function.bdf, allow->path), BDF_TEXT);
	while ((c = strchr(allow->head.name, ':')))
		*c = '-';
	allow->all = true;
}

static int match_of(const struct allow *allow, struct card_match *card, const char **key)
{
	*card = (struct card_match){ 0 };
	for (const struct property *property = match; property->key; property++) {
		const char *text = (const char *)allow + property->offset;

		*key = property->key;
		if (*text && match_set(card, property->key, text) < 0)
			return -EINVAL;
	}
	*key = "Path";
	return card->by_path || card->by_mac || card->by_device || card->by_name ? 0 : -EINVAL;
}

int allow_of(const struct host *host, const struct catalog *catalog, const struct pf *pf,
		const struct allow **allow, struct err *err)
{
	*allow = NULL;
	for (size_t i = 0; i < catalog->allows.count; i++) {
		const struct allow *here = definition_at(&catalog->allows, i);
		struct card_match card;
		const char *key;
		char name[64];

		if (match_of(here, &card, &key) < 0 || !match_is(host, &card, &pf->function))
			continue;
		if (*allow)
			return refuse(err, REFUSAL_AMBIGUOUS_WHITELIST,
					"%s has two whitelists, %s%s and %s%s in /%s: remove one",
					pf_name(&pf->function, name, sizeof(name)),
					(*allow)->head.name, allow_kind.suffix, here->head.name,
					allow_kind.suffix, allow_kind.folder);
		*allow = here;
	}
	return 0;
}

bool allow_permits(const struct allow *allow, const struct network *network)
{
	if (!allow || allow->all || string_set_has(&allow->networks, network->head.name))
		return true;
	for (size_t i = 0; i < network->labels.count; i++) {
		if (string_set_has(&allow->labels, network->labels.list[i]))
			return true;
	}
	return false;
}

void allow_check(const struct catalog *catalog, const struct allow *allow,
		struct objections *objections)
{
	struct card_match card;
	const char *key;

	if (match_of(allow, &card, &key) < 0)
		objection_add(objections, key, REFUSAL_CARD_NOT_NAMED,
				"%s= does not name a card: give Path=, PermanentMACAddress=, "
				"Device= or Name=, as in policy files",
				key);
	if (allow->all && (allow->networks.count || allow->labels.count))
		objection_add(objections, "All", REFUSAL_CANNOT_SET_WHILE_ALL_ALLOWED,
				"All=yes and a list say two things: say All=no, or take the list "
				"out");
	for (size_t i = 0; i < allow->networks.count; i++) {
		if (!catalog_network(catalog, allow->networks.list[i]))
			objection_add(objections, "Networks", REFUSAL_NETWORK_MISSING,
					"there is no network %s: add it first (vfctl network add), "
					"or take it out",
					allow->networks.list[i]);
	}
}

void allow_set_all(struct allow *allow, bool all)
{
	allow->all = all;
	string_set_free(&allow->networks);
	string_set_free(&allow->labels);
}

static int check_lists(const struct allow *allow, const char *card, struct err *err)
{
	if (!allow->all)
		return 0;
	return refuse(err, REFUSAL_CANNOT_SET_WHILE_ALL_ALLOWED,
			"%s may carry all networks, so none can be chosen: vfctl allow change %s "
			"--all no, then choose",
			card, card);
}

int allow_add_network(struct allow *allow, const char *card, const char *network, struct err *err)
{
	int rc = check_lists(allow, card, err);

	if (rc < 0 || string_set_add(&allow->networks, network))
		return rc;
	return refuse(err, REFUSAL_NETWORK_ALREADY_ALLOWED,
			"%s may carry network %s already: nothing to do", card, network);
}

int allow_add_label(struct allow *allow, const char *card, const char *label, struct err *err)
{
	int rc = check_lists(allow, card, err);

	if (rc < 0 || string_set_add(&allow->labels, label))
		return rc;
	return refuse(err, REFUSAL_LABEL_ALREADY_ALLOWED,
			"%s may carry networks with label %s already: nothing to do", card, label);
}

int allow_remove_network(
		struct allow *allow, const char *card, const char *network, struct err *err)
{
	int rc = check_lists(allow, card, err);

	if (rc < 0 || string_set_remove(&allow->networks, network))
		return rc;
	return refuse(err, REFUSAL_NETWORK_NOT_ALLOWED,
			"network %s is not among those allowed by name on %s: vfctl allow show %s",
			network, card, card);
}

int allow_remove_label(struct allow *allow, const char *card, const char *label, struct err *err)
{
	int rc = check_lists(allow, card, err);

	if (rc < 0 || string_set_remove(&allow->labels, label))
		return rc;
	return refuse(err, REFUSAL_LABEL_NOT_ALLOWED,
			"label %s is not among those allowed on %s: vfctl allow show %s", label,
			card, card);
}
