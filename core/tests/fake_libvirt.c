/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fake_libvirt.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The functions of libvirt that the manager uses, and no more. */

static struct fake_libvirt fake;
static __thread virError last;
static __thread char last_text[400];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queued = PTHREAD_COND_INITIALIZER;

struct event {
	int id;
	struct fake_domain *domain;
	char alias[80];
};

static struct event queue[64];
static size_t queue_count;

enum { EVENT_IDS = 64 };

static struct {
	virConnectDomainEventGenericCallback call;
	void *argument;
} callbacks[EVENT_IDS];

static int fail(int code, const char *text)
{
	snprintf(last_text, sizeof(last_text), "%s", text);
	last = (virError){ .code = code, .message = last_text };
	return -1;
}

static void hang(void)
{
	if (!fake.hangs)
		return;
	fake.hangs--;
	for (;;)
		pause();
}

/* --- Events ---------------------------------------------------------------------------------- */

static void put(int id, struct fake_domain *domain, const char *alias)
{
	pthread_mutex_lock(&mutex);
	queue[queue_count] = (struct event){ id, domain };
	snprintf(queue[queue_count++].alias, sizeof(queue->alias), "%s", alias);
	pthread_cond_signal(&queued);
	pthread_mutex_unlock(&mutex);
}

static void put_removed(struct fake_domain *domain, const char *alias)
{
	put(VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, domain, alias);
}

static void put_refused(struct fake_domain *domain, const char *alias)
{
	put(VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, domain, alias);
}

static void put_stopped(struct fake_domain *domain)
{
	domain->running = false;
	put(VIR_DOMAIN_EVENT_ID_LIFECYCLE, domain, "");
}

int virEventRegisterDefaultImpl(void)
{
	return 0;
}

int virEventRunDefaultImpl(void)
{
	struct event event;
	void *argument;

	pthread_mutex_lock(&mutex);
	while (!queue_count)
		pthread_cond_wait(&queued, &mutex);
	event = queue[0];
	memmove(queue, queue + 1, --queue_count * sizeof(*queue));
	pthread_mutex_unlock(&mutex);
	argument = callbacks[event.id].argument;
	if (!callbacks[event.id].call)
		return 0;
	if (event.id == VIR_DOMAIN_EVENT_ID_LIFECYCLE)
		((virConnectDomainEventCallback)(void (*)(void))callbacks[event.id].call)(NULL,
				(virDomainPtr)event.domain, VIR_DOMAIN_EVENT_STOPPED, 0, argument);
	else
		((virConnectDomainEventDeviceRemovedCallback)(void (*)(void))callbacks[event.id]
						.call)(
				NULL, (virDomainPtr)event.domain, event.alias, argument);
	return 0;
}

int virConnectDomainEventRegisterAny(virConnectPtr connection, virDomainPtr domain, int id,
		virConnectDomainEventGenericCallback call, void *argument, virFreeCallback release)
{
	(void)connection;
	(void)domain;
	(void)release;
	callbacks[id].call = call;
	callbacks[id].argument = argument;
	return id;
}

/* --- The connection -------------------------------------------------------------------------- */

virConnectPtr virConnectOpen(const char *name)
{
	(void)name;
	hang();
	return (virConnectPtr)&fake;
}

int virConnectClose(virConnectPtr connection)
{
	(void)connection;
	memset(callbacks, 0, sizeof(callbacks));
	return 0;
}

int virConnectRegisterCloseCallback(virConnectPtr connection, virConnectCloseFunc call,
		void *argument, virFreeCallback release)
{
	(void)connection;
	(void)call;
	(void)argument;
	(void)release;
	return 0;
}

int virConnectSetKeepAlive(virConnectPtr connection, int interval, unsigned count)
{
	(void)connection;
	(void)interval;
	(void)count;
	return 0;
}

virErrorPtr virGetLastError(void)
{
	return last.code ? &last : NULL;
}

void virSetErrorFunc(void *argument, virErrorFunc call)
{
	(void)argument;
	(void)call;
}

/* --- Domains --------------------------------------------------------------------------------- */

int virConnectListAllDomains(virConnectPtr connection, virDomainPtr **list, unsigned flags)
{
	(void)connection;
	(void)flags;
	hang();
	*list = calloc(fake.count + 1, sizeof(**list));
	for (size_t i = 0; *list && i < fake.count; i++)
		(*list)[i] = (virDomainPtr)&fake.domains[i];
	return (int)fake.count;
}

virDomainPtr virDomainLookupByUUIDString(virConnectPtr connection, const char *uuid)
{
	(void)connection;
	for (size_t i = 0; i < fake.count; i++) {
		if (!strcmp(fake.domains[i].uuid, uuid))
			return (virDomainPtr)&fake.domains[i];
	}
	fail(VIR_ERR_NO_DOMAIN, "Domain not found");
	return NULL;
}

int virDomainFree(virDomainPtr domain)
{
	(void)domain;
	return 0;
}

const char *virDomainGetName(virDomainPtr domain)
{
	return ((struct fake_domain *)domain)->name;
}

int virDomainGetUUIDString(virDomainPtr domain, char *uuid)
{
	strcpy(uuid, ((struct fake_domain *)domain)->uuid);
	return 0;
}

int virDomainGetState(virDomainPtr domain, int *state, int *reason, unsigned flags)
{
	(void)reason;
	(void)flags;
	*state = ((struct fake_domain *)domain)->running ? VIR_DOMAIN_RUNNING : VIR_DOMAIN_SHUTOFF;
	return 0;
}

int virDomainIsPersistent(virDomainPtr domain)
{
	return ((struct fake_domain *)domain)->persistent;
}

int virDomainHasManagedSaveImage(virDomainPtr domain, unsigned flags)
{
	(void)flags;
	return ((struct fake_domain *)domain)->saved;
}

static unsigned count_ports(const char *xml)
{
	unsigned count = 0;

	for (; (xml = strstr(xml, "'pcie-root-port'")); xml++)
		count++;
	return count;
}

/* What libvirt adds to the XML of a running machine, for the caller to free: its id, and a port
 * for each NIC as long as there is one. */
static char *live_xml(const struct fake_domain *domain)
{
	static const char end[] = "</interface>";
	const char *at = strstr(domain->live, "<domain"), *next;
	unsigned ports = count_ports(domain->live);
	char *xml = NULL;
	size_t length;
	FILE *out = open_memstream(&xml, &length);

	if (!out || !at)
		abort();
	at += strlen("<domain");
	fprintf(out, "%.*s id='%td'", (int)(at - domain->live), domain->live,
			domain - fake.domains + 1);
	for (unsigned port = 1; (next = strstr(at, end)); at = next + strlen(end), port++) {
		fprintf(out, "%.*s", (int)(next - at), at);
		if (port <= ports)
			fprintf(out, "<address type='pci' bus='0x%02x' slot='0x00'/>", port);
		fputs(end, out);
	}
	fputs(at, out);
	fclose(out);
	return xml;
}

char *virDomainGetXMLDesc(virDomainPtr of, unsigned flags)
{
	struct fake_domain *domain = (struct fake_domain *)of;

	hang();
	return flags & VIR_DOMAIN_XML_INACTIVE || !domain->running ? strdup(domain->config)
								   : live_xml(domain);
}

/* --- Devices --------------------------------------------------------------------------------- */

static void insert(char *xml, const char *device)
{
	char *end = strstr(xml, "</devices>"), *rest = end ? strdup(end) : NULL;

	if (rest)
		snprintf(end, (size_t)(FAKE_XML - (end - xml)), "%s%s", device, rest);
	free(rest);
}

/* Removes the <interface> with that alias. */
static bool erase(char *xml, const char *alias)
{
	char wanted[100], *at = xml;

	snprintf(wanted, sizeof(wanted), "<alias name='%s'/>", alias);
	while ((at = strstr(at, "<interface"))) {
		char *end = strstr(at, "</interface>"), *found = strstr(at, wanted);

		if (!end)
			return false;
		end += strlen("</interface>");
		if (found && found < end) {
			memmove(at, end, strlen(end) + 1);
			return true;
		}
		at = end;
	}
	return false;
}

static bool erase_any(char *xml)
{
	char *at = strstr(xml, "<interface"), *end = at ? strstr(at, "</interface>") : NULL;

	if (!end)
		return false;
	end += strlen("</interface>");
	memmove(at, end, strlen(end) + 1);
	return true;
}

static void erase_live(struct fake_domain *domain, const char *alias)
{
	erase(domain->live, alias);
}

int virDomainAttachDeviceFlags(virDomainPtr of, const char *xml, unsigned flags)
{
	struct fake_domain *domain = (struct fake_domain *)of;
	struct fake_answer answer = { 0 };

	hang();
	fake.attached++;
	if (flags & VIR_DOMAIN_AFFECT_LIVE && fake.attach)
		answer = fake.attach(domain, xml);
	if (!answer.code && flags & VIR_DOMAIN_AFFECT_CONFIG && fake.configure)
		answer = fake.configure(domain, xml);
	if (answer.code)
		return fail(answer.code, answer.text);
	if (fake.drops_nic)
		return 0;
	if (flags & VIR_DOMAIN_AFFECT_LIVE)
		insert(domain->live, xml);
	if (flags & VIR_DOMAIN_AFFECT_CONFIG)
		insert(domain->config, xml);
	return 0;
}

int virDomainDetachDeviceAlias(virDomainPtr of, const char *alias, unsigned flags)
{
	struct fake_domain *domain = (struct fake_domain *)of;
	struct fake_answer answer = { 0 };
	bool removed = true;

	hang();
	fake.detached++;
	if (flags & VIR_DOMAIN_AFFECT_CONFIG)
		return erase(domain->config, alias)
				? 0
				: fail(VIR_ERR_DEVICE_MISSING, "device not found");
	if (fake.detach)
		answer = fake.detach(domain, alias, &removed);
	if (answer.code)
		return fail(answer.code, answer.text);
	if (!removed)
		return 0;
	if (!erase(domain->live, alias))
		return fail(VIR_ERR_DEVICE_MISSING, "device not found");
	put_removed(domain, alias);
	return 0;
}

/* --- Start and end --------------------------------------------------------------------------- */

static int start(struct fake_domain *domain, const char *xml)
{
	struct fake_answer answer = { 0 };

	hang();
	fake.started++;
	if (fake.start)
		answer = fake.start(domain, xml);
	if (answer.code)
		return fail(answer.code, answer.text);
	snprintf(domain->live, sizeof(domain->live), "%s", xml);
	while (fake.drops_nic && erase_any(domain->live))
		;
	domain->running = true;
	return 0;
}

int virDomainCreateWithFlags(virDomainPtr of, unsigned flags)
{
	struct fake_domain *domain = (struct fake_domain *)of;

	(void)flags;
	if (domain->running)
		return fail(VIR_ERR_OPERATION_INVALID, "domain is already running");
	return start(domain, domain->config);
}

static void take_text(const char *xml, const char *element, char *text, size_t size)
{
	const char *at = strstr(xml, element);

	at = at ? at + strlen(element) : "";
	snprintf(text, size, "%.*s", (int)strcspn(at, "<"), at);
}

virDomainPtr virDomainCreateXML(virConnectPtr connection, const char *xml, unsigned flags)
{
	struct fake_domain *domain = &fake.domains[fake.count];

	(void)connection;
	(void)flags;
	if (fake.count == FAKE_DOMAINS || strlen(xml) >= FAKE_XML) {
		fail(VIR_ERR_INTERNAL_ERROR, "no room in the fake");
		return NULL;
	}
	*domain = (struct fake_domain){ 0 };
	take_text(xml, "<name>", domain->name, sizeof(domain->name));
	take_text(xml, "<uuid>", domain->uuid, sizeof(domain->uuid));
	if (start(domain, xml) < 0)
		return NULL;
	fake.count++;
	return (virDomainPtr)domain;
}

int virDomainDestroyFlags(virDomainPtr of, unsigned flags)
{
	struct fake_domain *domain = (struct fake_domain *)of;
	struct fake_answer answer = { 0 };

	(void)flags;
	hang();
	fake.destroyed++;
	if (!domain->running)
		return fail(VIR_ERR_OPERATION_INVALID, "domain is not running");
	if (fake.destroy)
		answer = fake.destroy(domain);
	if (answer.code)
		return fail(answer.code, answer.text);
	domain->running = false;
	domain->live[0] = '\0';
	/* The one that was added last: no other moves. */
	if (!domain->persistent && domain == &fake.domains[fake.count - 1])
		fake.count--;
	return 0;
}

struct fake_libvirt *fake_libvirt(void)
{
	fake.remove = erase_live;
	fake.removed = put_removed;
	fake.refused = put_refused;
	fake.stopped = put_stopped;
	return &fake;
}
