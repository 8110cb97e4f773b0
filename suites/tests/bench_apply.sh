#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 7 VFs with MAC, VLAN, spoof check and trust in the emulated guest: vfctl apply, which verifies,
# beside ip -batch, which does not: bench_apply.sh VFCERT
# Each three times, in turn; the best time and the worst result count. How many VFs are right is asked
# of the kernel after their interfaces have been brought up.
#
# As it is mostly used, ip -batch comes after the VFs' drivers, which so run with other addresses than
# the administrator's: fast, and wrong. In apply's order (autoprobe off, settings, drivers) it gets
# them right; that is what apply is measured by. Fails where apply is slower, or leaves a VF wrong.

set -eu
"$1" lab shell <<'END'
CARD=/sys/bus/pci/devices/0000:01:00.0

mkdir -p /etc/vfctl
cat >/etc/vfctl/10-lab.conf <<'POLICY'
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
for vf in 0 1 2 3 4 5 6; do
	echo "link set eth0 vf $vf mac 52:54:00:aa:00:1$vf"
	echo "link set eth0 vf $vf vlan 10"
	echo "link set eth0 vf $vf spoofchk on"
	echo "link set eth0 vf $vf trust on"
done >/tmp/batch

has_carrier() { [ "$(cat /sys/class/net/eth0/carrier)" = 1 ]; }
wait_for_carrier() {
	polls=1000
	until has_carrier; do
		polls=$((polls - 1))
		[ $polls -gt 0 ] || exit 1
		busybox usleep 10000
	done
}
now_ms() { read -r up _ </proc/uptime; echo "${up%.*}${up#*.}0"; }

# right: VFs of which all four settings are as wanted, now that their interfaces are up.
right() {
	count=0
	for vf in 0 1 2 3 4 5 6; do
		ip link set "$(ls $CARD/virtfn$vf/net)" up
	done
	for vf in 0 1 2 3 4 5 6; do
		ip link show eth0 | grep -q -e "vf $vf  *link/ether 52:54:00:aa:00:1$vf .*vlan 10, spoof checking on, .*trust on" &&
			[ "$(cat $CARD/virtfn$vf/net/*/address)" = 52:54:00:aa:00:1$vf ] &&
			count=$((count + 1))
	done
	for vf in 0 1 2 3 4 5 6; do
		ip link set "$(ls $CARD/virtfn$vf/net)" down
	done
}

# measure NAME COMMAND...: keeps the best time in BEST_NAME, and the least of VFs that are right in
# RIGHT_NAME.
measure() {
	name=$1
	shift
	vfctl set eth0 --vfs 0 >/dev/null
	wait_for_carrier
	started=$(now_ms)
	"$@" >/tmp/said 2>&1 || cat /tmp/said
	took=$(($(now_ms) - started))
	wait_for_carrier
	right
	eval "[ $took -lt \${best_$name:-999999} ] && best_$name=$took
		[ $count -lt \${right_$name:-8} ] && right_$name=$count"
}

with_batch() {
	echo 7 >$CARD/sriov_numvfs
	ip -batch /tmp/batch
}

with_batch_in_order() {
	echo 0 >$CARD/sriov_drivers_autoprobe
	with_batch
	echo 1 >$CARD/sriov_drivers_autoprobe
	for vf in "$CARD"/virtfn*; do
		vf=$(readlink "$vf")
		echo "${vf##*/}" >/sys/bus/pci/drivers_probe
	done
}

for _ in 1 2 3; do
	measure batch with_batch
	measure ordered with_batch_in_order
	measure apply vfctl apply
done
echo "ip -batch after the drivers, not verified: $best_batch ms, $right_batch of 7 right"
echo "ip -batch before the drivers, not verified: $best_ordered ms, $right_ordered of 7 right"
echo "vfctl apply, verified: $best_apply ms, $right_apply of 7 right"
echo "ratio $((best_apply * 100 / best_ordered)) % (target 100 %), to the wrong order $((best_apply * 100 / best_batch)) %"
[ "$right_apply" = 7 ] && [ "$best_apply" -le "$best_ordered" ]
END
