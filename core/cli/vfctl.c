/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "cli/cli.h"
#include "cli/define.h"

static const struct flag flags[] = {
	{ "root", 0, "DIR", "Look at a recorded tree with sys/ and proc/, not at this machine" },
	{ "write-tree", 0, NULL, "Let the verb change the tree of --root" },
	{ "json", 0, NULL, "Print JSON" },
	{ 0 },
};

static const struct verb *const groups[] = { verbs_inspect, verbs_rules, verbs_change,
	verbs_desired, verbs_apply, verbs_define, verbs_allow, verbs_vm, verbs_plug, verbs_upgrade,
	verbs_edit, verbs_migrate, verbs_exchange, NULL };

static const struct program vfctl = {
	.name = "vfctl",
	.summary = "manage SR-IOV on this host",
	.details = "vfctl lists the cards with SR-IOV, says what a host lacks for it, and sets the "
		   "number of virtual functions and the settings of each. Every change is read "
		   "back: what the kernel accepted and did not do is an error.\n\nA card is named "
		   "by its interface (eth0) or its address (0000:01:00.0).",
	.groups = groups,
	.flags = flags,
};

int main(int argc, char **argv)
{
	return program_main(&vfctl, argc, argv);
}
