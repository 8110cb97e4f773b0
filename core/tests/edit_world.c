/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/edit_world.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "catalog/catalog_store.h"
#include "tests/assert.h"

int edit_begin(void **state)
{
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "etc/vfctl/networks/red.network", "[Network]\nVM=yes\nVLANId=10\nBridge=br0\n" },
		{ "etc/vfctl/networks/blue.network", "[Network]\nVM=yes\nVLANId=20\nBridge=br1\n" },
		{ "etc/vfctl/profiles/swift.profile",
				"[Profile]\nNetwork=red\nPassthrough=yes\nMaxRate=500\nTrust=yes\n" },
		{ "etc/vfctl/profiles/other.profile",
				"[Profile]\nNetwork=blue\nPassthrough=yes\nMaxRate=100\n" },
		{ "etc/vfctl/profiles/slow.profile", "[Profile]\nNetwork=red\n" },
		{ "etc/vfctl/profiles/calm.profile", "[Profile]\nNetwork=blue\n" },
		{ "etc/vfctl/profiles/pair.profile",
				"[Profile]\nNetwork=red\nPassthrough=yes\nMigratable=yes\n"
				"Failover=slow\nMaxRate=200\n" },
		{ "etc/vfctl/profiles/quick-pair.profile",
				"[Profile]\nNetwork=red\nPassthrough=yes\nMigratable=yes\n"
				"Failover=slow\nMaxRate=500\nTrust=yes\n" },
		{ "sys/class/net/br0/bridge/bridge_id", "" },
		{ "sys/class/net/br1/bridge/bridge_id", "" },
	};
	int rc = world_begin(state);

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		world_file(files[i].path, files[i].text);
	return rc;
}

void edit_attach(const char *profile, unsigned sides)
{
	world_attach_well((struct attach_request){
			.profile = profile, .mac = EDIT_MAC, .sides = sides });
}

int edit_planned(struct edit_request request, struct edit *edit, struct err *err)
{
	request.vm = request.vm ? request.vm : "web1";
	request.nic = request.nic ? request.nic : "nic1";
	request.limit_s = request.limit_s ? request.limit_s : 5;
	request.wait_s = 5;
	return edit_plan(world.tree->host, world.hypervisor, &request, edit, err);
}

int edit_go(struct edit_request request, struct err *err)
{
	CLEANUP(cleanup_edit) struct edit edit = { 0 };
	int rc = edit_planned(request, &edit, err);

	return rc ? rc : edit_run(world.tree->host, &world.hypervisor, &edit, &world.notes, err);
}

void edit_well(struct edit_request request)
{
	struct err err = { 0 };

	if (edit_go(request, &err) < 0)
		fail_msg("%s", err.msg);
}

static void assert_settings(const struct edit *edit)
{
	const struct plug *last = &edit->nic.plugs[edit->nic.plug_count - 1];

	if (last->wanted.kind != NIC_HOSTDEV)
		return;
	if (vf_settings_difference(&last->settings, &world.kernel->vfs[last->vf.index]))
		fail_msg("VF %u is not as profile %s says", last->vf.index, edit->nic.vnic.profile);
}

void assert_is(const char *profile)
{
	CLEANUP(cleanup_edit) struct edit edit = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics steps = { 0 };
	struct err err = { 0 };

	if (edit_planned((struct edit_request){ 0 }, &edit, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(edit.before.profile, profile);
	assert_true(edit.before.passthrough == edit.nic.profile->passthrough);
	edit_steps(&edit, &steps);
	if (steps.count != 1 && edit.sides & DOMAIN_LIVE)
		fail_msg("it is not as profile %s says: %s", profile, steps.lines[0]);
	assert_false(edit.leaves_vf || edit.leaves_bridge || edit.moves || edit.sets);
	assert_false(edit.configures);
	if (edit.sides & DOMAIN_LIVE)
		assert_settings(&edit);
	assert_false(host_exists(world.tree->host, "run/vfctl/edits/" WORLD_UUID ".nic1.json"));
}

void assert_leaves_nothing(void)
{
	struct err err = { 0 };

	if (world_detach("web1", "nic1", 5, &err) < 0)
		fail_msg("%s", err.msg);
	assert_nothing_happened();
	assert_null(strstr(world.libvirt->domains[0].config, "<interface"));
}
