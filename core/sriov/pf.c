/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/pf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/config.h"
#include "netdev/ethtool.h"
#include "netdev/port.h"
#include "pci/acs.h"
#include "pci/ari.h"
#include "pci/pcie.h"
#include "sriov/eswitch.h"
#include "sriov/holder.h"
#include "sriov/refusal.h"

/*
 * Reads one PF, its VFs and its surroundings from sysfs, configuration space and rtnetlink.
 */

const char *pf_name(const struct function *function, char *text, size_t size)
{
	char bdf[BDF_TEXT];

	bdf_format(function->bdf, bdf);
	if (*function->netdev)
		snprintf(text, size, "%s (%s)", bdf, function->netdev);
	else
		snprintf(text, size, "%s", bdf);
	return text;
}

/* PCI's base class 02, and InfiniBand as a serial bus, class 0c06. */
bool function_is_network(const struct function *function)
{
	return *function->netdev || function->class_code >> 16 == 0x02 ||
			function->class_code >> 8 == 0x0c06;
}

static long number_or(const struct host *host, struct bdf bdf, const char *attribute, long fallback)
{
	long number;

	return function_number(host, bdf, attribute, &number, NULL) < 0 ? fallback : number;
}

/* Reads what a list of functions needs. */
static int fill_ids(
		const struct host *host, struct bdf bdf, struct function *function, struct err *err)
{
	char group[16];
	long vendor;
	int rc = function_number(host, bdf, "vendor", &vendor, err);

	if (rc < 0)
		return rc;
	function->bdf = bdf;
	function->vendor = (uint16_t)vendor;
	function->device = (uint16_t)number_or(host, bdf, "device", 0);
	function->numa_node = (int)number_or(host, bdf, "numa_node", -1);
	function_link(host, bdf, "driver", function->driver, sizeof(function->driver));
	function_netdev(host, bdf, function->netdev, sizeof(function->netdev));
	function->iommu_group = -1;
	if (!function_link(host, bdf, "iommu_group", group, sizeof(group)))
		function->iommu_group = atoi(group);
	return 0;
}

/* The kernel lists the reset methods since 5.15; before that there is only the file "reset". */
static bool has_flr(const struct host *host, struct bdf bdf)
{
	char methods[128];

	if (!function_read(host, bdf, "reset_method", methods, sizeof(methods), NULL))
		return strstr(methods, "flr") != NULL;
	return function_has(host, bdf, "reset");
}

int function_fill(
		const struct host *host, struct bdf bdf, struct function *function, struct err *err)
{
	int rc = fill_ids(host, bdf, function, err);

	if (rc < 0)
		return rc;
	function->subvendor = (uint16_t)number_or(host, bdf, "subsystem_vendor", 0);
	function->subdevice = (uint16_t)number_or(host, bdf, "subsystem_device", 0);
	function->class_code = (uint32_t)number_or(host, bdf, "class", 0);
	function->revision = (uint8_t)number_or(host, bdf, "revision", 0);
	function->flr = has_flr(host, bdf);
	return 0;
}

int pf_fill_counts(const struct host *host, struct pf *pf, struct err *err)
{
	struct bdf bdf = pf->function.bdf;
	int rc = fill_ids(host, bdf, &pf->function, err);

	if (rc < 0)
		return rc;
	pf->total_vfs = (unsigned)number_or(host, bdf, "sriov_totalvfs", 0);
	pf->num_vfs = (unsigned)number_or(host, bdf, "sriov_numvfs", 0);
	pf->autoprobe = number_or(host, bdf, "sriov_drivers_autoprobe", 1) != 0;
	return 0;
}

/* Returns the same as config_length(); FORWARDS is false if it is less than 256. */
static unsigned read_port(const struct host *host, struct bdf port, bool *forwards)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	unsigned express, length = 0;

	*forwards = false;
	if (!config_open(host, port, &config, NULL))
		length = config_length(config);
	if (length < 256)
		return length;
	express = config_capability(config, PCIE_CAPABILITY);
	*forwards = express &&
			config_word(config, express + PCIE_DEVICE_CONTROL_2) & PCIE_ARI_FORWARDING;
	return length;
}

static void fill_ari(const struct host *host, struct pf *pf, struct config *config)
{
	struct bdf above[PATH_LIMIT];
	bool forwards = false;
	size_t depth = 0;

	pf->below_port = !function_path(host, pf->function.bdf, above, PATH_LIMIT, &depth, NULL) &&
			depth;
	if (pf->config_length < 4096)
		return;
	pf->ari_capable = config_extended(config, PCIE_EXT_ARI) != 0;
	pf->ari_known = !pf->below_port || read_port(host, above[0], &forwards) >= 256;
	pf->ari_enabled = forwards && ari_of_function(host, pf->function.bdf) == ARI_ON;
}

static void fill_config(const struct host *host, struct pf *pf)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	unsigned sriov;

	if (!config_open(host, pf->function.bdf, &config, NULL))
		pf->config_length = config_length(config);
	fill_ari(host, pf, config);
	sriov = pf->config_length < 4096 ? 0 : config_extended(config, PCIE_EXT_SRIOV);
	if (sriov)
		pf->card_vfs = config_word(config, sriov + SRIOV_TOTAL_VFS);
}

static void fill_group(const struct host *host, struct pf *pf)
{
	char path[64], **names;
	size_t count;

	if (pf->function.iommu_group < 0)
		return;
	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/devices",
			pf->function.iommu_group);
	if (host_names(host, path, &names, &count, NULL) < 0)
		return;
	pf->group = calloc(count + 1, sizeof(*pf->group));
	if (!pf->group)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (!bdf_parse(names[i], &pf->group[pf->group_size]))
			pf->group_size++;
	}
	host_names_free(names, count);
}

void pf_fill_vfs(const struct host *host, struct pf *pf)
{
	if (!pf->num_vfs)
		return;
	pf->vfs = calloc(pf->num_vfs, sizeof(*pf->vfs));
	if (!pf->vfs)
		abort();
	for (unsigned i = 0; i < pf->num_vfs; i++) {
		char link[24], text[BDF_TEXT];
		struct vf *vf = &pf->vfs[pf->vf_count];
		struct bdf bdf;

		/* The VF is gone, or the kernel counts it without having it. */
		snprintf(link, sizeof(link), "virtfn%u", i);
		if (function_link(host, pf->function.bdf, link, text, sizeof(text)) < 0 ||
				bdf_parse(text, &bdf) < 0 ||
				function_fill(host, bdf, &vf->function, NULL) < 0)
			continue;
		vf->index = i;
		if (i < pf->net.vf_count)
			vf->settings = pf->net.vfs[i];
		pf->vf_count++;
	}
}

void pf_fill_holders(const struct host *host, struct pf *pf)
{
	holders_find(host, pf->function.bdf, pf->vfs, pf->vf_count);
}

int pf_fill_state(const struct host *host, struct pf *pf, struct err *err)
{
	struct err cause = { 0 };
	int rc = pf_fill_counts(host, pf, err);

	if (rc < 0)
		return rc;
	/* Its interface may be renamed while we read: then the PF has none, which is no error. */
	if (*pf->function.netdev && netdev_read(host, pf->function.netdev, &pf->net, &cause) < 0 &&
			cause.code != ENODEV)
		return err_pass(err, &cause, "%s", cause.msg);
	pf_fill_vfs(host, pf);
	return 0;
}

int pf_require_settings(const struct pf *pf, struct err *err)
{
	char name[NAME_ROOM];

	if (!pf->num_vfs || !*pf->net.vfs_unread)
		return 0;
	return err_set(err, EMSGSIZE, "%s: the settings of its VFs cannot be read: %s",
			pf_name(&pf->function, name, sizeof(name)), pf->net.vfs_unread);
}

/* Writes "MAC (MACAddress, --mac), VLAN (VLANId, --vlan)". */
static void list_settings(unsigned settings, char *text, size_t size)
{
	const struct vf_setting *setting;
	size_t used = 0;

	*text = '\0';
	for (unsigned bit = 1; (setting = vf_setting_of(bit)) && used < size; bit <<= 1) {
		if (settings & bit)
			used += (size_t)snprintf(text + used, size - used, "%s%s (%s, --%s)",
					used ? ", " : "", setting->name, setting->values->key,
					setting->values->option->name);
	}
}

int pf_check_link_layer(const struct pf *pf, unsigned vf, unsigned given, struct err *err)
{
	bool infiniband = pf->net.layer == LAYER_INFINIBAND;
	unsigned foreign = pf->net.index ? vf_settings_foreign(given, pf->net.layer) : 0;
	char name[NAME_ROOM], wanted[240];

	if (!foreign)
		return 0;
	list_settings(foreign, wanted, sizeof(wanted));
	return refuse(err, REFUSAL_SETTING_NOT_FOR_LINK_LAYER,
			"%s: VF %u: VFs of an %s card have no %s: %s",
			pf_name(&pf->function, name, sizeof(name)), vf,
			infiniband ? "InfiniBand" : "Ethernet", wanted,
			infiniband ? "use NodeGUID, PortGUID and LinkState" : "use MACAddress");
}

int pf_fill(const struct host *host, struct pf *pf, struct err *err)
{
	int rc = function_fill(host, pf->function.bdf, &pf->function, err);

	if (!rc)
		rc = pf_fill_state(host, pf, err);
	if (rc < 0)
		return rc;
	pf->eswitch = eswitch_mode_of(host, pf->function.bdf);
	pf->port_count = function_ports(host, pf->function.bdf, &pf->ports);
	if (pf->net.index)
		netdev_driver_says(host, pf->net.name, pf->driver_version,
				sizeof(pf->driver_version), pf->firmware, sizeof(pf->firmware));
	fill_config(host, pf);
	fill_group(host, pf);
	pf_fill_holders(host, pf);
	return acs_walk(host, pf->function.bdf, pf->hops, sizeof(pf->hops) / sizeof(*pf->hops),
			&pf->hop_count, err);
}

void pf_read_model(const struct host *host, struct pf *pf)
{
	config_names(host, pf->function.vendor, pf->function.device, pf->model, sizeof(pf->model));
}

void pf_free(struct pf *pf)
{
	netdev_free(&pf->net);
	free(pf->group);
	free(pf->ports);
	free(pf->vfs);
	pf->group = NULL;
	pf->ports = NULL;
	pf->vfs = NULL;
	pf->group_size = pf->port_count = pf->vf_count = 0;
}

void cleanup_pf(struct pf *pf)
{
	pf_free(pf);
}
