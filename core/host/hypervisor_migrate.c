/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/hypervisor_migrate.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/hypervisor_internal.h"

/*
 * libvirt's call returns when all phases are over, so it runs in its thread while this one asks for progress
 * and, if need be, aborts. Either daemon may answer last: what counts is where the domain runs.
 */

enum { MIGRATABLE = VIR_DOMAIN_XML_MIGRATABLE | VIR_DOMAIN_XML_SECURE };
enum { LOOK_MS = 250, ABORT_MS = 60000, END_MS = 10000 };

/* --- Descriptions ---------------------------------------------------------------------------- */

int hypervisor_migratable_xml(
		struct hypervisor *hypervisor, const char *uuid, char **xml, struct err *err)
{
	return call_xml(hypervisor, uuid, MIGRATABLE, xml, err);
}

int hypervisor_migratable_config(
		struct hypervisor *hypervisor, const char *uuid, char **xml, struct err *err)
{
	return call_xml(hypervisor, uuid, MIGRATABLE | VIR_DOMAIN_XML_INACTIVE, xml, err);
}

/* --- The job --------------------------------------------------------------------------------- */

static void put_text(virTypedParameterPtr params, int *count, const char *field, char *text)
{
	virTypedParameterPtr param = &params[*count];

	if (!text)
		return;
	*param = (virTypedParameter){ .type = VIR_TYPED_PARAM_STRING, .value.s = text };
	strcpy(param->field, field);
	++*count;
}

static int run_migrate(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = call_domain(call), moved;
	virTypedParameter params[3];
	int count = 0;

	if (!domain)
		return -call->err.code;
	put_text(params, &count, VIR_MIGRATE_PARAM_DEST_XML, call->xml);
	put_text(params, &count, VIR_MIGRATE_PARAM_PERSIST_XML, call->persistent_xml);
	put_text(params, &count, VIR_MIGRATE_PARAM_URI, call->uri);
	moved = libvirt.virDomainMigrate3(
			domain, call->target, params, (unsigned)count, call->flags);
	if (moved)
		libvirt.virDomainFree(moved);
	else
		call_fail(call, "cannot migrate it");
	libvirt.virDomainFree(domain);
	return -call->err.code;
}

static void take_number(struct job_stats *stats, const virTypedParameter *param)
{
	static const struct {
		const char *field;
		size_t offset;
	} fields[] = {
		{ VIR_DOMAIN_JOB_TIME_ELAPSED, offsetof(struct job_stats, elapsed_ms) },
		{ VIR_DOMAIN_JOB_DATA_TOTAL, offsetof(struct job_stats, total) },
		{ VIR_DOMAIN_JOB_DATA_REMAINING, offsetof(struct job_stats, remaining) },
		{ VIR_DOMAIN_JOB_DOWNTIME, offsetof(struct job_stats, downtime_ms) },
	};

	if (param->type != VIR_TYPED_PARAM_ULLONG)
		return;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		uint64_t value = param->value.ul;

		if (!strcmp(param->field, fields[i].field))
			memcpy((char *)stats + fields[i].offset, &value, sizeof(value));
	}
	stats->has_downtime |= !strcmp(param->field, VIR_DOMAIN_JOB_DOWNTIME);
}

static int run_stats(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = call_domain(call);
	virTypedParameterPtr params = NULL;
	int type, count = 0;

	if (!domain)
		return -call->err.code;
	if (libvirt.virDomainGetJobStats(domain, &type, &params, &count, call->flags) < 0)
		call_fail(call, "cannot read its progress");
	for (int i = 0; i < count; i++)
		take_number(&call->stats, &params[i]);
	libvirt.virTypedParamsFree(params, count);
	libvirt.virDomainFree(domain);
	return -call->err.code;
}

static int read_stats(struct hypervisor *hypervisor, const char *uuid, unsigned flags,
		struct job_stats *stats)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, uuid, run_stats);
	int rc;

	call->flags = flags;
	rc = call_ask(hypervisor, &call, CALL_MS, NULL);
	if (!rc)
		*stats = call->stats;
	return rc;
}

static int run_abort(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virDomainPtr domain = call_domain(call);

	if (!domain)
		return -call->err.code;
	if (libvirt.virDomainAbortJob(domain) < 0)
		call_fail(call, "cannot cancel it");
	libvirt.virDomainFree(domain);
	return -call->err.code;
}

/* --- Its end --------------------------------------------------------------------------------- */

struct migrating {
	struct hypervisor *source, *target;
	struct migration *migration;
	struct deadline limit;
	struct err why;        /* it is to be cancelled */
	struct deadline abort; /* when to give up then */
};

static bool runs_at(struct hypervisor *hypervisor, const char *uuid)
{
	struct domain_status now;

	return !hypervisor_find(hypervisor, uuid, &now, NULL) && now.state == DOMAIN_RUNNING;
}

static bool is_somewhere(void *argument)
{
	const struct migrating *migrating = argument;
	struct migration *migration = migrating->migration;

	if (runs_at(migrating->target, migration->uuid))
		migration->end = MIGRATION_AT_TARGET;
	else if (runs_at(migrating->source, migration->uuid))
		migration->end = MIGRATION_AT_SOURCE;
	return migration->end != MIGRATION_UNKNOWN;
}

static void read_downtime(struct migrating *migrating)
{
	struct job_stats stats = { 0 };
	struct migration *migration = migrating->migration;

	if (!read_stats(migrating->target, migration->uuid, VIR_DOMAIN_JOB_STATS_COMPLETED,
			    &stats) &&
			stats.has_downtime)
		migration->downtime_ms = (int64_t)stats.downtime_ms;
}

/* --- All of it ------------------------------------------------------------------------------- */

static void decide_to_abort(struct migrating *migrating)
{
	const struct migration *migration = migrating->migration;

	if (migrating->why.code)
		return;
	if (migration->cancelled && migration->cancelled(migration->argument))
		err_set(&migrating->why, ECANCELED, "it was cancelled");
	else if (!deadline_left(migrating->limit))
		err_set(&migrating->why, ETIMEDOUT,
				"it did not end within %d s, and was cancelled: the guest may "
				"write to its memory faster than the network takes it",
				migration->limit_s);
	migrating->abort = deadline_in(ABORT_MS);
}

/* Before it is under way there is nothing to abort: the next look tries again. */
static void abort_job(struct migrating *migrating)
{
	CLEANUP(cleanup_call)
	struct call *call = call_new(migrating->source, migrating->migration->uuid, run_abort);

	call_ask(migrating->source, &call, CALL_MS, NULL);
}

static void report(struct migrating *migrating)
{
	const struct migration *migration = migrating->migration;
	struct job_stats stats = { 0 };

	if (migration->progress && !read_stats(migrating->source, migration->uuid, 0, &stats))
		migration->progress(migration->argument,
				&(struct migration_progress){
						stats.elapsed_ms, stats.total, stats.remaining });
}

/* After -ETIMEDOUT, *CALL is NULL. */
static int attend(struct migrating *migrating, struct call **call, struct err *err)
{
	while (!timed_call_wait(&(*call)->timed, deadline_in(LOOK_MS))) {
		decide_to_abort(migrating);
		if (!migrating->why.code) {
			report(migrating);
			continue;
		}
		abort_job(migrating);
		if (deadline_left(migrating->abort) ||
				timed_call_give_up((struct timed_call **)call))
			continue;
		call_lose(migrating->source, -ETIMEDOUT);
		call_lose(migrating->target, -ETIMEDOUT);
		return err_set(err, ETIMEDOUT,
				"libvirt does not cancel it: look at both hosts (virsh list)");
	}
	return (*call)->timed.rc < 0 ? err_pass(err, &(*call)->err, "%s", (*call)->err.msg) : 0;
}

static int begin(struct migrating *migrating, struct call *call, struct err *err)
{
	const struct migration *migration = migrating->migration;
	int rc = call_check(migrating->source, err);

	if (!rc)
		rc = call_check(migrating->target, err);
	call->target = migrating->target->connection;
	call->xml = text_format("%s", migration->xml);
	call->flags = VIR_MIGRATE_LIVE;
	if (migration->persistent_xml) {
		call->persistent_xml = text_format("%s", migration->persistent_xml);
		call->flags |= VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE;
	}
	if (migration->uri)
		call->uri = text_format("%s", migration->uri);
	return rc ? rc : timed_call_begin(&call->timed, err);
}

int hypervisor_migrate(struct hypervisor *source, struct hypervisor *target,
		struct migration *migration, struct err *err)
{
	CLEANUP(cleanup_call)
	struct call *call = call_new(source, migration->uuid, run_migrate);
	struct migrating migrating = { source, target, migration,
		deadline_in(1000 * (int64_t)migration->limit_s) };
	struct err cause = { 0 };
	int rc = begin(&migrating, call, &cause);

	migration->end = MIGRATION_UNKNOWN;
	migration->downtime_ms = -1;
	if (!rc)
		rc = attend(&migrating, &call, &cause);
	if (!rc)
		migration->end = MIGRATION_AT_TARGET;
	else
		clock_poll(is_somewhere, &migrating, deadline_in(END_MS), LOOK_MS);
	if (migration->end == MIGRATION_AT_TARGET) {
		read_downtime(&migrating);
		return 0;
	}
	if (migrating.why.code && migration->end == MIGRATION_AT_SOURCE)
		return err_pass(err, &migrating.why, "%s", migrating.why.msg);
	return err_pass(err, &cause, "%s", cause.msg);
}
