/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/link_story.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/kernel_log.h"

/*
 * Linux 6.12. igb_watchdog_task() tells that the wire lost its link. igb_down(), by which every reset
 * of the driver's own begins, takes the link away and tells nothing. igb_reset_task() tells that it
 * resets a card that does not send, which it also does when frames wait while the wire has no link.
 */
static const struct words {
	const char *driver, *wire, *reset;
} all_words[] = {
	{ "igb", "NIC Link is Down", "Reset adapter" },
};

static const struct words *words_of(const struct pf *pf)
{
	for (size_t i = 0; i < sizeof(all_words) / sizeof(*all_words); i++) {
		if (!strcmp(pf->function.driver, all_words[i].driver))
			return &all_words[i];
	}
	return NULL;
}

static void begin_line(const struct pf *pf, char *line, size_t size)
{
	char text[BDF_TEXT];

	snprintf(line, size, "vfctl: %s is as wanted", bdf_format(pf->function.bdf, text));
}

void link_story_begin(const struct host *host, const struct pf *pf)
{
	char line[80];

	begin_line(pf, line, sizeof(line));
	if (words_of(pf))
		kernel_log_write(host, line);
}

void link_story_take(struct link_story *story, const struct pf *pf, const char *line)
{
	const struct words *words = words_of(pf);
	char begin[80], device[NAME_ROOM + BDF_TEXT + 2], text[BDF_TEXT];

	begin_line(pf, begin, sizeof(begin));
	if (!strcmp(line, begin)) {
		*story = (struct link_story){ .begun = true };
		return;
	}
	snprintf(device, sizeof(device), "%s %s ", pf->function.driver,
			bdf_format(pf->function.bdf, text));
	if (!words || strncmp(line, device, strlen(device)) != 0)
		return;
	story->wire += strstr(line, words->wire) != NULL;
	story->resets += strstr(line, words->reset) != NULL;
}

bool link_story_read(const struct host *host, const struct pf *pf, struct link_story *story)
{
	CLEANUP(cleanup_fd) int log = -1;
	char line[256];

	*story = (struct link_story){ 0 };
	if (!words_of(pf) || kernel_log_open(host, true, &log, NULL) < 0)
		return false;
	while (kernel_log_next(log, line, sizeof(line)))
		link_story_take(story, pf, line);
	return story->begun;
}
