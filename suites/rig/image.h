/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_IMAGE_H
#define RIG_IMAGE_H

#include "rig/rig.h"

/* Folder of the hypervisor image (vmimages/README.md), built when it is not in the cache; for the
 * caller to free. What the build says goes to options->progress. FLAVOUR may be NULL. */
int image_find(const struct rig_options *options, const char *flavour, char **folder,
		struct err *err);

/* Packs the programs of options->tools_dir into the disk image OUT. */
int image_pack_tools(const struct rig_options *options, const char *out, struct err *err);

/* Makes OUT a fresh state disk. */
int image_make_state(const char *data_dir, const char *out, struct err *err);

/* Tells options->progress, if there is one. */
void rig_progress(const struct rig_options *options, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

#endif
