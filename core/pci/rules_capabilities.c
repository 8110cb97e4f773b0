/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/enhanced_allocation.h"
#include "pci/pcie.h"
#include "pci/rules_internal.h"

/* ARI, ACS, MSI-X, AER: the capabilities that VFs depend on. */

static bool has_ari(const struct space *space)
{
	return space_extended(space, PCIE_EXT_ARI) != 0;
}

static void has_ari_like_pf(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	if (has_ari(subject->space) != has_ari(&card->pf))
		finding_break(finding, "%s has %s ARI capability, and the PF has %s", subject->name,
				has_ari(&card->pf) ? "no" : "an",
				has_ari(&card->pf) ? "one" : "none");
}

void rule_ari_capability(const struct card *card, struct finding *finding)
{
	for (size_t i = 0; i < card->sibling_count; i++) {
		if (card->siblings[i].length == SPACE_SIZE &&
				has_ari(&card->siblings[i]) != has_ari(&card->pf))
			finding_break(finding,
					"of two functions of the device one has ARI and one has "
					"not");
	}
	card_each(card, THE_PF | THE_VFS, true, has_ari_like_pf, finding);
}

/* The low byte of the routing id: the function number with ARI. */
static unsigned ari_number(struct bdf bdf)
{
	return bdf_rid(bdf) & 255;
}

void rule_ari_next(const struct card *card, struct finding *finding)
{
	unsigned at = space_extended(&card->pf, PCIE_EXT_ARI);
	unsigned own = ari_number(card->pf.bdf), higher = 0, next;

	if (!at && card->pf.length < SPACE_SIZE)
		finding_unread(finding, card, &card->pf, "the PF");
	if (!at) {
		finding_idle(finding, "the PF has no ARI capability");
		return;
	}
	next = space_byte(&card->pf, at + ARI_NEXT_FUNCTION);
	for (size_t i = 0; i < card->sibling_count; i++) {
		unsigned number = ari_number(card->siblings[i].bdf);

		if (number > own && (!higher || number < higher))
			higher = number;
	}
	finding_note(finding, "next is %u", next);
	if (next && next <= own)
		finding_break(finding, "function %u leads to function %u: not upwards", own, next);
	else if (next != higher && (higher || card->complete))
		finding_break(finding, "function %u leads to %u, and the next function is %u%s",
				own, next, higher, higher ? "" : ": there is none");
}

static void check_acs_control(const struct subject *subject, unsigned at, struct finding *finding)
{
	unsigned capability = space_word(subject->space, at + ACS_CAPABILITY);
	unsigned control = space_word(subject->space, at + ACS_CONTROL);

	finding_note(finding, "capability %04x, control %04x", capability, control);
	if (capability & ACS_REQUEST_REDIRECT && !(capability & ACS_COMPLETION_REDIRECT))
		finding_break(finding,
				"%s redirects requests and not completions (capability %04x)",
				subject->name, capability);
	if (control & ~capability & 0x7f)
		finding_break(finding, "%s has ACS control %04x beyond its capability %04x",
				subject->name, control, capability);
}

static void check_port_acs(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	unsigned at = space_extended(subject->space, PCIE_EXT_ACS);
	unsigned express = space_capability(subject->space, PCIE_CAPABILITY);
	unsigned capability = space_word(subject->space, at + ACS_CAPABILITY), needed;
	bool of_switch = PCIE_PORT_TYPE(space_word(subject->space, express + PCIE_FLAGS)) ==
			PCIE_DOWNSTREAM;

	(void)card;
	if (!at) {
		finding_idle(finding, "the port has no ACS");
		return;
	}
	needed = ACS_SOURCE_VALIDATION | ACS_TRANSLATION_BLOCKING;
	/* A root port need not redirect what it need not forward. */
	if (of_switch)
		needed |= ACS_REQUEST_REDIRECT | ACS_COMPLETION_REDIRECT | ACS_UPSTREAM_FORWARDING;
	if ((capability & needed) != needed)
		finding_break(finding, "the ACS capability of the port is %04x, without %04x",
				capability, needed & ~capability);
	check_acs_control(subject, at, finding);
}

void rule_acs_port(const struct card *card, struct finding *finding)
{
	if (!card->port.length) {
		finding_idle(finding, "there is no port above the PF");
		return;
	}
	card_each(card, THE_PORT, true, check_port_acs, finding);
}

static void check_function_acs(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	unsigned at = space_extended(subject->space, PCIE_EXT_ACS);
	unsigned of_ports =
			ACS_SOURCE_VALIDATION | ACS_TRANSLATION_BLOCKING | ACS_UPSTREAM_FORWARDING;

	(void)card;
	if (!at)
		return;
	if (space_word(subject->space, at + ACS_CAPABILITY) & of_ports)
		finding_break(finding, "the ACS capability of %s is %04x, with services of a port",
				subject->name, space_word(subject->space, at + ACS_CAPABILITY));
	check_acs_control(subject, at, finding);
}

void rule_acs_function(const struct card *card, struct finding *finding)
{
	bool any = space_extended(&card->pf, PCIE_EXT_ACS) != 0;

	for (size_t i = 0; i < card->vf_count; i++)
		any |= space_extended(&card->vfs[i], PCIE_EXT_ACS) != 0;
	if (!any && card->pf.length < SPACE_SIZE)
		finding_unread(finding, card, &card->pf, "the PF");
	if (!any) {
		finding_idle(finding, "neither PF nor VFs have ACS");
		return;
	}
	card_each(card, THE_PF | THE_VFS, true, check_function_acs, finding);
}

struct msix {
	unsigned vectors, table_bar, pba_bar;
	uint64_t table, table_end, pba, pba_end;
};

static bool read_msix(const struct space *space, struct msix *msix)
{
	unsigned at = space_capability(space, MSIX_CAPABILITY);
	uint32_t table = space_long(space, at + MSIX_TABLE);
	uint32_t pba = space_long(space, at + MSIX_PBA);
	unsigned vectors = (space_word(space, at + MSIX_CONTROL) & 0x7ff) + 1u;

	*msix = (struct msix){ .vectors = vectors,
		.table_bar = table & 7,
		.pba_bar = pba & 7,
		.table = table & ~7u,
		.pba = pba & ~7u };
	msix->table_end = msix->table + 16ull * vectors;
	msix->pba_end = msix->pba + 8ull * ((vectors + 63) / 64);
	return at != 0;
}

/* The BAR with that number that gives the address of the function's memory; for a VF it is in
 * the PF's capability. */
static uint32_t bar_of(const struct card *card, const struct space *space, unsigned number)
{
	unsigned at = space == &card->pf
			? HEADER_BARS
			: space_extended(&card->pf, PCIE_EXT_SRIOV) + SRIOV_VF_BARS;

	return space_long(&card->pf, at + 4 * number);
}

static bool has_bar(const struct card *card, const struct space *space, unsigned number)
{
	unsigned indicator = space == &card->pf ? EA_BAR_0 : EA_VF_BAR_0;
	struct ea_entry entry;

	return bar_of(card, space, number) || ea_find(&card->pf, indicator + number, &entry);
}

static void check_part(const struct card *card, const struct subject *subject, const char *part,
		unsigned bar, uint64_t end, struct finding *finding)
{
	uint64_t size = bar < SPACE_BARS ? subject->space->bar_size[bar] : 0;

	if (bar >= SPACE_BARS)
		finding_break(finding, "%s: the MSI-X %s is in BAR %u", subject->name, part, bar);
	else if (!has_bar(card, subject->space, bar) && card->complete)
		finding_break(finding, "%s: the MSI-X %s is in BAR %u, which is not there",
				subject->name, part, bar);
	else if (bar_of(card, subject->space, bar) & 1)
		finding_break(finding, "%s: the MSI-X %s is in BAR %u, which is for I/O",
				subject->name, part, bar);
	else if (bar && (bar_of(card, subject->space, bar - 1) & 7) == 4)
		finding_break(finding, "%s: the MSI-X %s is in BAR %u, the upper half of another",
				subject->name, part, bar);
	else if (size && end > size)
		finding_break(finding, "%s: the MSI-X %s ends at %llx in BAR %u of %llx bytes",
				subject->name, part, (unsigned long long)end, bar,
				(unsigned long long)size);
}

static void has_msix_in_place(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	struct msix msix;

	if (!read_msix(subject->space, &msix))
		return;
	check_part(card, subject, "table", msix.table_bar, msix.table_end, finding);
	check_part(card, subject, "array of pending bits", msix.pba_bar, msix.pba_end, finding);
}

void rule_msix_place(const struct card *card, struct finding *finding)
{
	card_each(card, THE_PF | THE_VFS, false, has_msix_in_place, finding);
}

static void has_msix_apart(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	struct msix msix;

	(void)card;
	if (read_msix(subject->space, &msix) && msix.table_bar == msix.pba_bar &&
			msix.table < msix.pba_end && msix.pba < msix.table_end)
		finding_break(finding,
				"%s: the MSI-X table (%llx to %llx) and its pending bits (%llx to "
				"%llx) overlap in BAR %u",
				subject->name, (unsigned long long)msix.table,
				(unsigned long long)msix.table_end, (unsigned long long)msix.pba,
				(unsigned long long)msix.pba_end, msix.table_bar);
}

void rule_msix_overlap(const struct card *card, struct finding *finding)
{
	card_each(card, THE_PF | THE_VFS, false, has_msix_apart, finding);
}

static void has_sane_aer(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	unsigned at = space_extended(subject->space, PCIE_EXT_AER);
	unsigned version = space_word(subject->space, at + 2) & 15;

	if (!at)
		return;
	if (version < 1 || version > 3)
		finding_break(finding, "%s has AER of version %u", subject->name, version);
	if (!space_extended(&card->pf, PCIE_EXT_AER))
		finding_break(finding, "%s has AER, and the PF has not", subject->name);
}

void rule_aer(const struct card *card, struct finding *finding)
{
	card_each(card, THE_PF | THE_VFS, true, has_sane_aer, finding);
}
