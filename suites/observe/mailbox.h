/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_MAILBOX_H
#define OBSERVE_MAILBOX_H

#include "drivers/registers.h"
#include "observe/dut.h"

/*
 * The mailbox between a VF and its PF, driven past the VF's driver: what a hostile guest can do.
 * While it is open the VF has no driver; afterwards it stands again, and whatever it was granted
 * over the mailbox is gone as far as a reset of the VF takes it away.
 */

struct mailbox {
	struct dut *dut; /* NULL: not open */
	unsigned vf;
	const struct mailbox_driver *driver;
	struct bar bar;
};

/* Whether the mailbox of this card can be driven. */
bool mailbox_known(const struct dut *dut);

/* Takes the VF's driver away and resets the VF. */
int mailbox_open(struct dut *dut, unsigned vf, struct mailbox *mailbox, struct err *err);

/* The same beside the VF's driver, without a reset: what a guest with a patched driver can do. -EINVAL
 * where the kernel keeps the registers of a bound function to itself. */
int mailbox_open_beside(struct dut *dut, unsigned vf, struct mailbox *mailbox, struct err *err);

/* The VF gets its driver, anew. */
int mailbox_shut(struct mailbox *mailbox, struct err *err);
void mailbox_close(struct mailbox *mailbox); /* the same, for CLEANUP */

/* Resets the VF through its own registers and greets the PF, as a driver does. -ETIMEDOUT: the PF
 * does not answer. */
int mailbox_reset(struct mailbox *mailbox, struct err *err);

int mailbox_ask(struct mailbox *mailbox, const struct mailbox_message *message,
		enum mailbox_answer *answer, struct err *err);

/* Posts MESSAGE so many times without waiting for any answer. */
void mailbox_flood(struct mailbox *mailbox, const struct mailbox_message *message, unsigned times);

/* Writes a register that means nothing so many times. */
void mailbox_scribble(struct mailbox *mailbox, unsigned times);

#endif
