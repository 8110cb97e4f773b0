/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_VERDICT_H
#define REPORTS_RESULTS_VERDICT_H

/* The outcome of a check. A check itself reports one of the first four; quirk data turns them
 * into the last two after the run. The order is that of a summary. */
enum verdict {
	VERDICT_NONE = -1, /* the check did not run, or the word is not a verdict */
	VERDICT_PASS,
	VERDICT_FAIL,    /* the card, its driver, or the platform is at fault */
	VERDICT_SKIP,    /* a need is unmet, so the check did not run */
	VERDICT_BROKEN,  /* the rig or the check itself is at fault; counts as neither */
	VERDICT_KNOWN,   /* fails, as a quirk predicts */
	VERDICT_CHANGED, /* passes, although a quirk predicts that it fails */
};
#define VERDICTS 6

/* "pass", "fail", "skip", "broken", "known", "changed". */
extern const char *const verdict_words[VERDICTS];

/* WORD may be NULL. */
enum verdict verdict_parse(const char *word);

#endif
