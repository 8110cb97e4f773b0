/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/verdict.h"

#include <string.h>

const char *const verdict_words[VERDICTS] = { "pass", "fail", "skip", "broken", "known",
	"changed" };

enum verdict verdict_parse(const char *word)
{
	for (int i = 0; word && i < VERDICTS; i++) {
		if (!strcmp(word, verdict_words[i]))
			return (enum verdict)i;
	}
	return VERDICT_NONE;
}
