/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "base/text.h"
#include "host/hypervisor_internal.h"

/* The beginning and the end of a domain's run. */

enum { DESTROY_MS = 30000 };

static int run_start(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = call_domain(call);

	if (!domain)
		return -call->err.code;
	if (libvirt.virDomainCreateWithFlags(domain, 0) < 0)
		call_fail(call, "cannot start the virtual machine");
	libvirt.virDomainFree(domain);
	return -call->err.code;
}

int hypervisor_start(struct hypervisor *hypervisor, const char *uuid, struct err *err)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, uuid, run_start);

	return call_ask(hypervisor, &call, HYPERVISOR_START_MS, err);
}

static int run_create(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = libvirt.virDomainCreateXML(call->connection, call->xml, 0);

	if (!domain)
		return call_fail(call, "cannot start the virtual machine");
	libvirt.virDomainFree(domain);
	return 0;
}

int hypervisor_create(struct hypervisor *hypervisor, const char *xml, struct err *err)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, NULL, run_create);

	call->xml = text_format("%s", xml);
	return call_ask(hypervisor, &call, HYPERVISOR_START_MS, err);
}

static int run_destroy(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = call_domain(call);

	if (!domain)
		return -call->err.code;
	if (libvirt.virDomainDestroyFlags(domain, VIR_DOMAIN_DESTROY_DEFAULT) < 0)
		call_fail(call, "cannot end the virtual machine");
	libvirt.virDomainFree(domain);
	return -call->err.code;
}

int hypervisor_destroy(struct hypervisor *hypervisor, const char *uuid, struct err *err)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, uuid, run_destroy);

	return call_ask(hypervisor, &call, DESTROY_MS, err);
}
