/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/count.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"
#include "sriov/vfs.h"

/*
 * Sets the number of VFs of a PF. The kernel changes it only through 0, so every VF goes; none may
 * be held then. That the kernel accepted a number does not mean that it applied it: the number is
 * read back, and every VF that it counts must exist.
 */

/* Which holders prevent a change. */
struct keep {
	bool processes_only;
	const char *despite; /* holder_word() of the holder to ignore, or NULL */
};

static int check_held(
		const struct host *host, struct pf *pf, const struct keep *keep, struct err *err)
{
	char text[BDF_TEXT], why[240], name[64];

	pf_fill_vfs(host, pf);
	pf_fill_holders(host, pf);
	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &pf->vfs[i];

		if (holder_yields(&vf->holder, keep->despite) ||
				(keep->processes_only && vf->holder.kind < HOLDER_OPEN))
			continue;
		return refuse(err, REFUSAL_VFS_IN_USE, "%s: VF %u (%s) is held: %s",
				pf_name(&pf->function, name, sizeof(name)), vf->index,
				bdf_format(vf->function.bdf, text),
				holder_text(&vf->holder, why, sizeof(why)));
	}
	return 0;
}

/* Brings the PF up: several drivers create VFs on a PF that is down, and these VFs never work. */
static int bring_up(const struct host *host, const struct pf *pf, struct err *err)
{
	struct netdev net;
	bool up;
	int rc;

	if (!host_is_live(host) || !*pf->function.netdev)
		return 0;
	rc = netdev_read(host, pf->function.netdev, &net, err);
	if (rc < 0)
		return rc;
	up = net.up;
	netdev_free(&net);
	return up ? 0 : netdev_set_up(host, pf->function.netdev, true, err);
}

/* Explains the errno with which the kernel refused a number. */
static int explain(const struct pf *pf, unsigned count, int code, struct err *err)
{
	char name[64];

	pf_name(&pf->function, name, sizeof(name));
	switch (code) {
	case ERANGE:
		return refuse(err, REFUSAL_VF_COUNT_OUT_OF_RANGE, "%s offers 0 to %u VF%s, not %u",
				name, pf->total_vfs, text_plural(pf->total_vfs), count);
	case EPERM:
		return err_set(err, EPERM, "%s: cannot set the number of VFs: run as root", name);
	case ENOENT:
		return err_set(err, ENOENT,
				"%s: no driver is bound, or it (%s) does not manage VFs: bind the "
				"card's own driver",
				name, *pf->function.driver ? pf->function.driver : "none");
	case ENOMEM:
		return err_set(err, ENOMEM,
				"%s: no room for %u VF%s: the firmware left too few addresses or "
				"bus numbers; see the kernel log, and try pci=realloc or fewer VFs",
				name, count, text_plural(count));
	case EBUSY:
		return err_set(err, EBUSY,
				"%s: the kernel says that its VFs are in use, or somebody else "
				"changes them now",
				name);
	default:
		return err_set(err, code, "%s: the kernel refuses %u VF%s: %s", name, count,
				text_plural(count), strerror(code));
	}
}

static int check_result(
		const struct host *host, const struct pf *pf, unsigned count, struct err *err)
{
	char name[64], link[24], text[BDF_TEXT];
	long found;
	int rc = function_number(host, pf->function.bdf, "sriov_numvfs", &found, err);

	if (rc < 0)
		return rc;
	pf_name(&pf->function, name, sizeof(name));
	if (found != (long)count)
		return err_set(err, EREMOTEIO,
				"%s: the kernel accepted %u VF%s and reports %ld: see the kernel "
				"log",
				name, count, text_plural(count), found);
	for (unsigned i = 0; i <= count; i++) {
		bool there;

		snprintf(link, sizeof(link), "virtfn%u", i);
		there = !function_link(host, pf->function.bdf, link, text, sizeof(text));
		if (there != (i < count))
			return err_set(err, EREMOTEIO,
					"%s: the kernel reports %u VF%s and VF %u is %s: see the "
					"kernel log",
					name, count, text_plural(count), i,
					there ? "still there" : "not there");
	}
	return 0;
}

static int write_count(
		const struct host *host, const struct pf *pf, unsigned count, struct err *err)
{
	char value[16];
	int rc;

	snprintf(value, sizeof(value), "%u", count);
	rc = function_write(host, pf->function.bdf, "sriov_numvfs", value, NULL);
	if (rc < 0)
		return explain(pf, count, -rc, err);
	return check_result(host, pf, count, err);
}

static int set_count(const struct host *host, struct bdf bdf, unsigned count,
		const struct keep *keep, struct err *err)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = bdf };
	char text[BDF_TEXT];
	int rc;

	if (!function_has(host, bdf, "sriov_totalvfs"))
		return refuse(err, REFUSAL_NOT_SRIOV, "%s has no SR-IOV", bdf_format(bdf, text));
	rc = pf_fill_counts(host, &pf, err);
	if (rc < 0)
		return rc;
	if (count > pf.total_vfs)
		return explain(&pf, count, ERANGE, err);
	if (count == pf.num_vfs)
		return check_result(host, &pf, count, err);
	if (pf.num_vfs) {
		rc = check_held(host, &pf, keep, err);
		if (!rc)
			rc = write_count(host, &pf, 0, err);
	}
	if (!count || rc < 0)
		return rc;
	rc = bring_up(host, &pf, err);
	if (!rc)
		rc = write_count(host, &pf, count, err);
	if (rc < 0 && pf.num_vfs)
		err_prefix(err, "of %u VF%s none is left: ", pf.num_vfs, text_plural(pf.num_vfs));
	return rc;
}

int vfs_set_count(const struct host *host, struct bdf pf, unsigned count, struct err *err)
{
	return set_count(host, pf, count, &(struct keep){ 0 }, err);
}

int count_set_despite(const struct host *host, struct bdf pf, unsigned count, const char *despite,
		struct err *err)
{
	return set_count(host, pf, count, &(struct keep){ .despite = despite }, err);
}

int count_set_owned(const struct host *host, struct bdf pf, unsigned count, struct err *err)
{
	return set_count(host, pf, count, &(struct keep){ .processes_only = true }, err);
}
