/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_TRAFFIC_H
#define OBSERVE_TRAFFIC_H

#include "check.h"
#include "netdev/netdev.h"
#include "observe/endpoint.h"

/*
 * What a traffic check sends and receives with: VFs with the settings that the check gives them,
 * the PF and the link partner, each with an open endpoint. traffic_close() restores the VFs'
 * settings.
 *
 * Silence is proven, not waited for. After a burst that a receiver must not see, a fence follows on
 * each path: a frame from the sender to the wire, then one from the wire to the receiver. Each path
 * keeps the order of frames, so the receiver will never see what it has not seen before the fence.
 * If a fence is lost, nothing is proven.
 */

struct traffic {
	struct check_run *run;
	struct dut *dut;
	unsigned vf_count;
	struct endpoint *vf[DUT_VFS], *pf, *partner;
	uint16_t vlan[DUT_VFS]; /* port VLANs: how a fence reaches each VF */
	struct vf_settings before[DUT_VFS];
	bool changed[DUT_VFS], mac_changed[DUT_VFS];
	int patience_ms; /* for a fence */
};

/* Gives POLICIES (NULL: none) to the first COUNT VFs and opens all endpoints. A VF that gets
 * another MAC has its driver unbound and bound again. Errors are in run->err. */
int traffic_open(struct check_run *run, const struct vf_settings settings[], unsigned count,
		struct traffic *traffic);
void traffic_close(struct traffic *traffic);

/* Changes the settings of one VF; leaves its driver bound. */
int traffic_set_vf(struct traffic *traffic, unsigned vf, const struct vf_settings *settings);

/* Notes that the VF changed its own MAC or filters, so that traffic_close() restores its
 * settings and binds its driver again. */
void traffic_mark_changed(struct traffic *traffic, unsigned vf);

/* Opens the endpoint of a VF again after its driver was rebound. */
int traffic_reopen_vf(struct traffic *traffic, unsigned vf);

/* Sends a burst and counts what AT receives of it, as evidence NAME. If BURST has no source,
 * FROM's own MAC is used. Proves that AT will receive no more of it: -1, with the reason in
 * run->err, if it cannot prove that. */
int traffic_probe_silence(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst, struct received *received);

/* The same in two steps, for a burst that is counted at several endpoints. traffic_await() waits
 * for the whole burst, for frames that must arrive. */
int traffic_send(struct traffic *traffic, struct endpoint *from, struct burst burst,
		uint64_t *token);
struct received traffic_await(
		struct traffic *traffic, const char *name, struct endpoint *at, uint64_t token);
int traffic_prove_silence(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, uint64_t token, struct received *received);

/* Waits until everything that FROM has sent has arrived or is lost. */
int traffic_drain(struct traffic *traffic, struct endpoint *from);

#endif
