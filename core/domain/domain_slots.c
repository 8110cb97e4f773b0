/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "domain/domain_internal.h"

/*
 * Where a NIC can be plugged in while the machine runs, by virDomainPCIAddressBusSetModel() of
 * libvirt's src/conf/domain_addr.c: a pcie-root-port or pcie-switch-downstream-port has one slot, a
 * pci-root or pci-bridge slots 1 to 31; <target hotplug='off'/> takes them out. The number of the
 * bus behind a controller is the controller's index. Nothing can be plugged into pcie-root, and a
 * VF, which is a PCI Express function, not into a bridge to PCI of a PCI Express machine.
 */
enum { BUSES = 256, SLOT_LAST = 31 };

/* What the slots of a bus are. */
enum bus_use { BUS_NONE, BUS_PORT, BUS_PCI };

struct buses {
	bool has_root;            /* the XML has a PCI controller of index 0 */
	unsigned char use[BUSES]; /* enum bus_use */
	uint32_t taken[BUSES];    /* one bit per slot */
};

/* The machines by the beginning of their names, of which pc-q35 must be before pc. */
static enum slot_kind kind_of_machine(const char *machine)
{
	static const struct {
		const char *name;
		enum slot_kind kind;
	} machines[] = {
		{ "q35", SLOTS_PORTS },
		{ "pc-q35-", SLOTS_PORTS },
		{ "virt", SLOTS_PORTS }, /* ARM, RISC-V, LoongArch: "virt", "virt-9.2" */
		{ "pc", SLOTS_PCI },     /* "pc", "pc-i440fx-9.2", "pc-1.2" */
		{ "rhel6.", SLOTS_PCI },
	};

	for (size_t i = 0; machine && i < sizeof(machines) / sizeof(*machines); i++) {
		if (!strncmp(machine, machines[i].name, strlen(machines[i].name)))
			return machines[i].kind;
	}
	return SLOTS_UNKNOWN;
}

bool domain_has_ports(const char *machine)
{
	return kind_of_machine(machine) == SLOTS_PORTS;
}

static enum bus_use use_of(const char *model)
{
	static const struct {
		const char *model;
		enum bus_use use;
	} models[] = {
		{ "pcie-root-port", BUS_PORT },
		{ "pcie-switch-downstream-port", BUS_PORT },
		{ "pci-root", BUS_PCI },
		{ "pci-bridge", BUS_PCI },
	};

	for (size_t i = 0; model && i < sizeof(models) / sizeof(*models); i++) {
		if (!strcmp(model, models[i].model))
			return models[i].use;
	}
	return BUS_NONE;
}

static int take_controller(
		const struct reading *reading, const struct xml *element, struct buses *buses)
{
	static const char *const switches[] = { "", "on", "off", NULL };
	const char *type = xml_attribute(element, "type");
	uint64_t index = 0;
	unsigned hotplug;
	int rc;

	if (!xml_is(element, "controller") || !type || strcmp(type, "pci") != 0)
		return 0;
	rc = reading_number(reading, element, "index", DECIMAL, BUSES - 1, &index);
	if (!rc)
		rc = reading_word(reading, xml_child(element, "target"), "hotplug", switches,
				&hotplug);
	if (rc < 0)
		return rc;
	/* In XML that libvirt has not read yet. */
	if (!xml_attribute(element, "index"))
		return 0;
	buses->has_root |= index == 0;
	buses->use[index] = hotplug == 2 ? BUS_NONE : use_of(xml_attribute(element, "model"));
	return 0;
}

/* A device takes its slot, whichever of its functions it is. */
static int take_device(
		const struct reading *reading, const struct xml *element, struct buses *buses)
{
	const struct xml *address = xml_child(element, "address");
	struct bdf bdf;
	bool given = false;
	int rc = 0;

	/* Addresses without a type are those of other buses. */
	if (xml_attribute(address, "type"))
		rc = reading_address(reading, address, &given, &bdf);
	if (!rc && given && !bdf.domain)
		buses->taken[bdf.bus] |= 1u << bdf.device;
	return rc;
}

static void count(enum slot_kind kind, const struct buses *buses, struct domain_slots *slots)
{
	enum bus_use wanted = kind == SLOTS_PORTS ? BUS_PORT : BUS_PCI;

	*slots = (struct domain_slots){ .kind = kind };
	for (unsigned bus = 0; bus < BUSES; bus++) {
		if (buses->use[bus] != wanted)
			continue;
		if (kind == SLOTS_PORTS) {
			slots->total++;
			slots->spare += !buses->taken[bus];
			continue;
		}
		slots->total += SLOT_LAST;
		for (unsigned slot = 1; slot <= SLOT_LAST; slot++)
			slots->spare += !(buses->taken[bus] >> slot & 1);
	}
}

int domain_slots_parse(const struct reading *reading, const struct xml *root, struct domain *domain)
{
	enum slot_kind kind = kind_of_machine(domain->machine);
	struct buses buses = { 0 };

	for (size_t i = 0; i < root->count; i++) {
		const struct xml *devices = root->children[i];

		for (size_t k = 0; xml_is(devices, "devices") && k < devices->count; k++) {
			int rc = take_controller(reading, devices->children[k], &buses);

			if (!rc)
				rc = take_device(reading, devices->children[k], &buses);
			if (rc < 0)
				return rc;
		}
	}
	/* The ISA bridge of i440fx with its functions, which the XML need not have. */
	buses.taken[0] |= kind == SLOTS_PCI ? 1u << 1 : 0;
	if (buses.has_root && kind != SLOTS_UNKNOWN)
		count(kind, &buses, &domain->slots);
	return 0;
}
