/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "checks/hardware_faults/hardware_faults.h"
#include "checks/suites.h"

/*
 * PCIe errors that the PF or the port above it signals. The kernel must count each for the right
 * function, and the VFs must be as before afterwards.
 *
 * An error of the PF that never arrives is detected by errors of the port above, which are
 * signalled later and do arrive: that is quicker than a deadline.
 */

enum {
	REPORT_MS = 500,              /* from an error to the kernel's count of it */
	RECOVERY_MS = 2500,           /* until the functions below an erring port are back */
	RECEIVER_ERROR = 1 << 0,      /* PCIe 6.0, 7.8.4.5 */
	COMPLETION_TIMEOUT = 1 << 14, /* 7.8.4.2 */
};

/* The function that signals an error: the PF, or the port above it. */
struct pcie_error {
	const char *at;
	int64_t status;
	bool correctable;
};

/* A function, and the number of errors that the kernel had counted for it before. */
struct victim {
	struct dut *dut;
	struct bdf bdf;
	const char *attribute;
	long before;
};

/* The last line of the attribute is the total. */
static long errors_counted(const struct victim *victim)
{
	char text[1024];
	const char *sum;

	if (function_read(victim->dut->host, victim->bdf, victim->attribute, text, sizeof(text),
			    NULL) < 0)
		return -1;
	sum = strstr(text, "TOTAL_ERR_");
	sum = sum ? strchr(sum, ' ') : NULL;
	return sum ? strtol(sum, NULL, 10) : -1;
}

static bool has_erred(void *argument)
{
	const struct victim *victim = argument;

	return errors_counted(victim) > victim->before;
}

static int inject(struct check_run *run, const struct pcie_error *error)
{
	struct record *arguments = record_object();

	record_put_str(arguments, "at", error->at);
	record_put_int(arguments, "status", error->status);
	record_put_bool(arguments, "correctable", error->correctable);
	return check_ask_rig(run, "aer-inject", arguments);
}

static int find_victim(struct check_run *run, const struct pcie_error *error, struct victim *victim)
{
	struct bdf above[PATH_LIMIT];
	size_t count = 0;
	int rc = 0;

	*victim = (struct victim){ .dut = run->dut,
		.bdf = run->dut->pf,
		.attribute = error->correctable ? "aer_dev_correctable" : "aer_dev_nonfatal" };
	if (strcmp(error->at, "pf")) {
		rc = function_path(
				run->dut->host, run->dut->pf, above, PATH_LIMIT, &count, &run->err);
		if (!rc && !count)
			rc = err_set(&run->err, ENODEV, "there is no port above the PF");
		victim->bdf = rc ? victim->bdf : above[0];
	}
	victim->before = errors_counted(victim);
	return rc;
}

/* An error of the PF, and one signalled after it. */
struct race {
	struct victim *first, second;
};

static bool either_has_erred(void *argument)
{
	struct race *race = argument;

	return has_erred(race->first) || has_erred(&race->second);
}

/* Whether the kernel counts the victim's error. It handles errors in the order in which the
 * root port reports them, and of those reported together it counts the correctable ones first.
 * Once it has counted an error of the port, it is at least handling an earlier one of the PF;
 * once it has counted a second one, it has handled that. If those are not counted either, a
 * deadline decides. */
static bool is_counted(struct check_run *run, const struct pcie_error *error, struct victim *victim)
{
	const struct pcie_error later = { "port", RECEIVER_ERROR, true };
	struct race race = { .first = victim };
	bool later_comes = !strcmp(error->at, "pf");

	for (int i = 0; later_comes && i < 2 && !has_erred(victim); i++)
		later_comes = find_victim(run, &later, &race.second) == 0 &&
				inject(run, &later) == 0 &&
				clock_poll(either_has_erred, &race,
						dut_deadline(run->dut, REPORT_MS), 5);
	if (later_comes)
		return has_erred(victim);
	run->err = (struct err){ 0 };
	return clock_poll(has_erred, victim, dut_deadline(run->dut, REPORT_MS), 20);
}

static enum verdict survives(struct check_run *run, const struct pcie_error *error)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct victim victim;
	char text[BDF_TEXT];
	bool counted;

	if (hardware_faults_open(run, &traffic) < 0 || find_victim(run, error, &victim) < 0)
		return check_broken(run, "there is nothing to disturb");
	if (victim.before < 0)
		return check_fail(run, "the kernel does not count the errors of %s",
				bdf_format(victim.bdf, text));
	if (inject(run, error) < 0)
		return check_broken(run, "no error can be injected");
	counted = is_counted(run, error, &victim);
	evidence_int(run, "errors counted", errors_counted(&victim) - victim.before, NULL);
	if (!hardware_faults_traffic_returns(&traffic,
			    error->correctable ? HARDWARE_FAULTS_TRAFFIC_MS : RECOVERY_MS))
		return check_fail(run,
				"after the error VF 0 and the wire do not reach each other any "
				"more");
	if (!counted)
		return check_fail(run, "%s has an error that the kernel never counts",
				bdf_format(victim.bdf, text));
	return hardware_faults_policy_holds(&traffic);
}

enum verdict hardware_faults_pf_correctable(struct check_run *run)
{
	return survives(run, &(struct pcie_error){ "pf", RECEIVER_ERROR, true });
}

enum verdict hardware_faults_pf_nonfatal(struct check_run *run)
{
	return survives(run, &(struct pcie_error){ "pf", COMPLETION_TIMEOUT, false });
}

enum verdict hardware_faults_port_correctable(struct check_run *run)
{
	return survives(run, &(struct pcie_error){ "port", RECEIVER_ERROR, true });
}

/* Removes the VFs after the check, so that the next one makes new ones without the damage. */
enum verdict hardware_faults_port_nonfatal(struct check_run *run)
{
	enum verdict verdict =
			survives(run, &(struct pcie_error){ "port", COMPLETION_TIMEOUT, false });
	struct err err = { 0 };

	if (dut_setup_vfs(run->dut, 0, &err) < 0 && verdict != VERDICT_FAIL)
		return check_fail(run, "after the error the VFs cannot be removed: %s", err.msg);
	return verdict;
}
