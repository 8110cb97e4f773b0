/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_FAULT_INJECTION_H
#define OBSERVE_FAULT_INJECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/record.h"
#include "host/bar.h"
#include "pci/space.h"

/*
 * Breaks the card behind its driver's back, or the kernel, to show that a check can fail
 * (fixtures/defects/README.md). Writes to the PF's registers and to configuration spaces are
 * applied each time a check turns from acting to observing, so that the check's own settings do not
 * undo them. The rig breaks functions of the kernel: vfsuite asks it to before a check begins, and
 * to restore them after it has ended. An ordinary run injects nothing.
 */
struct register_write {
	uint32_t address;     /* in BAR 0 of the PF */
	uint32_t mask, match; /* applied if (value & mask) == match */
	uint32_t clear, set;
};

struct config_write {
	char function[8];    /* "pf", "port", "vf0" */
	char capability[12]; /* "": OFFSET counts from 0 */
	unsigned offset;
	uint16_t clear, set;
	bool pretend; /* for read-only bits: changes what checks read, not the card */
};

struct fault_injection {
	const struct host *host;
	const struct record *pretend; /* system calls to fake; or NULL */
	struct bdf pf;
	struct bar bar;
	size_t count, config_count;
	struct register_write *writes;
	struct config_write *config_writes;
	struct record *functions; /* array of {"address","returns" or "sleeps","lasting"} */
};

/* From the members "registers", "config" and "functions" of the request, which may be absent or
 * empty. */
int fault_injection_open(const struct host *host, struct bdf pf, const struct record *request,
		struct fault_injection *injection, struct err *err);
void fault_injection_close(struct fault_injection *injection);

void fault_injection_apply(const struct fault_injection *injection);

/* The functions to break for the whole run (LASTING) or for each check, as arguments of the
 * rig's action; NULL if there are none. */
struct record *fault_injection_functions(const struct fault_injection *injection, bool lasting);

/* Apply the "pretend" writes of FUNCTION: to its whole SPACE, and to the WORD at OFFSET from a
 * capability ("": from 0). */
void fault_injection_pretend(
		const struct fault_injection *injection, const char *function, struct space *space);
uint16_t fault_injection_word(const struct fault_injection *injection, const char *function,
		const char *capability, unsigned offset, uint16_t word);

#endif
