/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_REFUSAL_H
#define SRIOV_REFUSAL_H

#include <stddef.h>

#include "base/err.h"

/*
 * The rules by which the manager refuses a request. A rule has a stable name, for programs; the
 * message says which device or definition it concerns and what to do.
 */
enum refusal {
	/* Cards */
	REFUSAL_NOT_SRIOV,
	REFUSAL_VF_COUNT_OUT_OF_RANGE,
	REFUSAL_VFS_IN_USE,
	REFUSAL_SETTING_NOT_FOR_LINK_LAYER,
	REFUSAL_ESWITCH_MODE,
	/* Which networks a card may carry */
	REFUSAL_CANNOT_SET_WHILE_ALL_ALLOWED,
	REFUSAL_NETWORK_ALREADY_ALLOWED,
	REFUSAL_NETWORK_NOT_ALLOWED,
	REFUSAL_LABEL_ALREADY_ALLOWED,
	REFUSAL_LABEL_NOT_ALLOWED,
	REFUSAL_CARD_NOT_NAMED,
	REFUSAL_AMBIGUOUS_ALLOWLIST,
	/* Networks */
	REFUSAL_NETWORK_EXISTS,
	REFUSAL_NETWORK_MISSING,
	REFUSAL_NETWORK_IN_USE,
	REFUSAL_NETWORK_NOT_FOR_VMS,
	/* vNIC profiles */
	REFUSAL_PROFILE_EXISTS,
	REFUSAL_PROFILE_MISSING,
	REFUSAL_PROFILE_IN_USE,
	REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY,
	REFUSAL_PROPERTY_NEEDS_PASSTHROUGH,
	REFUSAL_MIN_RATE_ABOVE_MAX_RATE,
	REFUSAL_FALLBACK_NEEDS_BRIDGE,
	REFUSAL_FAILOVER_NEEDS_MIGRATABLE_PASSTHROUGH,
	REFUSAL_FAILOVER_TARGET_MISSING,
	REFUSAL_FAILOVER_TARGET_PASSTHROUGH,
	REFUSAL_FAILOVER_TARGET_SELF,
	REFUSAL_FAILOVER_TARGET_EXTERNAL,
	/* vNICs */
	REFUSAL_VNIC_TYPE_MISMATCH,
	REFUSAL_PASSTHROUGH_UNLINKED,
	REFUSAL_PASSTHROUGH_PLUGGED,
	/* Virtual machines */
	REFUSAL_VM_NOT_RUNNING,
	REFUSAL_VM_TRANSIENT,
	REFUSAL_NIC_EXISTS,
	REFUSAL_MAC_IN_USE,
	REFUSAL_NO_SPARE_SLOT,
	REFUSAL_NETWORK_HAS_NO_BRIDGE,
	REFUSAL_NO_SUITABLE_VF,
	REFUSAL_POOL_MISSING,
	REFUSAL_POOL_NOT_HOSTDEV,
	REFUSAL_POOL_INACTIVE,
	/* Migration */
	REFUSAL_VM_EXISTS,
	REFUSAL_SAME_HOST,
	REFUSAL_NETWORK_DIFFERS,
	REFUSAL_VF_WITHOUT_STANDBY,
	REFUSAL_DEVICE_PASSED_THROUGH,
	REFUSAL_GUEST_HAS_IOMMU,
	REFUSAL_COUNT,
};

/* "vfs-in-use" */
const char *refusal_name(enum refusal refusal);

/* The same by its name, or -1. */
int refusal_find(const char *name);

/* As err_set(): returns -EBUSY if something is in use, else -EINVAL, or -ERANGE. */
#define refuse(err, refusal, ...) refuse_at(err, ERR_HERE, refusal, __VA_ARGS__)
int refuse_at(struct err *err, struct err_origin origin, enum refusal refusal, const char *format,
		...) __attribute__((format(printf, 4, 5)));

/* All violations of rules by one definition. */
enum { OBJECTIONS_MOST = 16 };

struct objections {
	size_t count;
	struct {
		const char *key; /* the property at fault, as in its file */
		struct err err;
	} list[OBJECTIONS_MOST];
};

void objection_add(struct objections *objections, const char *key, enum refusal refusal,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
