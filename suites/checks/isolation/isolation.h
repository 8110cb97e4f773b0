/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_ISOLATION_ISOLATION_H
#define CHECKS_ISOLATION_ISOLATION_H

#include "check.h"
#include "checks/session.h"
#include "observe/dma.h"
#include "observe/endpoint.h"
#include "observe/iommu_fault_watch.h"

/*
 * The suite isolation. Its table is in isolation.c, the checks are in files by subject:
 * isolation_dma.c, isolation_edge.c (special cases of DMA), isolation_vfio.c.
 */

enum { TENANT_VF = 1, NEIGHBOUR_VF = 2, FRAME_BYTES = 64 };

/*
 * A tenant: a VF that does DMA at the addresses of a hostile guest, and what observes it. The VF
 * may use the pages GOOD_IN and GOOD_OUT, but not the page VICTIM. The victim holds a canary; it
 * begins with a frame, the secret, that must not reach the wire.
 */
struct tenant {
	struct check_run *run;
	struct dma dma;
	struct endpoint *partner, *pf;
	struct iommu_fault_watch iommu_faults;
	struct dma_page good_in, good_out, victim;
	uint8_t canary[PAGE_BYTES]; /* the victim's content */
	uint64_t secret, control;   /* tokens */
	uint8_t frame[FRAME_BYTES]; /* what the VF sends: a received one, addresses swapped */
	unsigned token_at;
};

/* Opens VF and verifies that it sends and receives where it may. Anything but VERDICT_PASS is
 * the check's verdict: fail if the platform does not assign VFs, or only pretends isolation. */
enum verdict tenant_open(struct check_run *run, unsigned vf, struct tenant *tenant);
void tenant_close(struct tenant *tenant);

/* Call it before each attempt: forgets the faults so far, and takes a page as victim that never
 * was one, so that its address identifies the attempt. */
enum verdict tenant_renew(struct tenant *tenant);

/* Does the same as tenant_open(), without the verification and without a victim. */
enum verdict tenant_prepare(struct check_run *run, unsigned vf, struct tenant *tenant);

/* Makes PAGE the victim, with a fresh canary and secret. */
enum verdict tenant_plant(struct tenant *tenant, struct dma_page page);

/* Gives the VF receive buffers at ADDRESS, STRIDE apart; the partner then sends it a burst. */
enum verdict tenant_receive(struct tenant *tenant, uint64_t address, unsigned stride);

/* The partner sends a burst to the VF; returns once the card has handled it. */
enum verdict tenant_send_through(struct tenant *tenant);

/* The VF sends the frame at ADDRESS as a burst. */
void tenant_send(struct tenant *tenant, uint64_t address);

/* The positive controls; broken if they fail. The rings keep their order, so whatever the VF was
 * asked to do before is then done, or will never be. */
enum verdict tenant_still_receives(struct tenant *tenant);
enum verdict tenant_still_sends(struct tenant *tenant);
enum verdict tenant_sends_from(struct tenant *tenant, const struct dma_page *page, unsigned offset);

/* Waits for FRAMES frames of TOKEN in PAGE, for a bounded time; returns how many there are. */
unsigned tenant_count(const struct tenant *tenant, const struct dma_page *page, uint64_t token,
		unsigned frames);

/* Writes a frame from the VF to the partner, with TOKEN. The VF must have received a frame
 * before. */
void tenant_compose(const struct tenant *tenant, uint8_t *frame, uint64_t token);

/* The verdict on an access to ADDRESS that must have no effect, after the positive control: fail
 * if the canary changed, the secret is on the wire, or no fault was counted. */
enum verdict tenant_contained(struct tenant *tenant, uint64_t address);

/* The number of bytes of the victim that differ from its canary, and the first of them. */
unsigned tenant_damage(const struct tenant *tenant, unsigned *first);

bool tenant_draw(struct tenant *tenant, uint64_t *token);

/* Sessions: an attack on the host by DMA, and what VFIO offers to a guest. */
extern const struct check step_attack, step_guest;

/* Statements of the attack; SUBJECT is the tenant. */
enum verdict isolation_other_vf(struct check_run *run, void *subject);
enum verdict isolation_beyond_width(struct check_run *run, void *subject);
enum verdict isolation_crossing_end(struct check_run *run, void *subject);
enum verdict isolation_write_back(struct check_run *run, void *subject);
enum verdict isolation_interrupt_write(struct check_run *run, void *subject);
enum verdict isolation_master_stops(struct check_run *run, void *subject);
enum verdict isolation_fault_named(struct check_run *run, void *subject);

/* Checks that need no session. */
enum verdict isolation_rx_mapped(struct check_run *run);
enum verdict isolation_tx_mapped(struct check_run *run);
enum verdict isolation_device_reset(struct check_run *run);
enum verdict isolation_driver_holds(struct check_run *run);
enum verdict isolation_unsafe_interrupts(struct check_run *run);

#endif
