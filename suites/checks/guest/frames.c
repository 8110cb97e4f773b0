/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/guest/course.h"

/* Which frames leave and reach a guest with a VF. */

static enum verdict frames_leave_tagged(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct received received;

	if (tenant_sends(tenants, &tenants->red, "on the wire", frames_to_wire(tenants),
			    &received) < 0)
		return check_fail(run, "nothing that vm1 sends reaches the wire");
	if (received.frames != BURST_FRAMES)
		return check_fail(run, "%u of %d frames of vm1 reach the wire", received.frames,
				BURST_FRAMES);
	if (received.tags != 1 || received.outer.vlan != RED_VLAN)
		return check_fail(run, "frames of vm1 have %u tags and VLAN %u on the wire, not %d",
				received.tags, received.outer.vlan, RED_VLAN);
	return VERDICT_PASS;
}

static enum verdict frames_arrive_untagged(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct guest_heard heard;

	if (tenant_hears(tenants, &tenants->red, "in its VLAN", burst_to(&tenants->red), &heard) <
			0)
		return check_fail(run, "nothing from the wire reaches vm1");
	if (heard.frames != BURST_FRAMES)
		return check_fail(run, "%llu of %d frames reach vm1",
				(unsigned long long)heard.frames, BURST_FRAMES);
	if (heard.untagged != heard.frames)
		return check_fail(run, "vm1 sees the tag of its port VLAN (%d)", heard.vlan);
	return VERDICT_PASS;
}

static enum verdict untagged_stays_out(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct burst burst = { .to = tenants->red.mac };

	(void)run;
	return tenant_hears_none(tenants, &tenants->red, "untagged frames from the wire", burst);
}

static enum verdict foreign_vlan_stays_out(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct burst burst = { .to = tenants->red.mac, .outer = { 0x8100, BLUE_VLAN, 0 } };

	(void)run;
	return tenant_hears_none(tenants, &tenants->red, "frames of the VLAN of vm2", burst);
}

static enum verdict unicast_of_others_stays_out(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct burst burst = { .to = tenants->before[2].mac, .outer = { 0x8100, RED_VLAN, 0 } };

	(void)run;
	return tenant_hears_none(
			tenants, &tenants->red, "frames of its VLAN to another MAC", burst);
}

static enum verdict broadcast_arrives(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct burst burst = { .to = mac_broadcast, .outer = { 0x8100, RED_VLAN, 0 } };
	struct guest_heard heard;

	if (tenant_hears(tenants, &tenants->red, "broadcast in its VLAN", burst, &heard) < 0)
		return check_broken(run, "what vm1 hears cannot be determined");
	if (heard.frames != BURST_FRAMES)
		return check_fail(run, "%llu of %d broadcasts reach vm1",
				(unsigned long long)heard.frames, BURST_FRAMES);
	return VERDICT_PASS;
}

static enum verdict spoofed_mac_is_dropped(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct guest_frames frames = frames_to_wire(tenants);
	struct received received;

	frames.from = tenants->blue.mac;
	if (tenant_sends(tenants, &tenants->red, "with the MAC of vm2", frames, &received) < 0)
		return check_broken(run, "what vm1 sends cannot be determined");
	if (received.frames)
		return check_fail(run, "%u frames of vm1 with the MAC of vm2 reach the wire",
				received.frames);
	return VERDICT_PASS;
}

/* A second tag inside the port VLAN is the tenant's own affair. */
static enum verdict own_tag_does_not_escape(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct guest_frames frames = frames_to_wire(tenants);
	struct received received;

	frames.vlan = BLUE_VLAN;
	if (tenant_sends(tenants, &tenants->red, "tagged with the VLAN of vm2", frames, &received) <
			0)
		return check_broken(run, "what vm1 sends cannot be determined");
	if (received.frames && (!received.tags || received.outer.vlan != RED_VLAN))
		return check_fail(run, "%u frames of vm1 are in VLAN %u on the wire",
				received.frames, received.tags ? received.outer.vlan : 0);
	return VERDICT_PASS;
}

static enum verdict tenants_are_apart(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct guest_heard heard;

	if (tenant_tells(tenants, &tenants->red, &tenants->blue, false, &heard) < 0)
		return check_broken(run, "what vm2 hears of vm1 cannot be determined");
	if (heard.frames)
		return check_fail(run, "vm2 hears %llu frames of vm1, which is in another network",
				(unsigned long long)heard.frames);
	return VERDICT_PASS;
}

static enum verdict full_frames_pass(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct guest_frames frames = frames_to_wire(tenants);
	struct burst burst = burst_to(&tenants->red);
	struct received received;
	struct guest_heard heard;

	frames.octets = burst.octets = 1514;
	if (tenant_sends(tenants, &tenants->red, "1514 octets to the wire", frames, &received) <
					0 ||
			tenant_hears(tenants, &tenants->red, "1514 octets to the guest", burst,
					&heard) < 0)
		return check_broken(run, "full frames cannot be counted");
	if (received.frames != BURST_FRAMES || heard.frames != BURST_FRAMES)
		return check_fail(run, "of %d full frames %u reach the wire and %llu reach vm1",
				BURST_FRAMES, received.frames, (unsigned long long)heard.frames);
	return VERDICT_PASS;
}

const struct statement course_frames[] = {
	{ "guest.leaves-tagged", frames_leave_tagged },
	{ "guest.arrives-untagged", frames_arrive_untagged },
	{ "guest.untagged-stays-out", untagged_stays_out },
	{ "guest.foreign-vlan-stays-out", foreign_vlan_stays_out },
	{ "guest.foreign-mac-stays-out", unicast_of_others_stays_out },
	{ "guest.broadcast-arrives", broadcast_arrives },
	{ "guest.spoofed-mac-dropped", spoofed_mac_is_dropped },
	{ "guest.own-tag-contained", own_tag_does_not_escape },
	{ "guest.tenants-apart", tenants_are_apart },
	{ "guest.full-frames", full_frames_pass },
};

const size_t course_frames_count = sizeof(course_frames) / sizeof(*course_frames);
