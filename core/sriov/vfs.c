/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/vfs.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "netdev/port.h"
#include "netdev/vf_settings.h"
#include "sriov/inventory.h"

/*
 * The settings that the PF's administrator makes for its VFs. Each is read back through the same
 * kernel interface; checks test whether the card acts on it.
 */

enum { LINK_MS = 5000, LINK_POLL_MS = 5 };

int vfs_set_autoprobe(const struct host *host, struct bdf pf, bool autoprobe, struct err *err)
{
	char text[BDF_TEXT];
	long found;
	int rc = function_write(host, pf, "sriov_drivers_autoprobe", autoprobe ? "1" : "0", err);

	if (!rc)
		rc = function_number(host, pf, "sriov_drivers_autoprobe", &found, err);
	if (rc < 0)
		return rc;
	if ((found != 0) != autoprobe)
		return err_set(err, EREMOTEIO, "%s: the kernel took autoprobe %s and reports %ld",
				bdf_format(pf, text), autoprobe ? "on" : "off", found);
	return 0;
}

int vf_find(const struct host *host, struct bdf pf, unsigned index, struct bdf *vf, struct err *err)
{
	char link[24], name[BDF_TEXT], text[BDF_TEXT];

	snprintf(link, sizeof(link), "virtfn%u", index);
	if (function_link(host, pf, link, name, sizeof(name)) < 0 || bdf_parse(name, vf) < 0)
		return err_set(err, ENODEV, "%s has no VF %u", bdf_format(pf, text), index);
	return 0;
}

/* Settings that the driver does not report cannot be compared. */
static int compare(const char *name, unsigned vf, const struct vf_settings *want,
		const struct vf_settings *found, struct err *err)
{
	unsigned differ = vf_settings_difference(want, found) & found->given;

	/* Without an admin MAC, drivers report none or the one that the VF chose. */
	if (mac_is_zero(want->mac))
		differ &= ~(unsigned)VF_MAC;
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		if (differ & setting->bit)
			return err_set(err, EREMOTEIO,
					"%s: VF %u: the driver accepted the %s and reports another "
					"one",
					name, vf, setting->name);
	}
	return 0;
}

struct link {
	const struct host *host;
	const char *name;
};

/* Reads sysfs, because it is polled: rtnetlink would also ask the driver about every VF. */
static bool has_carrier(void *argument)
{
	const struct link *link = argument;
	char path[64], carrier[8];

	snprintf(path, sizeof(path), "sys/class/net/%.16s/carrier", link->name);
	return !host_read(link->host, path, carrier, sizeof(carrier), NULL) &&
			!strcmp(carrier, "1");
}

/* Some drivers (igb) accept rates only while the PF has a link, and lose it for a moment when
 * the number of VFs or the MTU changes: a refused request is repeated once there is a link. A link
 * right after the refusal does not prove that there was one before. */
static int set_settings(const struct host *host, const char *pf, unsigned index,
		const struct vf_settings *change, struct err *err)
{
	struct link link = { host, pf };
	struct err first = { 0 };
	int rc = netdev_set_vf(host, pf, index, change, &first);

	if (rc == -EINVAL && change->given & VF_RATE &&
			clock_poll(has_carrier, &link, deadline_in(LINK_MS), LINK_POLL_MS))
		return netdev_set_vf(host, pf, index, change, err);
	return rc < 0 ? err_pass(err, &first, "%s", first.msg) : 0;
}

static int interface_of(
		const struct host *host, struct bdf pf, char *name, size_t size, struct err *err)
{
	char text[BDF_TEXT];

	if (!function_netdev(host, pf, name, size))
		return 0;
	return err_set(err, ENODEV,
			"%s has no network interface here, through which its VFs are set: bind its "
			"network driver",
			bdf_format(pf, text));
}

int vf_write_settings(const struct host *host, struct bdf pf, unsigned index,
		const struct vf_settings *change, struct err *err)
{
	char name[IFNAMSIZ];
	struct bdf vf;
	int rc = vf_find(host, pf, index, &vf, err);

	if (!rc)
		rc = interface_of(host, pf, name, sizeof(name), err);
	return rc < 0 ? rc : set_settings(host, name, index, change, err);
}

int vf_change_settings(const struct host *host, struct bdf pf, unsigned index,
		const struct vf_settings *change, struct err *err)
{
	struct netdev net;
	char name[IFNAMSIZ];
	int rc = vf_write_settings(host, pf, index, change, err);

	if (!rc)
		rc = interface_of(host, pf, name, sizeof(name), err);
	if (!rc)
		rc = netdev_read(host, name, &net, err);
	if (rc < 0)
		return rc;
	if (index >= net.vf_count)
		rc = err_set(err, EREMOTEIO, "%s: VF %u: the driver reports no such VF", name,
				index);
	else
		rc = compare(name, index, change, &net.vfs[index], err);
	netdev_free(&net);
	return rc;
}

bool pf_has_link(const struct host *host, struct bdf pf)
{
	char name[IFNAMSIZ];
	struct link link = { host, name };

	return !function_netdev(host, pf, name, sizeof(name)) && has_carrier(&link);
}

int pf_wait_carrier(const struct host *host, struct bdf pf, int timeout_ms, struct err *err)
{
	char name[IFNAMSIZ];
	struct link link = { host, name };
	int rc = interface_of(host, pf, name, sizeof(name), err);

	if (rc < 0 || clock_poll(has_carrier, &link, deadline_in(timeout_ms), LINK_POLL_MS))
		return rc;
	return err_set(err, ENOLINK, "%s: no link within %d s, and there was one before", name,
			timeout_ms / 1000);
}
