/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_ARMS_H
#define CHECKS_ARMS_H

#include "observe/traffic.h"

/*
 * The arms of a traffic check, as verdicts. Each sends one burst from FROM, counts it at AT, and
 * notes what was heard as evidence NAME. A source that is zero is FROM's own MAC.
 */

/* The whole burst must be heard; what came is in HEARD, which may be NULL. */
enum verdict arm_reaches(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst, struct heard *heard);

/* Nothing of it may be heard. Broken where the silence is not proven. */
enum verdict arm_silent(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst);

/* The positive arm of a check about silence: broken unless the whole burst is heard, since the
 * silence meant nothing then. */
enum verdict arm_control(struct traffic *traffic, struct endpoint *from, struct endpoint *at,
		struct burst burst);

/* A burst of VF to the wire must arrive there whole, with TAG (proto 0: without one). */
enum verdict arm_leaves_with(struct traffic *traffic, unsigned vf, struct tag tag);

/* A burst from the wire under TAG must reach VF whole and without a tag. */
enum verdict arm_enters_under(struct traffic *traffic, unsigned vf, struct tag tag);

#endif
