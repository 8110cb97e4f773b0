/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "managers/other_manager.h"
#include "sriov/pf.h"
#include "tests/assert.h"
#include "tests/tree.h"

/*
 * Files that run commands or write sysfs attributes. The card is eth0 at 0000:01:00.0 below
 * 0000:00:01.0, driver igb, 8086:10c9, address 52:54:00:00:00:02.
 */
struct files {
	const char *path[3], *text[3];
	const char *says; /* NULL: no other manager */
};

#define NUMVFS "/sys/class/net/eth0/device/sriov_numvfs"
#define RULES  "etc/udev/rules.d/70-vfs.rules"
#define WRITE  ", ATTR{device/sriov_numvfs}=\"4\"\n"

static const struct files udev[] = {
	{ { RULES }, { "ACTION==\"add\", SUBSYSTEM==\"net\", KERNEL==\"eth0\"" WRITE },
			"70-vfs.rules:1: udev makes VFs of it" },
	{ { RULES },
			{ "# ours\n\nSUBSYSTEM==\"net\", \\\n  ATTR{address}==\"52:54:00:00:00:02\", \\\n"
			  "  ATTR{device/sriov_numvfs}=\"4\"\n" },
			"70-vfs.rules:3: udev makes VFs of it" },
	{ { RULES }, { "SUBSYSTEM==\"net\", KERNELS==\"0000:01:00.0\"" WRITE }, "udev makes" },
	{ { RULES }, { "SUBSYSTEM==\"net\", KERNELS==\"0000:00:01.0\"" WRITE }, "udev makes" },
	{ { RULES }, { "SUBSYSTEM==\"net\", DRIVERS==\"ixgbe|igb\"" WRITE }, "udev makes" },
	{ { RULES }, { "SUBSYSTEM==\"net\", NAME==\"eth0\"" WRITE }, "udev makes" },
	{ { RULES }, { "SUBSYSTEM==\"net\", ENV{ID_PATH}==\"pci-0000:01:00.0\"" WRITE },
			"udev makes" },
	{ { RULES }, { "SUBSYSTEM==\"net\", ENV{ID_PATH}==\"acpi-PNP0A08:00-pci-0000:01:00.0\"" WRITE },
			"udev makes" },
	{ { RULES }, { "SUBSYSTEM==\"net\", ENV{ID_NET_DRIVER}==\"igb\"" WRITE }, "udev makes" },
	{ { RULES }, { "SUBSYSTEM==\"net\", ATTRS{vendor}==\"0x8086\", ATTRS{device}==\"0x10c9\"" WRITE },
			"udev makes" },
	{ { RULES }, { "SUBSYSTEM==\"pci\", KERNEL==\"0000:01:00.?\", ATTR{sriov_numvfs}=\"4\"\n" },
			"udev makes" },
	{ { RULES },
			{ "SUBSYSTEM==\"pci\", ATTR{vendor}==\"0x8086\", ATTR{device}==\"0x10c9\", "
			  "ATTR{sriov_numvfs}=\"4\"\n" },
			"udev makes" },
	{ { RULES }, { "SUBSYSTEM==\"pci\", DRIVER==\"igb\", ATTR{sriov_drivers_autoprobe}=\"0\"\n" },
			"udev makes" },
	{ { RULES }, { "ACTION==\"add\", ATTR{[net/eth0]device/sriov_numvfs}=\"4\"\n" },
			"udev makes" },
	{ { RULES },
			{ "SUBSYSTEM==\"net\", KERNEL==\"eth0\", RUN+=\"/bin/sh -c 'echo 4 > "
			  "/sys/class/net/%k/device/sriov_numvfs'\"\n" },
			"udev makes" },
	{ { RULES },
			{ "SUBSYSTEM==\"net\", KERNEL==\"eth0\", RUN+=\"/bin/sh -c 'echo 4 > "
			  "/sys/class/net/$name/device/sriov_numvfs'\"\n" },
			"udev makes" },
	{ { RULES, "opt/vfs.sh" },
			{ "SUBSYSTEM==\"net\", KERNEL==\"eth0\", RUN+=\"/opt/vfs.sh $name\"\n",
					"#!/bin/sh\necho 4 >/sys/class/net/$1/device/sriov_numvfs\n" },
			"opt/vfs.sh:2: a script that udev runs" },
	{ { RULES }, { "KERNEL==\"eth0\", RUN+=\"/bin/os-net-config-sriov -n %k:4\"\n" },
			"70-vfs.rules:1: udev makes VFs of it" },
	{ { RULES, "opt/vfs" },
			{ "KERNEL==\"eth0\", PROGRAM=\"/opt/vfs %k\"\n",
					"echo 4 > /sys/class/net/$1/device/sriov_numvfs\n" },
			"opt/vfs:1: a script that udev runs" },
	{ { RULES }, { "KERNEL==\"eth7\", RUN+=\"/bin/os-net-config-sriov -n %k:4\"\n" } },
	{ { RULES }, { "SUBSYSTEM==\"net\", ENV{OURS}==\"1\"" WRITE }, "udev may make VFs" },
	{ { "usr/lib/udev/rules.d/70-a.rules" }, { "SUBSYSTEM==\"net\", KERNEL==\"eth*\"" WRITE },
			"udev makes" },
	{ { "run/udev/rules.d/70-a.rules" }, { "SUBSYSTEM==\"net\", KERNEL==\"eth0\"" WRITE },
			"udev makes" },
	/* Another card, another event, a comment, no write. */
	{ { RULES }, { "SUBSYSTEM==\"net\", KERNEL==\"eth7\"" WRITE } },
	{ { RULES }, { "SUBSYSTEM==\"net\", KERNEL!=\"eth7\", KERNEL!=\"eth0\"" WRITE } },
	{ { RULES }, { "SUBSYSTEM==\"net\", ATTR{address}==\"52:54:00:00:00:09\"" WRITE } },
	{ { RULES }, { "SUBSYSTEM==\"net\", KERNELS==\"0000:02:00.0\"" WRITE } },
	{ { RULES }, { "SUBSYSTEM==\"net\", ENV{ID_PATH}==\"pci-0000:02:00.0\"" WRITE } },
	{ { RULES }, { "SUBSYSTEM==\"net\", ATTRS{device}==\"0x1572\"" WRITE } },
	{ { RULES }, { "SUBSYSTEM==\"net\", DRIVERS==\"mlx5_core\"" WRITE } },
	{ { RULES }, { "SUBSYSTEM==\"block\"" WRITE } },
	{ { RULES }, { "ACTION==\"remove\", KERNEL==\"eth0\"" WRITE } },
	{ { RULES }, { "#SUBSYSTEM==\"net\", KERNEL==\"eth0\"" WRITE } },
	{ { RULES }, { "SUBSYSTEM==\"net\", ATTR{device/sriov_numvfs}==\"0\", NAME=\"lan\"\n" } },
	{ { RULES },
			{ "SUBSYSTEM==\"net\", KERNEL!=\"eth7\", GOTO=\"end\"\nSUBSYSTEM==\"net\"" WRITE
			  "LABEL=\"end\"\n" } },
	{ { RULES },
			{ "SUBSYSTEM==\"net\", KERNEL==\"eth0\", RUN+=\"/bin/sh -c 'echo 4 > "
			  "/sys/class/net/eth7/device/sriov_numvfs'\"\n" } },
	{ { RULES, "usr/lib/udev/rules.d/70-vfs.rules" },
			{ "# off\n", "SUBSYSTEM==\"net\", KERNEL==\"eth0\"" WRITE } },
	{ { RULES }, { "\001\002{{{==\"\\" } },
};

#define WANTED "etc/systemd/system/multi-user.target.wants/vfs.service"
#define UNIT   "etc/systemd/system/vfs.service"

static const struct files units[] = {
	{ { UNIT }, { "[Service]\nExecStart=/bin/sh -c 'echo 4 > " NUMVFS "'\n" },
			"vfs.service:2: vfs.service makes VFs of it" },
	{ { UNIT, WANTED },
			{ "[Service]\nExecStart=/usr/bin/ip link set eth0 vf 0 mac 52:54:00:aa:00:00\n"
			  "[Install]\nWantedBy=multi-user.target\n",
					"" },
			"vfs.service:2: vfs.service sets VFs of it" },
	{ { UNIT },
			{ "[Service]\nExecStart=/sbin/devlink dev eswitch set pci/0000:01:00.0 mode "
			  "switchdev\n" },
			"sets VFs of it" },
	{ { UNIT },
			{ "[Service]\nEnvironment=PF=eth0\nExecStart=/bin/sh -c 'echo 4 > "
			  "/sys/class/net/$PF/device/sriov_numvfs'\n" },
			"makes VFs of it" },
	{ { "etc/systemd/system/vfs@.service",
			  "etc/systemd/system/multi-user.target.wants/vfs@eth0.service" },
			{ "[Service]\nExecStart=/bin/sh -c 'echo 4 > "
			  "/sys/class/net/%i/device/sriov_numvfs'\n[Install]\nWantedBy=a.target\n",
					"" },
			"vfs@.service:2: vfs@.service makes VFs of it" },
	{ { UNIT, "usr/local/sbin/vfs" },
			{ "[Service]\nExecStart=/usr/local/sbin/vfs eth0 4\n",
					"#!/bin/bash\npf=$1\nset -e\n"
					"echo \"$2\" | tee \"/sys/class/net/${pf}/device/sriov_numvfs\"\n" },
			"usr/local/sbin/vfs:4: a script that vfs.service runs" },
	{ { "usr/lib/systemd/system/vfs.service", "etc/systemd/system/vfs.service.d/more.conf" },
			{ "[Service]\nExecStart=/bin/true\n",
					"[Service]\nExecStartPost=/bin/sh -c 'echo 4 > " NUMVFS
					"'\n" },
			"more.conf:2: vfs.service makes VFs of it" },
	{ { "etc/systemd/system/vfs.timer", UNIT,
			  "etc/systemd/system/timers.target.wants/vfs.timer" },
			{ "[Timer]\nOnBootSec=10\n",
					"[Service]\nExecStart=/bin/sh -c 'echo 4 > " NUMVFS "'\n",
					"" },
			"makes VFs of it" },
	{ { UNIT }, { "[Service]\nExecStart=/var/lib/sriov/sriov-network-config-daemon service\n" },
			"vfs.service:2: the SR-IOV network operator may make VFs of it" },
	/* Disabled, without its timer, discarded, for another card, only reading. */
	{ { UNIT },
			{ "[Service]\nExecStart=/bin/sh -c 'echo 4 > " NUMVFS
			  "'\n[Install]\nWantedBy=a.target\n" } },
	{ { "etc/systemd/system/vfs.timer", UNIT },
			{ "[Timer]\nOnBootSec=10\n[Install]\nWantedBy=timers.target\n",
					"[Service]\nExecStart=/bin/sh -c 'echo 4 > " NUMVFS
					"'\n" } },
	{ { "usr/lib/systemd/system/vfs.service", "etc/systemd/system/vfs.service.d/off.conf" },
			{ "[Service]\nExecStart=/bin/sh -c 'echo 4 > " NUMVFS "'\n",
					"[Service]\nExecStart=\nExecStart=/bin/true\n" } },
	{ { UNIT }, { "[Service]\nExecStart=/usr/bin/ip link set eth7 vf 0 mac 52:54:00:aa:00:00\n" } },
	{ { UNIT }, { "[Service]\nExecStart=/usr/bin/cat " NUMVFS "\n" } },
	{ { UNIT }, { "[Service]\nExecStart=/usr/bin/ip link set eth0 up\n" } },
	{ { UNIT }, { "[Service]\nExecStart=/usr/bin/vfctl restore\n" } },
};

#define IFACES "etc/network/interfaces"

static const struct files ifupdown[] = {
	{ { IFACES }, { "auto eth0\niface eth0 inet manual\n  pre-up echo 4 > " NUMVFS "\n" },
			"interfaces:3: ifupdown makes VFs of it" },
	{ { IFACES },
			{ "iface eth0 inet manual\n  up echo 4 > "
			  "/sys/class/net/$IFACE/device/sriov_numvfs\n" },
			"interfaces:2: ifupdown makes" },
	{ { IFACES }, { "iface eth0 inet manual\n  post-up ip link set eth0 vf 1 vlan 7 || true\n" },
			"ifupdown sets" },
	{ { IFACES }, { "iface eth7 inet manual\n  up echo 4 > " NUMVFS "\n" }, "ifupdown makes" },
	{ { IFACES }, { "iface eth0 inet manual\n  vf-numvfs 4\n" },
			"interfaces:2: ifupdown sets" },
	{ { IFACES }, { "iface eth0\n  sriov-numvfs 4\n" }, "ifupdown sets" },
	{ { IFACES, "etc/network/interfaces.d/lan" },
			{ "source /etc/network/interfaces.d/*\n",
					"iface eth0 inet manual\n  up echo 4 > \\\n   " NUMVFS
					"\n" },
			"interfaces.d/lan:2: ifupdown makes" },
	{ { IFACES, "opt/vfs.sh" },
			{ "iface eth0 inet manual\n  up /opt/vfs.sh\n",
					"#!/bin/sh\necho 4 > /sys/class/net/$IFACE/device/sriov_numvfs\n" },
			"opt/vfs.sh:2: a script that ifupdown runs" },
	{ { IFACES },
			{ "iface eth7 inet manual\n  up echo 4 > "
			  "/sys/class/net/$IFACE/device/sriov_numvfs\n" } },
	{ { IFACES }, { "iface eth7\n  sriov-numvfs 4\n" } },
	{ { IFACES }, { "iface eth0 inet manual\n#  up echo 4 > " NUMVFS "\n" } },
	{ { IFACES, "etc/network/interfaces.d/lan" },
			{ "# nothing is sourced\n",
					"iface eth0 inet manual\n  up echo 4 > " NUMVFS "\n" } },
};

static const struct files scripts[] = {
	{ { "etc/rc.local" }, { "#!/bin/sh\necho 4 > " NUMVFS "\n" },
			"rc.local:2: rc.local makes" },
	{ { "etc/rc.d/rc.local" }, { "#!/bin/sh\necho 4 >> " NUMVFS "\n" }, "rc.local makes" },
	{ { "etc/rc.local" },
			{ "#!/bin/sh\nfor pf in eth7 eth0; do\n  echo 4 > "
			  "/sys/class/net/$pf/device/sriov_numvfs\ndone\n" },
			"rc.local:3: rc.local makes" },
	{ { "etc/rc.local" },
			{ "#!/bin/bash\nPFS=(eth7 eth0)\nfor pf in \"${PFS[@]}\"; do\n  echo 4 > "
			  "/sys/class/net/$pf/device/sriov_numvfs\ndone\n" },
			"rc.local makes" },
	{ { "etc/rc.local" },
			{ "#!/bin/sh\nfor f in /sys/class/net/*/device/sriov_numvfs; do\n"
			  "  echo 4 > \"$f\"\ndone\n" },
			"rc.local makes" },
	{ { "etc/rc.local" },
			{ "#!/bin/sh\necho 4 > /sys/bus/pci/devices/0000\\:01\\:00.0/sriov_numvfs\n" },
			"rc.local makes" },
	{ { "etc/rc.local" },
			{ "#!/bin/sh\ncd /sys/class/net/eth0/device && echo 4 > sriov_numvfs\n" },
			"rc.local makes" },
	{ { "etc/rc.local" }, { "#!/bin/sh\nip l s dev eth0 vf 0 spoofchk off\n" },
			"rc.local sets" },
	{ { "etc/rc.local" }, { "#!/bin/sh\nmodprobe igb max_vfs=7\n" }, "rc.local makes" },
	{ { "etc/rc.local" },
			{ "#!/bin/sh\necho 4 > /sys/class/net/$(first)/device/sriov_numvfs\n" },
			"rc.local may make VFs of it" },
	{ { "etc/rc.local" }, { "#!/usr/bin/python3\nopen('" NUMVFS "', 'w').write('4')\n" },
			"rc.local:2: rc.local makes" },
	{ { "etc/network/if-up.d/vfs" },
			{ "#!/bin/sh\n[ \"$IFACE\" = lo ] && exit 0\necho 4 > "
			  "/sys/class/net/$IFACE/device/sriov_numvfs\n" },
			"if-up.d/vfs:3: ifupdown may make" },
	{ { "sbin/ifup-local" }, { "#!/bin/sh\necho 4 > " NUMVFS "\n" },
			"ifup-local:2: ifup makes" },
	{ { "etc/crontab" }, { "@reboot root echo 4 > " NUMVFS "\n" }, "crontab:1: cron makes" },
	{ { "etc/cron.d/vfs" }, { "# ours\n@reboot root ip link set eth0 vf 0 trust on\n" },
			"cron.d/vfs:2: cron sets" },
	{ { "etc/cron.d/vfs", "opt/vfs.sh" },
			{ "@reboot root /opt/vfs.sh eth0\n",
					"#!/bin/sh\necho 4 > /sys/class/net/$1/device/sriov_numvfs\n" },
			"opt/vfs.sh:2: a script that cron runs" },
	{ { "etc/rc.local" }, { "#!/bin/sh\n# echo 4 > " NUMVFS "\ntrue # > " NUMVFS "\n" } },
	{ { "etc/rc.local" },
			{ "#!/bin/sh\nPF=eth7\necho 4 > /sys/class/net/$PF/device/sriov_numvfs\n" } },
	{ { "etc/rc.local" },
			{ "#!/bin/sh\necho 4 > /sys/bus/pci/devices/0000:02:00.0/sriov_numvfs\n" } },
	{ { "etc/rc.local" },
			{ "#!/bin/sh\ntest \"$(cat " NUMVFS ")\" = 0 && ip link set eth0 up\n" } },
	{ { "etc/rc.local" }, { "#!/bin/sh\nmodprobe ixgbe max_vfs=7; modprobe igb\n" } },
	{ { "etc/rc.local~" }, { "#!/bin/sh\necho 4 > " NUMVFS "\n" } },
};

static const struct files others[] = {
	{ { "etc/tmpfiles.d/vfs.conf" }, { "# ours\nw " NUMVFS " - - - - 4\n" },
			"vfs.conf:2: systemd-tmpfiles makes" },
	{ { "etc/sysfs.conf" }, { "class/net/eth0/device/sriov_numvfs = 4\n" },
			"sysfsutils makes" },
	{ { "etc/tmpfiles.d/vfs.conf" },
			{ "w /sys/class/net/eth7/device/sriov_numvfs - - - - 4\n" } },
	{ { "etc/tmpfiles.d/vfs.conf" }, { "#w " NUMVFS " - - - - 4\n" } },
	{ { "etc/tuned/vfs/tuned.conf" }, { "[main]\n[sysfs]\n" NUMVFS "=4\n" },
			"tuned.conf:3: tuned makes" },
	{ { "etc/tuned/active_profile", "etc/tuned/vfs/tuned.conf", "etc/tuned/vfs/run.sh" },
			{ "vfs\n", "[script]\nscript=${i:PROFILE_DIR}/run.sh\n",
					"#!/bin/sh\necho 4 > " NUMVFS "\n" },
			"run.sh:2: a script makes" },
	{ { "etc/tuned/active_profile", "etc/tuned/vfs/tuned.conf" },
			{ "balanced\n", "[sysfs]\n" NUMVFS "=4\n" } },
	{ { "etc/modprobe.d/igb.conf" }, { "# VFs\noptions igb max_vfs=7,7\n" },
			"igb.conf:2: igb makes" },
	{ { "etc/modprobe.d/igb.conf" },
			{ "install igb /sbin/modprobe -i igb; echo 4 > " NUMVFS "\n" },
			"modprobe makes" },
	{ { "proc/cmdline" }, { "quiet igb.max_vfs=7\n" }, "cmdline:1: igb makes" },
	{ { "etc/modprobe.d/igb.conf" }, { "options ixgbe max_vfs=7\noptions igb debug=1\n" } },
	{ { "etc/modprobe.d/igb.conf" }, { "options igb max_vfs=0\n#options igb max_vfs=7\n" } },
	{ { "etc/modprobe.d/igb.conf" }, { "options igb num_vfs=02:00.0-5\n" } },
	{ { "etc/sysconfig/network-scripts/ifcfg-eth0" }, { "DEVICE=eth0\nSRIOV_TOTAL_VFS=4\n" },
			"ifcfg-eth0:2: NetworkManager" },
	{ { "etc/sysconfig/network-scripts/ifcfg-lan" },
			{ "HWADDR=52:54:00:00:00:02\nSRIOV_VF0=\"mac=52:54:00:aa:00:00\"\n" },
			"ifcfg-lan:2: NetworkManager" },
	{ { "etc/sysconfig/network/ifcfg-eth0", "etc/sysconfig/network/scripts/vfs" },
			{ "STARTMODE=auto\nPOST_UP_SCRIPT=wicked:vfs\n",
					"#!/bin/sh\necho 4 > " NUMVFS "\n" },
			"scripts/vfs:2: a script that the ifcfg file runs" },
	{ { "etc/sysconfig/network-scripts/ifcfg-eth7" }, { "DEVICE=eth7\nSRIOV_TOTAL_VFS=4\n" } },
	{ { "etc/sysconfig/network-scripts/ifcfg-eth0" }, { "DEVICE=eth0\n#SRIOV_TOTAL_VFS=4\n" } },
	{ { "etc/sriov-operator/pci/0000:01:00.0" },
			{ "{\"pciAddress\":\"0000:01:00.0\",\"numVfs\":4}\n" },
			"0000:01:00.0:1: the SR-IOV network operator makes" },
	{ { "etc/sriov-operator/pci/0000:02:00.0" },
			{ "{\"pciAddress\":\"0000:02:00.0\",\"numVfs\":4}\n" } },
	{ { "etc/sriov-operator/sriov-interface-config.yaml" },
			{ "spec:\n  interfaces:\n    - pciAddress: 0000:01:00.0\n      numVfs: 4\n" },
			"config.yaml:3: the SR-IOV network operator makes" },
	{ { "var/lib/os-net-config/sriov_config.yaml" },
			{ "- device_type: pf\n  name: eth0\n  numvfs: 4\n" },
			"sriov_config.yaml:1: os-net-config makes" },
	{ { "etc/os-net-config/config.yaml" },
			{ "network_config:\n- type: sriov_vf\n  device: eth0\n  vfid: 1\n" },
			"config.yaml:2: os-net-config makes" },
	{ { "etc/os-net-config/config.json" },
			{ "{\"network_config\": [{\"type\": \"sriov_pf\", \"name\": \"nic2\", "
			  "\"numvfs\": 4}]}\n" },
			"os-net-config may make" },
	{ { "etc/os-net-config/config.yaml" },
			{ "network_config:\n- type: sriov_pf\n  name: eth7\n  numvfs: 4\n" } },
	{ { "etc/netplan/10-a.yaml" },
			{ "network: {ethernets: {eth0: {embedded-switch-mode: switchdev}}}\n" },
			"10-a.yaml:1: netplan sets embedded-switch-mode of it" },
	{ { "etc/netplan/10-a.yaml" },
			{ "network:\n  ethernets:\n    eth0:\n"
			  "      delay-virtual-functions-rebind: true\n" },
			"10-a.yaml:4: netplan sets delay-virtual-functions-rebind" },
	{ { "etc/netplan/10-a.yaml" },
			{ "network: {ethernets: {eth0: {delay-virtual-functions-rebind: false}}}\n" } },
	{ { "etc/netplan/10-a.yaml" },
			{ "network: {ethernets: {eth7: {embedded-switch-mode: switchdev}}}\n" } },
	{ { "etc/systemd/network/10-a.link" },
			{ "[Match]\nPath=platform-a.pcie-pci-0000:01:00.0\n[SR-IOV]\nVirtualFunction=0\n" },
			"10-a.link:3: systemd" },
	{ { "etc/systemd/network/10-a.link" },
			{ "[Match]\nPath=pci-0000:02:00.0 *-pci-0000:01:*\n[Link]\n"
			  "SR-IOVVirtualFunctions=4\n" },
			"10-a.link:4: systemd" },
	{ { "etc/systemd/network/10-a.link" },
			{ "[Match]\nPath=platform-a.pcie-pci-0000:02:00.0\n[SR-IOV]\n"
			  "VirtualFunction=0\n" } },
};

/* udev's database has further names of the card. */
static const struct files aliases[] = {
	{ { "run/udev/data/n2", IFACES },
			{ "E:ID_PATH=platform-a.pcie-pci-0000:01:00.0\nE:ID_NET_NAME_PATH=enp1s0\n",
					"iface enp1s0\n  sriov-numvfs 4\n" },
			"interfaces:2: ifupdown" },
	{ { "run/udev/data/n2", "etc/systemd/network/10-a.link" },
			{ "E:ID_PATH=platform-a.pcie-pci-0000:01:00.0\n",
					"[Match]\nPath=pci-0000:01:00.0\n[SR-IOV]\nVirtualFunction=0\n" } },
};

static void find(const struct files *files, struct diagnostics *managers, struct diagnostics *notes)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = { 0, 1, 0, 0 } };
	struct tree *tree = tree_igb(0);

	for (int i = 0; i < 3 && files->path[i]; i++)
		tree_file(tree, files->path[i], files->text[i]);
	assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
	other_managers_find(tree->host, &pf, managers, notes);
	tree_free(tree);
}

static void check(const struct files *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cleanup_diagnostics) struct diagnostics managers = { 0 }, notes = { 0 };

		find(&all[i], &managers, &notes);
		if (managers.count != (all[i].says != NULL))
			fail_msg("%zu managers in %s:\n%s%s", managers.count, all[i].path[0],
					all[i].text[0], managers.count ? managers.lines[0] : "");
		if (managers.count)
			assert_says(managers.lines[0], all[i].says);
		assert_int_equal(notes.count, 0);
	}
}

#define CHECK(name)                                        \
	static void finds_##name(void **state)             \
	{                                                  \
		(void)state;                               \
		check(name, sizeof(name) / sizeof(*name)); \
	}

CHECK(udev)
CHECK(units)
CHECK(ifupdown)
CHECK(scripts)
CHECK(others)
CHECK(aliases)

/* Each causes a note, and none hides the findings in another file. */
static void bad_files_are_noted_and_hide_nothing(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = { 0, 1, 0, 0 } };
	CLEANUP(cleanup_diagnostics) struct diagnostics managers = { 0 }, notes = { 0 };
	CLEANUP(cleanup_free) char *huge = malloc((2 << 20) + 1);
	CLEANUP(cleanup_free) char *zero = NULL;
	struct tree *tree = *state;
	FILE *file;

	assert_non_null(huge);
	memset(huge, '#', 2 << 20);
	huge[2 << 20] = '\0';
	tree_file(tree, "etc/udev/rules.d/10-huge.rules", huge);
	tree_file(tree, "etc/udev/rules.d/20-zero.rules", "x");
	zero = text_format("%s/etc/udev/rules.d/20-zero.rules", tree->root);
	file = fopen(zero, "w");
	assert_non_null(file);
	assert_int_equal(fwrite("\0\1\2\377", 1, 4, file), 4);
	assert_int_equal(fclose(file), 0);
	tree_file(tree, "etc/udev/rules.d/30-vfs.rules", udev[0].text[0]);
	assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
	other_managers_find(tree->host, &pf, &managers, &notes);
	assert_int_equal(managers.count, 1);
	assert_says(managers.lines[0], "30-vfs.rules:1");
	assert_int_equal(notes.count, 2);
	assert_says(notes.lines[0], "10-huge.rules: is larger than 1 MiB");
	assert_says(notes.lines[1], "20-zero.rules: is no text");
}

static void a_masked_rule_or_unit_counts_for_nothing(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = { 0, 1, 0, 0 } };
	CLEANUP(cleanup_diagnostics) struct diagnostics managers = { 0 }, notes = { 0 };
	struct tree *tree = *state;

	tree_file(tree, "usr/lib/udev/rules.d/70-a.rules", udev[0].text[0]);
	tree_link(tree, "etc/udev/rules.d/70-a.rules", "/dev/null");
	tree_file(tree, "usr/lib/systemd/system/vfs.service", units[0].text[0]);
	tree_link(tree, "etc/systemd/system/vfs.service", "/dev/null");
	assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
	other_managers_find(tree->host, &pf, &managers, &notes);
	assert_int_equal(managers.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_udev),
		cmocka_unit_test(finds_units),
		cmocka_unit_test(finds_ifupdown),
		cmocka_unit_test(finds_scripts),
		cmocka_unit_test(finds_others),
		cmocka_unit_test(finds_aliases),
		cmocka_unit_test_setup_teardown(
				bad_files_are_noted_and_hide_nothing, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(a_masked_rule_or_unit_counts_for_nothing,
				tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
