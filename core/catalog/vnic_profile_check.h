/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_VNIC_PROFILE_CHECK_H
#define CATALOG_VNIC_PROFILE_CHECK_H

#include "catalog/catalog.h"

/* The rules that concern one profile, for catalog_check(). */
void vnic_profile_check(const struct catalog *catalog, const struct vnic_profile *profile,
		struct objections *objections);

/* Refuses to change a passthrough profile while vNICs use it. */
int vnic_profile_check_change(const struct catalog *catalog, const struct vnic_profile *old,
		const struct vnic_profile *fresh, struct err *err);

#endif
