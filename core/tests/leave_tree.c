/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "tests/tree.h"

/* Creates the machine that most tests start from, leaves it in place, and prints its path: for
 * tests in another language, which remove it. */
int main(void)
{
	struct tree *tree = tree_igb(4);

	puts(tree->root);
	host_close(tree->host);
	free(tree);
	return 0;
}
