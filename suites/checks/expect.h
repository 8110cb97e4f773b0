/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_EXPECT_H
#define CHECKS_EXPECT_H

#include "observe/traffic.h"

/*
 * What a traffic check expects of one burst, as a verdict. Each function sends the burst from FROM,
 * counts it at AT, and records the count as evidence NAME. If BURST has no source, FROM's own MAC
 * is used.
 */

/* The whole burst must arrive. RECEIVED, which may be NULL, gets what arrived. */
enum verdict expect_reaches(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst, struct received *received);

/* No frame of it may arrive. Broken if that cannot be proven. */
enum verdict expect_silent(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst);

/* The positive control of a check that expects silence, which proves nothing unless the whole burst
 * arrives. The check ID states that it must; see check_needs(). */
enum verdict expect_control(struct traffic *traffic, const char *id, struct endpoint *from,
		struct endpoint *at, struct burst burst);

/* The whole burst from VF must arrive on the wire with TAG (proto 0: untagged). */
enum verdict expect_egress_tag(struct traffic *traffic, unsigned vf, struct tag tag);

/* The whole burst from the wire with TAG must reach VF untagged. */
enum verdict expect_ingress_tag(struct traffic *traffic, unsigned vf, struct tag tag);

#endif
