/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migrate/moving_nic.h"

#include <stdio.h>
#include <string.h>

#include "base/name.h"

enum { VLAN_LAST = 4094, MTU_MOST = 65535, BOOT_MOST = 65535 };

/* --- What is told ---------------------------------------------------------------------------- */

static struct record *network_record(const struct moving_network *network)
{
	struct record *record = record_object();

	record_put_str(record, "name", network->name);
	record_put_int(record, "vlan", network->vlan);
	record_put_int(record, "mtu", network->mtu);
	return record;
}

struct record *moving_nics_to_record(const struct moving_nics *nics)
{
	struct record *array = record_array();

	for (size_t i = 0; i < nics->count; i++) {
		const struct moving_nic *nic = &nics->list[i];
		struct record *record = record_object();

		record_put_str(record, "nic", nic->nic);
		record_put_str(record, "profile", nic->profile);
		record_put_str(record, "mac", nic->mac);
		record_put_bool(record, "live", nic->live);
		record_put_bool(record, "config", nic->config);
		record_put_bool(record, "standby", nic->has_standby);
		record_put_bool(record, "bridged", nic->is_bridged);
		record_put_int(record, "boot", nic->boot);
		record_put(record, "network", network_record(&nic->network));
		record_put(record, "standby_network", network_record(&nic->standby));
		record_add(array, record);
	}
	return array;
}

struct record *moving_answer_to_record(const struct moving_nics *nics)
{
	struct record *array = record_array();

	for (size_t i = 0; i < nics->count; i++) {
		struct record *record = record_object();

		record_put_str(record, "nic", nics->list[i].nic);
		record_put_str(record, "bridge", nics->list[i].bridge);
		record_put_str(record, "vf", nics->list[i].vf);
		record_add(array, record);
	}
	return array;
}

/* --- What is heard --------------------------------------------------------------------------- */

static bool take_name(const struct record *record, const char *key, bool optional, char *name,
		size_t size)
{
	const char *text = record_str(record, key, "");

	if (strlen(text) >= size || (*text ? !name_is_valid(text) : !optional))
		return false;
	snprintf(name, size, "%s", text);
	return true;
}

static bool take_network(const struct record *record, bool optional, struct moving_network *network)
{
	int64_t vlan = record_int(record, "vlan", 0), mtu = record_int(record, "mtu", 0);

	if (vlan < 0 || vlan > VLAN_LAST || mtu < 0 || mtu > MTU_MOST)
		return false;
	network->vlan = (uint32_t)vlan;
	network->mtu = (uint32_t)mtu;
	return take_name(record, "name", optional, network->name, sizeof(network->name));
}

static bool take_mac(const struct record *record, char mac[MAC_TEXT])
{
	struct mac parsed;

	if (mac_parse(record_str(record, "mac", ""), &parsed) < 0 || mac_is_zero(parsed) ||
			mac_is_multicast(parsed))
		return false;
	mac_format(parsed, mac);
	return true;
}

static bool take_nic(const struct record *record, struct moving_nic *nic)
{
	int64_t boot = record_int(record, "boot", 0);

	if (boot < 0 || boot > BOOT_MOST)
		return false;
	*nic = (struct moving_nic){ .boot = (unsigned)boot,
		.live = record_bool(record, "live", false),
		.config = record_bool(record, "config", false),
		.has_standby = record_bool(record, "standby", false),
		.is_bridged = record_bool(record, "bridged", false) };
	return take_name(record, "nic", false, nic->nic, sizeof(nic->nic)) &&
			!strchr(nic->nic, '.') &&
			take_name(record, "profile", false, nic->profile, sizeof(nic->profile)) &&
			take_mac(record, nic->mac) &&
			take_network(record_get(record, "network"), false, &nic->network) &&
			take_network(record_get(record, "standby_network"), !nic->has_standby,
					&nic->standby);
}

int moving_nics_from_record(const struct record *array, struct moving_nics *nics, struct err *err)
{
	nics->count = record_length(array);
	if (record_type(array) != RECORD_ARRAY || nics->count > MOVING_NICS_MOST)
		return err_set(err, EINVAL, "the list of NICs is missing, or longer than %d",
				MOVING_NICS_MOST);
	for (size_t i = 0; i < nics->count; i++) {
		if (!take_nic(record_at(array, i), &nics->list[i]))
			return err_set(err, EINVAL,
					"NIC number %zu is not described as it should be", i + 1);
		for (size_t k = 0; k < i; k++) {
			if (!strcmp(nics->list[k].nic, nics->list[i].nic))
				return err_set(err, EINVAL, "there are two NICs %s",
						nics->list[i].nic);
		}
	}
	return 0;
}

int moving_answer_from_record(const struct record *array, struct moving_nics *nics, struct err *err)
{
	if (record_length(array) != nics->count)
		return err_set(err, EPROTO, "the answer is for other NICs");
	for (size_t i = 0; i < nics->count; i++) {
		const struct record *record = record_at(array, i);
		struct moving_nic *nic = &nics->list[i];
		bool needs_bridge = nic->has_standby || nic->is_bridged;

		if (strcmp(record_str(record, "nic", ""), nic->nic) != 0 ||
				!take_name(record, "bridge", !needs_bridge, nic->bridge,
						sizeof(nic->bridge)))
			return err_set(err, EPROTO, "the answer for NIC %s is not as it should be",
					nic->nic);
		snprintf(nic->vf, sizeof(nic->vf), "%s", record_str(record, "vf", ""));
	}
	return 0;
}
