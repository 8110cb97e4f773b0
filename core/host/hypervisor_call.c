/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/hypervisor_internal.h"

/*
 * libvirt's calls have no deadline: each waits for the daemon's answer. So every call runs in a thread of
 * its own, and its caller waits as long as it likes. A call that is given up keeps its thread, and the
 * connection with it, until the program ends.
 *
 * Another thread runs libvirt's event loop, and puts the events into a queue.
 */

#define LIBRARY "libvirt.so.0"

struct libvirt libvirt;

static int resolve(const char *name, void *pointer, struct err *err)
{
	void *symbol = dlsym(libvirt.handle, name);

	if (!symbol)
		return err_set(err, ENOENT, LIBRARY " has no %s: it is too old", name);
	memcpy(pointer, &symbol, sizeof(symbol));
	return 0;
}

static void ignore_error(void *argument, virErrorPtr error)
{
	(void)argument;
	(void)error;
}

static void *run_events(void *argument)
{
	(void)argument;
	while (libvirt.virEventRunDefaultImpl() >= 0)
		;
	return NULL;
}

int libvirt_load(struct err *err)
{
	pthread_t thread;
	int rc = 0;

	if (libvirt.handle)
		return 0;
	libvirt.handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!libvirt.handle)
		return err_set(err, ENOENT,
				"libvirt is not installed here, and virtual machines need it "
				"(Debian: libvirt0, libvirt-daemon-system): %s",
				dlerror());
#define RESOLVE(name) \
	if (!rc)      \
		rc = resolve(#name, &libvirt.name, err);
	FUNCTIONS(RESOLVE)
	if (rc < 0)
		return rc;
	/* Without a function of its own libvirt prints errors on standard error. */
	libvirt.virSetErrorFunc(NULL, ignore_error);
	if (libvirt.virEventRegisterDefaultImpl() < 0 ||
			pthread_create(&thread, NULL, run_events, NULL) != 0)
		return err_set(err, ENOMEM, "cannot start libvirt's event loop");
	pthread_detach(thread);
	return 0;
}

static void call_free(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;

	free(call->uri);
	free(call->uuid);
	free(call->xml);
	free(call->alias);
	free(call->persistent_xml);
	free(call->text);
	free(call->list);
	if (call->networks)
		hypervisor_networks_free(call->networks, call->count);
	free(call);
}

void cleanup_call(struct call **call)
{
	if (*call)
		call_free(&(*call)->timed);
}

struct call *call_new(struct hypervisor *hypervisor, const char *uuid,
		int (*run)(struct timed_call *call))
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		abort();
	call->timed.run = run;
	call->timed.free = call_free;
	call->connection = hypervisor ? hypervisor->connection : NULL;
	call->uuid = uuid ? text_format("%s", uuid) : NULL;
	return call;
}

/* After -ETIMEDOUT, *CALL is NULL. */
static int call_run(struct call **call, int limit_ms, struct err *err)
{
	int rc = timed_call_run((struct timed_call **)call, limit_ms,
			"libvirt's daemon did not answer (look at its log, or restart it)", err);

	return rc < 0 && *call ? err_pass(err, &(*call)->err, "%s", (*call)->err.msg) : rc;
}

int call_lose(struct hypervisor *hypervisor, int rc)
{
	pthread_mutex_lock(&hypervisor->mutex);
	if (rc == -ETIMEDOUT || rc == -ECONNRESET)
		hypervisor->lost = rc;
	pthread_mutex_unlock(&hypervisor->mutex);
	return rc;
}

int call_check(struct hypervisor *hypervisor, struct err *err)
{
	int lost;

	pthread_mutex_lock(&hypervisor->mutex);
	lost = hypervisor->lost;
	pthread_mutex_unlock(&hypervisor->mutex);
	if (lost)
		return err_set(err, -lost, "the connection to libvirt's daemon is lost");
	return 0;
}

int call_ask(struct hypervisor *hypervisor, struct call **call, int limit_ms, struct err *err)
{
	int rc = call_check(hypervisor, err);

	return rc ? rc : call_lose(hypervisor, call_run(call, limit_ms, err));
}

/* --- What libvirt says ----------------------------------------------------------------------- */

/*
 * Codes of libvirt, each with the errno of this file's functions. Before 9.1 and in some paths since then
 * a device that another domain has is told only by the words "in use by" (virHostdevPreparePCIDevices()),
 * an unplug that is under way only by QEMU's (hw/acpi/pcihp.c, hw/pci/pcie.c: "already in the process of
 * unplug"), and a device that is not there by VIR_ERR_OPERATION_FAILED or VIR_ERR_INVALID_ARG (before 4.1).
 */
static int code_of(const virErrorPtr error)
{
	const char *text = error->message ? error->message : "";

	switch (error->code) {
	case VIR_ERR_NO_DOMAIN:
	case VIR_ERR_DEVICE_MISSING:
		return ENODEV;
	case VIR_ERR_RPC:
	case VIR_ERR_NO_CONNECT:
	case VIR_ERR_INVALID_CONN:
		return ECONNRESET;
	case VIR_ERR_AUTH_FAILED:
	case VIR_ERR_AUTH_CANCELLED:
	case VIR_ERR_AUTH_UNAVAILABLE:
	case VIR_ERR_ACCESS_DENIED:
		return EPERM;
	case VIR_ERR_OPERATION_TIMEOUT:
		return EBUSY;
	case VIR_ERR_OPERATION_ABORTED:
		return ECANCELED;
	}
	if (strstr(text, "in the process of unplug"))
		return EALREADY;
	if (strstr(text, "in use by"))
		return EBUSY;
	if (strstr(text, "not found") && strstr(text, "device"))
		return ENODEV;
	return EREMOTEIO;
}

int call_fail(struct call *call, const char *what)
{
	virErrorPtr error = libvirt.virGetLastError();
	CLEANUP(cleanup_free) char *text = NULL;

	if (!error)
		return err_set(&call->err, EREMOTEIO, "%s: libvirt gives no reason", what);
	text = text_format("%s", error->message ? error->message : "no reason given");
	for (char *c = text; *c; c++)
		*c = *c == '\n' ? ' ' : *c;
	return err_set(&call->err, code_of(error), "%s: libvirt: %.300s", what, text);
}

virDomainPtr call_domain(struct call *call)
{
	virDomainPtr domain = libvirt.virDomainLookupByUUIDString(call->connection, call->uuid);

	if (!domain)
		call_fail(call, "cannot find the virtual machine");
	return domain;
}
