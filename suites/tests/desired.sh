#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vfctl with policy files on the emulated card, by a real kernel: desired.sh VFCERT
# What is in the here-document runs as root in the lab, and says "ok" or "NOT OK" of each statement.

set -eu
said=$("$1" lab shell <<'END'
set -u
POLICY=/etc/vfctl/10-lab.conf
CARD=/sys/bus/pci/devices/0000:01:00.0

# check STATEMENT COMMAND...: that the command succeeds.
check() {
	what=$1
	shift
	if "$@" >/tmp/said 2>&1; then
		echo "ok $what"
	else
		echo "NOT OK $what ($*): $(cat /tmp/said)"
	fi
}

# says WORDS COMMAND...: that the command fails, and says the words.
says() {
	words=$1
	shift
	! "$@" >/tmp/refusal 2>&1 && cat /tmp/refusal && grep -q -e "$words" /tmp/refusal
}

reads() { [ "$(cat "$1")" = "$2" ]; }
has_carrier() { [ "$(cat /sys/class/net/eth0/carrier)" = 1 ]; }
wait_for() {
	polls=200
	until "$@" 2>/dev/null; do
		polls=$((polls - 1))
		[ $polls -gt 0 ] || return 1
		busybox usleep 50000
	done
}

# all_right: the kernel's own word on MAC, VLAN, spoof check and trust of 7 VFs.
all_right() {
	for vf in 0 1 2 3 4 5 6; do
		ip link show eth0 | grep -q -e "vf $vf  *link/ether 52:54:00:aa:00:1$vf .*vlan 10, qos 3, spoof checking on, .*trust on" || return 1
		reads "$CARD/virtfn$vf/net/"*/address 52:54:00:aa:00:1$vf || return 1
	done
}

mkdir -p /etc/vfctl
cat >$POLICY <<'POLICY'
[Match]
Path=0000:01:00.0

[PF]
SR-IOVVirtualFunctions=7

[SR-IOV]
VirtualFunction=0-6
MACAddress=52:54:00:aa:00:10
VLANId=10
QualityOfService=3
MACSpoofCheck=yes
Trust=yes
POLICY

check verify vfctl verify
check plan vfctl plan
check plan-changes-nothing reads $CARD/sriov_numvfs 0
check status-before says 'VFs *7 *0' vfctl status
check apply vfctl apply
check status-after vfctl status
check all-right all_right
for vf in 0 1 2 3 4 5 6; do ip link set "$(ls $CARD/virtfn$vf/net)" up; done
check all-right-when-up all_right
for vf in 0 1 2 3 4 5 6; do ip link set "$(ls $CARD/virtfn$vf/net)" down; done

ip link set eth0 vf 2 vlan 99
check drift-vlan says '2 *VLAN *10 qos 3 *99' vfctl status
check heal-vlan vfctl apply
ip link set eth0 vf 3 mac 52:54:00:ff:ff:ff
check drift-mac says '3 *MAC *52:54:00:aa:00:13 *52:54:00:ff:ff:ff' vfctl status
check heal-mac vfctl apply
ip link set eth0 vf 4 trust off
ip link set eth0 vf 5 spoofchk off
check drift-trust says '4 *trust *on *off' vfctl status
check heal-both vfctl apply
check all-right-again all_right

wait_for has_carrier
ip link set eth0 down
check drift-down says 'interface *up *down' vfctl status
ip link set eth0 up
wait_for has_carrier
check drift-reset says 'link losses since apply' vfctl status
check heal-reset vfctl apply
check clean-after-reset vfctl status
echo 1 >$CARD/reset
check drift-flr says "registers *its driver's *reset" vfctl status
check heal-flr vfctl apply
check clean-after-flr vfctl status

# Each kind of holder: nothing is changed, and it is named.
held() {
	check "vf-held-by-$1" says "VF 0 .*held.*$2" vfctl vf eth0 0 --vlan 5
	check "set-held-by-$1" says "VF 0 .*held.*$2" vfctl set eth0 --vfs 2
	ip link set eth0 vf 0 vlan 77
	check "apply-held-by-$1" says "VF 0 .*held.*$2" vfctl apply
	ip link set eth0 vf 0 vlan 10 qos 3
}
n=$(ls $CARD/virtfn0/net)
ip link set "$n" up
held interface "$n is up"
ip link set "$n" down
ip address add 192.0.2.1/24 dev "$n"
held address "$n has an address"
ip address flush dev "$n"
# The card lets no VF with a port VLAN have VLANs of its own, and igbvf asks once, when it probes.
ip link set eth0 vf 0 vlan 0
echo 0000:01:10.0 >/sys/bus/pci/drivers/igbvf/unbind
echo 0000:01:10.0 >/sys/bus/pci/drivers/igbvf/bind
n=$(ls $CARD/virtfn0/net)
ip link add lan5 link "$n" type vlan id 5
held vlan 'VLAN lan5'
ip link del lan5
ip link add tap5 link "$n" type macvtap
held macvtap 'macvtap tap5'
ip link del tap5
ip link add br5 type bridge
ip link set "$n" master br5
held bridge 'bridge br5'
ip link del br5
ip link add bond5 type bond
ip link set "$n" master bond5
held bond 'bond bond5'
ip link set "$n" nomaster
ip link del bond5
ip link set "$n" down
ip netns add ns5
ip link set "$n" netns ns5
held namespace 'another network namespace'
ip -n ns5 link set "$n" netns 1
ip netns del ns5
echo 0000:01:10.0 >$CARD/virtfn0/driver/unbind
echo vfio-pci >$CARD/virtfn0/driver_override
echo 0000:01:10.0 >/sys/bus/pci/drivers_probe
group=$(basename "$(readlink $CARD/virtfn0/iommu_group)")
exec 9<>"/dev/vfio/$group"
held vfio 'through VFIO'
mkfifo /tmp/fifo
bash -c 'exec 9<>"/dev/vfio/$1"; read -r line </tmp/fifo' bash "$group" -name guest=mail 9<&- &
exec 9<&-
wait_for sh -c "ls -l /proc/$!/fd | grep -q vfio/$group"
held vm 'virtual machine mail'
echo >/tmp/fifo
wait
echo >$CARD/virtfn0/driver_override
vfctl set eth0 --vfs 0 >/dev/null

# What does not work is undone; what is cut short is finished by the next.
cp $POLICY /tmp/kept
printf '[SR-IOV]\nVirtualFunction=6\nLinkState=no\n' >>$POLICY
check unsupported says 'does not offer it; everything is as it was' vfctl apply
check undone reads $CARD/sriov_numvfs 0
cp /tmp/kept $POLICY
vfctl apply >/dev/null 2>&1 &
wait_for sh -c "! grep -qx 0 $CARD/sriov_numvfs"
kill -9 $!
wait $! 2>/dev/null
check interrupted says 'last change *done *interrupted' vfctl status
check finished vfctl apply
check all-right-after-kill all_right
check clean-after-kill vfctl status
vfctl set eth0 --vfs 0 >/dev/null
vfctl apply >/tmp/first 2>&1 &
first=$!
vfctl apply >/tmp/second 2>&1
second=$?
wait $first
check two-at-once [ $?$second = 00 ]
check all-right-after-two all_right
check at-most-one-made-them [ "$(cat /tmp/first /tmp/second | grep -c 'number of VFs')" = 1 ]
END
) || {
	echo "the lab ended with $?: $said"
	exit 1
}
echo "$said"
passed=$(echo "$said" | grep -c '^ok ' || true)
failed=$(echo "$said" | grep -c '^NOT OK' || true)
echo "$passed statements hold, $failed do not"
[ "$failed" = 0 ] && [ "$passed" = 58 ]
