/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/attach.h"

#include "base/cleanup.h"
#include "vm/nic_plug.h"

static int record_vnic(const struct giving *giving, const struct vnic *vnic, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = give_lock(giving, &lock, err);

	return rc ? rc : vnic_store(giving->host, vnic, err);
}

int attach_run(const struct host *host, struct hypervisor **hypervisor, struct attach *attach,
		struct diagnostics *notes, struct err *err)
{
	const struct giving giving = { host, hypervisor, &attach->vm, "attach", attach->wait_s,
		notes };
	bool has_profile = *attach->nic.vnic.profile;
	/* The vNIC is in the catalog first: what has a profile is never plugged in without it. */
	int rc = has_profile ? record_vnic(&giving, &attach->nic.vnic, err) : 0;

	if (!rc)
		rc = nic_plug(&giving, &attach->nic, attach->sides, err);
	if (rc < 0 && has_profile)
		give_up_vnic(&giving, &attach->nic.vnic);
	return rc;
}
