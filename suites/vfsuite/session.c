/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "netdev/netdev.h"
#include "sriov/vfs.h"
#include "vfsuite/vfsuite.h"

/*
 * A session is one lease on one PF. It begins with the first run. It ends with a run whose request
 * asks to restore the card, with a run on another card, or with vfsuite. VFs may stay between runs,
 * because making and removing them takes the kernel seconds.
 */

static void forget(struct session *session)
{
	dut_close(&session->dut);
	free(TAKE(session->pf));
	free(TAKE(session->partner));
}

void session_drop(struct session *session)
{
	lease_drop(TAKE(session->lease));
	forget(session);
}

void session_abandon(struct session *session)
{
	lease_drop(TAKE(session->lease));
	session->abandoned = true;
}

int session_end(struct session *session, struct err *err)
{
	int rc;

	if (!session->lease)
		return 0;
	dut_setup_vfs(&session->dut, 0, err);
	rc = lease_end(TAKE(session->lease), err);
	if (session->partner_was_down &&
			netdev_set_up(session->host, session->dut.partner, false, err) < 0)
		rc = rc ? rc : -EIO;
	forget(session);
	return rc;
}

/* Sets the partner up, the only change that a session makes to it. */
static int raise_partner(struct session *session, struct err *err)
{
	struct netdev partner = { 0 };
	int rc;

	session->partner_was_down = false;
	if (!session->dut.partner[0])
		return 0;
	rc = netdev_read(session->host, session->dut.partner, &partner, err);
	if (rc < 0)
		return rc;
	session->partner_was_down = !partner.up;
	netdev_free(&partner);
	return netdev_set_up(session->host, session->dut.partner, true, err);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Begins a lease and sets the PF up, without VFs. For a check that has crossed a boot, takes
 * over the lease from before the boot, and leaves the PF as it came up. */
static int open_dut(struct session *session, const char *pf, const char *partner,
		const struct record *resume, struct err *err)
{
	const struct record *kept = record_get(record_get(resume, "kept"), "lease");
	struct dut *dut = &session->dut;
	int rc = dut_open(session->host, pf, partner, dut, err);

	if (rc < 0)
		return rc;
	rc = raise_partner(session, err);
	if (!rc)
		rc = resume ? lease_adopt(session->host, kept, dut->pf, &session->lease, err)
			    : lease_begin(session->host, dut->pf, &session->lease, err);
	if (rc < 0) {
		dut_close(dut);
		return rc;
	}
	session->pf = text_format("%s", pf);
	session->partner = partner ? text_format("%s", partner) : NULL;
	if (resume)
		return 0;
	rc = dut->total_vfs ? vfs_set_count(session->host, dut->pf, 0, err) : 0;
	return rc ? rc : netdev_set_up(session->host, dut->pf_netdev, true, err);
}

int session_begin(struct session *session, const struct record *request, struct err *err)
{
	const char *pf = record_str(request, "pf", NULL);
	const char *partner = record_str(request, "partner", NULL);
	struct dut *dut = &session->dut;
	double scale = record_real(request, "scale", 1.0);
	int rc = 0;

	if (!pf)
		return err_set(err, EINVAL, "the request names no pf");
	if (session->abandoned)
		return err_set(err, EBUSY, "a check of a former run still hangs in the kernel");
	if (!(scale >= 0.1 && scale <= 100))
		return err_set(err, EINVAL, "scale must be from 0.1 to 100");
	if (session->lease && !(same_text(session->pf, pf) && same_text(session->partner, partner)))
		rc = session_end(session, err);
	if (!rc && !session->lease)
		rc = open_dut(session, pf, partner, record_get(request, "resume"), err);
	if (rc < 0)
		return rc;
	dut_deal(dut, record_bool(request, "deal", false),
			(uint64_t)record_int(request, "seed", 1));
	dut->vfs_limit = (unsigned)record_int(request, "vfs", 0);
	dut->scale = scale;
	fault_injection_close(&dut->injection);
	dut->injection = (struct fault_injection){ 0 };
	rc = fault_injection_open(session->host, dut->pf, request, &dut->injection, err);
	dut->injection.pretend = record_get(request, "pretend");
	return rc ? rc : dut_settle_vfs(dut, err);
}
