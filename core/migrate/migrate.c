/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migrate/migrate.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/signals.h"
#include "base/text.h"
#include "domain/domain_edit.h"
#include "migrate/migrate_internal.h"
#include "sriov/refusal.h"

/* The run of a migration, at the source. A signal ends it between two steps until the machine runs on the
 * target; from then on it goes on to its end. */

enum { RENEW_MS = 30000, PING_MS = 10000, PLUG_MS = 60000, SHORT_WAIT_S = 1 };

struct moving {
	struct giving giving;
	struct migrate *migrate;
	int64_t renewed_ms, pinged_ms; /* clock_ms() */
	struct err lost;               /* the session with the target has ended */
};

const char *migrate_phase_name(enum migrate_phase phase)
{
	static const char *const names[MIGRATE_PHASES] = { "plan", "reserve", "unplug", "copy",
		"plug" };

	return names[phase];
}

void migrate_enter(struct migrate *migrate, enum migrate_phase phase)
{
	migrate->ms[phase] = clock_ms();
	if (migrate->request.tell)
		migrate->request.tell(migrate->request.argument, phase, NULL);
}

void migrate_leave(struct migrate *migrate, enum migrate_phase phase)
{
	migrate->ms[phase] = clock_ms() - migrate->ms[phase];
}

static int check_cancelled(struct err *err)
{
	return signals_pending() ? err_set(err, ECANCELED, "it was cancelled") : 0;
}

/* --- Before the machine moves ---------------------------------------------------------------- */

static int reserve(struct moving *moving, struct err *err)
{
	int rc = check_cancelled(err);

	return rc ? rc : migrate_ask_nics(moving->migrate, false, moving->giving.notes, err);
}

/* So that neither side takes the other for alive, or for lost, that is not. */
static int ping(struct moving *moving, struct err *err)
{
	const struct peer_ask ask = { "wait", NULL, PING_MS, true };
	CLEANUP(cleanup_record) struct record *answer = NULL;

	moving->pinged_ms = clock_ms();
	return peer_ask(&moving->migrate->peer, &ask, &answer, moving->giving.notes, err);
}

static void ping_if_due(struct moving *moving)
{
	if (!moving->lost.code && clock_ms() >= moving->pinged_ms + PING_MS)
		ping(moving, &moving->lost);
}

static void renew(struct moving *moving)
{
	struct giving giving = moving->giving;
	CLEANUP(cleanup_fd) int lock = -1;

	if (clock_ms() < moving->renewed_ms + RENEW_MS)
		return;
	/* There will be another chance. */
	giving.wait_s = SHORT_WAIT_S;
	if (give_lock(&giving, &lock, NULL) < 0)
		return;
	moving->renewed_ms = clock_ms();
	for (size_t i = 0; i < moving->migrate->nics.count; i++)
		withdraw_renew(&giving, &moving->migrate->back[i]);
}

static int withdraw_all(struct moving *moving, struct err *err)
{
	struct migrate *migrate = moving->migrate;
	int rc = check_cancelled(err);

	for (size_t i = 0; !rc && i < migrate->nics.count; i++) {
		if (!migrate->nics.list[i].live)
			continue;
		rc = withdraw(&moving->giving, &migrate->back[i],
				deadline_in(1000 * (int64_t)migrate->request.guest_s), err);
		ping_if_due(moving);
		renew(moving);
		if (!rc)
			rc = check_cancelled(err);
	}
	return rc;
}

/* --- The machine moves ----------------------------------------------------------------------- */

static void replace(char **text, char *by)
{
	free(*text);
	*text = by;
}

/* The NICs as the target has them: on its bridges, and without VFs. */
static void adapt(const struct migrate *migrate, char **xml)
{
	for (size_t i = 0; i < migrate->nics.count; i++) {
		const struct moving_nic *nic = &migrate->nics.list[i];
		char alias[ALIAS_ROOM], standby[ALIAS_ROOM];

		nic_aliases(nic->nic, alias, standby);
		if (nic->live || nic->config)
			replace(xml, domain_without_nic(*xml, alias));
		if (nic->has_standby)
			replace(xml, domain_with_bridge(*xml, standby, nic->bridge));
		if (nic->is_bridged)
			replace(xml, domain_with_bridge(*xml, alias, nic->bridge));
	}
}

/* Without the target's vfctl nobody would give the machine its VFs. */
static bool is_cancelled(void *argument)
{
	const struct moving *moving = argument;

	return signals_pending() || moving->lost.code;
}

static void follow(void *argument, const struct migration_progress *progress)
{
	struct moving *moving = argument;
	const struct migrate_request *request = &moving->migrate->request;

	if (request->tell)
		request->tell(request->argument, MIGRATE_COPYING, progress);
	ping_if_due(moving);
	renew(moving);
}

static int copy(struct moving *moving, struct err *err)
{
	struct migrate *migrate = moving->migrate;
	struct hypervisor *source = *moving->giving.hypervisor;
	CLEANUP(cleanup_free) char *xml = NULL;
	CLEANUP(cleanup_free) char *persistent_xml = NULL;
	struct migration migration = { .uuid = migrate->vm.uuid,
		.uri = migrate->request.data_uri,
		.limit_s = migrate->request.limit_s,
		.cancelled = is_cancelled,
		.progress = follow,
		.argument = moving };
	struct err cause = { 0 };
	int rc = ping(moving, err);

	if (!rc)
		rc = hypervisor_migratable_xml(source, migrate->vm.uuid, &xml, err);
	if (!rc && migrate->vm.persistent)
		rc = hypervisor_migratable_config(source, migrate->vm.uuid, &persistent_xml, err);
	if (rc < 0)
		return rc;
	adapt(migrate, &xml);
	if (persistent_xml)
		adapt(migrate, &persistent_xml);
	migration.xml = xml;
	migration.persistent_xml = persistent_xml;
	rc = hypervisor_migrate(source, migrate->target, &migration, &cause);
	migrate->arrived = migration.end == MIGRATION_AT_TARGET;
	migrate->end_known = migration.end != MIGRATION_UNKNOWN;
	migrate->downtime_ms = migration.downtime_ms;
	if (rc == -ECANCELED && moving->lost.code)
		return err_pass(err, &moving->lost, "%s", moving->lost.msg);
	return rc ? err_pass(err, &cause, "%s", cause.msg) : 0;
}

/* --- The machine has moved ------------------------------------------------------------------- */

/* The NICs that have no VF there, "nic1: why; nic2: why"; for the caller to free. */
static char *lacking(struct migrate *migrate, const struct record *answer, const char **refusal)
{
	char *all = text_format("%s", "");

	for (size_t i = 0; i < migrate->nics.count; i++) {
		const struct record *nic = record_at(record_get(answer, "nics"), i);
		const char *message = record_str(nic, "message", NULL);
		int known = refusal_find(record_str(nic, "refusal", ""));
		struct moving_nic *moved = &migrate->nics.list[i];

		moved->vf[0] = '\0';
		strncat(moved->vf, record_str(nic, "vf", ""), sizeof(moved->vf) - 1);
		if (!message)
			continue;
		replace(&all,
				text_format("%s%s%s: %.200s", all, *all ? "; " : "", moved->nic,
						message));
		if (known >= 0 && !*refusal)
			*refusal = refusal_name((enum refusal)known);
	}
	return all;
}

static int say_lacking(const struct migrate *migrate, const char *what, const char *refusal,
		struct err *err)
{
	const char *vm = migrate->vm.name, *target = migrate->request.target;
	bool is_first = err && !err->code;

	err_set(err, EREMOTEIO,
			"VM %s runs on %s, on the standby alone: %.200s (on %s: vfctl vm upgrade %s)",
			vm, target, what, target, vm);
	if (is_first)
		err->refusal = refusal;
	return -EREMOTEIO;
}

static int plug(struct moving *moving, struct err *err)
{
	struct migrate *migrate = moving->migrate;
	const struct peer_ask ask = { "plug", NULL,
		ASK_MS + PLUG_MS * (int)(migrate->nics.count + 1), true };
	CLEANUP(cleanup_record) struct record *answer = NULL;
	CLEANUP(cleanup_free) char *without = NULL;
	const char *refusal = NULL;
	struct err cause = { 0 };

	if (peer_ask(&migrate->peer, &ask, &answer, moving->giving.notes, &cause) < 0)
		return say_lacking(migrate, cause.msg, cause.refusal, err);
	without = lacking(migrate, answer, &refusal);
	return *without ? say_lacking(migrate, without, refusal, err) : 0;
}

/* Nothing of the machine stays here. What cannot be removed is a note: it is the target's by now. */
static void leave(struct moving *moving)
{
	const struct giving *giving = &moving->giving;
	const struct migrate *migrate = moving->migrate;
	CLEANUP(cleanup_fd) int lock = -1;
	struct err err = { 0 };

	if (give_lock(giving, &lock, &err) < 0) {
		diagnostic_add(giving->notes, "%s", err.msg);
		return;
	}
	for (size_t i = 0; i < migrate->nics.count; i++) {
		CLEANUP(cleanup_free)
		char *name = vnic_name(migrate->vm.uuid, migrate->nics.list[i].nic);
		struct err cause = { 0 };

		withdraw_end(giving, &migrate->back[i]);
		if (vnic_forget(giving->host, name, &cause) < 0)
			diagnostic_add(giving->notes, "%s", cause.msg);
	}
}

/* --- All of it ------------------------------------------------------------------------------- */

/* Its daemon may have been restarted meanwhile. */
static void open_again(struct moving *moving)
{
	struct hypervisor **hypervisor = moving->giving.hypervisor;
	struct domain_status now;
	struct err err = { 0 };
	int rc = hypervisor_find(*hypervisor, moving->migrate->vm.uuid, &now, NULL);

	if (!is_unknown_end(rc))
		return;
	hypervisor_close(TAKE(*hypervisor));
	if (hypervisor_open(moving->giving.host, hypervisor, &err) < 0)
		diagnostic_add(moving->giving.notes, "%s", err.msg);
}

static void plug_back(const struct giving *giving, struct way_back *back)
{
	struct err err = { 0 };

	if (withdraw_undo(giving, back, &err) < 0)
		diagnostic_add(giving->notes,
				"NIC %s of VM %s has only its standby: %s (vfctl vm upgrade %s gives "
				"it a VF)",
				back->plan.vnic.nic, giving->vm->name, err.msg, giving->vm->name);
}

/* As it was: the target gives back when the session ends. */
static void go_back(struct moving *moving)
{
	struct migrate *migrate = moving->migrate;

	open_again(moving);
	for (size_t i = migrate->nics.count; *moving->giving.hypervisor && i > 0; i--)
		plug_back(&moving->giving, &migrate->back[i - 1]);
	peer_close(&migrate->peer);
}

static int fail(struct moving *moving, enum migrate_phase phase, const struct err *cause,
		struct err *err)
{
	struct migrate *migrate = moving->migrate;
	const char *vm = migrate->vm.name;
	bool is_first = err && !err->code;

	if (migrate->end_known || phase != MIGRATE_COPYING) {
		go_back(moving);
		err_pass(err, cause, "%s: %s", migrate_phase_name(phase), cause->msg);
	} else {
		peer_close(&migrate->peer);
		err_pass(err, cause,
				"%s: %.160s; where VM %s is cannot be seen: look at both hosts (virsh "
				"list), resume it where it is paused, then vfctl vm upgrade %s there",
				migrate_phase_name(phase), cause->msg, vm, vm);
	}
	if (is_first)
		err->refusal = cause->refusal;
	return -cause->code;
}

int migrate_run(struct hypervisor **hypervisor, struct migrate *migrate, struct diagnostics *notes,
		struct err *err)
{
	static const struct {
		enum migrate_phase phase;
		int (*run)(struct moving *moving, struct err *err);
	} steps[] = { { MIGRATE_RESERVING, reserve }, { MIGRATE_UNPLUGGING, withdraw_all },
		{ MIGRATE_COPYING, copy } };
	struct moving moving = { .giving = { migrate->host, hypervisor, &migrate->vm, "migrate",
						 migrate->request.wait_s, notes },
		.migrate = migrate,
		.renewed_ms = clock_ms(),
		.pinged_ms = clock_ms() };
	int rc;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct err cause = { 0 };

		migrate_enter(migrate, steps[i].phase);
		rc = steps[i].run(&moving, &cause);
		migrate_leave(migrate, steps[i].phase);
		if (rc < 0)
			return fail(&moving, steps[i].phase, &cause, err);
	}
	migrate_enter(migrate, MIGRATE_PLUGGING);
	rc = plug(&moving, err);
	leave(&moving);
	peer_close(&migrate->peer);
	migrate_leave(migrate, MIGRATE_PLUGGING);
	return rc;
}
