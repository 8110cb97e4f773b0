#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests vfctl with policy files on the emulated card, with a real kernel: desired.sh VFCERT

set -eu
. "$(dirname "$0")/lab.sh"
in_lab "$1" 37 <<'END'
want_all
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

vfctl set eth0 --vfs 0 >/dev/null

# A change that fails is undone; the next one finishes a change that was interrupted.
cp $POLICY /tmp/kept
printf '[SR-IOV]\nVirtualFunction=6\nLinkState=no\n' >>$POLICY
check unsupported says 'does not offer it; everything is as it was' vfctl apply
check undone reads $CARD/sriov_numvfs 0
cp /tmp/kept $POLICY

# Few drivers offer the RSS query, and igb does not: the other settings are applied.
printf '[SR-IOV]\nVirtualFunction=0-6\nQueryReceiveSideScaling=yes\n' >>$POLICY
check lacking-of-new-vfs notes 'the driver does not offer RSS query' vfctl apply
check all-right-but-lacking all_right
check lacking-in-place notes 'the driver does not offer RSS query' vfctl apply
check lacking-in-verify notes 'the driver does not offer RSS query' vfctl verify
check lacking-in-status notes 'the driver does not offer RSS query' vfctl status
check lacking-alone says 'cannot set RSS query on: the driver does not offer it' \
	vfctl vf eth0 0 --query-rss on
vfctl set eth0 --vfs 0 >/dev/null
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
