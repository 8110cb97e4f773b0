/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fake_libvirt_internal.h"

#include <fcntl.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The functions of libvirt that the manager uses, and no more; the others are in
 * fake_start.c and fake_migration.c. */

static struct fake_libvirt host;
struct fake_libvirt *daemons[FAKE_DAEMONS] = { &host };
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
} callbacks[FAKE_DAEMONS][EVENT_IDS];

int fail(int code, const char *text)
{
	snprintf(last_text, sizeof(last_text), "%s", text);
	last = (virError){ .code = code, .message = last_text };
	return -1;
}

unsigned daemon_of(const struct fake_domain *domain)
{
	const struct fake_libvirt *target = daemons[FAKE_TARGET];

	return target && domain >= target->domains && domain < target->domains + FAKE_DOMAINS;
}

struct fake_libvirt *daemon_with(virDomainPtr domain)
{
	return daemons[daemon_of((struct fake_domain *)domain)];
}

bool hang(struct fake_libvirt *fake)
{
	if (fake->lost_for == getpid()) {
		fail(VIR_ERR_RPC, "client socket is closed");
		return true;
	}
	if (!fake->hangs)
		return false;
	fake->hangs--;
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
	unsigned daemon;

	pthread_mutex_lock(&mutex);
	while (!queue_count)
		pthread_cond_wait(&queued, &mutex);
	event = queue[0];
	memmove(queue, queue + 1, --queue_count * sizeof(*queue));
	pthread_mutex_unlock(&mutex);
	daemon = daemon_of(event.domain);
	argument = callbacks[daemon][event.id].argument;
	if (!callbacks[daemon][event.id].call)
		return 0;
	if (event.id == VIR_DOMAIN_EVENT_ID_LIFECYCLE)
		((virConnectDomainEventCallback)(void (*)(void))callbacks[daemon][event.id].call)(
				NULL, (virDomainPtr)event.domain, VIR_DOMAIN_EVENT_STOPPED, 0,
				argument);
	else
		((virConnectDomainEventDeviceRemovedCallback)(void (*)(
				void))callbacks[daemon][event.id]
						.call)(
				NULL, (virDomainPtr)event.domain, event.alias, argument);
	return 0;
}

int virConnectDomainEventRegisterAny(virConnectPtr connection, virDomainPtr domain, int id,
		virConnectDomainEventGenericCallback call, void *argument, virFreeCallback release)
{
	unsigned daemon = (struct fake_libvirt *)connection == daemons[FAKE_TARGET];

	(void)domain;
	(void)release;
	callbacks[daemon][id].call = call;
	callbacks[daemon][id].argument = argument;
	return id;
}

/* --- The connection -------------------------------------------------------------------------- */

virConnectPtr virConnectOpen(const char *name)
{
	struct fake_libvirt *fake = daemons[strncmp(name, "target:", 7) ? FAKE_HOST : FAKE_TARGET];

	if (fake)
		fake->lost_for = 0;
	else
		fail(VIR_ERR_NO_CONNECT, "no such daemon");
	return !fake || hang(fake) ? NULL : (virConnectPtr)fake;
}

int virConnectClose(virConnectPtr connection)
{
	unsigned daemon = (struct fake_libvirt *)connection == daemons[FAKE_TARGET];

	memset(callbacks[daemon], 0, sizeof(callbacks[daemon]));
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
	struct fake_libvirt *fake = (struct fake_libvirt *)connection;

	(void)flags;
	if (hang(fake))
		return -1;
	*list = calloc(fake->count + 1, sizeof(**list));
	for (size_t i = 0; *list && i < fake->count; i++)
		(*list)[i] = (virDomainPtr)&fake->domains[i];
	return (int)fake->count;
}

virDomainPtr virDomainLookupByUUIDString(virConnectPtr connection, const char *uuid)
{
	struct fake_libvirt *fake = (struct fake_libvirt *)connection;

	for (size_t i = 0; i < fake->count && !hang(fake); i++) {
		if (!strcmp(fake->domains[i].uuid, uuid))
			return (virDomainPtr)&fake->domains[i];
	}
	if (fake->lost_for != getpid())
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
	const struct fake_domain *fake = (struct fake_domain *)domain;

	(void)reason;
	(void)flags;
	*state = !fake->running        ? VIR_DOMAIN_SHUTOFF
			: fake->paused ? VIR_DOMAIN_PAUSED
				       : VIR_DOMAIN_RUNNING;
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

/* Whether a device has the port by its own XML. */
static bool is_given(const char *xml, unsigned port)
{
	char address[80];

	snprintf(address, sizeof(address), "domain='0x0000' bus='0x%02x' slot='0x00'", port);
	return strstr(xml, address) != NULL;
}

/* Behind the address on the host. */
static bool has_place(const char *interface, const char *end)
{
	const char *source = strstr(interface, "</source>");
	const char *place = strstr(source && source < end ? source : interface, "<address type=");

	return place && place < end;
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
			domain - daemons[daemon_of(domain)]->domains + 1);
	for (unsigned port = 1; (next = strstr(at, end)); at = next + strlen(end), port++) {
		fprintf(out, "%.*s", (int)(next - at), at);
		while (is_given(domain->live, port))
			port++;
		if (has_place(at, next))
			port--;
		else if (port <= ports)
			fprintf(out, "<address type='pci' bus='0x%02x' slot='0x00'/>", port);
		fputs(end, out);
	}
	fputs(at, out);
	fclose(out);
	return xml;
}

char *virDomainGetXMLDesc(virDomainPtr pointer, unsigned flags)
{
	struct fake_domain *domain = (struct fake_domain *)pointer;

	if (hang(daemon_with(pointer)))
		return NULL;
	if (flags & VIR_DOMAIN_XML_INACTIVE || !domain->running)
		return strdup(domain->config);
	return flags & VIR_DOMAIN_XML_MIGRATABLE ? strdup(domain->live) : live_xml(domain);
}

/* --- Devices --------------------------------------------------------------------------------- */

void insert(char *xml, const char *device)
{
	char *end = strstr(xml, "</devices>"), *rest = end ? strdup(end) : NULL;

	if (rest)
		snprintf(end, (size_t)(FAKE_XML - (end - xml)), "%s%s", device, rest);
	free(rest);
}

bool erase(char *xml, const char *alias)
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

bool erase_any(char *xml)
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

int virDomainAttachDeviceFlags(virDomainPtr pointer, const char *xml, unsigned flags)
{
	struct fake_libvirt *fake = daemon_with(pointer);
	struct fake_domain *domain = (struct fake_domain *)pointer;
	struct fake_answer answer = { 0 };

	if (hang(fake))
		return -1;
	fake->attached++;
	if (flags & VIR_DOMAIN_AFFECT_LIVE && fake->attach)
		answer = fake->attach(domain, xml);
	if (!answer.code && flags & VIR_DOMAIN_AFFECT_CONFIG && fake->configure)
		answer = fake->configure(domain, xml);
	if (answer.code)
		return fail(answer.code, answer.text);
	if (fake->drops_nic)
		return 0;
	if (flags & VIR_DOMAIN_AFFECT_LIVE)
		insert(domain->live, xml);
	if (flags & VIR_DOMAIN_AFFECT_CONFIG)
		insert(domain->config, xml);
	return 0;
}

int virDomainDetachDeviceAlias(virDomainPtr pointer, const char *alias, unsigned flags)
{
	struct fake_libvirt *fake = daemon_with(pointer);
	struct fake_domain *domain = (struct fake_domain *)pointer;
	struct fake_answer answer = { 0 };
	bool removed = true;

	if (hang(fake))
		return -1;
	fake->detached++;
	if (flags & VIR_DOMAIN_AFFECT_CONFIG)
		return erase(domain->config, alias)
				? 0
				: fail(VIR_ERR_DEVICE_MISSING, "device not found");
	if (fake->detach)
		answer = fake->detach(domain, alias, &removed);
	if (answer.code)
		return fail(answer.code, answer.text);
	if (!removed)
		return 0;
	if (!erase(domain->live, alias))
		return fail(VIR_ERR_DEVICE_MISSING, "device not found");
	put_removed(domain, alias);
	return 0;
}

/* --- For tests ------------------------------------------------------------------------------- */

static struct fake_libvirt *prepare(struct fake_libvirt *fake)
{
	fake->remove = erase_live;
	fake->removed = put_removed;
	fake->refused = put_refused;
	fake->stopped = put_stopped;
	return fake;
}

struct fake_libvirt *fake_libvirt(void)
{
	return prepare(daemons[FAKE_HOST]);
}

struct fake_libvirt *fake_libvirt_map(unsigned daemon, const char *file)
{
	int fd = file ? open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	void *memory;

	if (file && (fd < 0 || ftruncate(fd, sizeof(struct fake_libvirt)) < 0))
		abort();
	memory = mmap(NULL, sizeof(struct fake_libvirt), PROT_READ | PROT_WRITE,
			MAP_SHARED | (file ? 0 : MAP_ANONYMOUS), fd, 0);
	if (memory == MAP_FAILED)
		abort();
	if (file)
		close(fd);
	daemons[daemon] = memory;
	return prepare(memory);
}
