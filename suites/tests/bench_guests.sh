#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Plugs a VF into a guest of the emulated host until the wire hears the guest, and takes it out until the VF is
# back: vfctl, which sets and verifies all settings, beside virsh, which leaves all but MAC and VLAN id:
# bench_guests.sh VFCERT
#
# Runs each in turn, several times. Fails if vfctl takes more than twice as long, or a VF is not back.

set -eu
"$1" lab shell guests <<'END'
set -u
ROUNDS=5
PF=eth0
WIRE=eth1
VF=0000:01:10.0
MAC=02:00:00:00:00:51
AGENT=/run/vfcert-guests/vm1.agent

now_ms() { read -r up _ </proc/uptime; echo "${up%.*}${up#*.}0"; }
ask() { /run/vfcert-guests/disk/vfguest ask $AGENT "$1"; }
fail() {
	echo "$*"
	exit 1
}
# wait_for WHAT COMMAND...: until the command is true, at most a minute.
wait_for() {
	what=$1 limit=$(($(now_ms) + 60000))
	shift
	until "$@"; do
		[ "$(now_ms)" -lt $limit ] || fail "not $what after a minute: $way"
	done
}
has_carrier() { ask '{"op":"interfaces"}' | grep -q "\"mac\":\"$MAC\"[^}]*\"carrier\":true"; }
sees_vf() { ask '{"op":"interfaces"}' | grep -q "$MAC"; }
heard() { cat /sys/class/net/$WIRE/statistics/rx_packets; }
is_heard() {
	before=$(heard)
	ask '{"op":"send","interface":"eth0","to":"ff:ff:ff:ff:ff:ff","mark":"0x5","frames":1}' >/dev/null
	[ "$(heard)" -gt "$before" ]
}
# libvirt puts back the MAC of the VF's interface, and not what the administrator had set.
want_virsh=' vlan 50'
want_vfctl='02:00:00:00:00:70.* vlan 50, qos 3'
is_back() {
	eval "want=\$want_$way"
	[ -e /sys/bus/pci/drivers/igbvf/$VF ] && [ -n "$(ls /sys/bus/pci/devices/$VF/net 2>/dev/null)" ] &&
		ip link show $PF | grep -q "vf 0 .*$want"
}

with_virsh() { virsh -q attach-device vm1 /tmp/vf.xml; }
without_virsh() { virsh -q detach-device-alias vm1 ua-nic1; }
with_vfctl() { vfctl attach vm1 --profile red --nic nic1 --mac $MAC --vf $PF/0; }
without_vfctl() { vfctl detach vm1 nic1; }

echo 1 >/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs
ip link set $WIRE up
mkdir -p /etc/vfctl/networks /etc/vfctl/profiles
printf '[Network]\nVM=yes\nVLANId=10\n' >/etc/vfctl/networks/red.network
printf '[Profile]\nNetwork=red\nPassthrough=yes\nMaxRate=400\n' >/etc/vfctl/profiles/red.profile
cat >/tmp/vf.xml <<X
<interface type='hostdev' managed='yes'><mac address='$MAC'/><alias name='ua-nic1'/><vlan><tag id='10'/></vlan>
<source><address type='pci' domain='0' bus='1' slot='16' function='0'/></source></interface>
X

# measure WAY: adds the times of both to /tmp/WAY.
measure() {
	way=$1
	ip link set $PF vf 0 mac 02:00:00:00:00:70 vlan 50 qos 3 trust on
	wait_for 'as before' is_back
	started=$(now_ms)
	with_"$way" >/tmp/said 2>&1 || fail "$way: $(cat /tmp/said)"
	wait_for 'in the guest' sees_vf
	ask '{"op":"set","interface":"eth0","up":true}' >/dev/null
	wait_for 'with carrier' has_carrier
	wait_for 'heard on the wire' is_heard
	plugged=$(($(now_ms) - started))
	started=$(now_ms)
	without_"$way" >/tmp/said 2>&1 || fail "$way: $(cat /tmp/said)"
	wait_for 'back' is_back
	echo "$plugged $(($(now_ms) - started))" >>"/tmp/$way"
}

column() { cut -d ' ' -f "$2" "/tmp/$1" | sort -n; }
best() { column "$1" "$2" | head -n 1; }
median() { column "$1" "$2" | sed -n "$(((ROUNDS + 1) / 2))p"; }

for _ in $(seq $ROUNDS); do
	for way in virsh vfctl; do
		measure $way
	done
done
LINE='%-40s %8s %6s %10s %6s\n'
printf "$LINE" 'ms' 'plug: median' best 'unplug: median' best
for way in virsh vfctl; do
	printf "$LINE" "$way" "$(median $way 1)" "$(best $way 1)" "$(median $way 2)" "$(best $way 2)"
done
plug=$(($(median vfctl 1) * 100 / $(median virsh 1)))
unplug=$(($(median vfctl 2) * 100 / $(median virsh 2)))
echo "vfctl / virsh: plug $plug %, unplug $unplug % (limit 200 %)"
[ $plug -le 200 ] && [ $unplug -le 200 ]
END
