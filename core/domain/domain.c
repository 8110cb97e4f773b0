/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/domain.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "domain/domain_internal.h"

/* The domain around its devices. */

void domain_free(struct domain *domain)
{
	for (size_t i = 0; i < domain->nic_count; i++)
		domain_nic_free(&domain->nics[i]);
	free(domain->nics);
	free(domain->name);
	free(domain->machine);
	free(domain->arch);
	free(domain->iommu);
	*domain = (struct domain){ .id = -1 };
}

void cleanup_domain(struct domain *domain)
{
	domain_free(domain);
}

static const char spaces[] = " \t\r\n";

/* With or without hyphens, as virUUIDParse(). */
static int take_uuid(
		const struct reading *reading, const struct xml *element, struct domain *domain)
{
	const char *text = xml_text(element);
	size_t used = 0;

	if (!text)
		return 0;
	for (; *text && used < sizeof(domain->uuid) - 1; text++) {
		if (*text == '-' || isspace((unsigned char)*text))
			continue;
		if (!isxdigit((unsigned char)*text))
			break;
		if (used == 8 || used == 13 || used == 18 || used == 23)
			domain->uuid[used++] = '-';
		domain->uuid[used++] = (char)tolower((unsigned char)*text);
	}
	text += strspn(text, spaces);
	if (*text || used != sizeof(domain->uuid) - 1)
		return reading_complain(reading, element, "%.60s is no UUID", xml_text(element));
	return 0;
}

/* The factor of a unit of memory by virScaleInteger(): KiB is 1024, KB is 1000, k is 1024. 0: it is
 * none. */
static uint64_t unit_factor(const char *unit)
{
	static const char prefixes[] = "kmgtpe";
	uint64_t factor = 1, step = 1024;
	const char *prefix;

	if (!*unit || !strcasecmp(unit, "b") || !strcasecmp(unit, "byte") ||
			!strcasecmp(unit, "bytes"))
		return 1;
	prefix = strchr(prefixes, tolower((unsigned char)*unit));
	if (!prefix)
		return 0;
	if (!strcasecmp(unit + 1, "b"))
		step = 1000;
	else if (unit[1] && strcasecmp(unit + 1, "ib") != 0)
		return 0;
	for (long power = prefix - prefixes; power >= 0; power--)
		factor *= step;
	return factor;
}

static int take_memory(const struct reading *reading, const struct xml *element, uint64_t *bytes)
{
	const char *text = xml_text(element), *unit = xml_attribute(element, "unit");
	uint64_t factor = unit_factor(unit ? unit : "KiB"), number;
	char digits[24] = "";
	size_t length;

	if (!text)
		return 0;
	text += strspn(text, spaces);
	length = strcspn(text, spaces);
	if (length < sizeof(digits) && !text[length + strspn(text + length, spaces)])
		memcpy(digits, text, length);
	if (!factor)
		return reading_complain(reading, element,
				"unit='%.40s' of <%s>: it takes KiB, MiB, ...", unit,
				element->name);
	if (number_parse(digits, 0, INT64_MAX / factor, &number) < 0)
		return reading_complain(reading, element, "<%s> is not an amount of memory: %.40s",
				element->name, text);
	*bytes = number * factor;
	return 0;
}

/* A <hostdev> that is passed through VFIO; see struct domain. */
static bool is_passed(const struct xml *element, const char *wanted)
{
	const char *mode = xml_attribute(element, "mode"), *type = xml_attribute(element, "type");

	return xml_is(element, "hostdev") && (!mode || !strcmp(mode, "subsystem")) && type &&
			!strcmp(type, wanted);
}

static int take_nic(const struct reading *reading, const struct xml *element, struct domain *domain)
{
	size_t count = domain->nic_count;

	if (count == DOMAIN_NICS_MOST)
		return reading_complain(reading, element, "more than %d NICs", DOMAIN_NICS_MOST);
	domain->nics = reallocarray(domain->nics, count + 1, sizeof(*domain->nics));
	if (!domain->nics)
		abort();
	domain->nics[count] = (struct domain_nic){ 0 };
	domain->nic_count++;
	return domain_nic_parse(reading, element, &domain->nics[count]);
}

static int take_device(
		const struct reading *reading, const struct xml *element, struct domain *domain)
{
	const char *model = xml_attribute(element, "model");
	uint64_t boot = 0;
	int rc = reading_number(
			reading, xml_child(element, "boot"), "order", DECIMAL, INT32_MAX, &boot);

	if (rc < 0)
		return rc;
	if (boot > domain->boot_last)
		domain->boot_last = (unsigned)boot;
	if (xml_is(element, "iommu") && !domain->iommu)
		domain->iommu = reading_copy(model ? model : "unknown");
	if (xml_is(element, "interface") || is_passed(element, "pci"))
		rc = take_nic(reading, element, domain);
	if (!rc && xml_is(element, "interface"))
		domain->passed += domain->nics[domain->nic_count - 1].kind == NIC_HOSTDEV;
	if (is_passed(element, "pci") || is_passed(element, "mdev"))
		domain->passed++;
	return rc;
}

static int take_devices(
		const struct reading *reading, const struct xml *root, struct domain *domain)
{
	int rc = 0;

	for (size_t i = 0; i < root->count; i++) {
		const struct xml *devices = root->children[i];

		for (size_t k = 0; !rc && xml_is(devices, "devices") && k < devices->count; k++)
			rc = take_device(reading, devices->children[k], domain);
	}
	return rc;
}

static int take_all(const struct reading *reading, const struct xml *root, struct domain *domain)
{
	const char *name = xml_text(xml_child(root, "name"));
	const struct xml *type = xml_path(root, "os/type");
	uint64_t id = UINT64_MAX;
	int rc;

	if (!xml_is(root, "domain"))
		return reading_complain(reading, root, "<%.60s> is not a <domain>", root->name);
	if (!name)
		return reading_complain(reading, root, "a <domain> without a <name>");
	domain->name = reading_copy(name);
	domain->machine = reading_copy(xml_attribute(type, "machine"));
	domain->arch = reading_copy(xml_attribute(type, "arch"));
	rc = reading_number(reading, root, "id", DECIMAL, INT32_MAX, &id);
	if (!rc && id != UINT64_MAX)
		domain->id = (int)id;
	if (!rc)
		rc = take_uuid(reading, xml_child(root, "uuid"), domain);
	if (!rc)
		rc = take_memory(reading, xml_child(root, "memory"), &domain->memory);
	if (!rc)
		rc = take_memory(
				reading, xml_path(root, "memtune/hard_limit"), &domain->hard_limit);
	if (!rc)
		rc = take_devices(reading, root, domain);
	if (!rc)
		rc = domain_slots_parse(reading, root, domain);
	if (!rc)
		domain_ports_parse(root, domain);
	return rc;
}

int domain_parse(const char *file, const char *text, size_t length, struct domain *domain,
		struct err *err)
{
	CLEANUP(cleanup_xml) struct xml *root = NULL;
	struct reading reading = { file, err };
	int rc;

	*domain = (struct domain){ .id = -1 };
	rc = xml_parse(file, text, length, &root, err);
	if (!rc)
		rc = take_all(&reading, root, domain);
	if (rc < 0)
		domain_free(domain);
	return rc;
}
