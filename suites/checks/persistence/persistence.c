/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/persistence/persistence.h"
#include "checks/session.h"
#include "checks/suites.h"

/*
 * Persistence: what an administrator has declared is so again after the host has booted, for
 * whatever reason and at whatever moment.
 */

enum { BOOTS = NEED_RIG_BOOT | NEED_VF_NET | NEED_VF_SETTINGS | NEED_CONFIG };

/* What a step has looked at. */
#define AFTER(id_, title_, why_, step_)                                                    \
	{                                                                                  \
		.id = (id_), .title = (title_), .why = (why_), .needs = BOOTS | NEED_WIRE, \
		.slow = true, .step = &(step_), .timeout_s = 5, .fn = session_verdict      \
	}

/* The same, where the card was put into another slot meanwhile. */
#define ELSEWHERE(id_, title_, why_)                                                            \
	{                                                                                       \
		.id = (id_), .title = (title_), .why = (why_),                                  \
		.needs = BOOTS | NEED_WIRE | NEED_RIG_SLOT, .slow = true, .step = &step_reslot, \
		.timeout_s = 5, .fn = session_verdict                                           \
	}

/* A check that boots nothing, and needs a host that could be: it writes to the host's own folders. */
#define IN_TROUBLE(id_, title_, why_, fn_)                                                   \
	{                                                                                    \
		.id = (id_), .title = (title_), .why = (why_), .needs = BOOTS, .slow = true, \
		.timeout_s = 60, .fn = (fn_)                                                 \
	}

/* What the manager's own units do at boot, which is no matter of the card. */
#define BY_UNIT(id_, title_, why_)                                                              \
	{                                                                                       \
		.id = (id_), .title = (title_), .why = (why_), .needs = BOOTS | NEED_SYSTEMD,   \
		.slow = true, .step = &step_unit, .timeout_s = 5, .fn = session_verdict,        \
		.unbreakable = "it is skipped on rigs without systemd, as those of a proof are" \
	}

const struct check suite_persistence[] = {
	/* Rigs take what is to be done in this order, and these two take longest. */
	{ .id = "persistence.apply-power-cut",
			.title = "A power cut at any step of a change of policy leaves the old or "
				 "the new one, whole",
			.why = "Power fails when it likes; half a policy is one that nobody chose.",
			.needs = BOOTS,
			.slow = true,
			.timeout_s = 30,
			.fn = persistence_cut,
			.after = persistence_after_cut },
	{ .id = "persistence.apply-killed",
			.title = "SIGKILL at any step of a change of policy leaves what the next "
				 "apply mends",
			.why = "Administrators and the kernel's memory killer do it.",
			.needs = BOOTS,
			.slow = true,
			.timeout_s = 120,
			.fn = persistence_killed },
	AFTER("persistence.status-after-reboot", "vfctl status finds no drift after a reboot",
			"What the manager does not see, nobody mends.", step_reboot),
	AFTER("persistence.count-after-reboot", "The VFs are there again after a reboot",
			"Guests that name their VFs do not start.", step_reboot),
	AFTER("persistence.mac-after-reboot",
			"VFs have and filter by their MAC addresses after a reboot",
			"Guests are reached under other addresses, or not at all.", step_reboot),
	AFTER("persistence.vlan-after-reboot", "VFs are in their port VLANs after a reboot",
			"A tenant's guest starts in another network.", step_reboot),
	AFTER("persistence.priority-after-reboot",
			"Frames of VFs leave with VLAN and priority after a reboot",
			"The network's queues go by it.", step_reboot),
	AFTER("persistence.spoof-check-after-reboot", "The spoof checks are set after a reboot",
			"A guest may send as another from then on.", step_reboot),
	AFTER("persistence.spoofing-after-reboot",
			"The spoof checks hold forged frames back after a reboot",
			"What is set and not done protects nobody.", step_reboot),
	AFTER("persistence.rate-after-reboot", "The rates are set after a reboot",
			"One guest takes the wire of all.", step_reboot),
	AFTER("persistence.mtu-after-reboot",
			"The PF has its MTU and sends such frames after a reboot",
			"Large frames of guests and storage are lost.", step_reboot),
	AFTER("persistence.trust-after-reboot",
			"VFs are trusted or not, and may do accordingly after a reboot",
			"Bonds in guests need it, and nobody else may have it.", step_reboot),
	AFTER("persistence.status-after-reset", "vfctl status finds no drift after a reset",
			"What the manager does not see, nobody mends.", step_reset),
	AFTER("persistence.count-after-reset", "The VFs are there again after a reset",
			"Guests that name their VFs do not start.", step_reset),
	AFTER("persistence.mac-after-reset",
			"VFs have and filter by their MAC addresses after a reset",
			"Guests are reached under other addresses, or not at all.", step_reset),
	AFTER("persistence.vlan-after-reset", "VFs are in their port VLANs after a reset",
			"A tenant's guest starts in another network.", step_reset),
	AFTER("persistence.priority-after-reset",
			"Frames of VFs leave with VLAN and priority after a reset",
			"The network's queues go by it.", step_reset),
	AFTER("persistence.spoof-check-after-reset", "The spoof checks are set after a reset",
			"A guest may send as another from then on.", step_reset),
	AFTER("persistence.spoofing-after-reset",
			"The spoof checks hold forged frames back after a reset",
			"What is set and not done protects nobody.", step_reset),
	AFTER("persistence.rate-after-reset", "The rates are set after a reset",
			"One guest takes the wire of all.", step_reset),
	AFTER("persistence.mtu-after-reset",
			"The PF has its MTU and sends such frames after a reset",
			"Large frames of guests and storage are lost.", step_reset),
	AFTER("persistence.trust-after-reset",
			"VFs are trusted or not, and may do accordingly after a reset",
			"Bonds in guests need it, and nobody else may have it.", step_reset),
	AFTER("persistence.status-after-power-cut", "vfctl status finds no drift after a power cut",
			"What the manager does not see, nobody mends.", step_power_cut),
	AFTER("persistence.count-after-power-cut", "The VFs are there again after a power cut",
			"Guests that name their VFs do not start.", step_power_cut),
	AFTER("persistence.mac-after-power-cut",
			"VFs have and filter by their MAC addresses after a power cut",
			"Guests are reached under other addresses, or not at all.", step_power_cut),
	AFTER("persistence.vlan-after-power-cut", "VFs are in their port VLANs after a power cut",
			"A tenant's guest starts in another network.", step_power_cut),
	AFTER("persistence.priority-after-power-cut",
			"Frames of VFs leave with VLAN and priority after a power cut",
			"The network's queues go by it.", step_power_cut),
	AFTER("persistence.spoof-check-after-power-cut",
			"The spoof checks are set after a power cut",
			"A guest may send as another from then on.", step_power_cut),
	AFTER("persistence.spoofing-after-power-cut",
			"The spoof checks hold forged frames back after a power cut",
			"What is set and not done protects nobody.", step_power_cut),
	AFTER("persistence.rate-after-power-cut", "The rates are set after a power cut",
			"One guest takes the wire of all.", step_power_cut),
	AFTER("persistence.mtu-after-power-cut",
			"The PF has its MTU and sends such frames after a power cut",
			"Large frames of guests and storage are lost.", step_power_cut),
	AFTER("persistence.trust-after-power-cut",
			"VFs are trusted or not, and may do accordingly after a power cut",
			"Bonds in guests need it, and nobody else may have it.", step_power_cut),
	ELSEWHERE("persistence.path-after-reslot",
			"The policy file of a slot that is empty is named and stops no other",
			"Administrators have to know which file has lost its card."),
	ELSEWHERE("persistence.status-after-reslot",
			"vfctl status finds no drift with the card in another slot",
			"What the manager does not see, nobody mends."),
	ELSEWHERE("persistence.count-after-reslot", "The VFs are there again in another slot",
			"Guests that name their VFs do not start."),
	ELSEWHERE("persistence.mac-after-reslot",
			"VFs have and filter by their MAC addresses in another slot",
			"Guests are reached under other addresses, or not at all."),
	ELSEWHERE("persistence.vlan-after-reslot", "VFs are in their port VLANs in another slot",
			"A tenant's guest starts in another network."),
	ELSEWHERE("persistence.priority-after-reslot",
			"Frames of VFs leave with VLAN and priority in another slot",
			"The network's queues go by it."),
	ELSEWHERE("persistence.spoof-check-after-reslot",
			"The spoof checks are set in another slot",
			"A guest may send as another from then on."),
	ELSEWHERE("persistence.spoofing-after-reslot",
			"The spoof checks hold forged frames back in another slot",
			"What is set and not done protects nobody."),
	ELSEWHERE("persistence.rate-after-reslot", "The rates are set in another slot",
			"One guest takes the wire of all."),
	ELSEWHERE("persistence.mtu-after-reslot",
			"The PF has its MTU and sends such frames in another slot",
			"Large frames of guests and storage are lost."),
	ELSEWHERE("persistence.trust-after-reslot",
			"VFs are trusted or not, and may do accordingly in another slot",
			"Bonds in guests need it, and nobody else may have it."),
	ELSEWHERE("persistence.device-after-reslot",
			"A card known by vendor, device and port is restored back in its own slot",
			"Such a file is for whatever card is there, and wherever it is."),
	{ .id = "persistence.network-power-cut",
			.title = "A power cut at any step of adding or removing a network leaves "
				 "it or not, whole",
			.why = "A damaged definition takes all the others with it.",
			.needs = BOOTS,
			.slow = true,
			.timeout_s = 20,
			.fn = persistence_cut,
			.after = persistence_after_cut },
	{ .id = "persistence.network-killed",
			.title = "SIGKILL at any step of adding or removing a network leaves it or "
				 "not, whole",
			.why = "A damaged definition takes all the others with it.",
			.needs = BOOTS,
			.slow = true,
			.timeout_s = 60,
			.fn = persistence_killed },
	IN_TROUBLE("persistence.disk-full",
			"With a full disk apply says so, and VFs are restored at boot",
			"Logs fill disks, and the network is needed to look.",
			persistence_disk_full),
	IN_TROUBLE("persistence.read-only",
			"With a read-only disk apply says so, and VFs are restored at boot",
			"Kernels turn damaged disks read-only.", persistence_read_only),
	IN_TROUBLE("persistence.store-damaged",
			"What the manager remembers is set aside where it is damaged, and told",
			"Silence would drop what an administrator has to know.",
			persistence_store_damaged),
	IN_TROUBLE("persistence.policy-unreadable",
			"A policy file that cannot be read is named and stops no other",
			"One bad file would take all networks of the host.",
			persistence_policy_unreadable),
	IN_TROUBLE("persistence.policy-bad",
			"A policy file with an error is named and stops no other",
			"One bad file would take all networks of the host.",
			persistence_policy_bad),
	IN_TROUBLE("persistence.card-absent",
			"The policy file of a card that is not there is named and stops no other",
			"Cards fail and are taken out.", persistence_card_absent),
	IN_TROUBLE("persistence.bad-drop-in",
			"A drop-in with an error is named and left out, and all else is restored",
			"One bad line would take the network of the whole card.",
			persistence_bad_drop_in),
	{ .id = "persistence.one-of-two",
			.title = "A card that cannot be restored is named and stops no other",
			.why = "One broken card would take all networks of the host.",
			.needs = BOOTS,
			.slow = true,
			.timeout_s = 60,
			.unbreakable = "it is skipped on rigs with one card, as those of a proof "
				       "are",
			.fn = persistence_one_of_two },
	IN_TROUBLE("persistence.clock", "VFs are restored whatever the clock says",
			"Clocks without a battery start in 1970.", persistence_clock),
	IN_TROUBLE("persistence.renamed", "A card whose interface has another name is restored",
			"Names change with kernels, slots and policies.", persistence_renamed),
	IN_TROUBLE("persistence.two-at-once", "Two vfctl apply at once leave what the policy wants",
			"Automation and people meet.", persistence_two_at_once),
	BY_UNIT("persistence.unit-active", "vfctl-restore.service has succeeded after a boot",
			"Administrators look there first."),
	BY_UNIT("persistence.unit-none-failed", "No unit of vfctl has failed after a boot",
			"A host with a failed unit is taken for a degraded one."),
	BY_UNIT("persistence.unit-before-network",
			"VFs are restored before the network is configured",
			"What configures the network must find the VFs there."),
	BY_UNIT("persistence.unit-restored", "The unit alone brings VFs and their settings back",
			"Nobody is there to call vfctl."),
	BY_UNIT("persistence.unit-once",
			"A second start of the unit changes nothing in the same boot",
			"Running guests would lose their VFs."),
	{ 0 },
};
