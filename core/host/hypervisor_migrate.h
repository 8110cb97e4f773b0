/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_HYPERVISOR_MIGRATE_H
#define HOST_HYPERVISOR_MIGRATE_H

#include "host/hypervisor.h"

/*
 * The live migration of a domain to another host, by this process: it keeps the connections to both
 * daemons, and leads them through the phases. Memory is copied before the handover only
 * (pre-copy), so until then the domain runs at the source, whatever happens.
 *
 * A process that is killed cancels the migration: the target's daemon destroys what it has
 * received when the connection closes (VIR_QEMU_PROCESS_START_AUTODESTROY, set by
 * qemuMigrationDstPrepareAny() and taken back by qemuMigrationDstFinish() once the domain runs
 * there), and with it the source's copying fails and the domain goes on. The source's daemon
 * forgets a migration that was not begun; where all was copied it does not know whether the
 * domain runs at the target, and leaves it paused (qemuMigrationSrcCleanup()). libvirt 8,
 * src/qemu/qemu_migration.c.
 */

/* The live description without what only this host has, from which a description for another host
 * is made; with passwords. The caller frees XML. */
int hypervisor_migratable_xml(
		struct hypervisor *hypervisor, const char *uuid, char **xml, struct err *err);

/* The same of the configuration. */
int hypervisor_migratable_config(
		struct hypervisor *hypervisor, const char *uuid, char **xml, struct err *err);

struct migration_progress {
	uint64_t elapsed_ms;
	uint64_t total, remaining; /* bytes */
};

/* Where the domain runs after the call. */
enum migration_end {
	MIGRATION_AT_SOURCE,
	MIGRATION_AT_TARGET,
	MIGRATION_UNKNOWN, /* a daemon cannot be asked, or the domain is paused */
};

struct migration {
	const char *uuid;
	const char *xml;            /* of the running domain at the target */
	const char *persistent_xml; /* its configuration there; NULL: it has none */
	const char *uri;            /* where the target receives the data; NULL: libvirt's choice */
	int limit_s;                /* after which it is cancelled */

	bool (*cancelled)(void *argument); /* asked now and then; may be NULL */
	void (*progress)(void *argument, const struct migration_progress *progress); /* or NULL */
	void *argument;

	/* The result. */
	enum migration_end end;
	int64_t downtime_ms; /* as libvirt reports it; -1: it does not */
};

/*
 * Migrates the domain. 0: it runs at the target. After any error END says where it runs. -ECANCELED: it
 * was cancelled. -ETIMEDOUT: it was cancelled because the time was over; with MIGRATION_UNKNOWN: libvirt
 * does not even end it. -ECONNRESET: a connection was lost. -EREMOTEIO: any other failure, in libvirt's
 * words.
 */
int hypervisor_migrate(struct hypervisor *source, struct hypervisor *target,
		struct migration *migration, struct err *err);

#endif
