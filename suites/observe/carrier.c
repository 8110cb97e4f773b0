/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/carrier.h"

#include "base/clock.h"
#include "netdev/netdev.h"

enum { POLL_MS = 10 };

struct wait {
	const struct dut *dut;
	const char *netdev;
	bool expected;
};

/* Returns false if the interface cannot be read. */
static bool look(const struct dut *dut, const char *netdev, bool *carrier)
{
	struct netdev found = { 0 };

	if (netdev_read(dut->host, netdev, &found, NULL) < 0)
		return false;
	*carrier = found.carrier;
	netdev_free(&found);
	return true;
}

bool carrier_is_there(const struct dut *dut, const char *netdev)
{
	bool carrier;

	return look(dut, netdev, &carrier) && carrier;
}

static bool is_as_wanted(void *argument)
{
	const struct wait *wait = argument;
	bool carrier;

	return look(wait->dut, wait->netdev, &carrier) && carrier == wait->expected;
}

bool carrier_becomes(const struct dut *dut, const char *netdev, bool expected, int ms)
{
	struct wait wait = { dut, netdev, expected };

	return clock_poll(is_as_wanted, &wait, dut_deadline(dut, ms), POLL_MS);
}

int carrier_wait(const struct dut *dut, const char *netdev, bool expected, int ms, struct err *err)
{
	if (carrier_becomes(dut, netdev, expected, ms))
		return 0;
	return err_set(err, ETIMEDOUT, "%s has %s carrier after %d ms", netdev,
			expected ? "no" : "still a", (int)(ms * dut->scale));
}
