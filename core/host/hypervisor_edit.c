/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "base/text.h"
#include "host/hypervisor_internal.h"

/* Changes of what a domain has. */

static int run_update(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = call_domain(call);

	if (!domain)
		return -call->err.code;
	if (libvirt.virDomainUpdateDeviceFlags(domain, call->xml, VIR_DOMAIN_AFFECT_LIVE) < 0)
		call_fail(call, "cannot change it");
	libvirt.virDomainFree(domain);
	return -call->err.code;
}

int hypervisor_update(struct hypervisor *hypervisor, const char *uuid, const char *device_xml,
		struct err *err)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, uuid, run_update);

	call->xml = text_format("%s", device_xml);
	return call_ask(hypervisor, &call, ATTACH_MS, err);
}

int hypervisor_config(struct hypervisor *hypervisor, const char *uuid, char **xml, struct err *err)
{
	return call_xml(hypervisor, uuid, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE, xml,
			err);
}

static int run_define(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = libvirt.virDomainDefineXML(call->connection, call->xml);

	if (!domain)
		return call_fail(call, "cannot change the configuration");
	libvirt.virDomainFree(domain);
	return 0;
}

int hypervisor_define(struct hypervisor *hypervisor, const char *xml, struct err *err)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, NULL, run_define);

	call->xml = text_format("%s", xml);
	return call_ask(hypervisor, &call, CALL_MS, err);
}
