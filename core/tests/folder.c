/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

int folder_setup(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));
	char name[] = "/tmp/vfcert-test-XXXXXX";

	if (!folder || !mkdtemp(name))
		return -1;
	snprintf(folder->path, sizeof(folder->path), "%s", name);
	folder->fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = folder;
	return folder->fd < 0 ? -1 : 0;
}

int folder_teardown(void **state)
{
	struct folder *folder = *state;
	int rc = file_remove_tree(folder->path, NULL);

	close(folder->fd);
	free(folder);
	return rc;
}
