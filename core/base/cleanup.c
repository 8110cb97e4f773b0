/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void cleanup_free(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void cleanup_dir(void *pointer_to_dir)
{
	DIR *dir = *(DIR **)pointer_to_dir;

	if (dir)
		closedir(dir);
}

void cleanup_file(void *pointer_to_file)
{
	FILE *file = *(FILE **)pointer_to_file;

	if (file)
		fclose(file);
}
