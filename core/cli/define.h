/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_DEFINE_H
#define CLI_DEFINE_H

#include "base/faults.h"
#include "base/verb.h"

extern const struct verb verbs_define[];   /* network ..., profile ... */
extern const struct verb verbs_allow[];    /* allow ... */
extern const struct verb verbs_exchange[]; /* import, export */

/* Makes the flags of verbs_define; before all else. */
void define_prepare(void);

/* Prints faults to standard error. EXIT_USAGE where an error is among them and STATUS is good,
 * else STATUS. */
int faults_print(const struct verb_call *call, const struct faults *faults, int status);

#endif
