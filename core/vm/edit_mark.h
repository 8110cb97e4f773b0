/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_EDIT_MARK_H
#define VM_EDIT_MARK_H

#include "base/diagnostics.h"
#include "host/hypervisor.h"
#include "host/process_id.h"
#include "sriov/inventory.h"

/*
 * A NIC that is being changed, in a file of run/vfctl/edits from before the first step until it is as
 * asked for, or as it was. Where its process was killed, the mark says that the machine had the NIC,
 * and where: what it is to become, its vNIC in the catalog says. A caller that writes or removes one
 * holds the lock.
 */
struct edit_mark {
	char vm[DOMAIN_NAME_ROOM], uuid[DOMAIN_UUID_ROOM], nic[NAME_ROOM];
	int run;        /* the id of the running machine, or -1 */
	unsigned sides; /* enum domain_side */
	unsigned boot;
	char place[BDF_TEXT], standby_place[BDF_TEXT]; /* in the guest, or "" */
	struct process_id process;                     /* set by edit_mark_write() */
};

int edit_mark_write(const struct host *host, struct edit_mark *mark, struct err *err);
int edit_mark_remove(const struct host *host, const char *uuid, const char *nic, struct err *err);

/* -ENOENT without ERR: there is none. */
int edit_mark_read(const struct host *host, const char *uuid, const char *nic,
		struct edit_mark *mark, struct err *err);

/* All, for the caller to free; a file that cannot be read is passed over. */
size_t edit_marks_read(const struct host *host, struct edit_mark **list);

/* Whether its process has ended before it was done. */
bool edit_mark_is_left(const struct edit_mark *mark);

/* Removes the marks of runs that are over, and says in NOTES which others were left. The caller holds the
 * lock. */
void edit_marks_settle(
		const struct host *host, struct hypervisor *hypervisor, struct diagnostics *notes);

#endif
