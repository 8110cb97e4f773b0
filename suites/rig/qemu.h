/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_QEMU_H
#define RIG_QEMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/process.h"
#include "rig/image.h"
#include "rig/rig.h"
#include "rig/topology.h"

/* QEMU's program, and whether the kernel's virtualisation can run a machine. */
struct qemu {
	char *program;
	char version[64]; /* "10.0.2 (Debian 1:10.0.2+ds-2)" */
	uint64_t size;    /* of the program, and when it was changed: another one, same version */
	int64_t changed;
	bool kvm;         /* the machine's kernel has been seen to run under KVM */
	char reason[160]; /* why KVM, or why not */
};

/* Which QEMU runs the topology: this machine's own (options->qemu, which may be NULL) where it fits
 * what is wanted and needed, and *BUILT is NULL then; else one for image_find() to build, of the
 * version *BUILT. -EINVAL: what is wanted is not what the topology needs. */
int qemu_choose(const struct rig_options *options, const struct topology *topology,
		const char **built, struct err *err);

/* What the program is. */
int qemu_inspect(const char *program, struct qemu *qemu, struct err *err);

/* Fills in kvm and reason. A KVM that opens proves nothing: the kernel is started under it once
 * per boot of this host, and the outcome kept in the cache. KERNEL is a part of an image. */
int qemu_try_kvm(const struct rig_options *options, const char *kernel, struct qemu *qemu,
		struct err *err);
void qemu_free(struct qemu *qemu);

/* The kernel that runs in FOLDER under ACCELERATOR until it has nothing more to do: 0 when it came
 * to its first program. Also what a bare boot costs. */
int qemu_boot_bare(const char *program, const char *accelerator, const char *kernel,
		const char *folder, struct deadline deadline, struct err *err);

/* What the kernel of every emulated machine is told. */
extern const char qemu_kernel[];

/* A command line under construction; it ends with NULL. */
struct argv {
	char **list;
	size_t count;
};

void argv_add(struct argv *argv, const char *format, ...) __attribute__((format(printf, 2, 3)));
void argv_free(struct argv *argv);

/* Everything that makes up the machine, except what starts it from a snapshot. IMAGE's parts and
 * FOLDER are where disks, kernel and the machine's sockets lie: the same machine is the same command
 * line where all are the same. */
void qemu_command(struct argv *argv, const char *program, const struct topology *topology, bool kvm,
		const struct image *image, const char *folder);

#endif
