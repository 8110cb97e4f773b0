/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_TREE_HOOK_H
#define TESTS_TREE_HOOK_H

#include "tests/tree.h"

/*
 * A kernel that does something when an attribute is written, or refuses. The program has to be
 * linked with --wrap=host_write (see meson.build), and the writes must be its own.
 *
 * The hook gets what is written to PATH. 0: it has done all that the write does, the file is not
 * touched otherwise; -errno: the kernel refuses.
 */
typedef int tree_hook_fn(struct tree *tree, const char *value);

void tree_on_write(struct tree *tree, const char *path, tree_hook_fn *hook);
void tree_hooks_forget(void);

#endif
