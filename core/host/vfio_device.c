/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vfio_device.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

/* The descriptors of the container, the group and the device. Closing the last descriptor of the
 * device clears its bus mastering; closing the container removes its mappings. */
struct vfio_device {
	char name[BDF_TEXT];
	int container, group, device;
};

enum { COMMAND = 0x04, COMMAND_MEMORY = 1 << 1, COMMAND_MASTER = 1 << 2 };

static int open_group(const struct host *host, struct bdf bdf, struct vfio_device *device,
		struct err *err)
{
	CLEANUP(cleanup_free) char *path = NULL;
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char group[16];

	if (function_link(host, bdf, "iommu_group", group, sizeof(group)) < 0)
		return err_set(err, ENODEV, "%s has no IOMMU group, so VFIO cannot give it away",
				device->name);
	path = text_format("dev/vfio/%s", group);
	device->group = host_open_file(host, path, O_RDWR);
	if (device->group < 0)
		return err_set(err, -device->group, "cannot open VFIO group %s of %s: %s", group,
				device->name, strerror(-device->group));
	if (ioctl(device->group, VFIO_GROUP_GET_STATUS, &status) < 0)
		return err_sys(err, "cannot ask for the state of VFIO group %s", group);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return err_set(err, EBUSY,
				"VFIO group %s of %s is not viable: bind all of its functions to "
				"vfio-pci",
				group, device->name);
	return 0;
}

static int open_container(const struct host *host, struct vfio_device *device, struct err *err)
{
	device->container = host_open_file(host, "dev/vfio/vfio", O_RDWR);
	if (device->container < 0)
		return err_set(err, -device->container, "cannot open VFIO's container: %s",
				strerror(-device->container));
	if (ioctl(device->group, VFIO_GROUP_SET_CONTAINER, &device->container) < 0)
		return err_sys(err, "cannot put the group of %s into a container", device->name);
	if (ioctl(device->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0)
		return 0;
	if (errno == EPERM)
		return err_set(err, EPERM,
				"VFIO does not confine %s: the IOMMU does not remap interrupts",
				device->name);
	return err_sys(err, "VFIO cannot confine %s", device->name);
}

/* The kernel resets the function when it is opened and, if that worked, also when it is closed. */
static int open_device(const struct host *host, struct bdf bdf, struct vfio_options options,
		struct vfio_device *device, struct err *err)
{
	bool spare = options.no_reset && function_has(host, bdf, "reset_method");
	char request[96], methods[128] = "default";
	int rc;

	snprintf(request, sizeof(request), "%s%s%s", device->name,
			options.token ? " vf_token=" : "", options.token ? options.token : "");
	/* The administrator may have set another order. */
	if (spare && function_read(host, bdf, "reset_method", methods, sizeof(methods), err) < 0)
		return -EIO;
	rc = spare ? function_write(host, bdf, "reset_method", "\n", err) : 0;
	if (rc < 0)
		return rc;
	device->device = ioctl(device->group, VFIO_GROUP_GET_DEVICE_FD, request);
	if (device->device < 0)
		rc = err_sys(err, "cannot open %s through VFIO", device->name);
	if (spare && function_write(host, bdf, "reset_method", *methods ? methods : "\n", err) < 0)
		return -EIO;
	return rc;
}

int vfio_device_open(const struct host *host, struct bdf bdf, struct vfio_options options,
		struct vfio_device **device, struct err *err)
{
	CLEANUP(cleanup_vfio_device) struct vfio_device *fresh = calloc(1, sizeof(*fresh));
	int rc;

	if (!fresh)
		abort();
	bdf_format(bdf, fresh->name);
	fresh->container = fresh->group = fresh->device = -1;
	if (!host_is_live(host))
		return err_set(err, EOPNOTSUPP, "%s is a recorded tree: it has no VFIO",
				host_root(host));
	rc = open_group(host, bdf, fresh, err);
	if (!rc)
		rc = open_container(host, fresh, err);
	if (!rc)
		rc = open_device(host, bdf, options, fresh, err);
	if (!rc)
		*device = TAKE(fresh);
	return rc;
}

void vfio_device_close(struct vfio_device *device)
{
	if (!device)
		return;
	cleanup_fd(&device->device);
	cleanup_fd(&device->group);
	cleanup_fd(&device->container);
	free(device);
}

void cleanup_vfio_device(struct vfio_device **device)
{
	vfio_device_close(*device);
}

int vfio_device_map(struct vfio_device *device, uint64_t iova, void *memory, size_t size,
		enum vfio_access access, struct err *err)
{
	struct vfio_iommu_type1_dma_map map = { .argsz = sizeof(map),
		.flags = (access & VFIO_ACCESS_READ ? VFIO_DMA_MAP_FLAG_READ : 0) |
				(access & VFIO_ACCESS_WRITE ? VFIO_DMA_MAP_FLAG_WRITE : 0),
		.vaddr = (uintptr_t)memory,
		.iova = iova,
		.size = size };

	if (ioctl(device->container, VFIO_IOMMU_MAP_DMA, &map) < 0)
		return err_sys(err, "VFIO does not map 0x%llx for %s", (unsigned long long)iova,
				device->name);
	return 0;
}

int vfio_device_unmap(struct vfio_device *device, uint64_t iova, size_t size, struct err *err)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap), .iova = iova, .size = size
	};

	if (ioctl(device->container, VFIO_IOMMU_UNMAP_DMA, &unmap) < 0 || unmap.size != size)
		return err_sys(err, "VFIO does not unmap 0x%llx of %s", (unsigned long long)iova,
				device->name);
	return 0;
}

static int region_info(struct vfio_device *device, unsigned index, struct vfio_region_info *info,
		struct err *err)
{
	*info = (struct vfio_region_info){ .argsz = sizeof(*info), .index = index };
	if (ioctl(device->device, VFIO_DEVICE_GET_REGION_INFO, info) < 0)
		return err_sys(err, "VFIO does not describe region %u of %s", index, device->name);
	return 0;
}

int vfio_device_config(struct vfio_device *device, unsigned offset, uint16_t *word, struct err *err)
{
	struct vfio_region_info info;
	int rc = region_info(device, VFIO_PCI_CONFIG_REGION_INDEX, &info, err);

	if (rc < 0)
		return rc;
	if (pread(device->device, word, 2, (off_t)info.offset + (off_t)offset) != 2)
		return err_sys(err, "VFIO does not read %s's config space at 0x%x", device->name,
				offset);
	return 0;
}

static int set_config(struct vfio_device *device, unsigned offset, uint16_t word, struct err *err)
{
	struct vfio_region_info info;
	int rc = region_info(device, VFIO_PCI_CONFIG_REGION_INDEX, &info, err);

	if (rc < 0)
		return rc;
	if (pwrite(device->device, &word, 2, (off_t)info.offset + (off_t)offset) != 2)
		return err_sys(err, "VFIO does not write %s's config space at 0x%x", device->name,
				offset);
	return 0;
}

int vfio_device_set_master(struct vfio_device *device, bool on, struct err *err)
{
	uint16_t command;
	int rc = vfio_device_config(device, COMMAND, &command, err);

	if (rc < 0)
		return rc;
	command = (uint16_t)((command & ~COMMAND_MASTER) | COMMAND_MEMORY |
			(on ? COMMAND_MASTER : 0));
	return set_config(device, COMMAND, command, err);
}

int vfio_device_bar_size(struct vfio_device *device, unsigned number, size_t *size, bool *mappable,
		struct err *err)
{
	struct vfio_region_info info;
	int rc = region_info(device, VFIO_PCI_BAR0_REGION_INDEX + number, &info, err);

	if (rc < 0)
		return rc;
	*size = info.size;
	*mappable = info.flags & VFIO_REGION_INFO_FLAG_MMAP;
	return 0;
}

int vfio_device_map_bar(
		struct vfio_device *device, unsigned number, struct bar *bar, struct err *err)
{
	struct vfio_region_info info;
	int rc = region_info(device, VFIO_PCI_BAR0_REGION_INDEX + number, &info, err);
	void *memory;

	if (rc < 0)
		return rc;
	memory = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, device->device,
			(off_t)info.offset);
	if (memory == MAP_FAILED)
		return err_sys(err, "VFIO does not map BAR %u of %s", number, device->name);
	*bar = (struct bar){ memory, info.size };
	return 0;
}

int vfio_device_vectors(struct vfio_device *device, unsigned *count, struct err *err)
{
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = VFIO_PCI_MSIX_IRQ_INDEX };

	if (ioctl(device->device, VFIO_DEVICE_GET_IRQ_INFO, &info) < 0)
		return err_sys(err, "VFIO does not describe the interrupts of %s", device->name);
	*count = info.count;
	return 0;
}

int vfio_device_set_vectors(
		struct vfio_device *device, const int *eventfds, unsigned count, struct err *err)
{
	size_t size = sizeof(struct vfio_irq_set) + count * sizeof(*eventfds);
	CLEANUP(cleanup_free) struct vfio_irq_set *set = calloc(1, size);

	if (!set)
		abort();
	set->argsz = (uint32_t)size;
	set->flags = VFIO_IRQ_SET_ACTION_TRIGGER |
			(count ? VFIO_IRQ_SET_DATA_EVENTFD : VFIO_IRQ_SET_DATA_NONE);
	set->index = VFIO_PCI_MSIX_IRQ_INDEX;
	set->count = count;
	if (count)
		memcpy(set->data, eventfds, count * sizeof(*eventfds));
	if (ioctl(device->device, VFIO_DEVICE_SET_IRQS, set) < 0)
		return err_sys(err, "VFIO does not set %u MSI-X vectors of %s", count,
				device->name);
	return 0;
}

int vfio_device_reset(struct vfio_device *device, struct err *err)
{
	if (ioctl(device->device, VFIO_DEVICE_RESET) < 0)
		return err_sys(err, "VFIO does not reset %s", device->name);
	return 0;
}
