/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/eswitch.h"

#include <stdlib.h>

#include "drivers/drivers.h"
#include "netdev/vf_settings.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"

static bool has_representor(const struct host *host, struct bdf pf)
{
	struct port *ports;
	size_t count = function_ports(host, pf, &ports);
	bool found = false;

	for (size_t i = 0; i < count; i++)
		found |= ports[i].kind != PORT_UPLINK;
	free(ports);
	return found;
}

enum eswitch_mode eswitch_mode_of(const struct host *host, struct bdf pf)
{
	enum eswitch_mode mode = devlink_eswitch_mode(host, pf);

	return mode == ESWITCH_UNKNOWN && has_representor(host, pf) ? ESWITCH_SWITCHDEV : mode;
}

int eswitch_check(const struct host *host, const struct pf *pf, unsigned vf,
		const struct vf_settings *settings, struct err *err)
{
	const struct card_driver *driver = card_driver_find(pf->function.driver);
	struct vf_settings chosen = *settings;
	enum eswitch_mode mode;
	char name[NAME_ROOM];

	vf_settings_drop_unset(&chosen);
	if (!driver || !(chosen.given & driver->switchdev_refuses))
		return 0;
	mode = eswitch_mode_of(host, pf->function.bdf);
	if (mode != ESWITCH_SWITCHDEV && mode != ESWITCH_SWITCHDEV_INACTIVE)
		return 0;
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		if (chosen.given & driver->switchdev_refuses & setting->bit)
			return refuse(err, REFUSAL_ESWITCH_MODE,
					"%s: VF %u: %s takes no %s in %s mode: set it on the VF's "
					"representor, or go back to legacy mode (devlink dev eswitch "
					"set)",
					pf_name(&pf->function, name, sizeof(name)), vf,
					driver->name, setting->name, eswitch_mode_name(mode));
	}
	return 0;
}
