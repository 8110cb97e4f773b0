/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_EXPECT_H
#define CHECKS_EXPECT_H

#include "observe/traffic.h"

/*
 * What a traffic check expects of one burst, as a verdict. Each function sends the burst from FROM,
 * counts it at AT, and records the count as evidence NAME. Where BURST has no source, it is FROM's
 * own MAC.
 */

/* The whole burst must arrive. RECEIVED, which may be NULL, gets what arrived. */
enum verdict expect_reaches(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst, struct received *received);

/* No frame of it may arrive. Broken where that cannot be proven. */
enum verdict expect_silent(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst);

/* The positive control of a check about silence: broken unless the whole burst arrives, since the
 * silence would prove nothing. */
enum verdict expect_control(struct traffic *traffic, struct endpoint *from, struct endpoint *at,
		struct burst burst);

/* A burst from VF to the wire must arrive there whole, with TAG (proto 0: untagged). */
enum verdict expect_egress_tag(struct traffic *traffic, unsigned vf, struct tag tag);

/* A burst from the wire with TAG must reach VF whole and untagged. */
enum verdict expect_ingress_tag(struct traffic *traffic, unsigned vf, struct tag tag);

#endif
