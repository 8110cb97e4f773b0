/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/sabotage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "host/config.h"
#include "host/symbol.h"
#include "pci/pcie.h"

enum { WRITES_LIMIT = 4096, FUNCTIONS_LIMIT = 32 };

static const struct {
	const char *name;
	uint16_t id;
	bool extended;
} capabilities[] = {
	{ "msi", 0x05, false },
	{ "express", PCIE_CAPABILITY, false },
	{ "msix", MSIX_CAPABILITY, false },
	{ "aer", PCIE_EXT_AER, true },
	{ "acs", PCIE_EXT_ACS, true },
	{ "ari", PCIE_EXT_ARI, true },
	{ "sriov", PCIE_EXT_SRIOV, true },
};
enum { CAPABILITIES = sizeof(capabilities) / sizeof(*capabilities) };

static int take_word(const struct record *from, const char *key, uint32_t fallback, uint32_t *word,
		struct err *err)
{
	int64_t number = record_int(from, key, fallback);

	if (number < 0 || number > UINT32_MAX)
		return err_set(err, EINVAL, "a register write's %s is no 32-bit number", key);
	*word = (uint32_t)number;
	return 0;
}

static int take_write(const struct record *from, size_t bar_size, struct register_write *write,
		struct err *err)
{
	if (take_word(from, "address", UINT32_MAX, &write->address, err) < 0 ||
			take_word(from, "mask", 0, &write->mask, err) < 0 ||
			take_word(from, "match", 0, &write->match, err) < 0 ||
			take_word(from, "clear", 0, &write->clear, err) < 0 ||
			take_word(from, "set", 0, &write->set, err) < 0)
		return -EINVAL;
	if (write->address % 4 || write->address + 4ull > bar_size)
		return err_set(err, EINVAL,
				"a register write's address 0x%x is not in BAR 0 (%zu bytes)",
				write->address, bar_size);
	return 0;
}

static int take_config(const struct record *from, struct config_write *write, struct err *err)
{
	int64_t offset = record_int(from, "offset", -1);
	bool known = !record_str(from, "capability", NULL);

	snprintf(write->function, sizeof(write->function), "%s", record_str(from, "function", ""));
	snprintf(write->capability, sizeof(write->capability), "%s",
			record_str(from, "capability", ""));
	for (size_t i = 0; i < CAPABILITIES; i++)
		known |= !strcmp(write->capability, capabilities[i].name);
	if (!known || offset < 0 || offset > SPACE_SIZE - 2 || offset % 2)
		return err_set(err, EINVAL, "a write to configuration space names no place in it");
	write->offset = (unsigned)offset;
	write->clear = (uint16_t)record_int(from, "clear", 0);
	write->set = (uint16_t)record_int(from, "set", 0);
	write->pretend = record_bool(from, "pretend", false);
	return 0;
}

static int take_registers(
		struct sabotage *sabotage, const struct record *registers, struct err *err)
{
	int rc;

	sabotage->count = record_length(registers);
	if (!sabotage->count)
		return 0;
	sabotage->writes = calloc(sabotage->count, sizeof(*sabotage->writes));
	if (!sabotage->writes)
		return err_set(err, ENOMEM, "no memory for register writes");
	rc = bar_map(sabotage->host, sabotage->pf, 0, &sabotage->bar, err);
	for (size_t i = 0; !rc && i < sabotage->count; i++)
		rc = take_write(record_at(registers, i), sabotage->bar.size, &sabotage->writes[i],
				err);
	return rc;
}

/* What FROM does instead of its work. */
static int take_end(struct sabotage *sabotage, const struct record *from, struct record *function,
		struct err *err)
{
	uint64_t sleep;
	int rc;

	if (strcmp(record_str(from, "returns", ""), "never")) {
		record_put_int(function, "returns", record_int(from, "returns", 0));
		return 0;
	}
	rc = kernel_symbol(sabotage->host, "schedule_timeout_uninterruptible", &sleep, err);
	if (!rc)
		record_put_strf(function, "sleeps", "%llx", (unsigned long long)sleep);
	return rc;
}

/* The kernel alone knows where its functions are. */
static int take_functions(
		struct sabotage *sabotage, const struct record *functions, struct err *err)
{
	int rc = 0;

	sabotage->functions = record_array();
	if (record_length(functions) > FUNCTIONS_LIMIT)
		return err_set(err, EINVAL, "more than %d functions", FUNCTIONS_LIMIT);
	for (size_t i = 0; !rc && i < record_length(functions); i++) {
		const struct record *from = record_at(functions, i);
		struct record *function;
		uint64_t address = 0;

		rc = kernel_symbol(sabotage->host, record_str(from, "name", ""), &address, err);
		if (rc < 0)
			break;
		function = record_object();
		record_put_strf(function, "address", "%llx", (unsigned long long)address);
		record_put_bool(function, "lasting", record_bool(from, "lasting", false));
		rc = take_end(sabotage, from, function, err);
		record_add(sabotage->functions, function);
	}
	return rc;
}

struct record *sabotage_functions(const struct sabotage *sabotage, bool lasting)
{
	CLEANUP(cleanup_record) struct record *some = record_array();
	struct record *arguments;

	for (size_t i = 0; i < record_length(sabotage->functions); i++) {
		const struct record *function = record_at(sabotage->functions, i);

		if (record_bool(function, "lasting", false) == lasting)
			record_add(some, record_copy(function));
	}
	if (!record_length(some))
		return NULL;
	arguments = record_object();
	record_put(arguments, "functions", TAKE(some));
	return arguments;
}

int sabotage_open(const struct host *host, struct bdf pf, const struct record *request,
		struct sabotage *sabotage, struct err *err)
{
	const struct record *registers = record_get(request, "registers");
	const struct record *config = record_get(request, "config");
	int rc;

	*sabotage = (struct sabotage){ .host = host, .pf = pf };
	if (record_length(registers) > WRITES_LIMIT || record_length(config) > WRITES_LIMIT)
		return err_set(err, EINVAL, "more than %d writes", WRITES_LIMIT);
	rc = take_registers(sabotage, registers, err);
	sabotage->config_count = rc ? 0 : record_length(config);
	sabotage->config_writes =
			calloc(sabotage->config_count + 1, sizeof(*sabotage->config_writes));
	if (!sabotage->config_writes)
		rc = err_set(err, ENOMEM, "no memory for writes to configuration space");
	for (size_t i = 0; !rc && i < sabotage->config_count; i++)
		rc = take_config(record_at(config, i), &sabotage->config_writes[i], err);
	if (!rc)
		rc = take_functions(sabotage, record_get(request, "functions"), err);
	if (rc < 0)
		sabotage_close(sabotage);
	return rc;
}

void sabotage_close(struct sabotage *sabotage)
{
	bar_unmap(&sabotage->bar);
	free(sabotage->writes);
	free(sabotage->config_writes);
	record_free(sabotage->functions);
	*sabotage = (struct sabotage){ 0 };
}

static int find_function(const struct sabotage *sabotage, const char *name, struct bdf *bdf)
{
	struct bdf above[PATH_LIMIT];
	char link[24], target[BDF_TEXT];
	size_t depth = 0;

	if (!strcmp(name, "pf")) {
		*bdf = sabotage->pf;
		return 0;
	}
	if (!strcmp(name, "port")) {
		function_path(sabotage->host, sabotage->pf, above, PATH_LIMIT, &depth, NULL);
		*bdf = above[0];
		return depth ? 0 : -ENOENT;
	}
	snprintf(link, sizeof(link), "virtfn%.4s", name + strcspn(name, "0123456789"));
	if (function_link(sabotage->host, sabotage->pf, link, target, sizeof(target)) < 0)
		return -ENOENT;
	return bdf_parse(target, bdf);
}

/* A function or a capability that is not there is left alone: the check sees that it is not. */
static void apply_config(const struct sabotage *sabotage, const struct config_write *write)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	unsigned at = 0;
	struct bdf bdf;

	if (find_function(sabotage, write->function, &bdf) < 0 ||
			config_open(sabotage->host, bdf, &config, NULL) < 0)
		return;
	for (size_t i = 0; i < CAPABILITIES; i++) {
		if (strcmp(write->capability, capabilities[i].name))
			continue;
		at = capabilities[i].extended
				? config_extended(config, capabilities[i].id)
				: config_capability(config, (uint8_t)capabilities[i].id);
		if (!at)
			return;
	}
	at += write->offset;
	config_write_word(config, at,
			(uint16_t)((config_word(config, at) & ~write->clear) | write->set), NULL);
}

void sabotage_pretend(const struct sabotage *sabotage, const char *function, struct space *space)
{
	for (size_t i = 0; i < sabotage->config_count; i++) {
		const struct config_write *write = &sabotage->config_writes[i];
		unsigned at = 0, word;

		if (!write->pretend || strcmp(write->function, function))
			continue;
		for (size_t k = 0; k < CAPABILITIES; k++) {
			if (!strcmp(write->capability, capabilities[k].name))
				at = capabilities[k].extended
						? space_extended(space, capabilities[k].id)
						: space_capability(space,
								  (uint8_t)capabilities[k].id);
		}
		at += write->offset;
		if (at > SPACE_SIZE - 2)
			continue;
		word = (space_word(space, at) & ~(unsigned)write->clear) | write->set;
		space->bytes[at] = (uint8_t)word;
		space->bytes[at + 1] = (uint8_t)(word >> 8);
	}
}

uint16_t sabotage_word(const struct sabotage *sabotage, const char *function,
		const char *capability, unsigned offset, uint16_t word)
{
	for (size_t i = 0; i < sabotage->config_count; i++) {
		const struct config_write *write = &sabotage->config_writes[i];

		if (write->pretend && write->offset == offset &&
				!strcmp(write->function, function) &&
				!strcmp(write->capability, capability))
			word = (uint16_t)((word & ~write->clear) | write->set);
	}
	return word;
}

void sabotage_apply(const struct sabotage *sabotage)
{
	for (size_t i = 0; i < sabotage->count; i++) {
		const struct register_write *write = &sabotage->writes[i];
		uint32_t value = bar_read(&sabotage->bar, write->address);

		if ((value & write->mask) == write->match)
			bar_write(&sabotage->bar, write->address,
					(value & ~write->clear) | write->set);
	}
	for (size_t i = 0; i < sabotage->config_count; i++) {
		if (!sabotage->config_writes[i].pretend)
			apply_config(sabotage, &sabotage->config_writes[i]);
	}
}
