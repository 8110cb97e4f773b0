/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "host/hypervisor_internal.h"

/* The events of a connection: libvirt's thread puts them into a queue. */

static void put_event(struct hypervisor *hypervisor, enum hypervisor_event_kind kind,
		virDomainPtr domain, const char *alias)
{
	struct hypervisor_event *event;

	pthread_mutex_lock(&hypervisor->mutex);
	/* A caller that reads no events loses the oldest. */
	if (hypervisor->count == EVENTS_MOST) {
		hypervisor->first = (hypervisor->first + 1) % EVENTS_MOST;
		hypervisor->count--;
	}
	event = &hypervisor->events[(hypervisor->first + hypervisor->count++) % EVENTS_MOST];
	*event = (struct hypervisor_event){ .kind = kind };
	if (domain)
		libvirt.virDomainGetUUIDString(domain, event->uuid);
	snprintf(event->alias, sizeof(event->alias), "%s", alias ? alias : "");
	if (kind == EVENT_CONNECTION_LOST)
		hypervisor->lost = -ECONNRESET;
	pthread_cond_broadcast(&hypervisor->changed);
	pthread_mutex_unlock(&hypervisor->mutex);
}

static void on_added(
		virConnectPtr connection, virDomainPtr domain, const char *alias, void *argument)
{
	(void)connection;
	put_event(argument, EVENT_DEVICE_ADDED, domain, alias);
}

static void on_removed(
		virConnectPtr connection, virDomainPtr domain, const char *alias, void *argument)
{
	(void)connection;
	put_event(argument, EVENT_DEVICE_REMOVED, domain, alias);
}

static void on_refused(
		virConnectPtr connection, virDomainPtr domain, const char *alias, void *argument)
{
	(void)connection;
	put_event(argument, EVENT_REMOVAL_REFUSED, domain, alias);
}

static int on_lifecycle(virConnectPtr connection, virDomainPtr domain, int event, int detail,
		void *argument)
{
	(void)connection;
	(void)detail;
	if (event == VIR_DOMAIN_EVENT_STOPPED || event == VIR_DOMAIN_EVENT_CRASHED)
		put_event(argument, EVENT_DOMAIN_STOPPED, domain, NULL);
	return 0;
}

static void on_close(virConnectPtr connection, int reason, void *argument)
{
	(void)connection;
	if (reason != VIR_CONNECT_CLOSE_REASON_CLIENT)
		put_event(argument, EVENT_CONNECTION_LOST, NULL, NULL);
}

int events_register(struct hypervisor *hypervisor, struct call *call)
{
	const struct {
		int id;
		virConnectDomainEventGenericCallback callback;
	} events[] = {
		{ VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_added) },
		{ VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(on_removed) },
		{ VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED,
				VIR_DOMAIN_EVENT_CALLBACK(on_refused) },
		{ VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle) },
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		if (libvirt.virConnectDomainEventRegisterAny(call->connection, NULL, events[i].id,
				    events[i].callback, hypervisor, NULL) < 0)
			return call_fail(call, "cannot ask for events");
	}
	libvirt.virConnectRegisterCloseCallback(call->connection, on_close, hypervisor, NULL);
	return 0;
}

int hypervisor_next_event(struct hypervisor *hypervisor, struct deadline deadline,
		struct hypervisor_event *event)
{
	struct timespec until = condition_time(deadline);
	int rc = 0;

	pthread_mutex_lock(&hypervisor->mutex);
	while (!hypervisor->count && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&hypervisor->changed, &hypervisor->mutex, &until);
	if (hypervisor->count) {
		*event = hypervisor->events[hypervisor->first];
		hypervisor->first = (hypervisor->first + 1) % EVENTS_MOST;
		hypervisor->count--;
		rc = 0;
	}
	pthread_mutex_unlock(&hypervisor->mutex);
	return -rc;
}
