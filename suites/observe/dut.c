/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/dut.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/random.h"
#include "base/text.h"
#include "netdev/netdev.h"
#include "netdev/netns.h"
#include "netdev/port.h"
#include "observe/endpoint.h"

/*
 * Finds the card and its link partner on the machine. dut_vfs.c sets up the VFs.
 */

static bool is_interface(const struct dut *dut, const char *name, const char *name_or_mac)
{
	struct netdev netdev = { 0 };
	struct mac mac;
	bool same;

	if (!strcmp(name, name_or_mac))
		return true;
	if (mac_parse(name_or_mac, &mac) < 0 || netdev_read(dut->host, name, &netdev, NULL) < 0)
		return false;
	same = mac_equal(netdev.mac, mac);
	netdev_free(&netdev);
	return same;
}

static int find_interface(const struct dut *dut, const char *name_or_mac, char name[IFNAMSIZ],
		struct err *err)
{
	char **names = NULL;
	size_t count = 0;
	int rc = host_names(dut->host, "sys/class/net", &names, &count, err);

	if (rc < 0)
		return rc;
	rc = -ENODEV;
	for (size_t i = 0; i < count && rc < 0; i++) {
		if (!is_interface(dut, names[i], name_or_mac))
			continue;
		snprintf(name, IFNAMSIZ, "%s", names[i]);
		rc = 0;
	}
	host_names_free(names, count);
	return rc < 0 ? err_set(err, ENODEV, "there is no network interface %s", name_or_mac) : 0;
}

static int find_pf(struct dut *dut, const char *name_or_mac, struct err *err)
{
	CLEANUP(cleanup_free) char *path = NULL;
	char bdf[BDF_TEXT];
	long total;
	int rc;

	if (bdf_parse(name_or_mac, &dut->pf) == 0) {
		rc = function_netdev(dut->host, dut->pf, dut->pf_netdev, IFNAMSIZ);
		if (rc < 0)
			return err_set(err, ENODEV,
					"%s has no network interface: is its driver bound?",
					name_or_mac);
	} else {
		rc = find_interface(dut, name_or_mac, dut->pf_netdev, err);
		if (rc < 0)
			return rc;
		path = text_format("sys/class/net/%s/device", dut->pf_netdev);
		if (host_link_name(dut->host, path, bdf, sizeof(bdf)) < 0 ||
				bdf_parse(bdf, &dut->pf) < 0)
			return err_set(err, ENODEV, "%s is no PCI function", dut->pf_netdev);
	}
	rc = function_number(dut->host, dut->pf, "sriov_totalvfs", &total, NULL);
	dut->total_vfs = rc < 0 || total < 0 ? 0 : (unsigned)total;
	return 0;
}

int dut_open(struct host *host, const char *pf, const char *partner, struct dut *dut,
		struct err *err)
{
	int rc;

	*dut = (struct dut){
		.host = host, .home_netns = -1, .vf_netns = -1, .promiscuous_fd = -1, .scale = 1.0
	};
	rc = netns_own(host, &dut->home_netns, err);
	if (!rc)
		rc = find_pf(dut, pf, err);
	if (!rc && partner)
		rc = find_interface(dut, partner, dut->partner, err);
	if (!rc && partner && !strcmp(dut->partner, dut->pf_netdev))
		rc = err_set(err, EINVAL, "%s cannot be its own link partner", partner);
	if (!rc && partner)
		rc = endpoint_make_promiscuous(host, dut->partner, &dut->promiscuous_fd, err);
	if (rc < 0)
		dut_close(dut);
	return rc;
}

void dut_close(struct dut *dut)
{
	fault_injection_close(&dut->injection);
	cleanup_fd(&dut->home_netns);
	cleanup_fd(&dut->vf_netns);
	cleanup_fd(&dut->promiscuous_fd);
	dut->home_netns = dut->vf_netns = dut->promiscuous_fd = -1;
}

struct mac dut_test_mac(const struct dut *dut, unsigned number)
{
	/* MACs of successive numbers differ in all octets. */
	uint64_t state = dut->seed + RANDOM_STEP * number, x = random_next(&state);
	struct mac mac;

	memcpy(mac.octet, &x, sizeof(mac.octet));
	mac.octet[0] = (uint8_t)((mac.octet[0] & 0xfc) | 2);
	return mac;
}

void dut_inject_faults(const struct dut *dut)
{
	fault_injection_apply(&dut->injection);
}

struct deadline dut_deadline(const struct dut *dut, int ms)
{
	return deadline_in((int64_t)(ms * dut->scale));
}
