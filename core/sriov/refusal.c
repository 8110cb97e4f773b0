/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int code;
} refusals[REFUSAL_COUNT] = {
	[REFUSAL_NOT_SRIOV] = { "not-sriov", EINVAL },
	[REFUSAL_VF_COUNT_OUT_OF_RANGE] = { "vf-count-out-of-range", ERANGE },
	[REFUSAL_VFS_IN_USE] = { "vfs-in-use", EBUSY },
	[REFUSAL_SETTING_NOT_FOR_LINK_LAYER] = { "setting-not-for-link-layer", EINVAL },
	[REFUSAL_ESWITCH_MODE] = { "eswitch-mode", EINVAL },
	[REFUSAL_CANNOT_SET_WHILE_ALL_ALLOWED] = { "cannot-set-while-all-allowed", EINVAL },
	[REFUSAL_NETWORK_ALREADY_ALLOWED] = { "network-already-allowed", EINVAL },
	[REFUSAL_NETWORK_NOT_ALLOWED] = { "network-not-allowed", EINVAL },
	[REFUSAL_LABEL_ALREADY_ALLOWED] = { "label-already-allowed", EINVAL },
	[REFUSAL_LABEL_NOT_ALLOWED] = { "label-not-allowed", EINVAL },
	[REFUSAL_CARD_NOT_NAMED] = { "card-not-named", EINVAL },
	[REFUSAL_AMBIGUOUS_ALLOWLIST] = { "ambiguous-whitelist", EINVAL },
	[REFUSAL_NETWORK_EXISTS] = { "network-exists", EINVAL },
	[REFUSAL_NETWORK_MISSING] = { "network-missing", EINVAL },
	[REFUSAL_NETWORK_IN_USE] = { "network-in-use", EBUSY },
	[REFUSAL_NETWORK_NOT_FOR_VMS] = { "network-not-for-vms", EINVAL },
	[REFUSAL_PROFILE_EXISTS] = { "profile-exists", EINVAL },
	[REFUSAL_PROFILE_MISSING] = { "profile-missing", EINVAL },
	[REFUSAL_PROFILE_IN_USE] = { "profile-in-use", EBUSY },
	[REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY] = { "passthrough-unsupported-property", EINVAL },
	[REFUSAL_PROPERTY_NEEDS_PASSTHROUGH] = { "property-needs-passthrough", EINVAL },
	[REFUSAL_MIN_RATE_ABOVE_MAX_RATE] = { "min-rate-above-max-rate", EINVAL },
	[REFUSAL_FALLBACK_NEEDS_BRIDGE] = { "fallback-needs-bridge", EINVAL },
	[REFUSAL_FAILOVER_NEEDS_MIGRATABLE_PASSTHROUGH] = { "failover-needs-migratable-passthrough",
			EINVAL },
	[REFUSAL_FAILOVER_TARGET_MISSING] = { "failover-target-missing", EINVAL },
	[REFUSAL_FAILOVER_TARGET_PASSTHROUGH] = { "failover-target-passthrough", EINVAL },
	[REFUSAL_FAILOVER_TARGET_SELF] = { "failover-target-self", EINVAL },
	[REFUSAL_FAILOVER_TARGET_EXTERNAL] = { "failover-target-external", EINVAL },
	[REFUSAL_VNIC_TYPE_MISMATCH] = { "vnic-type-mismatch", EINVAL },
	[REFUSAL_PASSTHROUGH_UNLINKED] = { "passthrough-unlinked", EINVAL },
	[REFUSAL_PASSTHROUGH_PLUGGED] = { "passthrough-plugged", EBUSY },
	[REFUSAL_VM_NOT_RUNNING] = { "vm-not-running", EINVAL },
	[REFUSAL_VM_TRANSIENT] = { "vm-transient", EINVAL },
	[REFUSAL_NIC_EXISTS] = { "nic-exists", EINVAL },
	[REFUSAL_MAC_IN_USE] = { "mac-in-use", EINVAL },
	[REFUSAL_NO_SPARE_SLOT] = { "no-spare-slot", EBUSY },
	[REFUSAL_NETWORK_HAS_NO_BRIDGE] = { "network-has-no-bridge", EINVAL },
	[REFUSAL_NO_SUITABLE_VF] = { "no-suitable-vf", EBUSY },
	[REFUSAL_POOL_MISSING] = { "pool-missing", EINVAL },
	[REFUSAL_POOL_NOT_HOSTDEV] = { "pool-not-hostdev", EINVAL },
	[REFUSAL_POOL_INACTIVE] = { "pool-inactive", EINVAL },
	[REFUSAL_VM_EXISTS] = { "vm-exists", EINVAL },
	[REFUSAL_SAME_HOST] = { "same-host", EINVAL },
	[REFUSAL_NETWORK_DIFFERS] = { "network-differs", EINVAL },
	[REFUSAL_VF_WITHOUT_STANDBY] = { "vf-without-standby", EINVAL },
	[REFUSAL_DEVICE_PASSED_THROUGH] = { "device-passed-through", EINVAL },
	[REFUSAL_GUEST_HAS_IOMMU] = { "guest-has-iommu", EINVAL },
};

const char *refusal_name(enum refusal refusal)
{
	return refusals[refusal].name;
}

int refusal_find(const char *name)
{
	for (int i = 0; i < REFUSAL_COUNT; i++) {
		if (!strcmp(refusals[i].name, name))
			return i;
	}
	return -1;
}

int refuse_at(struct err *err, struct err_origin origin, enum refusal refusal, const char *format,
		...)
{
	char message[sizeof(err->msg)];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (err && !err->code)
		err->refusal = refusals[refusal].name;
	return err_set_at(err, origin, refusals[refusal].code, "%s", message);
}

void objection_add(struct objections *objections, const char *key, enum refusal refusal,
		const char *format, ...)
{
	char message[sizeof(objections->list->err.msg)];
	va_list args;

	if (objections->count == OBJECTIONS_MOST)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	objections->list[objections->count].key = key;
	objections->list[objections->count].err = (struct err){ 0 };
	refuse(&objections->list[objections->count++].err, refusal, "%s", message);
}
