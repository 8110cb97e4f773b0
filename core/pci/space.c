/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "pci/pcie.h"

/* Collects the configuration spaces that belong to one card, from a machine or from a dump. The
 * two differ in how a function is opened and in how the functions on a bus are found. */

enum { VFS_LIMIT = 4096 };

uint8_t space_byte(const struct space *space, unsigned offset)
{
	return offset < space->length ? space->bytes[offset] : 0xff;
}

uint16_t space_word(const struct space *space, unsigned offset)
{
	return (uint16_t)(space_byte(space, offset) | space_byte(space, offset + 1) << 8);
}

uint32_t space_long(const struct space *space, unsigned offset)
{
	return space_word(space, offset) | (uint32_t)space_word(space, offset + 2) << 16;
}

unsigned space_capability(const struct space *space, uint8_t id)
{
	unsigned at = space_byte(space, HEADER_CAPABILITIES) & ~3u;

	if (!space->length || !(space_word(space, HEADER_STATUS) & HEADER_STATUS_CAPABILITIES))
		return 0;
	for (unsigned steps = 0; at >= 64 && at < 256 && steps < CAPABILITY_ROOM; steps++) {
		if (space_byte(space, at) == id)
			return at;
		at = space_byte(space, at + 1) & ~3u;
	}
	return 0;
}

unsigned space_extended(const struct space *space, uint16_t id)
{
	unsigned at = 256;

	for (unsigned steps = 0; at >= 256 && steps < EXTENDED_ROOM; steps++) {
		uint32_t header = space_long(space, at);

		if (!header || header == ~0u)
			return 0;
		if ((header & 0xffff) == id)
			return at;
		at = header >> 20 & ~3u;
	}
	return 0;
}

struct source {
	const struct host *host; /* or */
	struct dump *dump;
};

static int open_function(const struct source *source, struct bdf bdf, struct config **config,
		struct err *err)
{
	return source->host ? config_open(source->host, bdf, config, err)
			    : config_open_dump(source->dump, bdf, config, err);
}

/* The first lines of the file "resource" are the BARs: "start end flags". */
static void read_bar_sizes(const struct host *host, struct space *space)
{
	char text[2048], *rest = text, *line;
	unsigned long long start, end;

	if (function_read(host, space->bdf, "resource", text, sizeof(text), NULL) < 0)
		return;
	for (unsigned i = 0; i < SPACE_BARS && (line = strsep(&rest, "\n")); i++) {
		if (sscanf(line, "%llx %llx", &start, &end) == 2 && end > start)
			space->bar_size[i] = end - start + 1;
	}
}

static int read_space(
		const struct source *source, struct bdf bdf, struct space *space, struct err *err)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	int rc;

	*space = (struct space){ .bdf = bdf };
	rc = open_function(source, bdf, &config, err);
	if (rc < 0)
		return rc;
	space->length = config_read(config, space->bytes);
	if (source->host)
		read_bar_sizes(source->host, space);
	return 0;
}

int space_read(const struct host *host, struct bdf bdf, struct space *space, struct err *err)
{
	return read_space(&(struct source){ .host = host }, bdf, space, err);
}

bool card_vf_at(const struct card *card, unsigned index, struct bdf *vf)
{
	unsigned at = space_extended(&card->pf, PCIE_EXT_SRIOV);
	uint32_t rid = bdf_rid(card->pf.bdf) + space_word(&card->pf, at + SRIOV_FIRST_OFFSET) +
			index * (uint32_t)space_word(&card->pf, at + SRIOV_STRIDE);

	*vf = bdf_at_rid(card->pf.bdf.domain, (uint16_t)rid);
	return rid <= UINT16_MAX;
}

static unsigned enabled_vfs(const struct space *pf)
{
	unsigned at = space_extended(pf, PCIE_EXT_SRIOV);
	unsigned count = space_word(pf, at + SRIOV_NUM_VFS);

	if (!at || !(space_word(pf, at + SRIOV_CONTROL) & SRIOV_CONTROL_ENABLE))
		return 0;
	return count < VFS_LIMIT ? count : VFS_LIMIT;
}

static void read_vfs(const struct source *source, struct card *card)
{
	card->vf_count = enabled_vfs(&card->pf);
	card->vfs = calloc(card->vf_count + 1, sizeof(*card->vfs));
	if (!card->vfs)
		abort();
	for (unsigned i = 0; i < card->vf_count; i++) {
		struct bdf vf;

		if (card_vf_at(card, i, &vf))
			read_space(source, vf, &card->vfs[i], NULL);
		card->vfs[i].bdf = vf;
	}
}

size_t card_vfs_read(const struct card *card, unsigned length)
{
	size_t count = 0;

	for (size_t i = 0; i < card->vf_count; i++)
		count += card->vfs[i].length >= length;
	return count;
}

/* Whether PF has a VF at BDF, by its First VF Offset and VF Stride. */
static bool is_vf_of(const struct space *pf, struct bdf bdf)
{
	unsigned at = space_extended(pf, PCIE_EXT_SRIOV), count = enabled_vfs(pf);
	uint32_t stride = space_word(pf, at + SRIOV_STRIDE);
	uint32_t first = bdf_rid(pf->bdf) + space_word(pf, at + SRIOV_FIRST_OFFSET);
	uint32_t here = bdf_rid(bdf);

	if (!count || bdf.domain != pf->bdf.domain || here < first)
		return false;
	if (!stride)
		return here == first;
	return (here - first) % stride == 0 && (here - first) / stride < count;
}

/* A PF at an address at which another PF has a VF still counts as a PF: a VF has neither ids nor
 * SR-IOV. */
static bool is_pf(const struct space *space)
{
	return space_word(space, HEADER_VENDOR) != 0xffff && space_extended(space, PCIE_EXT_SRIOV);
}

/* Behind a port everything on its bus is one device; on the root complex a device has one device
 * number. If the port is not in a dump, the type of the function shows which of the two applies. */
static bool is_behind_port(const struct card *card)
{
	unsigned at = space_capability(&card->pf, PCIE_CAPABILITY);

	return card->port.length ||
			(!card->complete && at &&
					PCIE_PORT_TYPE(space_word(&card->pf, at + PCIE_FLAGS)) ==
							PCIE_ENDPOINT);
}

static void take_sibling(const struct source *source, struct card *card, struct bdf bdf)
{
	struct bdf pf = card->pf.bdf;
	struct space *grown, *space;

	if (bdf.domain != pf.domain || bdf.bus != pf.bus || bdf_equal(bdf, pf) ||
			(!is_behind_port(card) && bdf.device != pf.device))
		return;
	grown = reallocarray(card->siblings, card->sibling_count + 1, sizeof(*grown));
	if (!grown)
		abort();
	card->siblings = grown;
	space = &grown[card->sibling_count];
	/* The VFs of a PF that is not in the dump have the vendor id ffff. */
	if (read_space(source, bdf, space, NULL) == 0 && space_word(space, 0) != 0xffff &&
			(is_pf(space) || !is_vf_of(&card->pf, bdf)))
		card->sibling_count++;
}

/* Removes the VFs of PF from the siblings. */
static void drop_vfs_of(struct card *card, const struct space *pf)
{
	size_t kept = 0;

	for (size_t i = 0; i < card->sibling_count; i++) {
		if (is_pf(&card->siblings[i]) || !is_vf_of(pf, card->siblings[i].bdf))
			card->siblings[kept++] = card->siblings[i];
	}
	card->sibling_count = kept;
}

int card_read(const struct host *host, struct bdf pf, struct card *card, struct err *err)
{
	struct source source = { .host = host };
	int rc = card_read_device(host, pf, card, err);

	if (!rc)
		read_vfs(&source, card);
	return rc;
}

int card_read_device(const struct host *host, struct bdf pf, struct card *card, struct err *err)
{
	CLEANUP(cleanup_card) struct card fresh = { .complete = true };
	struct source source = { .host = host };
	char **names = NULL;
	size_t count = 0, depth = 0;
	struct bdf above[PATH_LIMIT], bdf;
	int rc = read_space(&source, pf, &fresh.pf, err);

	if (!rc)
		rc = function_path(host, pf, above, PATH_LIMIT, &depth, err);
	if (!rc && depth)
		rc = read_space(&source, above[0], &fresh.port, err);
	if (!rc)
		rc = host_names(host, "sys/bus/pci/devices", &names, &count, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count; i++) {
		/* A function with a link to a PF is a VF, of whichever PF of the device. */
		if (bdf_parse(names[i], &bdf) == 0 && !function_has(host, bdf, "physfn"))
			take_sibling(&source, &fresh, bdf);
	}
	host_names_free(names, count);
	*card = fresh;
	fresh = (struct card){ 0 };
	return 0;
}

/* Finds the port whose secondary bus is the PF's bus. */
static void find_port(const struct source *source, struct card *card, const struct bdf *functions,
		size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct space space;

		if (functions[i].domain == card->pf.bdf.domain &&
				read_space(source, functions[i], &space, NULL) == 0 &&
				(space_byte(&space, HEADER_TYPE) & 0x7f) == 1 &&
				space_byte(&space, HEADER_SECONDARY_BUS) == card->pf.bdf.bus)
			card->port = space;
	}
}

int card_read_dump(struct dump *dump, struct bdf pf, struct card *card, struct err *err)
{
	struct source source = { .dump = dump };
	const struct bdf *functions;
	size_t count = dump_functions(dump, &functions);
	int rc;

	*card = (struct card){ .complete = false };
	rc = read_space(&source, pf, &card->pf, err);
	if (rc < 0)
		return rc;
	find_port(&source, card, functions, count);
	read_vfs(&source, card);
	for (size_t i = 0; i < count; i++)
		take_sibling(&source, card, functions[i]);
	for (size_t i = 0; i < count; i++) {
		struct space space;

		if (functions[i].domain == pf.domain &&
				read_space(&source, functions[i], &space, NULL) == 0 &&
				is_pf(&space))
			drop_vfs_of(card, &space);
	}
	return 0;
}

int card_list_dump(struct dump *dump, struct bdf **list, size_t *count, struct err *err)
{
	struct source source = { .dump = dump };
	const struct bdf *functions;
	size_t all = dump_functions(dump, &functions);
	unsigned longest = 0;

	*count = 0;
	*list = calloc(all, sizeof(**list));
	if (!*list)
		abort();
	for (size_t i = 0; i < all; i++) {
		struct space space;

		if (read_space(&source, functions[i], &space, NULL) < 0)
			continue;
		longest = space.length > longest ? space.length : longest;
		if (is_pf(&space))
			(*list)[(*count)++] = functions[i];
	}
	if (*count)
		return 0;
	free(*list);
	*list = NULL;
	if (longest == SPACE_SIZE)
		return err_set(err, ENODEV, "the dump has no function with an SR-IOV capability");
	return err_set(err, ENODEV,
			"the dump ends at %u bytes of each function, before the extended "
			"configuration space, where SR-IOV is: write it with lspci -xxxx as root",
			longest);
}

void card_free(struct card *card)
{
	free(card->vfs);
	free(card->siblings);
	*card = (struct card){ 0 };
}

void cleanup_card(struct card *card)
{
	card_free(card);
}
