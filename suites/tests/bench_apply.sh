#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sets up 7 VFs with MAC, VLAN, spoof check and trust in an emulated guest with systemd. Compares
# vfctl apply, which verifies, with four ways that do not: bench_apply.sh VFCERT
#
# Runs each in turn, several times. A VF is set if its PF reports all four settings. It is right if
# its own interface, once up, also has the administrator's address: otherwise it receives nothing.
# The worst of all rounds counts.
#
# In its usual order, ip -batch runs after the VFs' drivers have probed, so these keep other
# addresses than the administrator's: fast, and wrong. In apply's order (autoprobe off, settings,
# drivers) it gets them right; apply is compared with that. The PF loses its link when the number of
# VFs changes, and apply waits until it is back, so that wait counts for all.
#
# Fails if apply is slower than ip -batch in apply's order, or leaves a VF wrong.

set -eu
"$1" lab shell igb-systemd <<'END'
set -u
ROUNDS=3
WAYS='batch ordered link manager apply'
CARD=/sys/bus/pci/devices/0000:01:00.0
PF=$(ls $CARD/net)
VFS='0 1 2 3 4 5 6'
LINK_FILE=/etc/systemd/network/10-lab.link
POLICY=/etc/vfctl/10-lab.conf

has_carrier() { [ "$(cat "/sys/class/net/$PF/carrier" 2>/dev/null)" = 1 ]; }
wait_for_carrier() {
	polls=1000
	until has_carrier; do
		polls=$((polls - 1))
		if [ $polls = 0 ]; then
			echo "$PF has no link"
			exit 1
		fi
		busybox usleep 5000
	done
}
now_ms() { read -r up _ </proc/uptime; echo "${up%.*}${up#*.}0"; }

# The image keeps udevd from naming interfaces, and so from applying .link files.
rm -f /etc/udev/rules.d/80-net-setup-link.rules
mkdir -p /tmp/times /etc/vfctl /etc/NetworkManager/conf.d
printf '[main]\nno-auto-default=*\n' >/etc/NetworkManager/conf.d/lab.conf
for vf in $VFS; do
	echo "link set $PF vf $vf mac 52:54:00:aa:00:1$vf"
	echo "link set $PF vf $vf vlan 10"
	echo "link set $PF vf $vf spoofchk on"
	echo "link set $PF vf $vf trust on"
done >/tmp/batch

# Only with_WAY is timed, not prepare_WAY and clean_WAY.

prepare_batch() { :; }
clean_batch() { :; }
with_batch() {
	echo 7 >$CARD/sriov_numvfs
	ip -batch /tmp/batch
}

prepare_ordered() { :; }
clean_ordered() { :; }
with_ordered() {
	echo 0 >$CARD/sriov_drivers_autoprobe
	with_batch
	echo 1 >$CARD/sriov_drivers_autoprobe
	for vf in "$CARD"/virtfn*; do
		vf=$(readlink "$vf")
		echo "${vf##*/}" >/sys/bus/pci/drivers_probe
	done
}

# The event that udevd gets from the driver, as at boot.
prepare_link() {
	printf '[Match]\nPath=pci-0000:01:00.0\n[Link]\nSR-IOVVirtualFunctions=7\n' >$LINK_FILE
	for vf in $VFS; do
		printf '[SR-IOV]\nVirtualFunction=%s\nMACAddress=52:54:00:aa:00:1%s\n' "$vf" "$vf"
		printf 'VLANId=10\nMACSpoofCheck=yes\nTrust=yes\n'
	done >>$LINK_FILE
	udevadm control --reload
}
with_link() { udevadm trigger --action add --settle "/sys/class/net/$PF"; }
clean_link() {
	rm $LINK_FILE
	udevadm control --reload
}

prepare_manager() {
	vfs=
	for vf in $VFS; do
		vfs="$vfs${vfs:+, }$vf mac=52:54:00:aa:00:1$vf vlans=10 spoof-check=true trust=true"
	done
	systemctl start NetworkManager
	nmcli connection add type ethernet con-name lab ifname "$PF" connection.autoconnect no \
		ipv4.method disabled ipv6.method disabled sriov.total-vfs 7 sriov.vfs "$vfs" >/dev/null
}
with_manager() { nmcli connection up lab; }
clean_manager() {
	nmcli connection delete lab >/dev/null
	systemctl stop NetworkManager
}

prepare_apply() {
	cat >$POLICY <<-'POLICY'
		[Match]
		Path=0000:01:00.0
		[PF]
		SR-IOVVirtualFunctions=7
		[SR-IOV]
		VirtualFunction=0-6
		MACAddress=52:54:00:aa:00:10
		VLANId=10
		MACSpoofCheck=yes
		Trust=yes
	POLICY
}
with_apply() { vfctl apply; }
clean_apply() { rm $POLICY; }

set_vfs() {
	for vf in $VFS; do
		ip link set "$(ls $CARD/virtfn"$vf"/net)" "$1"
	done
}

# Counts the VFs that are set and those that are right, with their interfaces up.
count_right() {
	set=0
	right=0
	set_vfs up
	ip link show "$PF" >/tmp/shown
	for vf in $VFS; do
		grep -q "vf $vf  *link/ether 52:54:00:aa:00:1$vf .*vlan 10, spoof checking on, .*trust on" \
			/tmp/shown || continue
		set=$((set + 1))
		[ "$(cat $CARD/virtfn"$vf"/net/*/address)" = 52:54:00:aa:00:1"$vf" ] &&
			right=$((right + 1))
	done
	set_vfs down
}

# measure WAY: adds a line to /tmp/times/WAY: the time until the PF has its link, the time until the
# command returned, and how many VFs are right and how many are set.
measure() {
	echo 0 >$CARD/sriov_numvfs
	ip link set "$PF" up
	prepare_"$1"
	udevadm settle
	wait_for_carrier
	started=$(now_ms)
	with_"$1" >/tmp/said 2>&1 || cat /tmp/said
	back=$(($(now_ms) - started))
	wait_for_carrier
	ready=$(($(now_ms) - started))
	udevadm settle
	count_right
	clean_"$1"
	echo "$ready $back $right $set" >>"/tmp/times/$1"
}

# column WAY NUMBER: prints that column, sorted.
column() { cut -d ' ' -f "$2" "/tmp/times/$1" | sort -n; }
# best WAY NUMBER: prints the smallest value of that column.
best() { column "$1" "$2" | head -n 1; }
median() { column "$1" "$2" | sed -n "$(((ROUNDS + 1) / 2))p"; }

# tell WAY VERIFIED NAME: prints a line of the table.
LINE='%-30s %-8s %6s %6s %8s %7s %7s\n'
tell() {
	printf "$LINE" "$3" "$2" "$(median "$1" 1)" "$(best "$1" 1)" "$(median "$1" 2)" \
		"$(best "$1" 4) of 7" "$(best "$1" 3) of 7"
}

for _ in $(seq $ROUNDS); do
	for way in $WAYS; do
		measure "$way"
	done
done
printf "$LINE" 'ms until the link is back' verified median best returned set right
tell batch no 'ip -batch after the drivers'
tell ordered no 'ip -batch before the drivers'
tell link no 'systemd .link'
tell manager no NetworkManager
tell apply yes 'vfctl apply'
echo "apply / ip -batch before the drivers: $(($(median apply 1) * 100 / $(median ordered 1))) % (target 100 %)"
[ "$(best apply 3)" = 7 ] && [ "$(median apply 1)" -le "$(median ordered 1)" ]
END
