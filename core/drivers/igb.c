/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drivers/drivers.h"

/* igb of Linux 6.12. */

/* igb_get_regs(): the word is RCTL, bit 1 is Receiver Enable (82576 datasheet, 8.10.1). */
static const struct reset_detect reset_detect = { .word = 32, .bit = 1 << 1 };

/* igb_watchdog_task() logs that the wire lost its link. igb_down(), with which each reset by the
 * driver begins, drops the link and logs nothing. igb_reset_task() logs the reset of a card that
 * does not send, also when frames wait while the wire has no link. */
static const struct link_loss_words link_loss_words = { "NIC Link is Down", "Reset adapter" };

const struct card_driver card_driver_igb = {
	.name = "igb",
	.reset_detect = &reset_detect,
	.link_loss_words = &link_loss_words,
};
