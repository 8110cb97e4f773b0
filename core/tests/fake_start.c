/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libvirt/virterror.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_libvirt_internal.h"

/* The beginning and the end of a domain's run. */

static int start(struct fake_domain *domain, const char *xml)
{
	struct fake_libvirt *fake = daemons[daemon_of(domain)];
	struct fake_answer answer = { 0 };

	if (hang(fake))
		return -1;
	fake->started++;
	if (fake->start)
		answer = fake->start(domain, xml);
	if (answer.code)
		return fail(answer.code, answer.text);
	snprintf(domain->live, sizeof(domain->live), "%s", xml);
	while (fake->drops_nic && erase_any(domain->live))
		;
	domain->running = true;
	return 0;
}

int virDomainCreateWithFlags(virDomainPtr pointer, unsigned flags)
{
	struct fake_domain *domain = (struct fake_domain *)pointer;

	(void)flags;
	if (domain->running)
		return fail(VIR_ERR_OPERATION_INVALID, "domain is already running");
	return start(domain, domain->config);
}

void take_text(const char *xml, const char *element, char *text, size_t size)
{
	const char *at = strstr(xml, element);

	at = at ? at + strlen(element) : "";
	snprintf(text, size, "%.*s", (int)strcspn(at, "<"), at);
}

virDomainPtr virDomainCreateXML(virConnectPtr connection, const char *xml, unsigned flags)
{
	struct fake_libvirt *fake = (struct fake_libvirt *)connection;
	struct fake_domain *domain = &fake->domains[fake->count];

	(void)flags;
	if (fake->count == FAKE_DOMAINS || strlen(xml) >= FAKE_XML) {
		fail(VIR_ERR_INTERNAL_ERROR, "no room in the fake");
		return NULL;
	}
	*domain = (struct fake_domain){ 0 };
	take_text(xml, "<name>", domain->name, sizeof(domain->name));
	take_text(xml, "<uuid>", domain->uuid, sizeof(domain->uuid));
	if (start(domain, xml) < 0)
		return NULL;
	fake->count++;
	return (virDomainPtr)domain;
}

int virDomainDestroyFlags(virDomainPtr pointer, unsigned flags)
{
	struct fake_libvirt *fake = daemon_with(pointer);
	struct fake_domain *domain = (struct fake_domain *)pointer;
	struct fake_answer answer = { 0 };

	(void)flags;
	if (hang(fake))
		return -1;
	fake->destroyed++;
	if (!domain->running)
		return fail(VIR_ERR_OPERATION_INVALID, "domain is not running");
	if (fake->destroy)
		answer = fake->destroy(domain);
	if (answer.code)
		return fail(answer.code, answer.text);
	domain->running = false;
	domain->live[0] = '\0';
	/* The one that was added last: no other moves. */
	if (!domain->persistent && domain == &fake->domains[fake->count - 1])
		fake->count--;
	return 0;
}
