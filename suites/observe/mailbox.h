/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_MAILBOX_H
#define OBSERVE_MAILBOX_H

#include "drivers/registers.h"
#include "observe/dut.h"

/*
 * Drives the mailbox between a VF and its PF without the VF's driver, as a hostile guest can. While
 * the mailbox is open the VF has no driver. Closing it binds the driver again, which resets the VF
 * and so revokes what the PF granted over the mailbox.
 */

struct mailbox {
	struct dut *dut; /* NULL: not open */
	unsigned vf;
	const struct mailbox_driver *driver;
	struct bar bar;
};

/* Whether core/drivers knows the mailbox of this card. */
bool mailbox_known(const struct dut *dut);

/* Unbinds the VF's driver and resets the VF. */
int mailbox_open(struct dut *dut, unsigned vf, struct mailbox *mailbox, struct err *err);

/* Opens the mailbox beside the VF's driver, without a reset, as a guest with a patched driver
 * can. -EINVAL if the kernel lets nobody map the registers of a bound function. */
int mailbox_open_beside(struct dut *dut, unsigned vf, struct mailbox *mailbox, struct err *err);

/* Binds the VF's driver again. */
int mailbox_shut(struct mailbox *mailbox, struct err *err);
void mailbox_close(struct mailbox *mailbox); /* does the same, for CLEANUP */

/* Resets the VF through its own registers and greets the PF, as a driver does. -ETIMEDOUT: the PF
 * does not answer. */
int mailbox_reset(struct mailbox *mailbox, struct err *err);

int mailbox_ask(struct mailbox *mailbox, const struct mailbox_message *message,
		enum mailbox_answer *answer, struct err *err);

/* Posts MESSAGE, TIMES times, without waiting for answers. */
void mailbox_flood(struct mailbox *mailbox, const struct mailbox_message *message, unsigned times);

/* Writes, TIMES times, a register that has no meaning. */
void mailbox_scribble(struct mailbox *mailbox, unsigned times);

#endif
