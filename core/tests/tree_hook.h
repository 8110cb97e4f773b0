/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_TREE_HOOK_H
#define TESTS_TREE_HOOK_H

#include "tests/tree.h"

/*
 * A kernel that reacts when an attribute is written, or refuses. The program must be linked with
 * --wrap=host_write (see meson.build), and make the writes itself.
 *
 * The hook gets what is written to PATH. 0: the hook has done the whole write, the file is not
 * changed otherwise; -errno: the kernel refuses.
 */
typedef int tree_hook_fn(struct tree *tree, const char *value);

void tree_on_write(struct tree *tree, const char *path, tree_hook_fn *hook);
void tree_before_writes(void (*hook)(void)); /* called before each write, or NULL */
void tree_hooks_forget(void);

#endif
