/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_ISOLATION_ISOLATION_H
#define CHECKS_ISOLATION_ISOLATION_H

#include "check.h"
#include "checks/session.h"
#include "observe/dma.h"
#include "observe/endpoint.h"
#include "observe/iommu_fault_watch.h"

/*
 * The suite isolation. Its table is in isolation.c, the checks are in files by what they look at:
 * isolation_dma.c, isolation_edge.c (single cases of DMA), isolation_vfio.c.
 */

enum { TENANT_VF = 1, NEIGHBOUR_VF = 2, FRAME_BYTES = 64 };

/*
 * A tenant: a VF that does DMA where its guest wants, and what there is to see of it. GOOD_IN and
 * GOOD_OUT are pages that it may use; VICTIM is one that it may not. The victim holds a canary, and
 * at its beginning a frame, the secret, that nobody may hear.
 */
struct tenant {
	struct check_run *run;
	struct dma dma;
	struct endpoint *partner, *pf;
	struct iommu_fault_watch iommu_faults;
	struct dma_page good_in, good_out, victim;
	uint8_t canary[PAGE_BYTES]; /* what the victim holds */
	uint64_t secret, control;   /* tokens */
	uint8_t frame[FRAME_BYTES]; /* what the VF sends: what it has received, turned around */
	unsigned token_at;
};

/* Opens VF and finds that it sends and receives where it may. Anything but VERDICT_PASS is the
 * check's own verdict: fail where the platform gives no VF away or its isolation is pretence. */
enum verdict tenant_open(struct check_run *run, unsigned vf, struct tenant *tenant);
void tenant_close(struct tenant *tenant);

/* Forgets the faults so far and makes a page the victim that never was one, so that its address tells
 * the attempt: before each. */
enum verdict tenant_renew(struct tenant *tenant);

/* The same without the finding: nothing has moved yet, and there is no victim. */
enum verdict tenant_prepare(struct check_run *run, unsigned vf, struct tenant *tenant);

/* Makes PAGE the victim, with a fresh canary and secret. */
enum verdict tenant_plant(struct tenant *tenant, struct dma_page page);

/* The partner sends a burst to the VF, which has buffers for it at ADDRESS, STRIDE apart. */
enum verdict tenant_receive(struct tenant *tenant, uint64_t address, unsigned stride);

/* The partner sends a burst to the VF, whatever buffers that has. It is through when this returns. */
enum verdict tenant_send_through(struct tenant *tenant);

/* The VF sends a burst of the frame at ADDRESS. */
void tenant_send(struct tenant *tenant, uint64_t address);

/* The positive arms. The rings keep their order, so what was asked before has been done, or will
 * never be. Broken where nothing moves. */
enum verdict tenant_still_receives(struct tenant *tenant);
enum verdict tenant_still_sends(struct tenant *tenant);
enum verdict tenant_sends_from(struct tenant *tenant, const struct dma_page *page, unsigned offset);

/* How many frames of TOKEN lie in PAGE, once there are so many, or the time is up. */
unsigned tenant_count(const struct tenant *tenant, const struct dma_page *page, uint64_t token,
		unsigned frames);

/* Writes the frame that the VF sends to the partner, under TOKEN. The VF has received before. */
void tenant_compose(const struct tenant *tenant, uint8_t *frame, uint64_t token);

/* The verdict on an access to ADDRESS that should not have worked, after the positive arm: fail
 * where the canary changed, the secret was heard, or no fault was counted. */
enum verdict tenant_contained(struct tenant *tenant, uint64_t address);

/* How many bytes of the victim differ from its canary, and the first of them. */
unsigned tenant_damage(const struct tenant *tenant, unsigned *first);

bool tenant_draw(struct tenant *tenant, uint64_t *token);

/* Sessions: an attack by DMA on the host, and a look at what VFIO gives to a guest. */
extern const struct check step_attack, step_guest;

/* Statements of the attack; SUBJECT is the tenant. */
enum verdict isolation_other_vf(struct check_run *run, void *subject);
enum verdict isolation_beyond_width(struct check_run *run, void *subject);
enum verdict isolation_crossing_end(struct check_run *run, void *subject);
enum verdict isolation_write_back(struct check_run *run, void *subject);
enum verdict isolation_interrupt_write(struct check_run *run, void *subject);
enum verdict isolation_master_stops(struct check_run *run, void *subject);
enum verdict isolation_fault_named(struct check_run *run, void *subject);

/* Checks of their own. */
enum verdict isolation_rx_mapped(struct check_run *run);
enum verdict isolation_tx_mapped(struct check_run *run);
enum verdict isolation_device_reset(struct check_run *run);
enum verdict isolation_driver_holds(struct check_run *run);
enum verdict isolation_unsafe_interrupts(struct check_run *run);

#endif
