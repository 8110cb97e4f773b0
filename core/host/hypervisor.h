/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_HYPERVISOR_H
#define HOST_HYPERVISOR_H

#include "base/clock.h"
#include "host/host.h"

/*
 * The virtual machines ("domains") of this host, as libvirt's daemon for QEMU knows them. libvirt's
 * library is loaded by hypervisor_open(): programs that do not call it need no libvirt.
 *
 * No call waits for ever. The daemon may finish later what a call that has timed out asked for.
 * After -ETIMEDOUT or -ECONNRESET every further call fails with the same error at once: open again.
 */
struct hypervisor;

/* Connects to the daemon of HOST. -ENOENT: libvirt is not installed, or its daemon does not run
 * here; the message says which, and what to do. */
int hypervisor_open(const struct host *host, struct hypervisor **hypervisor, struct err *err);

/* Connects to the daemon that a URI of libvirt names, "qemu+ssh://HOST/system". */
int hypervisor_open_uri(const char *uri, struct hypervisor **hypervisor, struct err *err);
void hypervisor_close(struct hypervisor *hypervisor); /* NULL is not an error */
void cleanup_hypervisor(struct hypervisor **hypervisor);

enum domain_state {
	DOMAIN_STOPPED, /* crashed, too */
	DOMAIN_RUNNING,
	DOMAIN_PAUSED, /* also what a migration or the end of the guest's own sleep waits for */
};

enum { DOMAIN_NAME_ROOM = 128, DOMAIN_UUID_ROOM = 37 };

struct domain_status {
	char name[DOMAIN_NAME_ROOM], uuid[DOMAIN_UUID_ROOM];
	enum domain_state state;
	bool persistent; /* it has a configuration that outlives its run */
	bool saved;      /* its next start resumes the run that virsh managedsave has saved */
};

/* All domains in the order of their names; the caller frees LIST. */
int hypervisor_list(struct hypervisor *hypervisor, struct domain_status **list, size_t *count,
		struct err *err);

/* Finds a domain by name or UUID. -ENODEV: the message lists those that are there. */
int hypervisor_find(struct hypervisor *hypervisor, const char *name, struct domain_status *status,
		struct err *err);

/* Which of the two descriptions of a domain. */
enum domain_side {
	DOMAIN_LIVE = 1 << 0,   /* of the running one */
	DOMAIN_CONFIG = 1 << 1, /* of the next start */
};

/* Returns the XML of one side for the caller to free. -ENODEV: there is no such domain any more. */
int hypervisor_xml(struct hypervisor *hypervisor, const char *uuid, enum domain_side side,
		char **xml, struct err *err);

/* Adds a device to the SIDES of a domain. -EBUSY: another domain has the device. -EREMOTEIO: any
 * other refusal, in libvirt's words. */
int hypervisor_attach(struct hypervisor *hypervisor, const char *uuid, const char *device_xml,
		unsigned sides, struct err *err);

/*
 * Removes the device with ALIAS from one side. From the running machine: asks the guest to release
 * it, and returns at once; what happens is told by events and by the XML. -ENODEV: there is no such
 * device (any more). -EALREADY: the guest was asked already. -EREMOTEIO: any other refusal.
 */
int hypervisor_detach(struct hypervisor *hypervisor, const char *uuid, const char *alias,
		enum domain_side side, struct err *err);

/* Changes a NIC of a running domain, which keeps its place, MAC and alias, to what the XML says.
 * -EREMOTEIO: libvirt cannot, in its words. */
int hypervisor_update(struct hypervisor *hypervisor, const char *uuid, const char *device_xml,
		struct err *err);

/* The configuration with all that it takes to define it again, passwords too; the caller frees XML. */
int hypervisor_config(struct hypervisor *hypervisor, const char *uuid, char **xml, struct err *err);

/* Replaces the configuration of the domain that the XML names, as a whole or not at all. */
int hypervisor_define(struct hypervisor *hypervisor, const char *xml, struct err *err);

/* The most that a start takes: QEMU pins all of a guest's memory for its VFs. */
enum { HYPERVISOR_START_MS = 180000 };

/* Starts a domain from its configuration. -EBUSY: another domain has one of its devices, which
 * the message names. -EREMOTEIO: any other refusal, after which the domain does not run. */
int hypervisor_start(struct hypervisor *hypervisor, const char *uuid, struct err *err);

/* The same from XML, for a domain that is gone when it ends. */
int hypervisor_create(struct hypervisor *hypervisor, const char *xml, struct err *err);

/* Ends a running domain at once. -ENODEV: there is none. -EREMOTEIO: any other refusal. */
int hypervisor_destroy(struct hypervisor *hypervisor, const char *uuid, struct err *err);

enum hypervisor_event_kind {
	EVENT_DEVICE_ADDED,
	EVENT_DEVICE_REMOVED,
	EVENT_REMOVAL_REFUSED, /* by the guest */
	EVENT_DOMAIN_STOPPED,
	EVENT_CONNECTION_LOST, /* of no domain */
};

struct hypervisor_event {
	enum hypervisor_event_kind kind;
	char uuid[DOMAIN_UUID_ROOM];
	char alias[DOMAIN_NAME_ROOM]; /* "" unless a device is meant */
};

/* Returns the next event since hypervisor_open(), in order. -ETIMEDOUT without ERR: there is none
 * until DEADLINE. Events are lost while the daemon is away. */
int hypervisor_next_event(struct hypervisor *hypervisor, struct deadline deadline,
		struct hypervisor_event *event);

#endif
