/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "domain/domain.h"

/* Names of NICs. libvirt takes an alias from a user only with the prefix "ua-" (formatdomain,
 * "alias"). */
#define PREFIX "ua-"

static const char *without_prefix(const char *alias)
{
	return !strncmp(alias, PREFIX, strlen(PREFIX)) && alias[strlen(PREFIX)]
			? alias + strlen(PREFIX)
			: alias;
}

const char *domain_nic_name(
		const struct domain *domain, const struct domain_nic *nic, char text[NIC_NAME_ROOM])
{
	if (nic->alias)
		snprintf(text, NIC_NAME_ROOM, "%s", without_prefix(nic->alias));
	else if (nic->has_mac)
		mac_format(nic->mac, text);
	else if (nic->has_host)
		bdf_format(nic->host, text);
	else
		snprintf(text, NIC_NAME_ROOM, "NIC %td", nic - domain->nics + 1);
	return text;
}

static bool is_named(const struct domain_nic *nic, const char *name)
{
	return nic->alias && without_prefix(nic->alias) != nic->alias &&
			!strcmp(without_prefix(nic->alias), name);
}

static bool has_alias(const struct domain_nic *nic, const char *name)
{
	return nic->alias && !strcmp(nic->alias, name);
}

static bool has_mac(const struct domain_nic *nic, const char *name)
{
	struct mac mac;

	return nic->has_mac && !mac_parse(name, &mac) && mac_equal(nic->mac, mac);
}

static bool has_host(const struct domain_nic *nic, const char *name)
{
	struct bdf bdf;

	return nic->has_host && !bdf_parse(name, &bdf) && bdf_equal(nic->host, bdf);
}

static bool is_any(const struct domain_nic *nic, const char *name)
{
	(void)nic, (void)name;
	return true;
}

typedef bool match_fn(const struct domain_nic *nic, const char *name);

/* The NICs that match, "nic1 (hostdev), NIC 2 (bridge)". */
static char *list(const struct domain *domain, match_fn *matches, const char *name)
{
	char *text = text_format("%s", "");

	for (size_t i = 0; i < domain->nic_count; i++) {
		const struct domain_nic *nic = &domain->nics[i];
		CLEANUP(cleanup_free) char *before = NULL;

		if (!matches(nic, name))
			continue;
		before = text;
		text = nic->alias ? text_format("%s%s%.80s (%s)", before, *before ? ", " : "",
						    without_prefix(nic->alias), nic->type)
				  : text_format("%s%sNIC %zu (%s)", before, *before ? ", " : "",
						    i + 1, nic->type);
	}
	return text;
}

static size_t count(const struct domain *domain, match_fn *matches, const char *name,
		const struct domain_nic **found)
{
	size_t matching = 0;

	for (size_t i = 0; i < domain->nic_count; i++) {
		if (!matches(&domain->nics[i], name))
			continue;
		if (!matching++)
			*found = &domain->nics[i];
	}
	return matching;
}

int domain_find_nic(const struct domain *domain, const char *name, const struct domain_nic **nic,
		struct err *err)
{
	static match_fn *const rules[] = { is_named, has_alias, has_mac, has_host };
	CLEANUP(cleanup_free) char *all = NULL;

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		CLEANUP(cleanup_free) char *candidates = NULL;
		size_t matching = count(domain, rules[i], name, nic);

		if (matching == 1)
			return 0;
		if (!matching)
			continue;
		candidates = list(domain, rules[i], name);
		return err_set(err, EINVAL,
				"%.60s has several NICs %.40s: %.200s: name one by its alias",
				domain->name, name, candidates);
	}
	all = list(domain, is_any, name);
	return err_set(err, ENOENT, "%.60s has no NIC %.60s%s%.200s", domain->name, name,
			*all ? ": it has " : ", nor any other", all);
}

const struct domain_nic *domain_nic_with_alias(const struct domain *domain, const char *alias)
{
	const struct domain_nic *nic = NULL;

	count(domain, has_alias, alias, &nic);
	return nic;
}

static bool is_backed_by(const struct domain_nic *transient, const struct domain_nic *persistent)
{
	return transient->teaming == TEAMING_TRANSIENT &&
			persistent->teaming == TEAMING_PERSISTENT && persistent->alias &&
			transient->persistent && !strcmp(transient->persistent, persistent->alias);
}

bool domain_nics_are_pair(const struct domain_nic *a, const struct domain_nic *b)
{
	return is_backed_by(a, b) || is_backed_by(b, a);
}
