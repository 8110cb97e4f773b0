/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bdf.h"
#include "base/mac.h"
#include "exchange/export_internal.h"

/* A state of nmstate for nmstatectl apply, with the one interface of the card. */

static void print_text(const char *key, const char *text, FILE *out)
{
	fprintf(out, "  %s: ", key);
	export_quote(text, out);
	fputc('\n', out);
}

/* nmstate identifies an interface by one of these: the PCI address, the address on the card, or
 * its name. */
static void print_identity(const struct export *export, FILE *out, struct string_set *left)
{
	const struct pf_selector *selector = &export->desired->selector;
	const char *netdev = export->pf->function.netdev;
	bool by_path = selector->by_path || selector->by_device || selector->by_port;
	char address[BDF_TEXT], mac[MAC_TEXT];

	bdf_format(export->pf->function.bdf, address);
	if (selector->by_device || selector->by_port)
		export_left(left,
				"Device= and Port=: nmstate does not know them; the PCI address stands "
				"for them");
	if (by_path && selector->by_mac)
		export_left(left,
				"PermanentMACAddress=: nmstate looks for one thing, the PCI address");
	if ((by_path || selector->by_mac) && selector->by_name)
		export_left(left, "Name=: nmstate looks for one thing, the %s",
				by_path ? "PCI address" : "address on the card");
	fputs("- name: ", out);
	export_quote(selector->by_name ? selector->name : *netdev ? netdev : address, out);
	fputs("\n  type: ethernet\n  state: up\n", out);
	if (by_path) {
		fputs("  identifier: pci-address\n", out);
		print_text("pci-address", address, out);
	} else if (selector->by_mac) {
		fputs("  identifier: mac-address\n", out);
		print_text("mac-address", mac_format(selector->mac, mac), out);
	}
}

static void print_value(const struct vf_value *value, const struct vf_settings *settings, FILE *out)
{
	char text[32];

	vf_value_print(value, VF_IN_FILES, settings, text, sizeof(text));
	fprintf(out, "        %s: ", value->nmstate);
	if (value->kind == VF_VALUE_SWITCH)
		fputs(vf_value_number(value, settings) ? "true" : "false", out);
	else if (value->kind == VF_VALUE_MAC)
		export_quote(text, out);
	else
		fputs(text, out);
	fputc('\n', out);
}

/* Returns how many settings it printed, under the id of the VF. */
static size_t print_vf(const struct desired_vf *vf, FILE *out, struct string_set *left)
{
	const struct vf_setting *setting;
	size_t count = 0;

	for (unsigned bit = 1; (setting = vf_setting_of(bit)); bit <<= 1) {
		const struct vf_value *value = setting->values;

		if (!(vf->settings.given & bit))
			continue;
		if (!value->nmstate) {
			export_left(left, "%s=: nmstate does not know it", value->key);
			continue;
		}
		if (!count++)
			fprintf(out, "      - id: %u\n", vf->index);
		for (; value->key; value++) {
			if (!value->is_implied || !value->is_implied(&vf->settings))
				print_value(value, &vf->settings, out);
		}
	}
	if (*vf->driver)
		export_left(left, "Driver=: nmstate binds no drivers; driverctl does");
	return count;
}

static bool has_settings(const struct desired *desired)
{
	const struct vf_setting *setting;
	unsigned known = 0;

	for (unsigned bit = 1; (setting = vf_setting_of(bit)); bit <<= 1)
		known |= setting->values->nmstate ? bit : 0;
	for (size_t i = 0; i < desired->vf_count; i++) {
		if (desired->vfs[i].settings.given & known)
			return true;
	}
	return false;
}

static void print_vfs(const struct desired *desired, FILE *out, struct string_set *left)
{
	if (has_settings(desired)) {
		fputs("      vfs:\n", out);
		if (!desired->count_given)
			export_left(left,
					"SR-IOVVirtualFunctions= is not given: nmstate keeps the number "
					"of VFs, or makes as many as the largest id needs");
	}
	for (size_t i = 0; i < desired->vf_count; i++)
		print_vf(&desired->vfs[i], out, left);
}

static int print_state(
		const struct export *export, FILE *out, struct string_set *left, struct err *err)
{
	const struct desired *desired = export->desired;

	if (export->pf->net.layer == LAYER_INFINIBAND)
		return err_set(err, EINVAL,
				"%s is an InfiniBand interface, and nmstate makes VFs of Ethernet "
				"cards only",
				export->pf->function.netdev);
	if (!desired->count_given && !desired->autoprobe_given && !has_settings(desired))
		return err_set(err, EINVAL, "%s says nothing about VFs that nmstate has a word for",
				desired->file);
	if (!export_can_quote(desired->selector.by_name ? desired->selector.name
							: export->pf->function.netdev))
		return err_set(err, EINVAL,
				"the name of the card's interface cannot be written: it is "
				"not UTF-8, or has control characters or {{");
	fputs("interfaces:\n", out);
	print_identity(export, out, left);
	if (desired->mtu)
		fprintf(out, "  mtu: %u\n", desired->mtu);
	fputs("  ethernet:\n    sr-iov:\n", out);
	if (desired->count_given)
		fprintf(out, "      total-vfs: %u\n", desired->count);
	if (desired->autoprobe_given)
		fprintf(out, "      drivers-autoprobe: %s\n",
				desired->autoprobe ? "true" : "false");
	print_vfs(desired, out, left);
	return 0;
}

const struct export_format export_nmstate = {
	.name = "nmstate",
	.help = "a state for nmstatectl apply",
	.print = print_state,
};
