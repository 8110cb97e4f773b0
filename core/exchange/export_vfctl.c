/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "exchange/export_internal.h"

/* vfctl's own policy file: what a card is becomes what it is to be. */

static int print_policy(
		const struct export *export, FILE *out, struct string_set *left, struct err *err)
{
	CLEANUP(cleanup_free) char *text = desired_print(export->desired);

	(void)left;
	(void)err;
	fputs(text, out);
	return 0;
}

const struct export_format export_vfctl = {
	.name = "vfctl",
	.help = "a policy file for /etc/vfctl",
	.print = print_policy,
};
