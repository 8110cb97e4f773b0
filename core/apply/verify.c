/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/verify.h"

#include <stdio.h>
#include <string.h>

#include "apply/drift.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "netdev/port.h"
#include "pci/pcie.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/vfs.h"

/*
 * Compares a card with its policy: what the kernel reports, and whether the VFs are there and
 * alive.
 */

enum { NETDEV_MS = 5000, POLL_MS = 5, CARRIER_MS = 10000 };

struct verification verify_begin(const struct host *host, struct bdf pf)
{
	return (struct verification){ .pf = pf, .carrier = pf_has_link(host, pf) };
}

/* A VF's vendor and device id read ffff by the specification. Its COMMAND register, in the
 * header that sysfs shows, never does. */
static bool answers(const struct host *host, struct bdf vf)
{
	char path[64], bytes[HEADER_STATUS + 1], text[BDF_TEXT];
	size_t length;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/config", bdf_format(vf, text));
	return !host_read_bytes(host, path, bytes, sizeof(bytes), &length) &&
			length == HEADER_STATUS &&
			((uint8_t)bytes[HEADER_COMMAND] != 0xff ||
					(uint8_t)bytes[HEADER_COMMAND + 1] != 0xff);
}

struct late {
	const struct host *host;
	struct function *vf;
};

static bool has_interface(void *argument)
{
	const struct late *late = argument;
	struct function *vf = late->vf;

	return *vf->netdev || !function_netdev(late->host, vf->bdf, vf->netdev, sizeof(vf->netdev));
}

/* A VF of an InfiniBand card works without an interface: ib_ipoib makes it. */
static bool needs_interface(const struct plan *plan, const struct pf *pf, const struct vf *vf)
{
	return pf->net.layer != LAYER_INFINIBAND && plan_touches(plan, vf->index) &&
			holder_is_network(&vf->function);
}

/* An interface that comes late is stored in VF, so that its address can be compared. */
static int verify_vf(const struct host *host, const struct plan *plan, const struct pf *pf,
		struct vf *vf, struct err *err)
{
	struct late late = { host, &vf->function };
	char text[BDF_TEXT];

	bdf_format(vf->function.bdf, text);
	if (!answers(host, vf->function.bdf))
		return err_set(err, EREMOTEIO, "VF %u does not answer in config space at %s",
				vf->index, text);
	if (needs_interface(plan, pf, vf) &&
			!clock_poll(has_interface, &late, deadline_in(NETDEV_MS), POLL_MS))
		return err_set(err, EREMOTEIO,
				"VF %u (%s) has the driver %s and no network interface after %d s",
				vf->index, text, vf->function.driver, NETDEV_MS / 1000);
	return 0;
}

int verify_card(const struct host *host, const struct plan *plan, const struct verification *before,
		struct err *err)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = before->pf };
	CLEANUP(cleanup_drifts) struct drifts drifts = { 0 };
	char text[200];
	int rc = pf_fill_state(host, &pf, err);

	for (size_t i = 0; i < pf.vf_count && !rc; i++)
		rc = verify_vf(host, plan, &pf, &pf.vfs[i], err);
	if (rc < 0)
		return rc;
	drift_find(host, plan->desired, &pf, &drifts);
	if (drifts.count)
		return err_set(err, EREMOTEIO, "the kernel took the settings, and then %s%s",
				drift_text(&drifts.items[0], text, sizeof(text)),
				drifts.count > 1 ? ", among others" : "");
	return before->carrier ? pf_wait_carrier(host, before->pf, CARRIER_MS, err) : 0;
}
