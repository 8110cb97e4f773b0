/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"

/*
 * The leak matrix: each of the VFs, the PF and the wire sends to each other one, and all listen. A
 * cell is a sender, an addressee and a listener.
 *
 * There are two matrices: one with tenants (VF 0 and VF 2 in VLAN RED, VF 1 in BLUE, VF 3 and the
 * PF in none; the wire sends untagged and in both VLANs), one without VLANs. The rules:
 *
 * - A VF may receive frames of its own VLAN that are for it: to its unicast address, to a group
 * that it has joined, or broadcast. Any other frame that it receives is a leak.
 * - The wire may receive everything that a VF or the PF sends, in the sender's VLAN; in another
 * VLAN it is a leak.
 * - What the PF receives is no leak: it belongs to the host, and cards give it frames that are for
 * no function.
 * - mac.no-self-echo checks what a sender receives of its own frames.
 *
 * If a VF or the wire does not receive a frame that is for it, the positive controls have failed,
 * and silence elsewhere proves nothing.
 */

enum { RED = 10, BLUE = 20, VFS = 4, PF = VFS, WIRE, PARTIES, FRAMES = 2 };

enum kind { UNICAST, UNKNOWN, GROUP, GROUP_OF_ONE, BROADCAST };

static const struct mac group = { { 0x01, 0x00, 0x5e, 0x31, 0x32, 0x33 } };
static const uint16_t tenants[PARTIES] = { RED, BLUE, RED, 0, 0, 0 };
enum { LONE_MEMBER = 2 };

struct matrix {
	struct traffic traffic;
	enum kind kind;
	bool vlans;
	struct record *rows;
	char names[PARTIES][12];
	unsigned cells, leaks, missing;
	char first_leak[120], first_missing[120];
};

static struct endpoint *party(struct traffic *traffic, unsigned i)
{
	return i < VFS ? traffic->vf[i] : i == PF ? traffic->pf : traffic->partner;
}

static void name_parties(struct matrix *matrix, const struct check_run *run)
{
	for (unsigned i = 0; i < VFS; i++)
		snprintf(matrix->names[i], sizeof(matrix->names[i]), "VF %u", check_vf(run, i));
	snprintf(matrix->names[PF], sizeof(matrix->names[PF]), "PF");
	snprintf(matrix->names[WIRE], sizeof(matrix->names[WIRE]), "wire");
}

static uint16_t vlan_of(const struct matrix *matrix, unsigned i)
{
	return matrix->vlans ? tenants[i] : 0;
}

/* Whether LISTENER may receive a frame in VLAN for TO. */
static bool may_hear(const struct matrix *matrix, unsigned to, uint16_t vlan, unsigned listener)
{
	if (listener >= VFS)
		return true;
	if (vlan_of(matrix, listener) != vlan)
		return false;
	switch (matrix->kind) {
	case UNICAST:
		return listener == to;
	case UNKNOWN:
		return false;
	case GROUP_OF_ONE:
		return listener == LONE_MEMBER;
	default:
		return true;
	}
}

/* Whether it must receive the frame: the positive controls. There are none at the PF, which is
 * in no VLAN. */
static bool must_hear(const struct matrix *matrix, unsigned from, unsigned to, uint16_t vlan,
		unsigned listener)
{
	if (listener == PF)
		return false;
	if (listener == WIRE)
		return from != WIRE && (matrix->kind != UNICAST || to == WIRE);
	return may_hear(matrix, to, vlan, listener);
}

/* One letter per cell: '-' the sender itself, '.' silent, 'h' received and allowed, 'L' a leak, 'M'
 * missing. */
static char judge(struct matrix *matrix, unsigned from, unsigned to, uint16_t vlan,
		unsigned listener, struct received received)
{
	bool wrong_vlan = listener == WIRE && received.frames &&
			(received.tags ? received.outer.vlan : 0) != vlan;

	if (from == listener)
		return '-';
	matrix->cells++;
	if (received.frames && (wrong_vlan || !may_hear(matrix, to, vlan, listener))) {
		if (!matrix->leaks++)
			snprintf(matrix->first_leak, sizeof(matrix->first_leak),
					"%s receives what %s sends in VLAN %u to %s",
					matrix->names[listener], matrix->names[from], vlan,
					matrix->kind == UNICAST ? matrix->names[to] : "others");
		return 'L';
	}
	if (!received.frames && must_hear(matrix, from, to, vlan, listener)) {
		if (!matrix->missing++)
			snprintf(matrix->first_missing, sizeof(matrix->first_missing),
					"%s does not receive what %s sends it in VLAN %u",
					matrix->names[listener], matrix->names[from], vlan);
		return 'M';
	}
	return received.frames ? 'h' : '.';
}

static void note_row(struct matrix *matrix, unsigned from, unsigned to, uint16_t vlan,
		const char letters[PARTIES + 1])
{
	struct record *row = record_object();

	record_put_str(row, "vlans", matrix->vlans ? "tenants" : "none");
	if (vlan)
		record_put_strf(row, "from", "%s, VLAN %u", matrix->names[from], vlan);
	else
		record_put_str(row, "from", matrix->names[from]);
	record_put_str(row, "to", matrix->kind == UNICAST ? matrix->names[to] : "");
	record_put_str(row, "heard", letters);
	record_add(matrix->rows, row);
}

static struct mac addressee(struct matrix *matrix, unsigned to)
{
	switch (matrix->kind) {
	case UNICAST:
		return endpoint_mac(party(&matrix->traffic, to));
	case UNKNOWN:
		return dut_test_mac(matrix->traffic.dut, 220);
	case BROADCAST:
		return mac_broadcast;
	default:
		return group;
	}
}

/* FROM sends to all in VLAN (the wire sets the tag itself); then all count what they have
 * received. */
static int fill_rows(struct matrix *matrix, unsigned from, uint16_t vlan)
{
	unsigned targets = matrix->kind == UNICAST ? PARTIES : 1;
	struct traffic *traffic = &matrix->traffic;
	uint64_t tokens[PARTIES];

	for (unsigned to = 0; to < targets; to++) {
		struct burst burst = { .to = addressee(matrix, to), .frames = FRAMES };

		if (from == WIRE && vlan)
			burst.outer = (struct tag){ 0x8100, vlan, 0 };
		if (targets > 1 && to == from)
			continue;
		if (traffic_send(traffic, party(traffic, from), burst, &tokens[to]) < 0)
			return -1;
	}
	if (traffic_drain(traffic, party(traffic, from)) < 0)
		return -1;
	for (unsigned to = 0; to < targets; to++) {
		char letters[PARTIES + 1] = "";

		if (targets > 1 && to == from)
			continue;
		for (unsigned i = 0; i < PARTIES; i++)
			letters[i] = judge(matrix, from, to, vlan, i,
					endpoint_receive(party(traffic, i), tokens[to], FRAMES,
							deadline_in(0)));
		note_row(matrix, from, to, vlan, letters);
	}
	return 0;
}

static int fill(struct matrix *matrix, bool vlans)
{
	struct traffic *traffic = &matrix->traffic;
	int rc = 0;

	matrix->vlans = vlans;
	for (unsigned i = 0; !rc && i < VFS; i++) {
		struct vf_settings settings = { .given = VF_VLAN, .vlan = vlan_of(matrix, i) };

		settings.proto = settings.vlan ? 0x8100 : 0;
		if (traffic->vlan[i] != settings.vlan)
			rc = traffic_set_vf(traffic, i, &settings);
	}
	for (unsigned from = 0; !rc && from < PARTIES; from++)
		rc = fill_rows(matrix, from, vlan_of(matrix, from));
	if (!rc && vlans)
		rc = fill_rows(matrix, WIRE, RED);
	if (!rc && vlans)
		rc = fill_rows(matrix, WIRE, BLUE);
	return rc;
}

static int open_ears(struct matrix *matrix, bool promiscuous)
{
	struct traffic *traffic = &matrix->traffic;
	struct err *err = &traffic->run->err;
	int rc = 0;

	for (unsigned i = 0; !rc && i < VFS; i++) {
		if (promiscuous)
			rc = endpoint_add_filter(traffic->vf[i], RX_PROMISCUOUS, group, err);
		if (!rc &&
				(matrix->kind == GROUP ||
						(matrix->kind == GROUP_OF_ONE && i == LONE_MEMBER)))
			rc = endpoint_join(traffic->vf[i], group, err);
	}
	return rc;
}

/* Records the whole matrix as one piece of evidence, a text that reports/page/heatmap.c draws. */
static void note_matrix(struct matrix *matrix)
{
	CLEANUP(cleanup_record) struct record *whole = record_object();
	struct record *item = record_object(), *listeners = record_array();
	CLEANUP(cleanup_free) char *text = NULL;

	for (unsigned i = 0; i < PARTIES; i++)
		record_add_str(listeners, matrix->names[i]);
	record_put(whole, "listeners", listeners);
	record_put(whole, "rows", TAKE(matrix->rows));
	text = record_print(whole);
	record_put_str(item, "name", "matrix");
	record_put_str(item, "value", text);
	record_put_null(item, "unit");
	record_add(matrix->traffic.run->evidence, item);
}

static void matrix_end(struct matrix *matrix)
{
	record_free(matrix->rows);
	traffic_close(&matrix->traffic);
}

static enum verdict measure(struct check_run *run, enum kind kind, bool promiscuous)
{
	CLEANUP(matrix_end) struct matrix matrix = { .kind = kind, .rows = record_array() };

	name_parties(&matrix, run);
	if (traffic_open(run, NULL, VFS, &matrix.traffic) < 0 ||
			open_ears(&matrix, promiscuous) < 0)
		return check_broken(run, "cannot listen");
	if (fill(&matrix, true) < 0 || fill(&matrix, false) < 0)
		return check_broken(run, "the matrix cannot be measured");
	evidence_int(run, "cells", matrix.cells, NULL);
	evidence_int(run, "leaks", matrix.leaks, NULL);
	note_matrix(&matrix);
	if (matrix.leaks)
		return check_fail(run, "%u of %u cells leak; the first: %s", matrix.leaks,
				matrix.cells, matrix.first_leak);
	if (matrix.missing)
		return check_broken(run,
				"%u of %u cells are silent that should not be; the first: %s",
				matrix.missing, matrix.cells, matrix.first_missing);
	return VERDICT_PASS;
}

static enum verdict unicast(struct check_run *run)
{
	return measure(run, UNICAST, false);
}

static enum verdict unicast_promiscuous(struct check_run *run)
{
	return measure(run, UNICAST, true);
}

static enum verdict unknown(struct check_run *run)
{
	return measure(run, UNKNOWN, false);
}

static enum verdict unknown_promiscuous(struct check_run *run)
{
	return measure(run, UNKNOWN, true);
}

static enum verdict multicast(struct check_run *run)
{
	return measure(run, GROUP, false);
}

static enum verdict multicast_promiscuous(struct check_run *run)
{
	return measure(run, GROUP, true);
}

static enum verdict nonmember(struct check_run *run)
{
	return measure(run, GROUP_OF_ONE, false);
}

static enum verdict broadcast(struct check_run *run)
{
	return measure(run, BROADCAST, false);
}

static enum verdict broadcast_promiscuous(struct check_run *run)
{
	return measure(run, BROADCAST, true);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_leak[] = {
	{ .id = "leak.unicast",
			.title = "Unicast between any pair reaches nobody else",
			.why = "A neighbour must not read it.",
			.needs = WIRED,
			.vfs = VFS,
			.timeout_s = 20,
			.fn = unicast },
	{ .id = "leak.unknown",
			.title = "Unicast to an address that nobody has reaches no VF",
			.why = "Flooding to VFs leaks the traffic of others.",
			.needs = WIRED,
			.vfs = VFS,
			.timeout_s = 20,
			.fn = unknown },
	{ .id = "leak.multicast",
			.title = "Multicast reaches nobody outside the sender's VLAN",
			.why = "All tenants use the same groups.",
			.needs = WIRED,
			.vfs = VFS,
			.timeout_s = 20,
			.fn = multicast },
	{ .id = "leak.nonmember",
			.title = "Multicast reaches only the group's member",
			.why = "Groups carry other guests' streams.",
			.needs = WIRED,
			.vfs = VFS,
			.timeout_s = 20,
			.fn = nonmember },
	{ .id = "leak.broadcast",
			.title = "A broadcast reaches nobody outside the sender's VLAN",
			.why = "Broadcasts reveal who is in a network, and where.",
			.needs = WIRED,
			.vfs = VFS,
			.timeout_s = 20,
			.fn = broadcast },
	{ .id = "leak.unicast-promiscuous",
			.title = "Unicast reaches no promiscuous VF without trust",
			.why = "Any guest can ask for promiscuous mode.",
			.needs = WIRED,
			.vfs = VFS,
			.timeout_s = 20,
			.fn = unicast_promiscuous },
	{ .id = "leak.unknown-promiscuous",
			.title = "Unicast to an address that nobody has reaches no promiscuous VF "
				 "without trust",
			.why = "Any guest can ask for promiscuous mode.",
			.needs = WIRED,
			.vfs = VFS,
			.timeout_s = 20,
			.fn = unknown_promiscuous },
	{ .id = "leak.multicast-promiscuous",
			.title = "Multicast reaches no promiscuous VF of another VLAN",
			.why = "Any guest can ask for promiscuous mode.",
			.needs = WIRED,
			.vfs = VFS,
			.timeout_s = 20,
			.fn = multicast_promiscuous },
	{ .id = "leak.broadcast-promiscuous",
			.title = "A broadcast reaches no promiscuous VF of another VLAN",
			.why = "Any guest can ask for promiscuous mode.",
			.needs = WIRED,
			.vfs = VFS,
			.timeout_s = 20,
			.fn = broadcast_promiscuous },
	{ 0 },
};
