/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "data/xml_writer.h"
#include "domain/domain_edit.h"
#include "vm/start.h"

/* The XML of a machine that is started from a file. */

enum { PCI_BUSES = 256 };

/* As many as NICs with a VF, and one. */
static unsigned wanted_spare(const struct start *start)
{
	unsigned count = 1;

	for (size_t i = 0; i < start->domain.nic_count; i++) {
		enum nic_kind kind = start->domain.nics[i].kind;

		count += kind == NIC_HOSTDEV || kind == NIC_PCI;
	}
	for (size_t i = 0; i < start->nic_count; i++)
		count += start->nics[i].profile->passthrough && !start->nics[i].is_kept &&
				!start->nics[i].fell_back;
	return count;
}

static unsigned missing_ports(const struct start *start)
{
	const struct domain_ports *ports = &start->domain.ports;
	unsigned needed = ports->unplaced + wanted_spare(start);

	if (!ports->is_express)
		return 0;
	for (size_t i = 0; i < start->nic_count; i++)
		needed += start->nics[i].is_kept ? 0 : (unsigned)start->nics[i].plug_count;
	needed = needed > ports->free ? needed - ports->free : 0;
	return ports->next + needed > PCI_BUSES ? PCI_BUSES - ports->next : needed;
}

static void write_controller(
		struct xml_writer *writer, const char *model, bool has_index, unsigned index)
{
	xml_begin(writer, "controller");
	xml_put(writer, "type", "pci");
	if (has_index)
		xml_put(writer, "index", "%u", index);
	xml_put(writer, "model", "%s", model);
	xml_end(writer);
}

/* Numbers are as in the XML: libvirt gives one itself where it has none. */
static void write_ports(struct xml_writer *writer, const struct start *start)
{
	const struct domain_ports *ports = &start->domain.ports;

	if (start->ports && !ports->given)
		write_controller(writer, "pcie-root", true, 0);
	for (unsigned i = 0; i < start->ports; i++)
		write_controller(writer, "pcie-root-port", !ports->unnumbered, ports->next + i);
}

static int write_nics(FILE *out, const struct start *start, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < start->nic_count; i++) {
		const struct nic_plan *nic = &start->nics[i];

		for (size_t k = 0; !rc && !nic->is_kept && k < nic->plug_count; k++) {
			CLEANUP(cleanup_free) char *xml = NULL;

			rc = nic_xml(&nic->plugs[k].wanted, &xml, err);
			if (!rc)
				fputs(xml, out);
		}
	}
	return rc;
}

int start_xml(struct start *start, char **xml, struct err *err)
{
	CLEANUP(cleanup_free) char *devices = NULL;
	size_t length;
	FILE *out = open_memstream(&devices, &length);
	struct xml_writer writer = XML_WRITER(out);
	int rc;

	if (!out)
		abort();
	start->ports = missing_ports(start);
	write_ports(&writer, start);
	rc = xml_writer_finish(&writer, err);
	if (!rc)
		rc = write_nics(out, start, err);
	if (fclose(out) == EOF)
		abort();
	if (!rc)
		*xml = domain_insert(start->xml, "", devices);
	return rc;
}
