/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_CARRIER_H
#define OBSERVE_CARRIER_H

#include "observe/dut.h"

/* Whether NETDEV, in the calling thread's network namespace, has a carrier. False if it does not
 * exist. */
bool carrier_is_there(const struct dut *dut, const char *netdev);

/* Waits at most MS, scaled as in dut_deadline(), until NETDEV has a carrier (EXPECTED) or has
 * none. Returns false if that does not happen, or if NETDEV vanishes. */
bool carrier_becomes(const struct dut *dut, const char *netdev, bool expected, int ms);

/* Does the same; returns 0, or -ETIMEDOUT with a message in ERR. */
int carrier_wait(const struct dut *dut, const char *netdev, bool expected, int ms, struct err *err);

#endif
