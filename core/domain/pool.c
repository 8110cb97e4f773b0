/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "domain/domain_internal.h"

enum { VLAN_LAST = 4094 };

/* --- Reading --------------------------------------------------------------------------------- */

static void take_text(const char *text, char *into, size_t size)
{
	snprintf(into, size, "%s", text ? text : "");
}

static int take_vlan(
		const struct reading *reading, const struct xml *element, struct pool_group *group)
{
	const char *trunk = xml_attribute(element, "trunk");
	size_t tags = 0;
	uint64_t id = 0;
	int rc = 0;

	for (size_t i = 0; element && !rc && i < element->count; i++) {
		if (!xml_is(element->children[i], "tag"))
			continue;
		tags++;
		rc = reading_number(reading, element->children[i], "id", DECIMAL, VLAN_LAST, &id);
	}
	group->vlan = (uint16_t)id;
	group->trunk = tags > 1 || (trunk && !strcmp(trunk, "yes"));
	return rc;
}

static int take_group(const struct reading *reading, const struct xml *element, struct pool *pool)
{
	struct pool_group *group = &pool->groups[pool->group_count++];
	const char *is_default = xml_attribute(element, "default");

	take_text(xml_attribute(element, "name"), group->name, sizeof(group->name));
	group->is_default = is_default && !strcmp(is_default, "yes");
	return take_vlan(reading, xml_child(element, "vlan"), group);
}

static int take_vf(const struct reading *reading, const struct xml *element, struct pool *pool)
{
	struct pool_vf *vf = &pool->vfs[pool->vf_count];
	uint64_t connections = 0;
	bool given = false;
	int rc = reading_address(reading, element, &given, &vf->vf);

	if (!rc)
		rc = reading_number(
				reading, element, "connections", DECIMAL, UINT32_MAX, &connections);
	vf->is_given = connections > 0;
	pool->vf_count += !rc && given;
	return rc;
}

static int take_forward(const struct reading *reading, const struct xml *element, struct pool *pool)
{
	const char *mode = xml_attribute(element, "mode");
	int rc = 0;

	pool->is_hostdev = mode && !strcmp(mode, "hostdev");
	take_text(xml_attribute(xml_child(element, "pf"), "dev"), pool->pf, sizeof(pool->pf));
	for (size_t i = 0; element && !rc && i < element->count; i++) {
		if (xml_is(element->children[i], "address"))
			rc = take_vf(reading, element->children[i], pool);
	}
	return rc;
}

static int take_pool(const struct reading *reading, const struct xml *root, struct pool *pool)
{
	const struct xml *forward = xml_child(root, "forward");
	int rc;

	if (!xml_is(root, "network") || !xml_text(xml_child(root, "name")))
		return reading_complain(reading, root, "this is no <network> with a <name>");
	take_text(xml_text(xml_child(root, "name")), pool->name, sizeof(pool->name));
	pool->vfs = calloc((forward ? forward->count : 0) + 1, sizeof(*pool->vfs));
	pool->groups = calloc(root->count + 1, sizeof(*pool->groups));
	if (!pool->vfs || !pool->groups)
		abort();
	rc = take_forward(reading, forward, pool);
	if (!rc)
		rc = take_vlan(reading, xml_child(root, "vlan"), &pool->own);
	for (size_t i = 0; !rc && i < root->count; i++) {
		if (xml_is(root->children[i], "portgroup"))
			rc = take_group(reading, root->children[i], pool);
	}
	return rc;
}

void cleanup_pool(struct pool *pool)
{
	free(pool->vfs);
	free(pool->groups);
	*pool = (struct pool){ .is_hostdev = false };
}

int pool_parse(const char *file, const char *text, size_t length, struct pool *pool,
		struct err *err)
{
	CLEANUP(cleanup_xml) struct xml *root = NULL;
	const struct reading reading = { file, err };
	int rc = xml_parse(file, text, length, &root, err);

	*pool = (struct pool){ .is_hostdev = false };
	if (!rc)
		rc = take_pool(&reading, root, pool);
	if (rc < 0)
		cleanup_pool(pool);
	return rc;
}

int pool_port_parse(const char *text, size_t length, struct bdf *vf, char owner[NAME_ROOM],
		struct err *err)
{
	CLEANUP(cleanup_xml) struct xml *root = NULL;
	const struct reading reading = { "port", err };
	bool given = false;
	int rc = xml_parse("port", text, length, &root, err);

	if (!rc)
		rc = reading_address(&reading, xml_path(root, "plug/address"), &given, vf);
	if (rc < 0)
		return rc;
	snprintf(owner, NAME_ROOM, "%.63s",
			xml_text(xml_path(root, "owner/name"))
					? xml_text(xml_path(root, "owner/name"))
					: "without a name");
	return given ? 0 : -ENOENT;
}

/* --- Its VLAN -------------------------------------------------------------------------------- */

/* A port group that has a VLAN counts before the network (virNetworkPortOptionsParseCommon(), and
 * networkAllocatePort(), libvirt 9). */
int pool_vlan(const struct pool *pool, const char *group, uint16_t *vlan, struct err *err)
{
	const struct pool_group *chosen = NULL;

	for (size_t i = 0; i < pool->group_count; i++) {
		if (group ? !strcmp(pool->groups[i].name, group) : pool->groups[i].is_default)
			chosen = &pool->groups[i];
	}
	if (group && !chosen)
		return err_set(err, EINVAL, "the pool %s has no port group %.60s", pool->name,
				group);
	if (!chosen || (!chosen->vlan && !chosen->trunk))
		chosen = &pool->own;
	if (chosen->trunk)
		return err_set(err, EINVAL,
				"the pool %s gives several VLANs, and a VF has one: choose a port group "
				"with one",
				pool->name);
	*vlan = chosen->vlan;
	return 0;
}
