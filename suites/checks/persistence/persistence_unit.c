/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "checks/persistence/persistence.h"
#include "checks/session.h"

/*
 * systemd boots the machine, and only the manager's units restore the VFs.
 */

#define UNIT "vfctl-restore.service"

enum { DRIFTED_RATE = 123 }; /* Mbit/s */

/* Calls ARGV, which begins with "systemctl"; the caller frees OUTPUT. */
static int systemctl(struct check_run *run, const char *const argv[], char **output)
{
	return process_run(argv, dut_deadline(run->dut, CALL_MS), output, &run->err);
}

/* A property of a unit, which the caller frees; NULL with run->err set. */
static char *property(struct check_run *run, const char *unit, const char *name)
{
	const char *const argv[] = { "systemctl", "show", "--value", "-p", name, unit, NULL };
	char *value = NULL;

	if (systemctl(run, argv, &value) < 0)
		return NULL;
	value[strcspn(value, "\n")] = '\0';
	return value;
}

static enum verdict unit_active(struct check_run *run, void *subject)
{
	static const struct {
		const char *name, *expected;
	} properties[] = { { "ActiveState", "active" }, { "SubState", "exited" },
		{ "Result", "success" }, { "ExecMainStatus", "0" } };

	(void)subject;
	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++) {
		CLEANUP(cleanup_free) char *value = property(run, UNIT, properties[i].name);

		if (!value)
			return check_broken(run, "systemctl does not show " UNIT);
		evidence_text(run, properties[i].name, "%s", value);
		if (strcmp(value, properties[i].expected) != 0)
			return check_fail(run, "%s of " UNIT " is %s, not %s", properties[i].name,
					value, properties[i].expected);
	}
	return VERDICT_PASS;
}

/* Includes the units of single cards, which udev starts. */
static enum verdict none_failed(struct check_run *run, void *subject)
{
	static const char *const argv[] = { "systemctl", "list-units", "--all", "--plain",
		"--no-legend", "--state=failed", "vfctl-*", NULL };
	CLEANUP(cleanup_free) char *output = NULL;

	(void)subject;
	if (systemctl(run, argv, &output) < 0)
		return check_broken(run, "systemctl does not list units");
	return *output ? check_fail(run, "failed: %.200s", output) : VERDICT_PASS;
}

/* When the unit became active, in microseconds since the boot; 0: never. */
static long long reached_us(struct check_run *run, const char *unit)
{
	CLEANUP(cleanup_free) char *value = property(run, unit, "ActiveEnterTimestampMonotonic");

	return value ? strtoll(value, NULL, 10) : -1;
}

static enum verdict before_network(struct check_run *run, void *subject)
{
	long long restored = reached_us(run, UNIT);
	long long network = reached_us(run, "network-pre.target");

	(void)subject;
	if (restored < 0 || network < 0)
		return check_broken(run, "systemctl reports no times");
	evidence_int(run, UNIT, restored / 1000, "ms after boot");
	evidence_int(run, "network-pre.target", network / 1000, "ms after boot");
	if (!restored || !network)
		return check_fail(run, "%s was never reached",
				restored ? "network-pre.target" : UNIT);
	return restored <= network ? VERDICT_PASS
				   : check_fail(run, UNIT " finished after network-pre.target");
}

static enum verdict restored(struct check_run *run, void *subject)
{
	return manager_holds(run, subject, "after the boot");
}

/* A second start of the unit must not change the card, even if an administrator has changed it. */
static enum verdict once(struct check_run *run, void *subject)
{
	static const char *const argv[] = { "systemctl", "restart", UNIT, NULL };
	struct vf_settings drift = { .given = VF_RATE, .max_rate = DRIFTED_RATE };
	struct intent expected = *(const struct intent *)subject;
	enum verdict verdict;

	if (netdev_set_vf(run->dut->host, run->dut->pf_netdev, 0, &drift, &run->err) < 0)
		return check_broken(run, "the rate of VF 0 cannot be changed");
	if (systemctl(run, argv, NULL) < 0)
		return check_fail(run, UNIT " cannot be started again");
	expected.vf[0].max_rate = DRIFTED_RATE;
	verdict = manager_holds(run, &expected, "after a second start of " UNIT);
	return verdict == VERDICT_PASS ? manager_apply(run) : verdict;
}

static const struct statement statements[] = {
	{ "persistence.unit-active", unit_active },
	{ "persistence.unit-none-failed", none_failed },
	{ "persistence.unit-before-network", before_network },
	{ "persistence.unit-restored", restored },
	{ "persistence.unit-once", once },
};

static enum verdict after_boot(struct check_run *run)
{
	struct intent intent = intent_of(run->dut, 0);

	manager_note_restore(run);
	session_try(run, statements, sizeof(statements) / sizeof(*statements), &intent);
	if (manager_forget(run, (uint32_t)record_int(run->memory, "mtu", 0)) < 0)
		return check_broken(run, "the card cannot be restored");
	return VERDICT_PASS;
}

/* Its id is the rig's action. */
const struct check step_unit = {
	.id = "reboot", .timeout_s = 20, .fn = persistence_leave, .after = after_boot
};
