/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_QEMU_H
#define RIG_QEMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/process.h"
#include "rig/image.h"
#include "rig/rig.h"
#include "rig/topology.h"

/* QEMU's program, and whether it can use KVM. */
struct qemu {
	char *program;
	char version[64]; /* "10.0.2 (Debian 1:10.0.2+ds-2)" */
	uint64_t size;    /* size and time distinguish programs of the same version */
	int64_t changed;
	bool kvm;         /* the machine's kernel has run under KVM */
	char reason[160]; /* why KVM, or why not */
};

/* Chooses the QEMU for the topology. *BUILT becomes NULL if this machine's own (options->qemu)
 * has the version that the user and the topology want, and otherwise the version for image_find()
 * to build. -EINVAL: the user wants a version older than the topology needs. */
int qemu_choose(const struct rig_options *options, const struct topology *topology,
		const char **built, struct err *err);

/* Fills in all but kvm and reason. */
int qemu_inspect(const char *program, struct qemu *qemu, struct err *err);

/* Fills in kvm and reason. A KVM that opens may still fail to run the kernel, so the kernel is
 * started under it once per boot of this host; the cache keeps the outcome. KERNEL is a part of an
 * image. */
int qemu_try_kvm(const struct rig_options *options, const char *kernel, struct qemu *qemu,
		struct err *err);
void qemu_free(struct qemu *qemu);

/* Boots the kernel alone, with its log in FOLDER, until it starts its first program. Also measures the
 * shortest possible boot. */
int qemu_boot_bare(const char *program, const char *accelerator, const char *kernel,
		const char *folder, struct deadline deadline, struct err *err);

/* The kernel arguments of every emulated machine. */
extern const char qemu_kernel[];

/* A command line under construction; it ends with NULL. */
struct argv {
	char **list;
	size_t count;
};

void argv_add(struct argv *argv, const char *format, ...) __attribute__((format(printf, 2, 3)));
void argv_free(struct argv *argv);

/* The whole command line, except what starts from a snapshot. Disks and kernel are in IMAGE's
 * parts, sockets in FOLDER; with the same folders, the same machine has the same command line. */
void qemu_command(struct argv *argv, const char *program, const struct topology *topology, bool kvm,
		const struct image *image, const char *folder);

#endif
