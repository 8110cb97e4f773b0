/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PCI_RULES_INTERNAL_H
#define PCI_RULES_INTERNAL_H

#include "pci/rules.h"

/* Functions that the files of rules share. */

/* Records that the card breaks the rule. Keeps the first message. */
void finding_break(struct finding *finding, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* Records that the rule does not apply to the card. */
void finding_idle(struct finding *finding, const char *why);

/* Records that the configuration space of WHOSE, a function of the card, was not read whole, and
 * what helps. */
void finding_unread(struct finding *finding, const struct card *card, const struct space *space,
		const char *whose);

/* Records what the card has, for a card that follows the rule. */
void finding_note(struct finding *finding, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* A function of the card, and its name in messages: "the PF", "VF 3", "the port". */
struct subject {
	const struct space *space;
	char name[32];
};

enum subjects { THE_PF = 1, THE_VFS = 2, THE_PORT = 4, EACH = THE_PF | THE_VFS | THE_PORT };

/* Calls ONE for each of these functions whose configuration space was read whole: 256 bytes, or
 * 4096 if EXTENDED. If there is none, the rule is idle. */
void card_each(const struct card *card, enum subjects which, bool extended,
		void (*one)(const struct card *, const struct subject *, struct finding *),
		struct finding *finding);

/* Returns the offset of the PF's SR-IOV capability. 0: it has none, and the rule is idle. */
unsigned sriov_at(const struct card *card, struct finding *finding);

void rule_capability_once(const struct card *card, struct finding *finding);
void rule_header_types(const struct card *card, struct finding *finding);
void rule_initial_vfs(const struct card *card, struct finding *finding);
void rule_num_vfs(const struct card *card, struct finding *finding);
void rule_offset_stride(const struct card *card, struct finding *finding);
void rule_vfs_on_bus(const struct card *card, struct finding *finding);
void rule_vfs_distinct(const struct card *card, struct finding *finding);
void rule_vfs_present(const struct card *card, struct finding *finding);
void rule_ari_reach(const struct card *card, struct finding *finding);
void rule_dependency_link(const struct card *card, struct finding *finding);
void rule_vf_device_id(const struct card *card, struct finding *finding);
void rule_page_sizes(const struct card *card, struct finding *finding);
void rule_system_page(const struct card *card, struct finding *finding);
void rule_vf_bars_formed(const struct card *card, struct finding *finding);
void rule_vf_bars_aligned(const struct card *card, struct finding *finding);
void rule_vf_bars_sized(const struct card *card, struct finding *finding);
void rule_vf_ids(const struct card *card, struct finding *finding);
void rule_vf_class(const struct card *card, struct finding *finding);
void rule_vf_command(const struct card *card, struct finding *finding);
void rule_vf_no_intx(const struct card *card, struct finding *finding);
void rule_vf_bars_zero(const struct card *card, struct finding *finding);
void rule_vf_rom_zero(const struct card *card, struct finding *finding);
void rule_pf_flr(const struct card *card, struct finding *finding);
void rule_vf_flr(const struct card *card, struct finding *finding);
void rule_ari_capability(const struct card *card, struct finding *finding);
void rule_ari_next(const struct card *card, struct finding *finding);
void rule_acs_port(const struct card *card, struct finding *finding);
void rule_acs_function(const struct card *card, struct finding *finding);
void rule_msix_place(const struct card *card, struct finding *finding);
void rule_msix_overlap(const struct card *card, struct finding *finding);
void rule_aer(const struct card *card, struct finding *finding);
void rule_chain(const struct card *card, struct finding *finding);
void rule_extended_chain(const struct card *card, struct finding *finding);
void rule_ids_once(const struct card *card, struct finding *finding);

#endif
