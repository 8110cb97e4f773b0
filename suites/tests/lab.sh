# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Sourced by tests whose script runs as root in the emulated lab and prints "ok" or "NOT OK" for
# each statement.

# The beginning of every such script.
lab_words() {
	cat <<'END'
set -u
POLICY=/etc/vfctl/10-lab.conf
CARD=/sys/bus/pci/devices/0000:01:00.0

# check STATEMENT COMMAND...: checks that the command succeeds.
check() {
	what=$1
	shift
	if "$@" >/tmp/said 2>&1; then
		echo "ok $what"
	else
		echo "NOT OK $what ($*): $(cat /tmp/said)"
	fi
}

# says WORDS COMMAND...: whether the command fails, and its output has the words.
says() {
	words=$1
	shift
	! "$@" >/tmp/refusal 2>&1 && cat /tmp/refusal && grep -q -e "$words" /tmp/refusal
}

# notes WORDS COMMAND...: whether the command succeeds, and its output has the words.
notes() {
	words=$1
	shift
	"$@" >/tmp/noted 2>&1 && grep -q -e "$words" /tmp/noted || ! cat /tmp/noted
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

# all_right: whether the kernel reports the right MAC, VLAN, spoof check and trust of 7 VFs.
all_right() {
	for vf in 0 1 2 3 4 5 6; do
		ip link show eth0 | grep -q -e "vf $vf  *link/ether 52:54:00:aa:00:1$vf .*vlan 10, qos 3, spoof checking on, .*trust on" || return 1
		reads "$CARD/virtfn$vf/net/"*/address 52:54:00:aa:00:1$vf || return 1
	done
}

# want_all: writes a policy file with a value for each setting.
want_all() {
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
}
END
}

# in_lab VFCERT COUNT: runs the script on standard input; exactly COUNT statements must be printed,
# and all must hold.
in_lab() {
	said=$({ lab_words && cat; } | "$1" lab shell) || {
		echo "the lab ended with $?: $said"
		return 1
	}
	echo "$said"
	passed=$(echo "$said" | grep -c '^ok ' || true)
	failed=$(echo "$said" | grep -c '^NOT OK' || true)
	echo "$passed statements hold, $failed do not"
	[ "$failed" = 0 ] && [ "$passed" = "$2" ]
}
