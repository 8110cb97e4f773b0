/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_IMAGE_H
#define RIG_IMAGE_H

#include "rig/rig.h"

/* Folders of the parts of an emulated machine (vmimages/README.md). */
struct image {
	char *root, *kernel;
	char *qemu; /* NULL: none was asked for */
};

#define IMAGE_PARTS 3 /* in the order of struct image */

/* The parts, built when they are not in the cache. What the build says goes to options->progress.
 * FLAVOUR of the root may be NULL; QEMU is the beginning of a version, "" for the newest, or NULL.
 * -EINVAL: no such kernel or QEMU is to be had. */
int image_find(const struct rig_options *options, const char *flavour, const char *qemu,
		struct image *image, struct err *err);
void image_free(struct image *image);

/* Whether they are to be had, in the cache or from the mirror, without building anything. */
int image_check(const struct rig_options *options, const char *qemu, struct err *err);

/* Whether a kernel is of the user's own making: it need not work. */
bool image_is_own(const char *kernel);

/* The value of KEY in the manifest of a part, for the caller to free; NULL: it has none. */
char *image_manifest(const char *part, const char *key);

/* Packs the programs of options->tools_dir into the disk image OUT. */
int image_pack_tools(const struct rig_options *options, const char *out, struct err *err);

/* Makes OUT a fresh state disk. */
int image_make_state(const char *data_dir, const char *out, struct err *err);

/* Tells options->progress, if there is one. */
void rig_progress(const struct rig_options *options, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

#endif
