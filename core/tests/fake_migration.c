/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libvirt/virterror.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fake_libvirt_internal.h"

/* A migration from one daemon to the other, whose domains have no memory. */

static bool reach(struct fake_libvirt *fake, enum fake_phase phase)
{
	if (fake->migrate)
		fake->migrate(phase);
	return fake->migration_fails == phase;
}

static const char *text_of(const virTypedParameter *params, unsigned count, const char *field)
{
	for (unsigned i = 0; i < count; i++) {
		if (!strcmp(params[i].field, field))
			return params[i].value.s;
	}
	return NULL;
}

static int wait_for_abort(struct fake_libvirt *fake)
{
	while (!__atomic_load_n(&fake->aborted, __ATOMIC_SEQ_CST) ||
			fake->migration_fails == PHASE_STUCK)
		poll(NULL, 0, 10);
	return fail(VIR_ERR_OPERATION_ABORTED,
			"operation aborted: migration out job: canceled by client");
}

/* The domain that it becomes at the target, or NULL. */
static struct fake_domain *receive(struct fake_libvirt *target, const struct fake_domain *domain,
		const char *xml, const char *persistent_xml)
{
	struct fake_domain *there = &target->domains[target->count];

	if (target->count == FAKE_DOMAINS)
		return NULL;
	*there = *domain;
	there->persistent = persistent_xml != NULL;
	snprintf(there->live, sizeof(there->live), "%s", xml ? xml : domain->live);
	snprintf(there->config, sizeof(there->config), "%s",
			persistent_xml ? persistent_xml : there->live);
	target->count++;
	return there;
}

static void leave(struct fake_libvirt *fake, struct fake_domain *domain)
{
	size_t at = (size_t)(domain - fake->domains);

	memmove(domain, domain + 1, (fake->count - at - 1) * sizeof(*domain));
	fake->count--;
}

static int perform(
		struct fake_libvirt *fake, struct fake_libvirt *target, struct fake_domain *domain)
{
	if (strstr(domain->live, "<interface type='hostdev'"))
		return fail(VIR_ERR_OPERATION_INVALID,
				"cannot migrate a domain with <interface type='hostdev'>");
	if (reach(fake, PHASE_BEGIN))
		return fail(VIR_ERR_OPERATION_UNSUPPORTED,
				"Migration is not possible with this device");
	if (reach(fake, PHASE_PREPARE) || target->lost_for == getpid()) {
		target->lost_for = getpid();
		return fail(VIR_ERR_RPC, "client socket is closed");
	}
	if (reach(fake, PHASE_ENDLESS) || fake->migration_fails == PHASE_STUCK)
		return wait_for_abort(fake);
	if (reach(fake, PHASE_PERFORM))
		return fail(VIR_ERR_OPERATION_FAILED,
				"operation failed: migration out job: unexpectedly failed");
	domain->paused = reach(fake, PHASE_UNSURE);
	return domain->paused ? fail(VIR_ERR_RPC, "client socket is closed") : 0;
}

virDomainPtr virDomainMigrate3(virDomainPtr pointer, virConnectPtr connection,
		virTypedParameterPtr params, unsigned count, unsigned flags)
{
	struct fake_libvirt *fake = daemon_with(pointer),
			    *target = (struct fake_libvirt *)connection;
	struct fake_domain *domain = (struct fake_domain *)pointer, *there;
	const char *uri = text_of(params, count, VIR_MIGRATE_PARAM_URI);

	fake->migrated++;
	fake->migration_flags = flags;
	snprintf(fake->migration_uri, sizeof(fake->migration_uri), "%s", uri ? uri : "");
	if (hang(fake) || perform(fake, target, domain) < 0)
		return NULL;
	there = receive(target, domain, text_of(params, count, VIR_MIGRATE_PARAM_DEST_XML),
			text_of(params, count, VIR_MIGRATE_PARAM_PERSIST_XML));
	if (!there) {
		fail(VIR_ERR_INTERNAL_ERROR, "no room in the fake");
		return NULL;
	}
	if (fake->stopped_by_migration)
		fake->stopped_by_migration(domain);
	leave(fake, domain);
	if (reach(fake, PHASE_CONFIRM)) {
		fake->lost_for = getpid();
		fail(VIR_ERR_RPC, "client socket is closed");
		return NULL;
	}
	return (virDomainPtr)there;
}

int virDomainAbortJob(virDomainPtr domain)
{
	__atomic_store_n(&daemon_with(domain)->aborted, true, __ATOMIC_SEQ_CST);
	return 0;
}

int virDomainGetJobStats(virDomainPtr domain, int *type, virTypedParameterPtr *params, int *count,
		unsigned flags)
{
	static const struct {
		const char *field;
		unsigned long long value;
	} values[] = { { VIR_DOMAIN_JOB_TIME_ELAPSED, 1200 }, { VIR_DOMAIN_JOB_DATA_TOTAL, 4096 },
		{ VIR_DOMAIN_JOB_DATA_REMAINING, 1024 }, { VIR_DOMAIN_JOB_DOWNTIME, 37 } };
	int all = flags & VIR_DOMAIN_JOB_STATS_COMPLETED ? 4 : 3;

	if (hang(daemon_with(domain)))
		return -1;
	*type = VIR_DOMAIN_JOB_UNBOUNDED;
	*params = calloc((size_t)all, sizeof(**params));
	if (!*params)
		abort();
	for (*count = 0; *count < all; ++*count) {
		(*params)[*count].type = VIR_TYPED_PARAM_ULLONG;
		(*params)[*count].value.ul = values[*count].value;
		strcpy((*params)[*count].field, values[*count].field);
	}
	return 0;
}

void virTypedParamsFree(virTypedParameterPtr params, int count)
{
	(void)count;
	free(params);
}
