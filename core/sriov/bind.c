/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "netdev/port.h"
#include "sriov/holder.h"
#include "sriov/inventory.h"
#include "sriov/vfs.h"

/*
 * Binds functions to drivers. driver_override forces a named driver and is cleared right after: the
 * function stays bound, and the next bind starts from the kernel's choice again. When the kernel
 * chooses, it reports success even if no driver took the function, so the result is checked.
 */

#define BIND_MS 10000
#define POLL_MS 5
/* udev renames an interface some time after the kernel created it. On a machine without udevd,
 * or with one that hangs, the wait ends after this time. */
#define UDEV_MS 2000

struct bound {
	const struct host *host;
	struct bdf bdf;
	const char *driver; /* NULL: any; "": none */
};

static bool is_bound(void *argument)
{
	const struct bound *want = argument;
	char driver[NAME_ROOM] = "";

	function_link(want->host, want->bdf, "driver", driver, sizeof(driver));
	return want->driver ? !strcmp(driver, want->driver) : *driver != '\0';
}

static int check_driver(const struct host *host, const char *driver, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("sys/bus/pci/drivers/%s", driver);

	if (!*driver || strchr(driver, '/'))
		return err_set(err, EINVAL, "'%s' is no name of a driver", driver);
	if (!host_exists(host, path))
		return err_set(err, ENOENT, "the driver %s is not loaded: modprobe %s", driver,
				driver);
	return 0;
}

static int set_override(
		const struct host *host, struct bdf bdf, const char *driver, struct err *err)
{
	/* An empty write never reaches the kernel's store function; a newline clears the
	 * attribute. */
	return function_write(host, bdf, "driver_override", driver ? driver : "\n", err);
}

static int unbind(const struct host *host, struct bdf bdf, struct err *err)
{
	struct bound none = { host, bdf, "" };
	char text[BDF_TEXT], name[BDF_TEXT];
	int rc;

	if (is_bound(&none))
		return 0;
	rc = holder_check_vfio(host, bdf, err);
	if (!rc)
		rc = function_write(host, bdf, "driver/unbind", bdf_format(bdf, text), err);
	if (rc < 0)
		return rc;
	if (!clock_poll(is_bound, &none, deadline_in(BIND_MS), POLL_MS))
		return err_set(err, ETIMEDOUT, "%s: its driver did not let go within %d s",
				bdf_format(bdf, name), BIND_MS / 1000);
	return 0;
}

/* With autoprobe off the kernel binds no driver to a VF unless driver_override forces it. */
static bool is_kept_unbound(const struct host *host, struct bdf bdf)
{
	long autoprobe;

	return !function_number(host, bdf, "physfn/sriov_drivers_autoprobe", &autoprobe, NULL) &&
			!autoprobe;
}

static int wait_bound(struct bound *want, struct err *err)
{
	char text[BDF_TEXT];

	if (clock_poll(is_bound, want, deadline_in(BIND_MS), POLL_MS))
		return 0;
	return err_set(err, ENXIO, "%s: not bound to %s within %d s: see the kernel log",
			bdf_format(want->bdf, text), want->driver ? want->driver : "any driver",
			BIND_MS / 1000);
}

/* Lets the kernel choose. Probing is complete when the write returns, unless a driver probes
 * asynchronously. */
static int probe_any(const struct host *host, struct bdf bdf, struct err *err)
{
	struct bound want = { host, bdf, NULL };
	char text[BDF_TEXT];
	int rc;

	bdf_format(bdf, text);
	if (is_kept_unbound(host, bdf))
		return err_set(err, EINVAL,
				"%s: the PF's autoprobe is off, so that the kernel chooses no "
				"driver: name one, or switch autoprobe on",
				text);
	rc = host_write(host, "sys/bus/pci/drivers_probe", text, err);
	return rc < 0 ? rc : wait_bound(&want, err);
}

int function_probe(const struct host *host, struct bdf bdf, struct err *err)
{
	struct bound any = { host, bdf, NULL };
	char text[BDF_TEXT];

	return is_bound(&any)
			? 0
			: host_write(host, "sys/bus/pci/drivers_probe", bdf_format(bdf, text), err);
}

/* The write returns the driver's error. */
static int probe_named(const struct host *host, struct bdf bdf, const char *driver, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("sys/bus/pci/drivers/%s/bind", driver);
	struct bound want = { host, bdf, driver };
	char text[BDF_TEXT];
	int rc = set_override(host, bdf, driver, err), cleared;

	if (rc < 0)
		return rc;
	rc = host_write(host, path, bdf_format(bdf, text), NULL);
	if (rc < 0)
		err_set(err, -rc, "%s: the driver %s does not take it: %s: see the kernel log",
				text, driver, strerror(-rc));
	else
		rc = wait_bound(&want, err);
	cleared = set_override(host, bdf, NULL, err);
	return rc < 0 ? rc : cleared;
}

static bool has_override(const struct host *host, struct bdf bdf)
{
	char override[NAME_ROOM] = "";

	function_read(host, bdf, "driver_override", override, sizeof(override), NULL);
	return *override && strcmp(override, "(null)") != 0;
}

int function_bind(const struct host *host, struct bdf bdf, const char *driver, struct err *err)
{
	struct bound want = { host, bdf, driver };
	int rc = driver ? check_driver(host, driver, err) : 0;

	if (rc < 0)
		return rc;
	if (is_bound(&want) && (driver || !has_override(host, bdf)))
		return 0;
	rc = unbind(host, bdf, err);
	if (!rc && !driver && has_override(host, bdf))
		rc = set_override(host, bdf, NULL, err);
	if (rc < 0)
		return rc;
	return driver ? probe_named(host, bdf, driver, err) : probe_any(host, bdf, err);
}

int function_unbind(const struct host *host, struct bdf bdf, struct err *err)
{
	int rc = unbind(host, bdf, err);

	if (!rc && has_override(host, bdf))
		rc = set_override(host, bdf, NULL, err);
	return rc;
}

int function_reset(const struct host *host, struct bdf bdf, struct err *err)
{
	char text[BDF_TEXT];

	if (!function_has(host, bdf, "reset"))
		return err_set(err, EOPNOTSUPP, "%s: the kernel offers no reset of it",
				bdf_format(bdf, text));
	return function_write(host, bdf, "reset", "1", err);
}

struct appearance {
	const struct host *host;
	struct bdf bdf;
	char *name;
	size_t size;
};

static bool has_netdev(void *argument)
{
	const struct appearance *of = argument;

	return !function_netdev(of->host, of->bdf, of->name, of->size);
}

/* Whether the interface exists and udev has recorded it, which it does after renaming. */
static bool has_settled(void *argument)
{
	const struct appearance *of = argument;
	char path[64], index[16];

	if (!has_netdev(argument))
		return false;
	snprintf(path, sizeof(path), "sys/class/net/%.16s/ifindex", of->name);
	if (host_read(of->host, path, index, sizeof(index), NULL) < 0)
		return false;
	snprintf(path, sizeof(path), "run/udev/data/n%s", index);
	return host_exists(of->host, path);
}

int function_wait_netdev(const struct host *host, struct bdf bdf, int timeout_ms, char *name,
		size_t size, struct err *err)
{
	struct appearance of = { host, bdf, name, size };
	struct deadline deadline = deadline_in(timeout_ms);
	char text[BDF_TEXT];

	if (!clock_poll(has_netdev, &of, deadline, POLL_MS))
		return err_set(err, ETIMEDOUT, "%s has no network interface after %d ms",
				bdf_format(bdf, text), timeout_ms);
	if (host_exists(host, "run/udev/control")) {
		int left = deadline_left(deadline);

		clock_poll(has_settled, &of, deadline_in(left < UDEV_MS ? left : UDEV_MS), POLL_MS);
		has_netdev(&of);
	}
	return 0;
}
