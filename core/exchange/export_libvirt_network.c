/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bdf.h"
#include "base/escape.h"
#include "exchange/export_internal.h"

/* A network of libvirt in the mode hostdev, whose guests get VFs of the card. */

/* Names a card without an interface by its VFs. */
static void print_pool(const struct pf *pf, FILE *out)
{
	if (*pf->function.netdev) {
		fputs("    <pf dev='", out);
		escape_markup(pf->function.netdev, out);
		fputs("'/>\n", out);
		return;
	}
	for (size_t i = 0; i < pf->vf_count; i++) {
		struct bdf bdf = pf->vfs[i].function.bdf;

		fprintf(out,
				"    <address type='pci' domain='0x%04x' bus='0x%02x' slot='0x%02x' "
				"function='0x%x'/>\n",
				bdf.domain, bdf.bus, bdf.device, bdf.function);
	}
}

static void leave_settings(const struct desired *desired, struct string_set *left)
{
	export_left(left, "SR-IOVVirtualFunctions=: libvirt makes no VFs; vfctl or systemd does");
	for (size_t i = 0; i < desired->vf_count; i++) {
		unsigned settings = desired->vfs[i].settings.given;

		if (settings & (VF_MAC | VF_VLAN))
			export_left(left,
					"MACAddress= and VLANId= of VFs: libvirt sets them from each "
					"guest's interface, and puts them back after");
		if (settings & VF_GUIDS)
			export_left(left,
					"NodeGUID= and PortGUID= of VFs: libvirt leaves them as they are");
		if (settings & ~(unsigned)(VF_MAC | VF_VLAN | VF_GUIDS))
			export_left(left,
					"other settings of VFs: libvirt leaves them as they are, "
					"or the guest's XML says them");
		if (*desired->vfs[i].driver)
			export_left(left,
					"Driver=: with managed='yes' libvirt binds vfio-pci itself");
	}
}

static int print_network(
		const struct export *export, FILE *out, struct string_set *left, struct err *err)
{
	const struct network *network = export->network;
	const struct pf *pf = export->pf;
	char card[BDF_TEXT];

	if (!*pf->function.netdev && !pf->vf_count)
		return err_set(err, EINVAL,
				"%s has no interface here and no VFs, of which the network could consist: "
				"make VFs first (vfctl set)",
				bdf_format(pf->function.bdf, card));
	fputs("<network>\n  <name>", out);
	if (network)
		escape_markup(network->head.name, out);
	else if (*pf->function.netdev)
		escape_markup(pf->function.netdev, out);
	else
		escape_markup(bdf_format(pf->function.bdf, card), out);
	fprintf(out, "</name>\n  <forward mode='hostdev' managed='%s'>\n",
			export->unmanaged ? "no" : "yes");
	print_pool(pf, out);
	fputs("  </forward>\n", out);
	if (network && network->vlan)
		fprintf(out, "  <vlan>\n    <tag id='%u'/>\n  </vlan>\n", network->vlan);
	fputs("</network>\n", out);
	leave_settings(export->desired, left);
	if (network && network->mtu)
		export_left(left,
				"MTUBytes=%u of the network: libvirt sets no MTU on VFs; the guest does",
				network->mtu);
	return 0;
}

const struct export_format export_libvirt_network = {
	.name = "libvirt-network",
	.help = "a network of libvirt whose guests get the VFs",
	.takes_network = true,
	.print = print_network,
};
