/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/fault_injection.h"

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
		struct fault_injection *injection, const struct record *registers, struct err *err)
{
	int rc;

	injection->count = record_length(registers);
	if (!injection->count)
		return 0;
	injection->writes = calloc(injection->count, sizeof(*injection->writes));
	if (!injection->writes)
		return err_set(err, ENOMEM, "no memory for register writes");
	rc = bar_map(injection->host, injection->pf, 0, &injection->bar, err);
	for (size_t i = 0; !rc && i < injection->count; i++)
		rc = take_write(record_at(registers, i), injection->bar.size, &injection->writes[i],
				err);
	return rc;
}

/* Reads what the broken function does instead: it returns at once, or sleeps. */
static int take_end(struct fault_injection *injection, const struct record *from,
		struct record *function, struct err *err)
{
	uint64_t sleep;
	int rc;

	if (strcmp(record_str(from, "returns", ""), "never")) {
		record_put_int(function, "returns", record_int(from, "returns", 0));
		return 0;
	}
	rc = kernel_symbol(injection->host, "schedule_timeout_uninterruptible", &sleep, err);
	if (!rc)
		record_put_strf(function, "sleeps", "%llx", (unsigned long long)sleep);
	return rc;
}

/* Looks up the addresses of the functions, which only the running kernel knows. */
static int take_functions(
		struct fault_injection *injection, const struct record *functions, struct err *err)
{
	int rc = 0;

	injection->functions = record_array();
	if (record_length(functions) > FUNCTIONS_LIMIT)
		return err_set(err, EINVAL, "more than %d functions", FUNCTIONS_LIMIT);
	for (size_t i = 0; !rc && i < record_length(functions); i++) {
		const struct record *from = record_at(functions, i);
		struct record *function;
		uint64_t address = 0;

		rc = kernel_symbol(injection->host, record_str(from, "name", ""), &address, err);
		if (rc < 0)
			break;
		function = record_object();
		record_put_strf(function, "address", "%llx", (unsigned long long)address);
		record_put_bool(function, "lasting", record_bool(from, "lasting", false));
		rc = take_end(injection, from, function, err);
		record_add(injection->functions, function);
	}
	return rc;
}

struct record *fault_injection_functions(const struct fault_injection *injection, bool lasting)
{
	CLEANUP(cleanup_record) struct record *some = record_array();
	struct record *arguments;

	for (size_t i = 0; i < record_length(injection->functions); i++) {
		const struct record *function = record_at(injection->functions, i);

		if (record_bool(function, "lasting", false) == lasting)
			record_add(some, record_copy(function));
	}
	if (!record_length(some))
		return NULL;
	arguments = record_object();
	record_put(arguments, "functions", TAKE(some));
	return arguments;
}

int fault_injection_open(const struct host *host, struct bdf pf, const struct record *request,
		struct fault_injection *injection, struct err *err)
{
	const struct record *registers = record_get(request, "registers");
	const struct record *config = record_get(request, "config");
	int rc;

	*injection = (struct fault_injection){ .host = host, .pf = pf };
	if (record_length(registers) > WRITES_LIMIT || record_length(config) > WRITES_LIMIT)
		return err_set(err, EINVAL, "more than %d writes", WRITES_LIMIT);
	rc = take_registers(injection, registers, err);
	injection->config_count = rc ? 0 : record_length(config);
	injection->config_writes =
			calloc(injection->config_count + 1, sizeof(*injection->config_writes));
	if (!injection->config_writes)
		rc = err_set(err, ENOMEM, "no memory for writes to configuration space");
	for (size_t i = 0; !rc && i < injection->config_count; i++)
		rc = take_config(record_at(config, i), &injection->config_writes[i], err);
	if (!rc)
		rc = take_functions(injection, record_get(request, "functions"), err);
	if (rc < 0)
		fault_injection_close(injection);
	return rc;
}

void fault_injection_close(struct fault_injection *injection)
{
	bar_unmap(&injection->bar);
	free(injection->writes);
	free(injection->config_writes);
	record_free(injection->functions);
	*injection = (struct fault_injection){ 0 };
}

static int find_function(const struct fault_injection *injection, const char *name, struct bdf *bdf)
{
	struct bdf above[PATH_LIMIT];
	char link[24], target[BDF_TEXT];
	size_t depth = 0;

	if (!strcmp(name, "pf")) {
		*bdf = injection->pf;
		return 0;
	}
	if (!strcmp(name, "port")) {
		function_path(injection->host, injection->pf, above, PATH_LIMIT, &depth, NULL);
		*bdf = above[0];
		return depth ? 0 : -ENOENT;
	}
	snprintf(link, sizeof(link), "virtfn%.4s", name + strcspn(name, "0123456789"));
	if (function_link(injection->host, injection->pf, link, target, sizeof(target)) < 0)
		return -ENOENT;
	return bdf_parse(target, bdf);
}

/* Skips functions and capabilities that do not exist: the check notices that they are missing. */
static void apply_config(const struct fault_injection *injection, const struct config_write *write)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	unsigned at = 0;
	struct bdf bdf;

	if (find_function(injection, write->function, &bdf) < 0 ||
			config_open(injection->host, bdf, &config, NULL) < 0)
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

void fault_injection_pretend(
		const struct fault_injection *injection, const char *function, struct space *space)
{
	for (size_t i = 0; i < injection->config_count; i++) {
		const struct config_write *write = &injection->config_writes[i];
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

uint16_t fault_injection_word(const struct fault_injection *injection, const char *function,
		const char *capability, unsigned offset, uint16_t word)
{
	for (size_t i = 0; i < injection->config_count; i++) {
		const struct config_write *write = &injection->config_writes[i];

		if (write->pretend && write->offset == offset &&
				!strcmp(write->function, function) &&
				!strcmp(write->capability, capability))
			word = (uint16_t)((word & ~write->clear) | write->set);
	}
	return word;
}

void fault_injection_apply(const struct fault_injection *injection)
{
	for (size_t i = 0; i < injection->count; i++) {
		const struct register_write *write = &injection->writes[i];
		uint32_t value = bar_read(&injection->bar, write->address);

		if ((value & write->mask) == write->match)
			bar_write(&injection->bar, write->address,
					(value & ~write->clear) | write->set);
	}
	for (size_t i = 0; i < injection->config_count; i++) {
		if (!injection->config_writes[i].pretend)
			apply_config(injection, &injection->config_writes[i]);
	}
}
