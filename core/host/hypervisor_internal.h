/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_HYPERVISOR_INTERNAL_H
#define HOST_HYPERVISOR_INTERNAL_H

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>

#include "base/timed_call.h"
#include "host/hypervisor.h"
#include "host/hypervisor_network.h"

/* What the files of the hypervisor share. */

/* What is used of the library. */
#define FUNCTIONS(DO)                        \
	DO(virConnectClose)                  \
	DO(virConnectDomainEventRegisterAny) \
	DO(virConnectListAllDomains)         \
	DO(virConnectListAllNetworks)        \
	DO(virConnectOpen)                   \
	DO(virConnectRegisterCloseCallback)  \
	DO(virConnectSetKeepAlive)           \
	DO(virDomainAbortJob)                \
	DO(virDomainAttachDeviceFlags)       \
	DO(virDomainCreateWithFlags)         \
	DO(virDomainCreateXML)               \
	DO(virDomainDefineXML)               \
	DO(virDomainDestroyFlags)            \
	DO(virDomainDetachDeviceAlias)       \
	DO(virDomainFree)                    \
	DO(virDomainGetJobStats)             \
	DO(virDomainGetName)                 \
	DO(virDomainGetState)                \
	DO(virDomainGetUUIDString)           \
	DO(virDomainGetXMLDesc)              \
	DO(virDomainHasManagedSaveImage)     \
	DO(virDomainIsPersistent)            \
	DO(virDomainLookupByUUIDString)      \
	DO(virDomainMigrate3)                \
	DO(virDomainUpdateDeviceFlags)       \
	DO(virEventRegisterDefaultImpl)      \
	DO(virEventRunDefaultImpl)           \
	DO(virGetLastError)                  \
	DO(virNetworkFree)                   \
	DO(virNetworkGetName)                \
	DO(virNetworkGetXMLDesc)             \
	DO(virNetworkIsActive)               \
	DO(virNetworkListAllPorts)           \
	DO(virNetworkPortFree)               \
	DO(virNetworkPortGetXMLDesc)         \
	DO(virSetErrorFunc)                  \
	DO(virTypedParamsFree)

#define MEMBER(name) __typeof__(&name) name;

struct libvirt {
	void *handle;
	FUNCTIONS(MEMBER)
};

extern struct libvirt libvirt;

/* Loads the library once, and starts its event loop. */
int libvirt_load(struct err *err);

enum {
	OPEN_MS = 10000,
	OPEN_OTHER_MS = 30000,
	CALL_MS = 10000,
	ATTACH_MS = 30000,
	EVENTS_MOST = 1024
};

struct hypervisor {
	virConnectPtr connection;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t changed;
	struct hypervisor_event events[EVENTS_MOST];
	size_t first, count;
	int lost; /* -errno of every further call */
	struct hypervisor *closed_before;
};

/* One call: its arguments, and then its result. */
struct call {
	struct timed_call timed;
	struct err err;
	virConnectPtr connection;
	char *uri, *uuid, *xml, *alias;
	unsigned flags;

	/* Of a migration; URI is that of its data. */
	virConnectPtr target;
	char *persistent_xml;
	struct job_stats {
		bool has_downtime;
		uint64_t elapsed_ms, total, remaining, downtime_ms;
	} stats;

	char *text;
	struct domain_status *list;
	struct hypervisor_network *networks;
	size_t count;
};

struct call *call_new(struct hypervisor *hypervisor, const char *uuid,
		int (*run)(struct timed_call *call));
void cleanup_call(struct call **call);

/* Makes a call on the connection. After -ETIMEDOUT, *CALL is NULL. */
int call_ask(struct hypervisor *hypervisor, struct call **call, int limit_ms, struct err *err);

/* -ETIMEDOUT or -ECONNRESET if the connection is lost. */
int call_check(struct hypervisor *hypervisor, struct err *err);

/* Marks the connection as lost if RC is -ETIMEDOUT or -ECONNRESET, and returns RC. */
int call_lose(struct hypervisor *hypervisor, int rc);

/* The domain of the call's UUID, or NULL with the error in CALL. */
virDomainPtr call_domain(struct call *call);

/* Records libvirt's error of the present thread in CALL, and returns its code. */
int call_fail(struct call *call, const char *what);

/* The description of a domain, by libvirt's flags, for the caller to free. */
int call_xml(struct hypervisor *hypervisor, const char *uuid, unsigned flags, char **xml,
		struct err *err);

/* Asks for the events of the call's connection. */
int events_register(struct hypervisor *hypervisor, struct call *call);

#endif
