/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_VFIO_DEVICE_H
#define HOST_VFIO_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "host/bar.h"

/*
 * A function that is bound to vfio-pci, opened as a VMM opens it: a container with its own address
 * space, the function's IOMMU group in it, the device.
 *
 * The process that opened it can access the registers of the function, and the function can access
 * the pages of the process that are mapped, at the addresses (IOVA) of the mappings.
 */
struct vfio_device;

struct vfio_options {
	const char *token; /* the VF token, a UUID; NULL: none */
	/* Skips the resets at opening and closing, which take 0.1 s each. The function is then
	 * in the state in which its last user left it. */
	bool no_reset;
};

/* -EBUSY: another process has the group open. -EPERM is also returned if interrupts are not
 * remapped. */
int vfio_device_open(const struct host *host, struct bdf bdf, struct vfio_options options,
		struct vfio_device **device, struct err *err);
void vfio_device_close(struct vfio_device *device);
void cleanup_vfio_device(struct vfio_device **device);

/* The direction in which the device may access a mapping. */
enum vfio_access { VFIO_ACCESS_READ = 1, VFIO_ACCESS_WRITE = 2, VFIO_ACCESS_BOTH = 3 };

int vfio_device_map(struct vfio_device *device, uint64_t iova, void *memory, size_t size,
		enum vfio_access access, struct err *err);
int vfio_device_unmap(struct vfio_device *device, uint64_t iova, size_t size, struct err *err);

/* Accesses configuration space as VFIO shows it. */
int vfio_device_config(
		struct vfio_device *device, unsigned offset, uint16_t *word, struct err *err);

/* The device sends DMA only while bus mastering is on. */
int vfio_device_set_master(struct vfio_device *device, bool on, struct err *err);

/* The size of a BAR, 0: there is none, and whether it may be mapped. */
int vfio_device_bar_size(struct vfio_device *device, unsigned number, size_t *size, bool *mappable,
		struct err *err);
int vfio_device_map_bar(
		struct vfio_device *device, unsigned number, struct bar *bar, struct err *err);

/* MSI-X vectors: how many there are, and an eventfd for each of the first COUNT; a COUNT of 0
 * removes all. */
int vfio_device_vectors(struct vfio_device *device, unsigned *count, struct err *err);
int vfio_device_set_vectors(
		struct vfio_device *device, const int *eventfds, unsigned count, struct err *err);

int vfio_device_reset(struct vfio_device *device, struct err *err);

#endif
