/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/rig_kind.h"

#include <string.h>

extern const struct rig_kind rig_emulated, rig_local;

const struct rig_kind *const rig_kinds[] = { &rig_emulated, &rig_local, NULL };

const struct rig_kind *rig_kind_find(const char *name)
{
	for (size_t i = 0; rig_kinds[i]; i++) {
		if (!strcmp(rig_kinds[i]->name, name))
			return rig_kinds[i];
	}
	return NULL;
}

bool rig_kind_has_option(const struct rig_kind *kind, const char *name)
{
	for (const struct flag *flag = kind->flags; flag->name; flag++) {
		if (!strcmp(flag->name, name))
			return true;
	}
	return false;
}
