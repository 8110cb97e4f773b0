/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/guest/bridges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/host_file.h"

/* --- Bridges and the manager's files ---------------------------------------------------------- */

static int write_catalog(struct tenants *tenants)
{
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "etc/vfctl/networks/red.network",
				"[Network]\nVM=yes\nVLANId=10\nBridge=" RED_BRIDGE "\n" },
		{ "etc/vfctl/networks/blue.network",
				"[Network]\nVM=yes\nVLANId=20\nBridge=" BLUE_BRIDGE "\n" },
		{ "etc/vfctl/profiles/red-bridge.profile", "[Profile]\nNetwork=red\n" },
		{ "etc/vfctl/profiles/blue-bridge.profile", "[Profile]\nNetwork=blue\n" },
		{ "etc/vfctl/profiles/pair.profile",
				"[Profile]\nNetwork=red\nPassthrough=yes\nMigratable=yes\n"
				"Failover=red-bridge\nMaxRate=400\n" },
		{ "etc/vfctl/profiles/fallback.profile",
				"[Profile]\nNetwork=red\nPassthrough=yes\nFallback=yes\nMaxRate=400\n" },
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(files) / sizeof(*files); i++)
		rc = tenants_write(tenants, files[i].path, files[i].text);
	return rc;
}

/* The host itself stays out of the networks: without IPv6 the bridges send nothing. */
const char bridges_make[] =
		"for net in red:10 blue:20; do\n"
		"name=vfcert-${net%:*} port=$1.${net#*:}\n"
		"printf '%s\\n' \"link add $name type bridge\" "
		"\"link add link $1 name $port type vlan id ${net#*:}\" "
		"\"link set $name addrgenmode none\" \"link set $port addrgenmode none\" "
		"\"link set $port master $name\" \"link set $port up\" \"link set $name up\"\n"
		"done | ip -batch -";
const char bridges_drop[] = "for vlan in 10 20; do echo \"link del $1.$vlan\"; done | "
			    "ip -force -batch - 2>/dev/null\n"
			    "printf '%s\\n' \"link del " RED_BRIDGE "\" \"link del " BLUE_BRIDGE
			    "\" | ip -force -batch - 2>/dev/null; true";

static int run_script(struct tenants *tenants, const char *script)
{
	const char *const argv[] = { "sh", "-c", script, "sh", tenants->dut->pf_netdev, NULL };

	return tenants_run(tenants, argv);
}

int bridges_open(struct tenants *tenants)
{
	int rc = write_catalog(tenants);

	return rc ? rc : run_script(tenants, bridges_make);
}

void bridges_close(struct tenants *tenants)
{
	if (tenants->run)
		run_script(tenants, bridges_drop);
}

/* --- The host's end of a NIC ------------------------------------------------------------------ */

/* libvirt gives the host's end the MAC of the guest's, with the first octet fe, lest the bridge takes it for
 * its own (virNetDevTapCreateInBridgePort()). */
static bool is_end_of(const struct host *host, const char *name, struct mac mac)
{
	CLEANUP(cleanup_free) char *path = text_format("sys/class/net/%s/address", name);
	char text[32] = "";
	struct mac of;

	host_read(host, path, text, sizeof(text), NULL);
	mac.octet[0] = 0xfe;
	return !mac_parse(text, &of) && mac_equal(of, mac);
}

int bridge_find_tap(struct tenants *tenants, const char *bridge, struct mac mac, char tap[IFNAMSIZ])
{
	CLEANUP(cleanup_free) char *ports = text_format("sys/class/net/%s/brif", bridge);
	const struct host *host = tenants->dut->host;
	char **names = NULL;
	size_t count = 0;
	int rc = host_names(host, ports, &names, &count, &tenants->run->err);

	*tap = '\0';
	for (size_t i = 0; !rc && i < count; i++) {
		if (is_end_of(host, names[i], mac))
			snprintf(tap, IFNAMSIZ, "%s", names[i]);
	}
	host_names_free(names, count);
	return rc;
}

int crossing_open(struct tenants *tenants, const char *bridge, struct mac mac,
		struct crossing *crossing)
{
	const struct dut *dut = tenants->dut;
	char tap[IFNAMSIZ];
	int rc = bridge_find_tap(tenants, bridge, mac, tap);

	*crossing = (struct crossing){ NULL };
	if (rc < 0 || !*tap)
		return rc;
	return endpoint_open(dut->host, dut->home_netns, dut->home_netns, tap, &crossing->tap,
			&tenants->run->err);
}

void crossing_close(struct crossing *crossing)
{
	endpoint_close(crossing->tap);
	crossing->tap = NULL;
}

/* --- Frames ----------------------------------------------------------------------------------- */

int crossing_sends(struct tenants *tenants, const struct crossing *crossing,
		const struct tenant *tenant, struct received *received, unsigned *by_bridge)
{
	struct guest_frames frames = frames_to_wire(tenants);
	int rc;

	frames.mark = tenants_mark(tenants);
	rc = tenant_sends(tenants, tenant, "on the wire", frames, received);
	*by_bridge = crossing->tap
			? endpoint_receive(crossing->tap, frames.mark, BURST_FRAMES, deadline_in(0))
					  .frames
			: 0;
	evidence_text(tenants->run, "of them by the bridge", "%u frames", *by_bridge);
	return rc;
}
