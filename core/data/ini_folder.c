/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/ini_folder.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static int is_ini(const struct dirent *entry)
{
	return !fnmatch("*.ini", entry->d_name, FNM_PERIOD);
}

int ini_folder_each(const char *folder, const char *what, ini_folder_fn *take, void *argument,
		struct err *err)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_ini, alphasort), rc = 0;

	if (count < 0)
		return err_sys(err, "cannot read %s in %s", what, folder);
	for (int i = 0; i < count; i++) {
		char *file = entries[i]->d_name;
		CLEANUP(cleanup_free) char *path = text_format("%s/%s", folder, file);

		file[strlen(file) - strlen(".ini")] = '\0';
		if (!rc)
			rc = take(argument, path, file, err);
		free(entries[i]);
	}
	free(entries);
	return rc < 0 ? rc : count;
}
