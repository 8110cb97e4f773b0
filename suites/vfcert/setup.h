/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_SETUP_H
#define VFCERT_SETUP_H

#include "command/verb.h"
#include "rig/rig.h"

/* For the verbs that run vfctl or vfsuite. */
#define TOOLS_FLAG                                                                                \
	{                                                                                         \
		"tools", 0, "DIR",                                                                \
				"Folder of the vfctl and vfsuite to test, laid out like a build " \
				"folder (default: those that came with vfcert)"                   \
	}

/* A rig's options and the strings that they point to. */
struct rig_setup {
	struct rig_options options;
	char *data_dir, *tools_dir, *cache_dir, *run_dir, *qemu;
};

/* Fills SETUP from the command line, the environment, and the folder of this program. Progress goes to
 * standard error. */
int setup_from_call(const struct verb_call *call, struct rig_setup *setup, struct err *err);
void cleanup_setup(struct rig_setup *setup);

/* The folder for private folders; the caller frees it, like the other paths here. */
char *find_run_dir(void);

/* The folder of the vfctl and vfsuite to test. */
char *tools_dir(const struct verb_call *call);

/* The path of a file of vfcert's data (in fixtures/, suites/profiles/, vmimages/). */
char *data_path(const char *name);

/* suites/profiles in it. */
char *profiles_dir(void);

#endif
