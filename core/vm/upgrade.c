/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/upgrade.h"

#include "vm/nic_plug.h"
#include "vm/unplug.h"

struct upgrading {
	struct giving giving;
	struct upgrade_nic *nic;
	unsigned removed; /* the sides from which the NIC on the bridge is gone */
};

/* The running machine first: its guest may refuse. */
static int remove_bridge(struct upgrading *upgrading, struct deadline limit, struct err *err)
{
	const struct giving *giving = &upgrading->giving;
	const struct upgrade_nic *nic = upgrading->nic;
	int rc = 0;

	for (unsigned side = DOMAIN_LIVE; !rc && side <= DOMAIN_CONFIG; side <<= 1) {
		const struct unplug unplug = { giving->host, giving->hypervisor, giving->vm,
			nic->bridge.alias, nic->sides & side };

		if (!unplug.sides)
			continue;
		rc = unplug_run(&unplug, limit, giving->notes, err);
		upgrading->removed |= rc ? 0 : side;
	}
	return rc;
}

static void bring_back_bridge(const struct upgrading *upgrading)
{
	const struct giving *giving = &upgrading->giving;
	const struct plug *bridge = &upgrading->nic->bridge;
	struct err err = { 0 };

	if (!upgrading->removed || !plug_add(giving, bridge, upgrading->removed, &err))
		return;
	diagnostic_add(giving->notes,
			"NIC %s of VM %s could not be brought back on %s: %s (vfctl attach %s "
			"--nic %s brings it back with its MAC)",
			bridge->nic, giving->vm->name, bridge->wanted.bridge, err.msg,
			giving->vm->name, bridge->nic);
}

static int upgrade_one(struct upgrading *upgrading, struct deadline limit, struct err *err)
{
	struct upgrade_nic *nic = upgrading->nic;
	int rc = nic->is_half ? 0 : remove_bridge(upgrading, limit, err);

	if (!rc)
		rc = nic_plug(&upgrading->giving, &nic->plan, nic->sides, err);
	if (rc < 0)
		bring_back_bridge(upgrading);
	return rc;
}

void upgrade_run(const struct host *host, struct hypervisor **hypervisor, struct upgrade *upgrade,
		struct diagnostics *notes)
{
	for (size_t i = 0; i < upgrade->nic_count; i++) {
		struct upgrade_nic *nic = upgrade->nics[i];
		struct upgrading upgrading = { .giving = { host, hypervisor, &nic->vm->status,
							       "vm upgrade", upgrade->wait_s,
							       notes },
			.nic = nic };

		if (!nic->err.code)
			nic->done = !upgrade_one(&upgrading,
					deadline_in(1000 * (int64_t)upgrade->limit_s), &nic->err);
	}
}
