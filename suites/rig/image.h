/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_IMAGE_H
#define RIG_IMAGE_H

#include "rig/rig.h"

/* The folders of an emulated machine's parts (vmimages/README.md). */
struct image {
	char *root, *kernel;
	char *qemu, *guests; /* NULL: not built */
};

#define IMAGE_PARTS 4 /* in the order of struct image */

/* What a machine is made of, beyond what the options say. */
struct image_wanted {
	const char *flavour; /* of the root, or NULL */
	const char *qemu;    /* the beginning of a version, "" for the newest, or NULL for none */
	bool guests;
};

/* Finds the parts in the cache, or builds them and reports that to options->progress. -EINVAL: no such
 * kernel or QEMU exists. */
int image_find(const struct rig_options *options, const struct image_wanted *wanted,
		struct image *image, struct err *err);
void image_free(struct image *image);

/* Checks that the parts are in the cache or on the mirror, and builds nothing. */
int image_check(const struct rig_options *options, const char *qemu, struct err *err);

/* Whether the user has built the kernel; such a kernel may not work. */
bool image_is_own(const char *kernel);

/* The value of KEY in the manifest of a part, which the caller frees, or NULL. */
char *image_manifest(const char *part, const char *key);

/* Packs the programs of options->tools_dir into the disk image OUT. */
int image_pack_tools(const struct rig_options *options, const char *out, struct err *err);

/* Creates an empty state disk at OUT. */
int image_make_state(const char *data_dir, const char *out, struct err *err);

/* Calls options->progress if it is set. */
void rig_progress(const struct rig_options *options, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

#endif
