/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/mailbox.h"

#include <string.h>

#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"

/*
 * The mailbox of a hostile VF: the last VF, without a driver, sends arbitrary messages. PF and the
 * other VFs must not suffer, and the administrator's settings must hold.
 *
 * These checks are skipped if core/drivers does not know the card's mailbox.
 */

enum { ROGUE = 3, RED = 10, BLUE = 20, FLOOD = 200, RESETS = 10, CODES = 64, VLAN_SLOTS = 64 };

struct attack {
	struct traffic traffic; /* of the other VFs, unless stated otherwise */
	struct mailbox mailbox;
};

static void attack_end(struct attack *attack)
{
	mailbox_close(&attack->mailbox);
	traffic_close(&attack->traffic);
}

/* Gives the rogue VF its settings ROGUE (NULL: none) and opens its mailbox. Anything but
 * VERDICT_PASS is the check's verdict. */
static enum verdict attack_begin(
		struct check_run *run, const struct vf_settings *rogue, struct attack *attack)
{
	struct vf_settings settings[4] = { 0 };

	if (!mailbox_known(run->dut))
		return check_skip(run, "the mailbox of this card is not known");
	if (rogue)
		settings[ROGUE] = *rogue;
	if (traffic_open(run, settings, 4, &attack->traffic) < 0)
		return check_broken(run, "the VFs' settings cannot be set");
	if (mailbox_open(run->dut, ROGUE, &attack->mailbox, &run->err) < 0)
		return check_broken(run, "the PF does not answer VF %u", check_vf(run, ROGUE));
	return VERDICT_PASS;
}

/* Binds the rogue's driver again and reopens its endpoint. */
static int attack_stop(struct attack *attack)
{
	if (mailbox_shut(&attack->mailbox, &attack->traffic.run->err) < 0)
		return -1;
	return traffic_reopen_vf(&attack->traffic, ROGUE);
}

static const char *answer_name(enum mailbox_answer answer)
{
	static const char *const words[] = { "done", "refused", "no answer" };

	return words[answer];
}

static int ask(struct attack *attack, const char *name, struct mailbox_message message,
		enum mailbox_answer *answer)
{
	struct check_run *run = attack->traffic.run;
	int rc = mailbox_ask(&attack->mailbox, &message, answer, &run->err);

	if (!rc)
		evidence_text(run, name, "%s", answer_name(*answer));
	return rc;
}

/* The PF must still answer, and the other VFs must exchange frames. */
static enum verdict others_unharmed(struct attack *attack)
{
	struct traffic *traffic = &attack->traffic;
	enum verdict verdict;

	dut_inject_faults(traffic->dut);
	if (mailbox_reset(&attack->mailbox, &traffic->run->err) < 0)
		return check_fail(traffic->run, "the PF no longer answers VF %u",
				check_vf(traffic->run, ROGUE));
	verdict = expect_reaches(traffic, "wire to VF 0", traffic->partner, traffic->vf[0],
			(struct burst){ .to = endpoint_mac(traffic->vf[0]) }, NULL);
	if (verdict == VERDICT_PASS)
		verdict = expect_reaches(traffic, "VF 0 to VF 1", traffic->vf[0], traffic->vf[1],
				(struct burst){ .to = endpoint_mac(traffic->vf[1]) }, NULL);
	return verdict;
}

static enum verdict answers(struct check_run *run)
{
	CLEANUP(attack_end) struct attack attack = { 0 };
	enum verdict verdict = attack_begin(run, NULL, &attack);

	/* Opening a mailbox contacts the PF. */
	if (verdict == VERDICT_BROKEN && run->err.code == ETIMEDOUT)
		return check_fail(run, "the PF does not answer VF %u", check_vf(run, ROGUE));
	if (verdict != VERDICT_PASS)
		return verdict;
	dut_inject_faults(run->dut);
	if (mailbox_reset(&attack.mailbox, &run->err) < 0)
		return check_fail(run, "the PF does not answer VF %u", check_vf(run, ROGUE));
	return VERDICT_PASS;
}

/* Floods the PF with MESSAGE in waves, between which the others must exchange frames. */
static enum verdict flood_of(struct check_run *run, struct mailbox_message message)
{
	CLEANUP(attack_end) struct attack attack = { 0 };
	enum verdict verdict = attack_begin(run, NULL, &attack);

	for (unsigned wave = 0; verdict == VERDICT_PASS && wave < 4; wave++) {
		mailbox_flood(&attack.mailbox, &message, FLOOD);
		verdict = expect_reaches(&attack.traffic, "wire to VF 0 in the flood",
				attack.traffic.partner, attack.traffic.vf[0],
				(struct burst){ .to = endpoint_mac(attack.traffic.vf[0]) }, NULL);
	}
	return verdict == VERDICT_PASS ? others_unharmed(&attack) : verdict;
}

static enum verdict flood(struct check_run *run)
{
	return flood_of(run, (struct mailbox_message){ .request = MAILBOX_TOO_MANY_GROUPS });
}

static enum verdict flood_unknown(struct check_run *run)
{
	return flood_of(run, (struct mailbox_message){ MAILBOX_UNKNOWN, .number = 0xffff });
}

static enum verdict reset_storm(struct check_run *run)
{
	CLEANUP(attack_end) struct attack attack = { 0 };
	enum verdict verdict = attack_begin(run, NULL, &attack);

	for (unsigned i = 0; verdict == VERDICT_PASS && i < RESETS; i++) {
		if (mailbox_reset(&attack.mailbox, &run->err) < 0)
			verdict = check_fail(run, "the PF does not answer after %u resets", i);
	}
	return verdict == VERDICT_PASS ? others_unharmed(&attack) : verdict;
}

/* The PF must refuse or ignore every message code that is not in use. */
static enum verdict unknown_codes(struct check_run *run)
{
	CLEANUP(attack_end) struct attack attack = { 0 };
	enum verdict verdict = attack_begin(run, NULL, &attack);
	unsigned count[3] = { 0 };

	for (unsigned i = 0; verdict == VERDICT_PASS && i < CODES; i++) {
		struct mailbox_message message = { MAILBOX_UNKNOWN, .number = 0x40 + i };
		enum mailbox_answer answer;

		if (mailbox_ask(&attack.mailbox, &message, &answer, &run->err) < 0)
			return check_fail(
					run, "the mailbox is stuck after code %#x", message.number);
		count[answer]++;
	}
	if (verdict != VERDICT_PASS)
		return verdict;
	evidence_int(run, "refused", count[MAILBOX_REFUSED], NULL);
	evidence_int(run, "without an answer", count[MAILBOX_SILENT], NULL);
	if (count[MAILBOX_DONE])
		return check_fail(run, "the PF acknowledges %u of %d unknown requests",
				count[MAILBOX_DONE], CODES);
	return others_unharmed(&attack);
}

static enum verdict too_many_groups(struct check_run *run)
{
	CLEANUP(attack_end) struct attack attack = { 0 };
	enum verdict verdict = attack_begin(run, NULL, &attack);
	enum mailbox_answer answer;

	if (verdict != VERDICT_PASS)
		return verdict;
	if (ask(&attack, "255 groups in one message",
			    (struct mailbox_message){ .request = MAILBOX_TOO_MANY_GROUPS },
			    &answer) < 0)
		return check_fail(run, "the mailbox is stuck");
	return others_unharmed(&attack);
}

/* The rogue asks for MAC; the PF must refuse it, and the card's filter must keep the admin MAC. */
static enum verdict asks_for_mac(
		struct check_run *run, enum mailbox_request request, struct mac mac)
{
	CLEANUP(attack_end) struct attack attack = { 0 };
	enum verdict verdict = attack_begin(run, NULL, &attack);
	enum mailbox_answer answer;

	if (verdict != VERDICT_PASS)
		return verdict;
	if (ask(&attack, "request", (struct mailbox_message){ request, .mac = mac }, &answer) < 0)
		return check_broken(run, "the mailbox is stuck");
	if (answer == MAILBOX_DONE)
		return check_fail(run, "the PF gave an untrusted VF the MAC that it asked for");
	if (attack_stop(&attack) < 0)
		return check_broken(run, "VF %u does not come back", check_vf(run, ROGUE));
	verdict = expect_silent(&attack.traffic, "wire to the wanted MAC", attack.traffic.partner,
			attack.traffic.vf[ROGUE], (struct burst){ .to = mac });
	if (verdict != VERDICT_PASS)
		return verdict;
	return expect_reaches(&attack.traffic, "wire to the admin MAC", attack.traffic.partner,
			attack.traffic.vf[ROGUE], (struct burst){ .to = run->dut->vfs[ROGUE].mac },
			NULL);
}

static enum verdict other_mac(struct check_run *run)
{
	return asks_for_mac(run, MAILBOX_SET_MAC, dut_test_mac(run->dut, 200));
}

static enum verdict neighbours_mac(struct check_run *run)
{
	return asks_for_mac(run, MAILBOX_SET_MAC, run->dut->vfs[0].mac);
}

static enum verdict second_mac(struct check_run *run)
{
	return asks_for_mac(run, MAILBOX_ADD_FILTER, dut_test_mac(run->dut, 201));
}

static enum verdict group_mac(struct check_run *run)
{
	struct mac mac = dut_test_mac(run->dut, 202);

	mac.octet[0] |= 1;
	return asks_for_mac(run, MAILBOX_SET_MAC, mac);
}

static const struct vf_settings in_red = { .given = VF_VLAN, .vlan = RED, .proto = 0x8100 };

static enum verdict other_vlan(struct check_run *run)
{
	CLEANUP(attack_end) struct attack attack = { 0 };
	enum verdict verdict = attack_begin(run, &in_red, &attack);
	struct burst burst = { .outer = { 0x8100, BLUE, 0 } };
	enum mailbox_answer answer;

	if (verdict != VERDICT_PASS)
		return verdict;
	if (ask(&attack, "another VLAN",
			    (struct mailbox_message){ MAILBOX_ADD_VLAN, .number = BLUE },
			    &answer) < 0)
		return check_broken(run, "the mailbox is stuck");
	if (answer == MAILBOX_DONE)
		return check_fail(run, "the PF let a VF with a port VLAN join another VLAN");
	if (attack_stop(&attack) < 0)
		return check_broken(run, "VF %u does not come back", check_vf(run, ROGUE));
	burst.to = endpoint_mac(attack.traffic.vf[ROGUE]);
	verdict = expect_silent(&attack.traffic, "in the other VLAN", attack.traffic.partner,
			attack.traffic.vf[ROGUE], burst);
	burst.outer.vlan = RED;
	return verdict == VERDICT_PASS
			? expect_control(&attack.traffic, "vlan.ingress-own",
					  attack.traffic.partner, attack.traffic.vf[ROGUE], burst)
			: verdict;
}

/* The rogue takes as many VLANs as it can; the administrator must still be able to set one. */
static enum verdict vlan_exhaustion(struct check_run *run)
{
	CLEANUP(attack_end) struct attack attack = { 0 };
	enum verdict verdict = attack_begin(run, NULL, &attack);
	unsigned taken = 0;

	for (unsigned i = 0; verdict == VERDICT_PASS && i < VLAN_SLOTS; i++) {
		struct mailbox_message message = { MAILBOX_ADD_VLAN, .number = 100 + i };
		enum mailbox_answer answer;

		if (mailbox_ask(&attack.mailbox, &message, &answer, &run->err) < 0)
			return check_broken(run, "the mailbox is stuck");
		taken += answer == MAILBOX_DONE;
		if (answer != MAILBOX_DONE)
			break;
	}
	if (verdict != VERDICT_PASS)
		return verdict;
	evidence_int(run, "VLANs that VF 3 took", taken, NULL);
	if (traffic_set_vf(&attack.traffic, 0, &in_red) < 0)
		return check_fail(run,
				"VF %u took %u VLANs, and none is left for the port VLAN of VF 0",
				check_vf(run, ROGUE), taken);
	return expect_reaches(&attack.traffic, "wire to VF 0 in its VLAN", attack.traffic.partner,
			attack.traffic.vf[0],
			(struct burst){ .to = endpoint_mac(attack.traffic.vf[0]),
					.outer = { 0x8100, RED, 0 } },
			NULL);
}

static enum verdict all_groups(struct check_run *run)
{
	CLEANUP(attack_end) struct attack attack = { 0 };
	enum verdict verdict = attack_begin(run, NULL, &attack);
	enum mailbox_answer answer;

	if (verdict != VERDICT_PASS)
		return verdict;
	if (ask(&attack, "all groups", (struct mailbox_message){ .request = MAILBOX_ALL_GROUPS },
			    &answer) < 0)
		return check_broken(run, "the mailbox is stuck");
	return answer == MAILBOX_DONE
			? check_fail(run, "the PF gave an untrusted VF all multicast groups")
			: VERDICT_PASS;
}

/* A driver may write the frame size into a register that also holds flags. This size is negative
 * for drivers that compare it as a signed number, and contains the flag that lets untagged frames
 * in (82576: VMOLR.AUPE, bit 24), which a VF in a VLAN must not be able to set. */
static enum verdict frame_size(struct check_run *run)
{
	struct mailbox_message message = { MAILBOX_MAX_FRAME, .number = 0x81000000u | 1522 };
	CLEANUP(attack_end) struct attack attack = { 0 };
	struct vf_settings settings[4] = { [ROGUE] = in_red };
	struct burst burst = { 0 };
	enum mailbox_answer answer;
	enum verdict verdict;

	if (mailbox_open_beside(run->dut, ROGUE, &attack.mailbox, &run->err) < 0)
		return check_skip(run, "the registers of VF %u cannot be written beside its driver",
				check_vf(run, ROGUE));
	if (traffic_open(run, settings, 4, &attack.traffic) < 0)
		return check_broken(run, "the VFs' settings cannot be set");
	if (ask(&attack, "a frame size of 0x810005f2", message, &answer) < 0)
		return check_broken(run, "the mailbox is stuck");
	burst.to = endpoint_mac(attack.traffic.vf[ROGUE]);
	verdict = expect_silent(&attack.traffic, "untagged, to a VF in a VLAN",
			attack.traffic.partner, attack.traffic.vf[ROGUE], burst);
	burst.outer = (struct tag){ 0x8100, RED, 0 };
	return verdict == VERDICT_PASS
			? expect_control(&attack.traffic, "vlan.ingress-own",
					  attack.traffic.partner, attack.traffic.vf[ROGUE], burst)
			: verdict;
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_mailbox[] = {
	{ .id = "mailbox.answers",
			.title = "The PF answers a VF that contacts it without a driver",
			.why = "Guests with their own drivers begin by contacting the PF.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = answers },
	{ .id = "mailbox.flood",
			.title = "A flood of long messages leaves PF and other VFs unharmed",
			.why = "Each message interrupts the host.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = flood },
	{ .id = "mailbox.flood-unknown",
			.title = "A flood of unknown messages leaves PF and other VFs unharmed",
			.why = "Each message interrupts the host, and may add a line to its log.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = flood_unknown },
	{ .id = "mailbox.reset-storm",
			.title = "A VF that resets itself again and again harms no other",
			.why = "A guest in a reboot loop must not take its neighbours along.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = reset_storm },
	{ .id = "mailbox.unknown-codes",
			.title = "The PF acknowledges no request that it does not know",
			.why = "A request that is acknowledged and not done misleads the guest.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = unknown_codes },
	{ .id = "mailbox.too-many-groups",
			.title = "A message that counts more groups than it holds harms nobody",
			.why = "The PF must not trust a count that a hostile guest wrote.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = too_many_groups },
	{ .id = "mailbox.other-mac",
			.title = "The PF refuses an untrusted VF's request for another MAC",
			.why = "The VF's usual driver would not ask, but a guest can use another.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = other_mac },
	{ .id = "mailbox.neighbours-mac",
			.title = "The PF refuses an untrusted VF's request for its neighbour's MAC",
			.why = "It would receive its neighbour's traffic.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = neighbours_mac },
	{ .id = "mailbox.second-mac",
			.title = "The PF refuses an untrusted VF's request for a second MAC",
			.why = "A guest must not collect others' addresses.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = second_mac },
	{ .id = "mailbox.group-mac",
			.title = "The PF refuses a VF's request for a group address as its MAC",
			.why = "A VF with a group address receives frames that are not for it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = group_mac },
	{ .id = "mailbox.other-vlan",
			.title = "The PF refuses a request for another VLAN besides the port VLAN",
			.why = "Port VLANs separate tenants.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = other_vlan },
	{ .id = "mailbox.vlan-exhaustion",
			.title = "A VF that takes every VLAN it can leaves one for the "
				 "administrator",
			.why = "One guest could keep all others from being set up.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = vlan_exhaustion },
	{ .id = "mailbox.all-groups",
			.title = "The PF refuses an untrusted VF's request for all multicast "
				 "groups",
			.why = "Groups carry other tenants' streams.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = all_groups },
	{ .id = "mailbox.frame-size",
			.title = "An absurd frame size does not open the VF's filter",
			.why = "One number from a hostile guest would lift its VLAN.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = frame_size },
	{ 0 },
};
