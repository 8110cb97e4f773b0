/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tree_hook.h"

#include <err.h>
#include <string.h>

enum { HOOKS_MOST = 8 };

static struct {
	struct tree *tree;
	const char *path;
	tree_hook_fn *hook;
} hooks[HOOKS_MOST];
static size_t hook_count;
static void (*before_writes)(void);

void tree_on_write(struct tree *tree, const char *path, tree_hook_fn *hook)
{
	if (hook_count == HOOKS_MOST)
		errx(1, "more than %d hooks", HOOKS_MOST);
	hooks[hook_count].tree = tree;
	hooks[hook_count].path = path;
	hooks[hook_count++].hook = hook;
}

void tree_before_writes(void (*hook)(void))
{
	before_writes = hook;
}

void tree_hooks_forget(void)
{
	before_writes = NULL;
	hook_count = 0;
}

int __real_host_write(
		const struct host *host, const char *path, const char *value, struct err *err);
int __wrap_host_write(
		const struct host *host, const char *path, const char *value, struct err *err);

int __wrap_host_write(const struct host *host, const char *path, const char *value, struct err *err)
{
	if (before_writes)
		before_writes();
	for (size_t i = 0; i < hook_count; i++) {
		int rc;

		if (strcmp(hooks[i].path, path) != 0)
			continue;
		rc = hooks[i].hook(hooks[i].tree, value);
		return rc < 0 ? err_set(err, -rc, "cannot write %s: %s", path, strerror(-rc)) : 0;
	}
	return __real_host_write(host, path, value, err);
}
