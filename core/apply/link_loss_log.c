/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/link_loss_log.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "drivers/drivers.h"
#include "host/kernel_log.h"

static const struct link_loss_words *words_of(const struct pf *pf)
{
	const struct card_driver *driver = card_driver_find(pf->function.driver);

	return driver ? driver->link_loss_words : NULL;
}

static void begin_line(const struct pf *pf, char *line, size_t size)
{
	char text[BDF_TEXT];

	snprintf(line, size, "vfctl: %s is as wanted", bdf_format(pf->function.bdf, text));
}

void link_loss_log_begin(const struct host *host, const struct pf *pf)
{
	char line[80];

	begin_line(pf, line, sizeof(line));
	if (words_of(pf))
		kernel_log_write(host, line);
}

void link_loss_log_count(struct link_loss_log *log, const struct pf *pf, const char *line)
{
	const struct link_loss_words *words = words_of(pf);
	char begin[80], device[NAME_ROOM + BDF_TEXT + 2], text[BDF_TEXT];

	begin_line(pf, begin, sizeof(begin));
	if (!strcmp(line, begin)) {
		*log = (struct link_loss_log){ .begun = true };
		return;
	}
	snprintf(device, sizeof(device), "%s %s ", pf->function.driver,
			bdf_format(pf->function.bdf, text));
	if (!words || strncmp(line, device, strlen(device)) != 0)
		return;
	log->wire += strstr(line, words->wire) != NULL;
	log->resets += strstr(line, words->reset) != NULL;
}

bool link_loss_log_read(const struct host *host, const struct pf *pf, struct link_loss_log *log)
{
	CLEANUP(cleanup_fd) int fd = -1;
	char line[256];

	*log = (struct link_loss_log){ 0 };
	if (!words_of(pf) || kernel_log_open(host, true, &fd, NULL) < 0)
		return false;
	while (kernel_log_next(fd, line, sizeof(line)))
		link_loss_log_count(log, pf, line);
	return log->begun;
}
