/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_GUEST_COURSE_H
#define CHECKS_GUEST_COURSE_H

#include "checks/guest/tenants.h"
#include "checks/session.h"

/* The course of events that most checks of guests judge: two guests get a VF each; vm1 gives its VF back; vm2
 * gets that one and gives both back. */
struct course {
	struct tenants tenants;
	char *xml_before;     /* of vm1 */
	unsigned nics_before; /* of vm1, by its own count */
	double attach_s, detach_s;
};

/* The description of a running machine, for the caller to free, or NULL. */
char *course_xml(struct check_run *run, const char *vm);

/* The statements about frames while both guests have a VF, and about what follows the detach of vm1. */
extern const struct statement course_frames[];
extern const size_t course_frames_count;
extern const struct statement course_after_detach[];
extern const size_t course_after_detach_count;

/* Whether QEMU of vm1, which has a VF, is confined as a distribution's libvirt does it. */
enum verdict qemu_is_confined(struct check_run *run, void *subject);

#endif
