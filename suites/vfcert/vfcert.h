/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_VFCERT_H
#define VFCERT_VFCERT_H

#include "base/verb.h"
#include "rig/rig.h"

/* The verbs, one table per file. */
extern const struct verb lab_verbs[];    /* lab.c */
extern const struct verb run_verbs[];    /* run.c */
extern const struct verb prove_verbs[];  /* prove.c */
extern const struct verb list_verbs[];   /* lists.c */
extern const struct verb report_verbs[]; /* report.c */
extern const struct verb cache_verbs[];  /* cache.c */
extern const struct verb matrix_verbs[]; /* matrix.c */
extern const struct verb key_verbs[];    /* keys.c */
extern const struct verb sign_verbs[];   /* sign.c */
extern const struct verb verify_verbs[]; /* verify.c */
extern const struct verb diff_verbs[];   /* diff.c */

/* Flags of the verbs that bring up a rig; a verb's own table begins or ends with them. */
#define EMULATED_FLAGS                                                                            \
	{ "cold", 0, NULL, "Boot the emulated rig, and neither use nor make a snapshot" },        \
			{ "kernel", 0, "VERSION",                                                 \
				"Emulated rig: the newest Debian kernel that begins like that "   \
				"(6.12), or the file of a bzImage or vmlinux" },                  \
			{ "modules", 0, "DIR",                                                    \
				"The modules of a --kernel of your own, as make modules_install " \
				"INSTALL_MOD_PATH=DIR gives them" },                              \
			{ "qemu", 0, "VERSION",                                                   \
				"Emulated rig: the QEMU that begins like that (11.1), this "      \
				"machine's or Debian's" },                                        \
	{                                                                                         \
		"tools", 0, "DIR",                                                                \
				"Folder of the vfctl and vfsuite to test, laid out like a build " \
				"folder (default: those that came with vfcert)"                   \
	}
#define RIG_FLAGS                                                                              \
	{ "rig", 'r', "RIG", "The rig: emulated (default) or local, which is this host" },     \
			{ "topology", 't', "NAME",                                             \
				"Topology of the emulated rig, a name or a file (igb)" },      \
			{ "safe-to-break", 0, "BDF",                                           \
				"Local rig: the PF whose VFs and settings may be lost" },      \
			{ "partner", 0, "INTERFACE", "Local rig: the port cabled to the PF" }, \
			EMULATED_FLAGS

/* A rig's options and the strings they point to. */
struct rig_setup {
	struct rig_options options;
	char *data_dir, *tools_dir, *cache_dir, *run_dir, *qemu;
};

/* From the command line, the environment, and where this program lies. Progress goes to standard
 * error. */
int setup_from_call(const struct verb_call *call, struct rig_setup *setup, struct err *err);
void cleanup_setup(struct rig_setup *setup);

/* The folder for private folders, for the caller to free. */
char *find_run_dir(void);

/* The folder of the vfctl and vfsuite to test, for the caller to free. */
char *tools_dir(const struct verb_call *call);

/* The path of a file of vfcert's data (in fixtures/, suites/profiles/, vmimages/), for the caller to
 * free. */
char *data_path(const char *name);

/* suites/profiles in it, for the caller to free. */
char *profiles_dir(void);

#endif
