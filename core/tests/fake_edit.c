/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libvirt/virterror.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_libvirt_internal.h"

/* Changes of devices and configurations. */

static const char *alias_of(const char *xml, char *alias, size_t size)
{
	const char *at = strstr(xml, "<alias name='");

	at = at ? at + strlen("<alias name='") : "";
	snprintf(alias, size, "%.*s", (int)strcspn(at, "'"), at);
	return alias;
}

int virDomainUpdateDeviceFlags(virDomainPtr pointer, const char *xml, unsigned flags)
{
	struct fake_libvirt *fake = daemon_with(pointer);
	struct fake_domain *domain = (struct fake_domain *)pointer;
	struct fake_answer answer = { 0 };
	char alias[80];

	(void)flags;
	if (hang(fake))
		return -1;
	fake->updated++;
	if (fake->update)
		answer = fake->update(domain, xml);
	if (answer.code)
		return fail(answer.code, answer.text);
	if (!erase(domain->live, alias_of(xml, alias, sizeof(alias))))
		return fail(VIR_ERR_DEVICE_MISSING, "device not found");
	insert(domain->live, xml);
	return 0;
}

virDomainPtr virDomainDefineXML(virConnectPtr connection, const char *xml)
{
	struct fake_libvirt *fake = (struct fake_libvirt *)connection;
	char uuid[37];

	take_text(xml, "<uuid>", uuid, sizeof(uuid));
	for (size_t i = 0; i < fake->count && !hang(fake); i++) {
		struct fake_domain *domain = &fake->domains[i];
		struct fake_answer answer = { 0 };

		if (strcmp(domain->uuid, uuid) != 0)
			continue;
		fake->defined++;
		if (fake->define)
			answer = fake->define(domain, xml);
		if (answer.code)
			fail(answer.code, answer.text);
		else
			snprintf(domain->config, sizeof(domain->config), "%s", xml);
		return answer.code ? NULL : (virDomainPtr)domain;
	}
	return NULL;
}
