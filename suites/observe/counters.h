/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_COUNTERS_H
#define OBSERVE_COUNTERS_H

#include "observe/dut.h"

/* The kernel's counters, read with our own rtnetlink messages. */
struct counters {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
};

/* What VF's own driver counts (ip -s link show vfN). */
int counters_of_vf(const struct dut *dut, unsigned vf, struct counters *counters, struct err *err);

/* What the PF's driver reports for VF (ip -s link show PF). */
int counters_by_pf(const struct dut *dut, unsigned vf, struct counters *counters, struct err *err);

#endif
