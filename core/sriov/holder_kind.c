/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "sriov/holder.h"

/* The kinds of holders with their names and texts. */
static const struct kind {
	const char *name;
	const char *text; /* %s is the interface, device or process; twice if the remedy names it */
	bool yields;      /* yields to an administrator who names it */
} kinds[HOLDER_KINDS] = {
	[HOLDER_NONE] = { "none", "" },
	[HOLDER_NAMESPACE] = { "namespace", "its interface is in %s: return it first" },
	[HOLDER_UP] = { "up", "its interface %s is up: ip link set %s down" },
	[HOLDER_ADDRESS] = { "address",
			"its interface %s has an address: ip address flush dev %s" },
	[HOLDER_STACKED] = { "stacked", "its interface is used by %s: take it out of there" },
	[HOLDER_VLAN] = { "vlan", "the VLAN %s stands on its interface: ip link del %s" },
	[HOLDER_MACVTAP] = { "macvtap", "the macvtap %s stands on its interface: ip link del %s" },
	[HOLDER_BRIDGE] = { "bridge",
			"its interface is a port of the bridge %s: take it out of there" },
	[HOLDER_BOND] = { "bond",
			"its interface is a member of the bond %s: take it out of there" },
	[HOLDER_OVS] = { "ovs",
			"its interface is a port of Open vSwitch (%s): ovs-vsctl del-port" },
	[HOLDER_REPRESENTOR] = { "representor",
			"its representor %s is in a bridge or in Open vSwitch: take it out of there" },
	[HOLDER_DRIVER] = { "driver",
			"what uses the device of its driver %s cannot be seen: unbind the driver, "
			"or give --despite-holder %s",
			true },
	[HOLDER_UNKNOWN] = { "unknown",
			"whether %s is in use cannot be seen (vfctl vf shows why): make sure that "
			"it is not, and give --despite-holder %s",
			true },
	[HOLDER_VDPA] = { "vdpa", "the vDPA device %s was made of it: vdpa dev del %s" },
	[HOLDER_BLOCK] = { "block", "its disk %s is in use: unmount it, or take it out of there" },
	[HOLDER_OPEN] = { "open", "%s has its device open: end that" },
	[HOLDER_RESERVED] = { "reserved",
			"vfctl has reserved it for %s: let that end, or call vfctl restore" },
	[HOLDER_VFIO] = { "vfio", "%s has it open through VFIO: shut that down" },
	[HOLDER_VM] = { "vm", "the virtual machine %s has it: detach it there, or shut it down" },
};

const char *holder_text(const struct holder *holder, char *text, size_t size)
{
	snprintf(text, size, kinds[holder->kind].text, holder->what, holder->what);
	return text;
}

const char *holder_kind_name(enum holder_kind kind)
{
	return kinds[kind].name;
}

const char *holder_word(const struct holder *holder)
{
	return kinds[holder->kind].yields ? holder->what : NULL;
}

bool holder_yields(const struct holder *holder, const char *despite)
{
	const char *word = holder_word(holder);

	return holder->kind == HOLDER_NONE || (word && despite && !strcmp(word, despite));
}
