#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests with a real kernel that vfctl names the holder of a VF of the emulated card, and changes
# nothing until that holder is gone: holders.sh VFCERT

set -eu
. "$(dirname "$0")/lab.sh"
in_lab "$1" 79 <<'END'
# state: prints what a change would change: the number of VFs, what the kernel reports of each,
# their drivers, and the interfaces with their indices, since a VF that is made again gets another
# index.
state() {
	cat $CARD/sriov_numvfs $CARD/sriov_drivers_autoprobe
	ip link show eth0 | grep -e '  vf [0-9]'
	for vf in 0 1 2 3 4 5 6; do readlink "$CARD/virtfn$vf/driver"; done
	grep -H . /sys/class/net/*/ifindex
}

# held KIND WORDS: tests VF 0, which differs from its policy, while it is held. WORDS name the
# holder.
held() {
	ip link set eth0 vf 0 vlan 77
	before=$(state)
	check "vf-names-$1" says "VF 0 .*held.*$2" vfctl vf eth0 0 --vlan 5
	check "set-names-$1" says "VF 0 .*held.*$2" vfctl set eth0 --vfs 2
	check "apply-names-$1" says "VF 0 .*held.*$2" vfctl apply
	check "unchanged-with-$1" [ "$(state)" = "$before" ]
}

# gone KIND: tests that apply sets VF 0 as its policy says once nobody holds it.
gone() {
	vfctl apply >/tmp/said 2>&1
	check "free-without-$1" sh -c 'ip link show eth0 | grep -q "vf 0 .*vlan 10, qos 3"'
}

# The card gives no VLANs of its own to a VF with a port VLAN, and igbvf asks once, when it probes.
without_vlan() {
	ip link set eth0 vf 0 vlan 0
	echo 0000:01:10.0 >/sys/bus/pci/drivers/igbvf/unbind
	echo 0000:01:10.0 >/sys/bus/pci/drivers/igbvf/bind
	n=$(ls $CARD/virtfn0/net)
}

# ovs add INTERFACE | ovs remove: does what Open vSwitch asks of its kernel part
# (linux/openvswitch.h).
cat >/tmp/ovs <<'PERL'
socket(my $socket, 16, 3, 16) or die "no netlink: $!";
sub attribute { my ($type, $data) = @_; pack('S S a*', 4 + length $data, $type, $data) . "\0" x (-length($data) & 3) }
# Returns the payload of the answer, after its generic header.
sub call {
	my ($family, $command, $version, $body) = @_;
	my $answer;
	send($socket, pack('L S S L L C C S a*', 20 + length $body, $family, 5, 1, 0, $command, $version, 0, $body), 0);
	while (defined recv($socket, my $message, 65536, 0)) {
		my ($type, $error) = unpack('x4 S x10 l', $message);
		die "command $command: errno ", -$error, "\n" if $type == 2 && $error;
		return $answer if $type == 2;
		$answer = substr($message, 20);
	}
}
sub family {
	my $rest = call(16, 3, 1, attribute(2, "$_[0]\0"));
	while (length $rest) {
		my ($length, $type) = unpack('S S', $rest);
		return unpack('x4 S', $rest) if $type == 1;
		$rest = substr($rest, ($length + 3) & ~3);
	}
}
my ($what, $port) = @ARGV;
my $name = attribute(1, "ovs-system\0");
if ($what eq 'remove') {
	call(family('ovs_datapath'), 2, 2, pack('L', 0) . $name);
} else {
	call(family('ovs_datapath'), 1, 2, pack('L', 0) . $name . attribute(2, pack('L', 0)));
	open(my $file, '<', '/sys/class/net/ovs-system/ifindex') or die "no datapath: $!";
	call(family('ovs_vport'), 1, 1, pack('L', <$file>) . attribute(2, pack('L', 1)) .
		attribute(3, "$port\0") . attribute(5, pack('L', 0)));
}
PERL

want_all
vfctl apply >/dev/null
n=$(ls $CARD/virtfn0/net)

ip link set "$n" up
held interface "$n is up"
ip link set "$n" down
gone interface

ip address add 192.0.2.1/24 dev "$n"
held address "$n has an address"
ip address flush dev "$n"
gone address

without_vlan
ip link add lan5 link "$n" type vlan id 5
held vlan 'VLAN lan5'
ip link del lan5
gone vlan

ip link add tap5 link "$n" type macvtap
held macvtap 'macvtap tap5'
ip link del tap5
gone macvtap

# These have no type in sysfs.
for kind in macvlan ipvlan; do
	ip link add up5 link "$n" type $kind
	held $kind 'used by up5'
	ip link del up5
	gone $kind
done

for kind in bridge bond team; do
	ip link add top5 type $kind
	ip link set "$n" master top5
	held $kind "\($kind\|used by\) top5"
	ip link set "$n" nomaster
	ip link del top5
	ip link set "$n" down
	gone $kind
done

modprobe openvswitch
perl /tmp/ovs add "$n"
held ovs 'Open vSwitch (ovs-system)'
perl /tmp/ovs remove
ip link set "$n" down
gone ovs

ip netns add ns5
ip link set "$n" netns ns5
held namespace 'in network namespace ns5:'
ip -n ns5 link set "$n" netns 1
ip netns del ns5
gone namespace

mkfifo /tmp/inside
unshare --net sh -c 'read -r line </tmp/inside' &
wait_for sh -c "! [ /proc/$!/ns/net -ef /proc/$$/ns/net ]"
ip link set "$n" netns $!
held container "in network namespace of sh (pid $!):"
nsenter --net=/proc/$!/ns/net ip link set "$n" netns $$
echo >/tmp/inside
wait
gone container

echo 0000:01:10.0 >$CARD/virtfn0/driver/unbind
echo vfio-pci >$CARD/virtfn0/driver_override
echo 0000:01:10.0 >/sys/bus/pci/drivers_probe
group=$(basename "$(readlink $CARD/virtfn0/iommu_group)")
exec 9<>"/dev/vfio/$group"
held vfio "bash (pid $$) has it open through VFIO"
exec 9<&-
gone vfio

mkfifo /tmp/fifo
bash -c 'exec 9<>"/dev/vfio/$1"; read -r line </tmp/fifo' bash "$group" -name guest=mail &
wait_for sh -c "ls -l /proc/$!/fd | grep -q vfio/$group"
held vm "virtual machine mail (bash, pid $!)"
echo >/tmp/fifo
wait
gone vm

# DPDK takes cards by UIO where there is no IOMMU.
modprobe uio_pci_generic
echo 0000:01:10.0 >$CARD/virtfn0/driver/unbind
echo uio_pci_generic >$CARD/virtfn0/driver_override
echo 0000:01:10.0 >/sys/bus/pci/drivers_probe
exec 9<>/dev/uio0
held uio "bash (pid $$) has its device open"
exec 9<&-
gone uio

check set-when-free vfctl set eth0 --vfs 2
check two-then reads $CARD/sriov_numvfs 2
check apply-when-free vfctl apply
check all-right all_right
END
