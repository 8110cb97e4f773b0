/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_GDB_H
#define RIG_GDB_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

/*
 * The memory of a machine through QEMU's gdb stub (the remote serial protocol, "Remote Protocol" in
 * gdb's manual). Unlike a write to the machine's RAM, a write here also changes code that QEMU has
 * already translated. The machine is stopped from gdb_attach() to gdb_detach().
 */

/* FD is the connected, non-blocking socket of the stub; the caller closes it. */
int gdb_attach(int fd, struct deadline deadline, struct err *err);
int gdb_detach(int fd, struct deadline deadline, struct err *err);

/* At most 64 bytes at a virtual address of the kernel. -EFAULT: nothing is mapped there. */
int gdb_read(int fd, uint64_t address, uint8_t *bytes, size_t count, struct deadline deadline,
		struct err *err);
int gdb_write(int fd, uint64_t address, const uint8_t *bytes, size_t count,
		struct deadline deadline, struct err *err);

#endif
