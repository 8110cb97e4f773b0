/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_SABOTAGE_H
#define OBSERVE_SABOTAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/record.h"
#include "host/bar.h"
#include "pci/space.h"

/*
 * What breaks the card behind its driver's back, or the kernel, so that a check can be seen to fail
 * (fixtures/defects/README.md). Writes to the PF's registers and to configuration spaces are applied
 * each time that a check turns from acting to observing: its own settings cannot heal them. Functions
 * of the kernel are broken by the rig, which is asked to before a check begins and after it has ended.
 * An ordinary run has none of it.
 */
struct register_write {
	uint32_t address;     /* in BAR 0 of the PF */
	uint32_t mask, match; /* applied where (value & mask) == match */
	uint32_t clear, set;
};

struct config_write {
	char function[8];    /* "pf", "port", "vf0" */
	char capability[12]; /* "": OFFSET counts from 0 */
	unsigned offset;
	uint16_t clear, set;
	bool pretend; /* for bits that are read-only: changed in what is read, not in the card */
};

struct sabotage {
	const struct host *host;
	const struct record *pretend; /* calls that a watched program makes in vain, or NULL */
	struct bdf pf;
	struct bar bar;
	size_t count, config_count;
	struct register_write *writes;
	struct config_write *config_writes;
	struct record *functions; /* array of {"address","returns" or "sleeps","lasting"} */
};

/* From the members "registers", "config" and "functions" of the request; absent or empty lists give
 * none. */
int sabotage_open(const struct host *host, struct bdf pf, const struct record *request,
		struct sabotage *sabotage, struct err *err);
void sabotage_close(struct sabotage *sabotage);

void sabotage_apply(const struct sabotage *sabotage);

/* The functions to break for all of the run, or for each check: the arguments of the rig's action, or
 * NULL where there are none. */
struct record *sabotage_functions(const struct sabotage *sabotage, bool lasting);

/* What a function that shows other bits than it has would show: all of its space, and the word at
 * OFFSET from a capability ("": from 0). */
void sabotage_pretend(const struct sabotage *sabotage, const char *function, struct space *space);
uint16_t sabotage_word(const struct sabotage *sabotage, const char *function,
		const char *capability, unsigned offset, uint16_t word);

#endif
