/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/mailbox.h"

#include <stddef.h>

#include "base/cleanup.h"
#include "host/config.h"
#include "pci/pcie.h"
#include "sriov/vfs.h"

enum { ANSWER_MS = 500 };

static const struct mailbox_driver *driver_of(const struct dut *dut)
{
	const struct card_registers *card = card_registers_of(dut->host, dut->pf);

	return card ? card->mailbox : NULL;
}

bool mailbox_known(const struct dut *dut)
{
	return driver_of(dut) != NULL;
}

/* Only the PF enables a VF's memory (SR-IOV 1.1, 3.4.1.3); some cards also require the bit in
 * the VF's own COMMAND. */
static int open_memory(const struct mailbox *mailbox, struct err *err)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	struct bdf bdf = mailbox->dut->vfs[mailbox->vf].bdf;
	int rc = config_open(mailbox->dut->host, bdf, &config, err);

	if (rc < 0)
		return rc;
	return config_write_word(config, HEADER_COMMAND,
			config_word(config, HEADER_COMMAND) | HEADER_COMMAND_MEMORY, err);
}

int mailbox_open(struct dut *dut, unsigned vf, struct mailbox *mailbox, struct err *err)
{
	const struct mailbox_driver *driver = driver_of(dut);
	int rc;

	if (!driver)
		return err_set(err, EOPNOTSUPP, "the mailbox of %s is not known", dut->pf_netdev);
	*mailbox = (struct mailbox){ .dut = dut, .vf = vf, .driver = driver };
	rc = function_unbind(dut->host, dut->vfs[vf].bdf, err);
	if (!rc)
		rc = open_memory(mailbox, err);
	if (!rc)
		rc = bar_map(dut->host, dut->vfs[vf].bdf, 0, &mailbox->bar, err);
	if (!rc)
		rc = mailbox_reset(mailbox, err);
	return rc;
}

int mailbox_open_beside(struct dut *dut, unsigned vf, struct mailbox *mailbox, struct err *err)
{
	const struct mailbox_driver *driver = driver_of(dut);
	struct bar bar = { 0 };
	int rc;

	if (!driver)
		return err_set(err, EOPNOTSUPP, "the mailbox of %s is not known", dut->pf_netdev);
	rc = bar_map(dut->host, dut->vfs[vf].bdf, 0, &bar, err);
	if (!rc)
		*mailbox = (struct mailbox){ dut, vf, driver, bar };
	return rc;
}

int mailbox_shut(struct mailbox *mailbox, struct err *err)
{
	struct dut *dut = TAKE(mailbox->dut);

	if (!dut)
		return 0;
	bar_unmap(&mailbox->bar);
	return dut_rebind_vf(dut, mailbox->vf, err);
}

void mailbox_close(struct mailbox *mailbox)
{
	/* vfsuite compares the state after the check, and reports a missing driver. */
	mailbox_shut(mailbox, NULL);
}

int mailbox_reset(struct mailbox *mailbox, struct err *err)
{
	return mailbox->driver->reset(&mailbox->bar, dut_deadline(mailbox->dut, ANSWER_MS), err);
}

int mailbox_ask(struct mailbox *mailbox, const struct mailbox_message *message,
		enum mailbox_answer *answer, struct err *err)
{
	uint32_t words[MAILBOX_WORDS];
	unsigned count = mailbox->driver->encode(message, words);

	return mailbox->driver->call(&mailbox->bar, words, count,
			dut_deadline(mailbox->dut, ANSWER_MS), answer, err);
}

void mailbox_flood(struct mailbox *mailbox, const struct mailbox_message *message, unsigned times)
{
	uint32_t words[MAILBOX_WORDS];
	unsigned count = mailbox->driver->encode(message, words);

	while (times--)
		mailbox->driver->post(&mailbox->bar, words, count);
}

void mailbox_scribble(struct mailbox *mailbox, unsigned times)
{
	while (times--)
		bar_write(&mailbox->bar, mailbox->driver->scratch, times);
}
