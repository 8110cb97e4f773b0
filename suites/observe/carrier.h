/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_CARRIER_H
#define OBSERVE_CARRIER_H

#include "observe/dut.h"

/* Whether NETDEV, of the calling thread's network namespace, has a link; one that is not there has
 * none. */
bool carrier_is_there(const struct dut *dut, const char *netdev);

/* Waits for it to come or to go, MS at most on a fast machine (dut_deadline()); an interface that
 * vanishes has done neither. */
bool carrier_becomes(const struct dut *dut, const char *netdev, bool expected, int ms);

/* The same; returns 0, or -ETIMEDOUT with a message in ERR. */
int carrier_wait(const struct dut *dut, const char *netdev, bool expected, int ms, struct err *err);

#endif
