/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pci/pcie.h"
#include "pci/rules_internal.h"

/* The table of rules, and the functions that rules share. */

const struct rule rules[] = {
	{ "capability-once", "9.3.3.1",
			"The PF has exactly one SR-IOV capability, of a known version, and no VF "
			"has one",
			rule_capability_once },
	{ "header-types", "9.3.4.1.9", "PF and VFs are endpoints with a type 0 header",
			rule_header_types },
	{ "initial-vfs", "9.3.3.5",
			"InitialVFs equals TotalVFs where VFs do not migrate, and never exceeds it",
			rule_initial_vfs },
	{ "num-vfs", "9.3.3.7", "NumVFs is at most TotalVFs", rule_num_vfs },
	{ "offset-stride", "9.3.3.9, 9.3.3.10",
			"First VF Offset and VF Stride are not 0 where they are used",
			rule_offset_stride },
	{ "vfs-on-bus", "9.2.1.2", "The addresses of all VFs are on buses behind the port",
			rule_vfs_on_bus },
	{ "vfs-distinct", "9.2.1.2", "No VF has the address of another function of the device",
			rule_vfs_distinct },
	{ "vfs-present", "9.3.3.7", "Each enabled VF answers at its address", rule_vfs_present },
	{ "ari-reach", "9.3.3.3.5, 6.13",
			"VFs have addresses that only ARI can reach where ARI is on, and only "
			"there",
			rule_ari_reach },
	{ "dependency-link", "9.3.3.8",
			"The Function Dependency Link leads through PFs of the device back to its "
			"own",
			rule_dependency_link },
	{ "vf-device-id", "9.3.3.11", "VF Device ID is a valid id", rule_vf_device_id },
	{ "page-sizes", "9.3.3.12",
			"4K, 8K, 64K, 256K, 1M and 4M are among the Supported Page Sizes",
			rule_page_sizes },
	{ "system-page", "9.3.3.13", "System Page Size is exactly one supported size",
			rule_system_page },
	{ "vf-bars-formed", "9.3.3.14",
			"The VF BARs are memory BARs of 32 or 64 bits, and a 64-bit BAR takes two "
			"registers",
			rule_vf_bars_formed },
	{ "vf-bars-aligned", "9.3.3.14", "Each VF BAR begins on a boundary of System Page Size",
			rule_vf_bars_aligned },
	{ "vf-bars-sized", "9.3.3.14",
			"Each VF's part of a VF BAR is a whole number of pages of System Page Size",
			rule_vf_bars_sized },
	{ "vf-ids", "9.3.4.1.1, 9.3.4.1.2", "Vendor and device id of VFs read ffff", rule_vf_ids },
	{ "vf-class", "9.3.4.1.6, 9.3.4.1.13",
			"VFs have the class and the subsystem vendor of their PF", rule_vf_class },
	{ "vf-command", "9.3.4.1.3", "In a VF's COMMAND nothing but Bus Master Enable is set",
			rule_vf_command },
	{ "vf-no-intx", "9.3.4.1.18", "VFs have no interrupt pin", rule_vf_no_intx },
	{ "vf-bars-zero", "9.3.4.1.11", "The BARs in the header of VFs read 0", rule_vf_bars_zero },
	{ "vf-rom-zero", "9.3.4.1.15", "VFs have no expansion ROM BAR", rule_vf_rom_zero },
	{ "pf-flr", "9.2.2.3", "The PF can be reset by FLR", rule_pf_flr },
	{ "vf-flr", "9.2.2.2", "Each VF can be reset by FLR", rule_vf_flr },
	{ "ari-capability", "7.8.8",
			"All functions of the device have the ARI capability, or none has it",
			rule_ari_capability },
	{ "ari-next", "7.8.8.2",
			"ARI's Next Function Number leads upwards, to each function of the device",
			rule_ari_next },
	{ "acs-port", "6.12.1.1, 7.7.11",
			"A port above the PF that has ACS has all services that a port must have",
			rule_acs_port },
	{ "acs-function", "6.12.1.2, 7.7.11",
			"The ACS of PF and VFs has no services that only ports have",
			rule_acs_function },
	{ "msix-place", "7.7.2", "MSI-X table and pending bits are inside memory BARs that exist",
			rule_msix_place },
	{ "msix-overlap", "7.7.2", "MSI-X table and pending bits do not overlap",
			rule_msix_overlap },
	{ "aer", "7.8.4, 9.4.2",
			"AER is of a known version, and VFs have it only where the PF has it",
			rule_aer },
	{ "chain", "7.5.1.1.11",
			"The linked list of capabilities is aligned, has no loop, and ends",
			rule_chain },
	{ "extended-chain", "7.6.3",
			"The linked list of extended capabilities is aligned, has no loop, and "
			"ends",
			rule_extended_chain },
	{ "ids-once", "7.5.1.1.11, 7.6.3", "No capability that may exist only once occurs twice",
			rule_ids_once },
	{ 0 },
};

const struct rule *rule_find(const char *id)
{
	for (const struct rule *rule = rules; rule->id; rule++) {
		if (!strcmp(rule->id, id))
			return rule;
	}
	return NULL;
}

void rule_apply(const struct rule *rule, const struct card *card, struct finding *finding)
{
	*finding = (struct finding){ .state = RULE_FOLLOWED };
	rule->apply(card, finding);
}

void finding_break(struct finding *finding, const char *format, ...)
{
	va_list args;

	if (finding->state == RULE_BROKEN)
		return;
	finding->state = RULE_BROKEN;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

void finding_idle(struct finding *finding, const char *why)
{
	if (finding->state != RULE_FOLLOWED)
		return;
	finding->state = RULE_IDLE;
	snprintf(finding->text, sizeof(finding->text), "%s", why);
}

void finding_unread(struct finding *finding, const struct card *card, const struct space *space,
		const char *whose)
{
	if (finding->state != RULE_FOLLOWED)
		return;
	finding->state = RULE_IDLE;
	if (!card->complete)
		snprintf(finding->text, sizeof(finding->text),
				"the dump has %u bytes of the configuration space of %s: write it "
				"with lspci -xxxx as root",
				space->length, whose);
	else
		snprintf(finding->text, sizeof(finding->text),
				"the configuration space of %s cannot be read whole: %s", whose,
				config_remedy(space->length));
}

void finding_note(struct finding *finding, const char *format, ...)
{
	va_list args;

	if (finding->state != RULE_FOLLOWED)
		return;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

struct walk {
	const struct card *card;
	bool extended;
	void (*one)(const struct card *, const struct subject *, struct finding *);
	struct finding *finding;
	unsigned visited;
};

static void visit(struct walk *walk, const struct space *space, const char *name, size_t number)
{
	struct subject subject = { .space = space };

	if (space->length < (walk->extended ? 4096u : 256u))
		return;
	snprintf(subject.name, sizeof(subject.name), name, number);
	walk->visited++;
	walk->one(walk->card, &subject, walk->finding);
}

/* Whether there are VFs is known where the PF's capability is. */
static void note_no_vfs(const struct card *card, struct finding *finding)
{
	if (!space_extended(&card->pf, PCIE_EXT_SRIOV) && card->pf.length < SPACE_SIZE)
		finding_unread(finding, card, &card->pf, "the PF");
	else if (!card->vf_count)
		finding_idle(finding, "no VF is enabled");
	else if (!card->complete && !card_vfs_read(card, 1))
		finding_idle(finding, "VFs are enabled, and none of them is in the dump");
	else if (!card_vfs_read(card, 1))
		finding_idle(finding, "its VFs cannot be read: none of them is there");
	else
		finding_unread(finding, card, &card->vfs[0], "its VFs");
}

void card_each(const struct card *card, enum subjects which, bool extended,
		void (*one)(const struct card *, const struct subject *, struct finding *),
		struct finding *finding)
{
	struct walk walk = { card, extended, one, finding, 0 };

	if (which & THE_PORT)
		visit(&walk, &card->port, "the port", 0);
	if (which & THE_PF)
		visit(&walk, &card->pf, "the PF", 0);
	for (size_t i = 0; which & THE_VFS && i < card->vf_count; i++)
		visit(&walk, &card->vfs[i], "VF %zu", i);
	if (!walk.visited && which == THE_VFS)
		note_no_vfs(card, finding);
	else if (!walk.visited && which == THE_PORT)
		finding_unread(finding, card, &card->port, "the port");
	else if (!walk.visited)
		finding_unread(finding, card, &card->pf, "the PF");
	else if (!*finding->text)
		finding_note(finding, "%u function%s", walk.visited, text_plural(walk.visited));
}

unsigned sriov_at(const struct card *card, struct finding *finding)
{
	unsigned at = space_extended(&card->pf, PCIE_EXT_SRIOV);

	if (!at && card->pf.length < SPACE_SIZE)
		finding_unread(finding, card, &card->pf, "the PF");
	else if (!at)
		finding_idle(finding, "the PF has no SR-IOV capability");
	return at;
}
