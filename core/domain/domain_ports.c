/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "domain/domain_internal.h"

/*
 * How many ports a PCI Express machine will need when it starts from XML that does not say where
 * its devices are. libvirt then gives each a port of its own, those that the XML has first
 * (qemuDomainDeviceCalculatePCIConnectFlags(), src/qemu/qemu_domain_address.c, libvirt 11), so a
 * port that is to stay free has to be one more than all of them. A device counts where it may take
 * a port; some that libvirt builds into the chip set or puts on the root bus count too, which
 * leaves one port more than was asked for.
 */

/* Devices that take a place on PCI, by their element; some only if an attribute of their CHILD
 * ("": of their own) has one of the values, which may end in '*'. */
static const struct {
	const char *element, *child, *attribute, *values[4];
} takers[] = {
	{ "interface", NULL, NULL, { NULL } },
	{ "hostdev", "", "type", { "pci", "mdev", "scsi_host" } },
	{ "disk", "target", "bus", { "virtio" } },
	{ "controller", "", "type", { "virtio-serial", "scsi", "usb", "nvme" } },
	{ "video", NULL, NULL, { NULL } },
	{ "rng", NULL, NULL, { NULL } },
	{ "filesystem", NULL, NULL, { NULL } },
	{ "vsock", NULL, NULL, { NULL } },
	{ "shmem", NULL, NULL, { NULL } },
	{ "crypto", NULL, NULL, { NULL } },
	{ "input", "", "bus", { "virtio" } },
	{ "sound", NULL, NULL, { NULL } },
	{ "watchdog", "", "model", { "i6300esb" } },
	{ "panic", "", "model", { "pvpanic" } },
	{ "memballoon", "", "model", { "virtio*" } },
	{ "memory", "", "model", { "virtio-*" } },
};

static bool is_like(const char *value, const char *pattern)
{
	size_t length = strcspn(pattern, "*");

	return !strncmp(value, pattern, length) && (pattern[length] || !value[length]);
}

static bool takes_place(const struct xml *device)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(*takers); i++) {
		const struct xml *holder = device;
		const char *value;

		if (!xml_is(device, takers[i].element))
			continue;
		if (!takers[i].attribute)
			return true;
		if (*takers[i].child)
			holder = xml_child(device, takers[i].child);
		value = xml_attribute(holder, takers[i].attribute);
		for (size_t k = 0; value && k < 4 && takers[i].values[k]; k++) {
			if (is_like(value, takers[i].values[k]))
				return true;
		}
	}
	return false;
}

/* What libvirt adds where the XML has none: a memory balloon, a controller for USB, and one for
 * the virtio channels of a guest agent. */
static unsigned implied(const struct xml *devices)
{
	bool balloon = true, usb = true, serial = true;

	for (size_t i = 0; devices && i < devices->count; i++) {
		const struct xml *device = devices->children[i];
		const char *type = xml_attribute(device, "type");

		if (xml_is(device, "memballoon"))
			balloon = false;
		if (xml_is(device, "controller") && type && !strcmp(type, "usb"))
			usb = false;
		if (xml_is(device, "controller") && type && !strcmp(type, "virtio-serial"))
			serial = false;
	}
	return (unsigned)balloon + usb + serial;
}

static void take_controller(const struct xml *element, struct domain_ports *ports)
{
	const char *index = xml_attribute(element, "index");
	const char *model = xml_attribute(element, "model");
	unsigned number = index ? (unsigned)strtoul(index, NULL, 10) : 0;

	ports->given = true;
	if (!index) {
		ports->unnumbered = true;
		ports->free += model && !strcmp(model, "pcie-root-port");
	}
	if (number >= ports->next)
		ports->next = number + 1;
}

void domain_ports_parse(const struct xml *root, struct domain *domain)
{
	struct domain_ports *ports = &domain->ports;

	*ports = (struct domain_ports){ .next = 1 };
	ports->is_express = domain_has_ports(domain->machine);
	ports->unplaced = implied(xml_child(root, "devices"));
	ports->free = domain->slots.kind == SLOTS_PORTS ? domain->slots.spare : 0;
	for (size_t i = 0; i < root->count; i++) {
		const struct xml *devices = root->children[i];

		for (size_t k = 0; xml_is(devices, "devices") && k < devices->count; k++) {
			const struct xml *device = devices->children[k];
			const char *type = xml_attribute(device, "type");

			if (xml_is(device, "controller") && type && !strcmp(type, "pci"))
				take_controller(device, ports);
			else if (takes_place(device))
				ports->unplaced +=
						!xml_attribute(xml_child(device, "address"), "bus");
		}
	}
}
