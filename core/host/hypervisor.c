/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/hypervisor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/hypervisor_internal.h"

/* The event thread may be in a callback: what a closed connection left stays. */
static struct hypervisor *closed;

/* --- Opening --------------------------------------------------------------------------------- */

static int run_open(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	call->connection = libvirt.virConnectOpen(call->uri);
	if (!call->connection)
		return call_fail(call, "cannot connect to libvirt's daemon");
	/* Finds out within half a minute that the daemon is gone. */
	libvirt.virConnectSetKeepAlive(call->connection, 5, 5);
	return 0;
}

/* The daemon of a recorded tree is the one whose socket lies in it, never that of this machine. */
static char *uri_of(const struct host *host, const char *socket)
{
	CLEANUP(cleanup_free) char *path = NULL;

	if (host_is_live(host))
		return text_format("qemu:///system");
	path = host_path(host, socket);
	return text_format("qemu+unix:///system?socket=%s", path);
}

static int choose_uri(const struct host *host, char **uri, struct err *err)
{
	/* Of one daemon for all, and of one for each driver. */
	static const char *const sockets[] = { "run/libvirt/libvirt-sock",
		"run/libvirt/virtqemud-sock" };

	for (size_t i = 0; i < sizeof(sockets) / sizeof(*sockets); i++) {
		if (host_exists(host, sockets[i])) {
			*uri = uri_of(host, sockets[i]);
			return 0;
		}
	}
	return err_set(err, ENOENT,
			"no daemon of libvirt runs here (there is neither /%s nor /%s): install "
			"libvirt-daemon-system, or start libvirtd",
			sockets[0], sockets[1]);
}

static int open_at(const char *uri, int limit_ms, struct hypervisor **hypervisor, struct err *err)
{
	CLEANUP(cleanup_hypervisor) struct hypervisor *fresh = NULL;
	CLEANUP(cleanup_call) struct call *call = NULL;
	int rc = libvirt_load(err);

	if (rc < 0)
		return rc;
	fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		abort();
	pthread_mutex_init(&fresh->mutex, NULL);
	condition_init(&fresh->changed);
	call = call_new(NULL, NULL, run_open);
	call->uri = text_format("%s", uri);
	rc = call_ask(fresh, &call, limit_ms, err);
	if (rc < 0)
		return rc;
	fresh->connection = call->connection;
	rc = events_register(fresh, call);
	if (rc < 0)
		return err_pass(err, &call->err, "%s", call->err.msg);
	*hypervisor = TAKE(fresh);
	return 0;
}

int hypervisor_open(const struct host *host, struct hypervisor **hypervisor, struct err *err)
{
	CLEANUP(cleanup_free) char *uri = NULL;
	int rc = choose_uri(host, &uri, err);

	return rc ? rc : open_at(uri, OPEN_MS, hypervisor, err);
}

int hypervisor_open_uri(const char *uri, struct hypervisor **hypervisor, struct err *err)
{
	struct err cause = { 0 };
	int rc = open_at(uri, OPEN_OTHER_MS, hypervisor, &cause);

	return rc ? err_pass(err, &cause, "%.200s: %s", uri, cause.msg) : 0;
}

void hypervisor_close(struct hypervisor *hypervisor)
{
	if (!hypervisor)
		return;
	if (!hypervisor->lost && hypervisor->connection)
		libvirt.virConnectClose(hypervisor->connection);
	hypervisor->closed_before = closed;
	closed = hypervisor;
}

void cleanup_hypervisor(struct hypervisor **hypervisor)
{
	hypervisor_close(*hypervisor);
}

/* --- Domains --------------------------------------------------------------------------------- */

static enum domain_state state_of(int state)
{
	switch (state) {
	case VIR_DOMAIN_RUNNING:
	case VIR_DOMAIN_BLOCKED:
	case VIR_DOMAIN_SHUTDOWN: /* it is still there until it is off */
		return DOMAIN_RUNNING;
	case VIR_DOMAIN_PAUSED:
	case VIR_DOMAIN_PMSUSPENDED:
		return DOMAIN_PAUSED;
	default:
		return DOMAIN_STOPPED;
	}
}

/* False: the domain is gone meanwhile. */
static bool fill_status(virDomainPtr domain, struct domain_status *status)
{
	int state;

	snprintf(status->name, sizeof(status->name), "%s", libvirt.virDomainGetName(domain));
	if (libvirt.virDomainGetState(domain, &state, NULL, 0) < 0 ||
			libvirt.virDomainGetUUIDString(domain, status->uuid) < 0)
		return false;
	status->state = state_of(state);
	status->persistent = libvirt.virDomainIsPersistent(domain) == 1;
	status->saved = libvirt.virDomainHasManagedSaveImage(domain, 0) == 1;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct domain_status *)a)->name,
			((const struct domain_status *)b)->name);
}

static int run_list(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr *domains = NULL;
	int count = libvirt.virConnectListAllDomains(call->connection, &domains, 0);

	if (count < 0)
		return call_fail(call, "cannot list the virtual machines");
	call->list = calloc((size_t)count + 1, sizeof(*call->list));
	if (!call->list)
		abort();
	for (int i = 0; i < count; i++) {
		if (fill_status(domains[i], &call->list[call->count]))
			call->count++;
		libvirt.virDomainFree(domains[i]);
	}
	free(domains);
	qsort(call->list, call->count, sizeof(*call->list), by_name);
	return 0;
}

int hypervisor_list(struct hypervisor *hypervisor, struct domain_status **list, size_t *count,
		struct err *err)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, NULL, run_list);
	int rc = call_ask(hypervisor, &call, CALL_MS, err);

	if (rc < 0)
		return rc;
	*list = TAKE(call->list);
	*count = call->count;
	return 0;
}

int hypervisor_find(struct hypervisor *hypervisor, const char *name, struct domain_status *status,
		struct err *err)
{
	CLEANUP(cleanup_free) struct domain_status *list = NULL;
	CLEANUP(cleanup_free) char *names = text_format("%s", "");
	size_t count;
	int rc = hypervisor_list(hypervisor, &list, &count, err);

	for (size_t i = 0; !rc && i < count; i++) {
		char *more;

		if (!strcmp(list[i].name, name) || !strcmp(list[i].uuid, name)) {
			*status = list[i];
			return 0;
		}
		more = text_format("%s%s%s", names, *names ? ", " : "", list[i].name);
		free(names);
		names = more;
	}
	if (rc < 0)
		return rc;
	return err_set(err, ENODEV, "no virtual machine '%.100s' is here; there %s %.240s", name,
			count == 1 ? "is" : "are", count ? names : "none");
}

static int run_xml(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = call_domain(call);

	if (!domain)
		return -call->err.code;
	call->text = libvirt.virDomainGetXMLDesc(domain, call->flags);
	if (!call->text)
		call_fail(call, "cannot read the description of the virtual machine");
	libvirt.virDomainFree(domain);
	return -call->err.code;
}

int call_xml(struct hypervisor *hypervisor, const char *uuid, unsigned flags, char **xml,
		struct err *err)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, uuid, run_xml);
	int rc;

	call->flags = flags;
	rc = call_ask(hypervisor, &call, CALL_MS, err);
	if (!rc)
		*xml = TAKE(call->text);
	return rc;
}

int hypervisor_xml(struct hypervisor *hypervisor, const char *uuid, enum domain_side side,
		char **xml, struct err *err)
{
	return call_xml(hypervisor, uuid, side == DOMAIN_CONFIG ? VIR_DOMAIN_XML_INACTIVE : 0, xml,
			err);
}

/* --- Devices --------------------------------------------------------------------------------- */

static unsigned affect(unsigned sides)
{
	return (sides & DOMAIN_LIVE ? VIR_DOMAIN_AFFECT_LIVE : 0) |
			(sides & DOMAIN_CONFIG ? VIR_DOMAIN_AFFECT_CONFIG : 0);
}

static int run_attach(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = call_domain(call);

	if (!domain)
		return -call->err.code;
	if (libvirt.virDomainAttachDeviceFlags(domain, call->xml, call->flags) < 0)
		call_fail(call, "cannot plug it in");
	libvirt.virDomainFree(domain);
	return -call->err.code;
}

int hypervisor_attach(struct hypervisor *hypervisor, const char *uuid, const char *device_xml,
		unsigned sides, struct err *err)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, uuid, run_attach);

	call->xml = text_format("%s", device_xml);
	call->flags = affect(sides);
	return call_ask(hypervisor, &call, ATTACH_MS, err);
}

static int run_detach(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = call_domain(call);

	if (!domain)
		return -call->err.code;
	if (libvirt.virDomainDetachDeviceAlias(domain, call->alias, call->flags) < 0)
		call_fail(call, "cannot unplug it");
	libvirt.virDomainFree(domain);
	return -call->err.code;
}

int hypervisor_detach(struct hypervisor *hypervisor, const char *uuid, const char *alias,
		enum domain_side side, struct err *err)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, uuid, run_detach);

	call->alias = text_format("%s", alias);
	call->flags = affect(side);
	return call_ask(hypervisor, &call, ATTACH_MS, err);
}
