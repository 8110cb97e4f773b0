/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_DEFINE_H
#define CLI_DEFINE_H

#include "command/verb.h"

extern const struct verb verbs_define[];   /* network ..., profile ... */
extern const struct verb verbs_allow[];    /* allow ... */
extern const struct verb verbs_exchange[]; /* import, export */

#endif
