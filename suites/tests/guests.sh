#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs the checks of guests on the emulated host that has some, plugs a VF into a guest, and sees what is said
# where a guest does not run: guests.sh VFCERT

set -eu
vfcert=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "$*"
	exit 1
}

"$vfcert" run --suite guest -o "$work/out" || die "vfcert run ended with $?"
[ "$(jq '[.checks[] | select(.verdict != "pass" and .verdict != "known" and .need != "systemd")] | length' \
	"$work/out/results.json")" = 0 ] || die "not all checks passed"
[ "$(jq '[.checks[] | select(.verdict == "pass")] | length' "$work/out/results.json")" -ge 82 ] ||
	die "less than 82 checks passed"
[ "$(jq '[.checks[].evidence[] | select(.by == "guest")] | length' "$work/out/results.json")" -ge 10 ] ||
	die "the evidence does not say what guests report"

# Elsewhere the checks are skipped, and the need is named.
"$vfcert" run --topology igb --suite guest -o "$work/none" || die "vfcert run without guests ended with $?"
[ "$(jq '[.checks[] | select(.verdict == "skip" and .need == "guests")] | length' \
	"$work/none/results.json")" -ge 89 ] || die "without guests the checks are not skipped"

# What the guest hears and sends through a VF.
"$vfcert" lab shell guests >"$work/said" 2>&1 <<'END' || die "the lab: $(cat "$work/said")"
ask() {
	/run/vfcert-guests/disk/vfguest ask /run/vfcert-guests/vm1.agent "$1"
}
wait_for() {
	polls=300
	until "$@" || [ $polls = 0 ]; do polls=$((polls - 1)); busybox usleep 100000; done
}
sees() { ask '{"op":"interfaces"}' | grep -q "$1"; }
sees_not() { ! sees "$1"; }
echo 1 >/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs
ip link set eth0 vf 0 mac 02:00:00:00:00:51 vlan 9
ip link set eth1 up
cat >/tmp/vf.xml <<X
<interface type='hostdev' managed='yes'><mac address='02:00:00:00:00:51'/><alias name='ua-vf'/>
<source><address type='pci' domain='0' bus='1' slot='16' function='0'/></source></interface>
X
virsh -q attach-device vm1 /tmp/vf.xml
wait_for sees '"mac":"02:00:00:00:00:51"[^}]*"driver":"igbvf"' && echo plugged
ask '{"op":"set","interface":"eth0","up":true}'
wait_for sees '"carrier":true'
before=$(cat /sys/class/net/eth1/statistics/rx_packets)
ask '{"op":"send","interface":"eth0","to":"ff:ff:ff:ff:ff:ff","mark":"0x5","frames":50}'
heard() { [ $(($(cat /sys/class/net/eth1/statistics/rx_packets) - before)) -ge 50 ]; }
wait_for heard && echo heard
virsh -q detach-device-alias vm1 ua-vf
wait_for sees_not 02:00:00:00:00:51 && echo unplugged
/run/vfcert-guests/disk/vfguest ask /run/vfcert-guests/vm2.agent '{"op":"poweroff"}'
is_off() { virsh -q list --all | grep -q 'vm2 *shut off'; }
wait_for is_off && is_off && echo off
ask '{"op":"hang"}'
/run/vfcert-guests/disk/vfguest ask /run/vfcert-guests/vm1.agent '{"op":"hello"}' 2 || echo hangs
END
for what in plugged heard unplugged off hangs; do
	grep -q -x "$what" "$work/said" || die "not $what: $(cat "$work/said")"
done
