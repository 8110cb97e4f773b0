/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/config.h"

#include <fcntl.h>
#include <pci/pci.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "host/dump_text.h"

/*
 * The configuration space of one function, read through libpci: with its sysfs access below the
 * host's root, or with its dump access. Nothing is cached: each read goes to the function.
 *
 * libpci's error handler must not return, so nothing here may make the library raise an error: the
 * access method is fixed, a root too long for the library's path buffer is refused first, and the
 * library gets a dump only in the strict form of host/dump_text.h. What remains is lack of memory,
 * which ends the program here as elsewhere.
 */

#define ROOT_LIMIT 900 /* the library's buffer holds 1,024 bytes of path */

/* libpci 3.9 leaks what it opens to query udev's database. */
#define LOOKUP (PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB)

struct config {
	struct pci_access *access;
	struct pci_dev *dev;
	char name[BDF_TEXT];
	bool borrowed; /* the access belongs to the dump */
};

struct dump {
	struct pci_access *access;
	struct bdf *functions;
	struct bdf *in_text; /* the same as libpci numbers them */
	size_t count;
};

static void die(char *message, ...)
{
	(void)message;
	abort();
}

/* Keeps libpci silent: a failed read shows in its value, a failed write when read back. */
static void hush(char *message, ...)
{
	(void)message;
}

static struct pci_access *access_new(unsigned method)
{
	struct pci_access *access = pci_alloc();

	if (!access)
		abort();
	access->method = method;
	access->id_lookup_mode = 0; /* no cache of names from the network: 3.13 leaks its path */
	access->error = (__typeof__(access->error))die;
	access->warning = hush;
	access->debug = hush;
	return access;
}

/* Whether libpci, which opens the file by its path, opens the file inside the root. */
static bool is_inside(const struct host *host, const char *bus, const char *name)
{
	CLEANUP(cleanup_free) char *path = text_format("sys/bus/pci/devices/%s/config", name);
	CLEANUP(cleanup_free) char *whole = text_format("%s/devices/%s/config", bus, name);
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_PATH);
	struct stat inside, by_path;

	return fd >= 0 && fstat(fd, &inside) == 0 && S_ISREG(inside.st_mode) &&
			stat(whole, &by_path) == 0 && inside.st_dev == by_path.st_dev &&
			inside.st_ino == by_path.st_ino;
}

int config_open(const struct host *host, struct bdf bdf, struct config **config, struct err *err)
{
	CLEANUP(cleanup_config) struct config *fresh = calloc(1, sizeof(*fresh));
	CLEANUP(cleanup_free) char *bus = host_path(host, "sys/bus/pci");

	if (!fresh)
		abort();
	bdf_format(bdf, fresh->name);
	if (strlen(bus) > ROOT_LIMIT)
		return err_set(err, ENAMETOOLONG, "the root folder's path is too long: %s", bus);
	if (!function_has(host, bdf, "config"))
		return err_set(err, ENODEV, "%s: no such PCI function", fresh->name);
	if (!host_is_live(host) && !is_inside(host, bus, fresh->name))
		return err_set(err, EXDEV, "%s: its config space is no file inside %s", fresh->name,
				host_root(host));
	fresh->access = access_new(PCI_ACCESS_SYS_BUS_PCI);
	pci_set_param(fresh->access, "sysfs.path", bus);
	pci_init(fresh->access);
	fresh->dev = pci_get_dev(fresh->access, (int)bdf.domain, bdf.bus, bdf.device, bdf.function);
	*config = TAKE(fresh);
	return 0;
}

int dump_open(const char *path, struct dump **dump, struct err *err)
{
	CLEANUP(cleanup_dump_text) struct dump_text text = { 0 };
	CLEANUP(cleanup_free) char *name = NULL;
	CLEANUP(cleanup_fd) int fd = -1;
	struct dump *fresh;
	int rc = dump_text_load(path, &text, err);

	if (rc < 0)
		return rc;
	fd = memfd_create("dump", MFD_CLOEXEC);
	if (fd < 0 || file_write_all(fd, text.text, text.length) < 0)
		return err_sys(err, "cannot keep %s in memory", path);
	fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		abort();
	fresh->functions = TAKE(text.functions);
	fresh->in_text = TAKE(text.in_text);
	fresh->count = text.count;
	fresh->access = access_new(PCI_ACCESS_DUMP);
	name = text_format("/proc/self/fd/%d", fd);
	pci_set_param(fresh->access, "dump.name", name);
	pci_init(fresh->access);
	*dump = fresh;
	return 0;
}

void dump_close(struct dump *dump)
{
	if (!dump)
		return;
	pci_cleanup(dump->access);
	free(dump->functions);
	free(dump->in_text);
	free(dump);
}

void cleanup_dump(struct dump **dump)
{
	dump_close(*dump);
}

size_t dump_functions(const struct dump *dump, const struct bdf **functions)
{
	*functions = dump->functions;
	return dump->count;
}

int config_open_dump(struct dump *dump, struct bdf bdf, struct config **config, struct err *err)
{
	struct config *fresh = calloc(1, sizeof(*fresh));
	size_t at = 0;

	if (!fresh)
		abort();
	bdf_format(bdf, fresh->name);
	while (at < dump->count && !bdf_equal(dump->functions[at], bdf))
		at++;
	if (at == dump->count) {
		err_set(err, ENODEV, "%s: not in the dump", fresh->name);
		free(fresh);
		return -ENODEV;
	}
	fresh->access = dump->access;
	fresh->borrowed = true;
	fresh->dev = pci_get_dev(fresh->access, (int)dump->in_text[at].domain, bdf.bus, bdf.device,
			bdf.function);
	*config = fresh;
	return 0;
}

void config_close(struct config *config)
{
	if (!config)
		return;
	if (config->dev)
		pci_free_dev(config->dev);
	if (config->access && !config->borrowed)
		pci_cleanup(config->access);
	free(config);
}

void cleanup_config(struct config **config)
{
	config_close(*config);
}

unsigned config_length(struct config *config)
{
	static const unsigned lengths[] = { 4096, 256, 64 };
	u8 last[4];

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		if (pci_read_block(config->dev, (int)lengths[i] - 4, last, 4))
			return lengths[i];
	}
	return 0;
}

const char *config_remedy(unsigned length)
{
	if (length == 4096)
		return NULL;
	return length == 256 ? "the kernel reaches only 256 bytes of it: see its log on MMCONFIG "
			       "and ECAM"
			     : "run as root";
}

unsigned config_read(struct config *config, uint8_t *bytes)
{
	unsigned length = config_length(config);

	return length && pci_read_block(config->dev, 0, bytes, (int)length) ? length : 0;
}

uint8_t config_byte(struct config *config, unsigned offset)
{
	return pci_read_byte(config->dev, (int)offset);
}

uint16_t config_word(struct config *config, unsigned offset)
{
	return pci_read_word(config->dev, (int)offset);
}

uint32_t config_long(struct config *config, unsigned offset)
{
	return pci_read_long(config->dev, (int)offset);
}

static int written(const struct config *config, unsigned offset, int taken, struct err *err)
{
	if (taken)
		return 0;
	return err_set(err, EPERM,
			"%s: cannot write config space at 0x%x: run as root, without kernel "
			"lockdown",
			config->name, offset);
}

int config_write_word(struct config *config, unsigned offset, uint16_t value, struct err *err)
{
	config->access->writeable = 1;
	return written(config, offset, pci_write_word(config->dev, (int)offset, value), err);
}

int config_write_long(struct config *config, unsigned offset, uint32_t value, struct err *err)
{
	config->access->writeable = 1;
	return written(config, offset, pci_write_long(config->dev, (int)offset, value), err);
}

/* Both walks take at most as many steps as capabilities fit into the space. */
unsigned config_capability(struct config *config, uint8_t id)
{
	unsigned offset, steps = (256 - 64) / 4;

	if (!(config_word(config, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	offset = config_byte(config, PCI_CAPABILITY_LIST) & ~3u;
	for (; offset >= 64 && steps; steps--) {
		uint8_t found = config_byte(config, offset + PCI_CAP_LIST_ID);

		if (found == 0xff)
			return 0;
		if (found == id)
			return offset;
		offset = config_byte(config, offset + PCI_CAP_LIST_NEXT) & ~3u;
	}
	return 0;
}

unsigned config_extended(struct config *config, uint16_t id)
{
	unsigned offset = 256, steps = (4096 - 256) / 8;

	for (; offset >= 256 && steps; steps--) {
		uint32_t header = config_long(config, offset);

		if (!header || header == 0xffffffff)
			return 0;
		if ((header & 0xffff) == id)
			return offset;
		offset = header >> 20 & ~3u;
	}
	return 0;
}

const char *config_names(
		const struct host *host, uint16_t vendor, uint16_t device, char *text, size_t size)
{
	struct pci_access *access = access_new(PCI_ACCESS_SYS_BUS_PCI);
	char maker[128], model[128];

	(void)host; /* pci.ids is that of the machine that runs this program, not of HOST */
	if (!pci_lookup_name(access, maker, sizeof(maker), LOOKUP | PCI_LOOKUP_VENDOR, vendor))
		snprintf(maker, sizeof(maker), "%04x", vendor);
	if (!pci_lookup_name(access, model, sizeof(model), LOOKUP | PCI_LOOKUP_DEVICE, vendor,
			    device))
		snprintf(model, sizeof(model), "%04x", device);
	snprintf(text, size, "%s %s", maker, model);
	pci_cleanup(access);
	return text;
}
