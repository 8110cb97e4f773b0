/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/reset_detect.h"
#include "apply/store.h"
#include "base/text.h"
#include "netdev/vf_settings.h"
#include "sriov/eswitch.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"

/*
 * Two plans, really: VFs that are created get everything, VFs that stay get what differs.
 */

static struct step *add(struct plan *plan, enum step_kind kind, unsigned vf, unsigned number)
{
	struct step *added;

	plan->steps = reallocarray(plan->steps, plan->count + 1, sizeof(*added));
	if (!plan->steps)
		abort();
	added = &plan->steps[plan->count++];
	*added = (struct step){ .kind = kind, .vf = vf, .number = number };
	return added;
}

static void add_settings(
		struct plan *plan, unsigned vf, const struct vf_settings *settings, unsigned given)
{
	struct step *step;

	if (!given)
		return;
	step = add(plan, STEP_SETTINGS, vf, 0);
	step->settings = *settings;
	step->settings.given = given;
}

/* DRIVER "": the one that the kernel chooses. */
static void add_driver(struct plan *plan, unsigned vf, const char *driver)
{
	struct step *step = add(plan, *driver ? STEP_BIND : STEP_PROBE, vf, 0);

	snprintf(step->driver, sizeof(step->driver), "%s", driver);
}

static bool wants_settings(const struct desired *desired)
{
	for (size_t i = 0; i < desired->vf_count; i++) {
		if (desired->vfs[i].settings.given || *desired->vfs[i].driver)
			return true;
	}
	return false;
}

/* COUNT VFs in place of those that are there. */
static void plan_creation(struct plan *plan, const struct pf *pf, unsigned count)
{
	const struct desired *desired = plan->desired;
	bool autoprobe = plan->autoprobe;
	bool held_off = wants_settings(desired);

	if (pf->num_vfs)
		add(plan, STEP_COUNT, 0, 0);
	if (pf->autoprobe != (autoprobe && !held_off))
		add(plan, STEP_AUTOPROBE, 0, autoprobe && !held_off);
	if (count)
		add(plan, STEP_COUNT, 0, count);
	for (size_t i = 0; i < desired->vf_count && count; i++)
		add_settings(plan, desired->vfs[i].index, &desired->vfs[i].settings,
				desired->vfs[i].settings.given & ~(unsigned)VF_RATE);
	if (held_off && autoprobe)
		add(plan, STEP_AUTOPROBE, 0, 1);
	for (unsigned i = 0; i < count && held_off; i++) {
		const struct desired_vf *vf = desired_vf_of(desired, i);

		if (autoprobe || (vf && *vf->driver))
			add_driver(plan, i, vf ? vf->driver : "");
	}
	for (size_t i = 0; i < desired->vf_count && count; i++)
		add_settings(plan, desired->vfs[i].index, &desired->vfs[i].settings,
				desired->vfs[i].settings.given & VF_RATE);
}

bool vf_interface_mac(const struct host *host, const struct vf *vf, struct mac *mac)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), "sys/class/net/%.16s/address", vf->function.netdev);
	return *vf->function.netdev && !host_read(host, path, text, sizeof(text), NULL) &&
			!mac_parse(text, mac);
}

/* Cards do not deliver frames for the administrator's address to a VF that runs with another. */
static bool mac_is_stale(const struct host *host, const struct vf *vf, struct mac admin)
{
	struct mac mac;

	return vf_interface_mac(host, vf, &mac) && !mac_equal(mac, admin);
}

/* mlx5_ib reads the GUIDs of a VF when it starts (Linux 6.12, init_node_data()). */
static bool runs_with_old_guids(const struct vf *vf, unsigned differ)
{
	return differ & VF_GUIDS && holder_is_network(&vf->function);
}

/* For a VF that stays. A running driver does not notice a new address, so it is bound again. */
static void plan_vf(const struct host *host, struct plan *plan, const struct desired_vf *want,
		const struct vf *vf, unsigned *same)
{
	unsigned lacking = vf_settings_lacking(&want->settings, &vf->settings);
	unsigned differ = vf_settings_difference(&want->settings, &vf->settings) & ~lacking;
	const char *now = vf->function.driver;
	bool has_mac = want->settings.given & VF_MAC;
	bool rebind = (*want->driver && strcmp(want->driver, now) != 0) ||
			runs_with_old_guids(vf, differ) ||
			(has_mac && *vf->function.netdev && *now &&
					(differ & VF_MAC ||
							mac_is_stale(host, vf,
									want->settings.mac)));

	*same += (unsigned)__builtin_popcount(want->settings.given & ~differ & ~lacking);
	if (rebind && *now)
		add(plan, STEP_UNBIND, want->index, 0);
	add_settings(plan, want->index, &want->settings, differ);
	if (rebind)
		add_driver(plan, want->index, *want->driver ? want->driver : now);
}

static const struct vf *vf_of(const struct pf *pf, unsigned index)
{
	for (size_t i = 0; i < pf->vf_count; i++) {
		if (pf->vfs[i].index == index)
			return &pf->vfs[i];
	}
	return NULL;
}

static void plan_in_place(const struct host *host, struct plan *plan, const struct pf *pf)
{
	const struct desired *desired = plan->desired;
	unsigned same = 0;

	if (plan->autoprobe != pf->autoprobe)
		add(plan, STEP_AUTOPROBE, 0, plan->autoprobe);
	for (size_t i = 0; i < desired->vf_count; i++) {
		const struct vf *vf = vf_of(pf, desired->vfs[i].index);

		if (vf)
			plan_vf(host, plan, &desired->vfs[i], vf, &same);
	}
	for (size_t i = 0; i < pf->vf_count && plan->interrupted && plan->autoprobe; i++) {
		const struct desired_vf *want = desired_vf_of(desired, pf->vfs[i].index);

		if (!*pf->vfs[i].function.driver && !(want && *want->driver))
			add_driver(plan, pf->vfs[i].index, "");
	}
	if (same)
		add(plan, STEP_ASSERT, 0, same);
}

static int check_settings(const struct host *host, const struct desired *desired,
		const struct pf *pf, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < desired->vf_count && !rc; i++) {
		const struct desired_vf *vf = &desired->vfs[i];

		rc = pf_check_link_layer(pf, vf->index, vf->settings.given, err);
		if (!rc)
			rc = eswitch_check(host, pf, vf->index, &vf->settings, err);
	}
	return rc;
}

static int check_possible(const struct desired *desired, const struct pf *pf, unsigned count,
		const char *name, struct err *err)
{
	const struct desired_vf *last =
			desired->vf_count ? &desired->vfs[desired->vf_count - 1] : NULL;

	if (count > pf->total_vfs)
		return err_set(err, ERANGE, "%s: %s offers 0 to %u VF%s, not %u", desired->file,
				name, pf->total_vfs, text_plural(pf->total_vfs), count);
	if (last && last->index >= count)
		return err_set(err, ERANGE,
				"%s: has settings for VF %u, and %s has %u VFs: give "
				"SR-IOVVirtualFunctions",
				desired->file, last->index, name, count);
	if ((last || desired->mtu) && !pf->net.index)
		return err_set(err, ENODEV,
				"%s: %s has no network interface here, through which its VFs are "
				"set: bind its network driver",
				desired->file, name);
	return 0;
}

static bool step_touches(const struct step *step, unsigned index)
{
	switch (step->kind) {
	case STEP_RESTART:
	case STEP_MTU:
	case STEP_COUNT:
		return true;
	case STEP_UNBIND:
	case STEP_SETTINGS:
	case STEP_BIND:
	case STEP_PROBE:
		return step->vf == index;
	default:
		return false;
	}
}

bool plan_touches(const struct plan *plan, unsigned index)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (step_touches(&plan->steps[i], index))
			return true;
	}
	return false;
}

static int check_free(const struct plan *plan, const struct pf *pf, struct err *err)
{
	char why[240];

	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &pf->vfs[i];

		if (!holder_yields(&vf->holder, plan->despite_holder) &&
				plan_touches(plan, vf->index))
			return refuse(err, REFUSAL_VFS_IN_USE,
					"%s: nothing is changed while VF %u is held: %s",
					plan->name, vf->index,
					holder_text(&vf->holder, why, sizeof(why)));
	}
	return 0;
}

int plan_make(const struct host *host, const struct desired *desired, const struct pf *pf,
		const char *despite_holder, struct plan *plan, struct err *err)
{
	unsigned count = desired->count_given ? desired->count : pf->num_vfs;
	int rc;

	*plan = (struct plan){
		.desired = desired, .despite_holder = despite_holder, .pf = pf->function.bdf
	};
	pf_name(&pf->function, plan->name, sizeof(plan->name));
	plan->autoprobe = pf->autoprobe;
	plan->interrupted = store_was_interrupted(host, plan->pf, &plan->autoprobe);
	if (desired->autoprobe_given)
		plan->autoprobe = desired->autoprobe;
	rc = check_possible(desired, pf, count, plan->name, err);
	if (!rc)
		rc = check_settings(host, desired, pf, err);
	if (!rc && count == pf->num_vfs && wants_settings(desired))
		rc = pf_require_settings(pf, err);
	if (rc < 0)
		return rc;
	if (pf_was_reset(host, pf))
		add(plan, STEP_RESTART, 0, 0);
	if (desired->mtu && desired->mtu != pf->net.mtu)
		add(plan, STEP_MTU, 0, desired->mtu);
	if (count && pf->net.index && !pf->net.up)
		add(plan, STEP_UP, 0, 0);
	if (count != pf->num_vfs)
		plan_creation(plan, pf, count);
	else
		plan_in_place(host, plan, pf);
	return check_free(plan, pf, err);
}

bool plan_makes_vfs(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].kind == STEP_COUNT && plan->steps[i].number)
			return true;
	}
	return false;
}

bool plan_changes(const struct plan *plan)
{
	return plan->count && plan->steps[0].kind != STEP_ASSERT;
}

const char *step_name(enum step_kind kind)
{
	static const char *const names[] = { "restart", "mtu", "up", "autoprobe", "count", "unbind",
		"policy", "bind", "probe", "assert" };

	return names[kind];
}

static void settings_text(const struct step *step, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "VF %u: set", step->vf);
	const char *between = " ";
	char value[64];

	for (const struct vf_setting *setting = vf_setting_table; setting->name && used < size;
			setting++) {
		if (!(step->settings.given & setting->bit))
			continue;
		vf_setting_text(setting, &step->settings, value, sizeof(value));
		used += (size_t)snprintf(
				text + used, size - used, "%s%s %s", between, setting->name, value);
		between = ", ";
	}
}

const char *step_text(const struct step *step, char *text, size_t size)
{
	switch (step->kind) {
	case STEP_RESTART:
		snprintf(text, size, "take the PF down and up, since the card was reset");
		break;
	case STEP_MTU:
		snprintf(text, size, "set MTU %u", step->number);
		break;
	case STEP_UP:
		snprintf(text, size, "bring the PF up");
		break;
	case STEP_AUTOPROBE:
		snprintf(text, size, "switch autoprobe %s", step->number ? "on" : "off");
		break;
	case STEP_COUNT:
		snprintf(text, size, "set the number of VFs to %u", step->number);
		break;
	case STEP_UNBIND:
		snprintf(text, size, "VF %u: unbind its driver", step->vf);
		break;
	case STEP_SETTINGS:
		settings_text(step, text, size);
		break;
	case STEP_BIND:
		snprintf(text, size, "VF %u: bind it to %s", step->vf, step->driver);
		break;
	case STEP_PROBE:
		snprintf(text, size, "VF %u: let the kernel bind a driver", step->vf);
		break;
	case STEP_ASSERT:
		snprintf(text, size, "write %u setting%s again, which a reset may have lost",
				step->number, text_plural(step->number));
		break;
	}
	return text;
}

void plan_free(struct plan *plan)
{
	free(plan->steps);
	*plan = (struct plan){ 0 };
}

void cleanup_plan(struct plan *plan)
{
	plan_free(plan);
}
