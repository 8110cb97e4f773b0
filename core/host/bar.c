/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/bar.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

int bar_map(const struct host *host, struct bdf bdf, unsigned number, struct bar *bar,
		struct err *err)
{
	char name[BDF_TEXT];
	CLEANUP(cleanup_free)
	char *path = text_format(
			"sys/bus/pci/devices/%s/resource%u", bdf_format(bdf, name), number);
	CLEANUP(cleanup_fd)
	int fd = host_open_file(host, path, O_RDWR);
	struct stat st;
	void *memory;

	if (fd < 0)
		return err_set(err, -fd, "cannot open BAR %u of %s: %s", number, name,
				strerror(-fd));
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot read the size of BAR %u of %s", number, name);
	memory = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED && errno == EINVAL)
		return err_set(err, EINVAL,
				"cannot map BAR %u of %s: its driver holds it, and the kernel was "
				"not started with iomem=relaxed",
				number, name);
	if (memory == MAP_FAILED)
		return err_sys(err, "cannot map BAR %u of %s", number, name);
	*bar = (struct bar){ memory, (size_t)st.st_size };
	return 0;
}

void bar_unmap(struct bar *bar)
{
	if (bar->memory)
		munmap(bar->memory, bar->size);
	*bar = (struct bar){ 0 };
}

static volatile uint32_t *register_at(const struct bar *bar, uint32_t offset)
{
	if (!bar->memory || offset % 4 || bar->size < 4 || offset > bar->size - 4)
		return NULL;
	return (volatile uint32_t *)((char *)bar->memory + offset);
}

uint32_t bar_read(const struct bar *bar, uint32_t offset)
{
	volatile uint32_t *at = register_at(bar, offset);

	return at ? *at : ~0u;
}

void bar_write(const struct bar *bar, uint32_t offset, uint32_t value)
{
	volatile uint32_t *at = register_at(bar, offset);

	if (at)
		*at = value;
}
