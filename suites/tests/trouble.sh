#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests failures of the emulated rig itself: trouble.sh VFCERT WRAPPER
#
# During a check something is killed, hangs, or leaves the card changed. The cause is a script
# beside vfsuite on the machine under test (vfsuite_wrapper.c), a function of its kernel, or a
# signal to QEMU or to vfcert. This must not become a verdict about the card. Each run must report
# what happened, the state of each device, and what did not run.

set -eu
vfcert=$1 wrapper=$2
programs=$(dirname "$vfcert")
work=$(mktemp -d /tmp/trouble.XXXXXX)
trap 'rm -rf "$work"' EXIT

# A script on the machine under test: $1 is vfsuite, and its child is the check. The check puts one of its
# VFs into VLAN 10 and then has the wire cut.
# shellcheck disable=SC2016 # it is expanded there
prelude='child() { read -r pid _ <"/proc/$1/task/$1/children"; [ "$pid" ]; }
until child "$1"; do :; done
wire_is_cut() { read -r carrier </sys/class/net/eth0/carrier && [ "$carrier" = 0 ]; }
'
victim=faults.link-lost after=faults.link-keeps-policy

# tools NAME SCRIPT: makes the programs for a rig on which SCRIPT makes trouble.
tools() {
	mkdir -p "$work/$1/tools" "$work/$1/run"
	cp "$wrapper" "$work/$1/tools/vfsuite"
	printf '\n# trouble:\n%s%s\n' "$prelude" "$2" >>"$work/$1/tools/vfsuite"
	cp "$programs/vfsuite" "$work/$1/tools/vfctl"
}

# run NAME CHECK CHECK: runs one rig; leaves the exit status in NAME/status.
run() {
	status=0
	XDG_RUNTIME_DIR=$work/$1/run "$vfcert" run -j1 --tools "$work/$1/tools" --check "$2" \
		--check "$3" -o "$work/$1/out" >"$work/$1/said" 2>&1 || status=$?
	echo "$status" >"$work/$1/status"
}

# prove NAME: runs one rig with the defect $work/NAME.ini.
prove() {
	mkdir -p "$work/$1/run"
	status=0
	XDG_RUNTIME_DIR=$work/$1/run "$vfcert" prove -j1 -o "$work/$1/out" "$work/$1.ini" \
		>"$work/$1/said" 2>&1 || status=$?
	echo "$status" >"$work/$1/status"
	cp "$work/$1/out/results-$1.json" "$work/$1/out/results.json"
}

# strike NAME SIGNAL vfcert|qemu: starts a run that gets the signal after its first verdict, and
# returns once all of its processes have ended.
strike() {
	mkdir -p "$work/$1/run"
	: >"$work/$1/said"
	(
		export XDG_RUNTIME_DIR="$work/$1/run"
		exec env --default-signal=INT "$vfcert" run -j1 --suite vlan -o "$work/$1/out" \
			>"$work/$1/said" 2>&1
	) &
	pid=$!
	tail -f --pid=$pid "$work/$1/said" | grep -qm1 '^pass' || true
	all=$(pgrep -f "$work/$1/") || true
	struck=$pid
	[ "$3" = vfcert ] || struck=$(pgrep -f "qemu-system.*$work/$1/run")
	kill "-$2" "$struck"
	status=0
	wait $pid || status=$?
	echo "$status" >"$work/$1/status"
	for other in $all; do
		timeout 20 tail -f --pid="$other" /dev/null || true
	done
}

failures=0

# holds NAME WHAT COMMAND...
holds() {
	name=$1 what=$2
	shift 2
	if "$@" >/dev/null 2>&1; then
		echo "ok: $name: $what"
	else
		echo "NOT: $name: $what"
		failures=$((failures + 1))
	fi
}

results() {
	jq -e "$2" "$work/$1/out/results.json"
}

# has NAME WHAT EXPRESSION: checks its results with jq.
has() {
	holds "$1" "$2" results "$1" "$3"
}

# ended NAME STATUS: checks that the run exited with that status, and left nothing of the rig.
ended() {
	holds "$1" "status $2" [ "$(cat "$work/$1/status")" = "$2" ]
	holds "$1" 'no folder is left' [ -z "$(ls -A "$work/$1/run")" ]
	holds "$1" 'no process is left' nobody "$1"
}

# nobody NAME: whether no process has its run folder in its command line.
nobody() {
	! grep -lsF "$work/$1/run" /proc/[0-9]*/cmdline
}

verdict() {
	printf '.checks[] | select(.id == "%s") | (.verdict == "%s") and ((.reason // "") | test("%s"))' \
		"$1" "$2" "$3"
}

# shellcheck disable=SC2016
{
	tools stopped 'kill -STOP "$pid"'
	tools killed 'until wire_is_cut; do :; done
child "$1" && kill -9 "$pid"'
	tools orphaned 'until wire_is_cut; do :; done
kill -9 "$1"'
}
# shellcheck disable=SC2016
tools gone 'until wire_is_cut; do :; done
child "$1" && kill -9 "$pid"
echo 0000:01:00.0 >/sys/bus/pci/drivers/igb/unbind'
tools dirty 'until wire_is_cut; do :; done
ip link set eth0 mtu 1400
set -- /sys/bus/pci/drivers/igbvf/0000:01:1*
vf=${1##*/0000:01:}
ip link set eth0 vf $(((0x${vf%.*} * 8 + ${vf#*.} - 0x80) / 2)) trust on
echo "0000:01:$vf" >/sys/bus/pci/drivers/igbvf/unbind'

# The function runs under the lock that reading any interface takes.
cat >"$work/hangs.ini" <<'END'
[Defect]
Title=A VF's MAC can be set, and whoever sets it never comes back
Expect=address.duplicate
Checks=address.duplicate link.down-alone

[Function igb:igb_ndo_set_vf_mac]
Returns=never
END

cat >"$work/ignored.ini" <<'END'
[Defect]
Title=VFs cannot be removed any more, although the kernel says so
Expect=provision.autoprobe-off
Checks=provision.autoprobe-off link.down-alone

[Function pci_disable_sriov]
Returns=0
During=run
END

# The first makes the snapshot for the others if there is none.
run killed "$victim" "$after"
prove hangs &
{
	prove ignored
	run orphaned "$victim" "$after"
} &
run dirty "$victim" "$after"
run gone "$victim" "$after"
run stopped address.duplicate "$after"
strike interrupted INT vfcert
strike murdered KILL vfcert
strike unplugged KILL qemu
wait

for name in killed stopped dirty; do
	ended $name 1
	has $name 'the run is complete' '.run.complete'
	has $name 'the next check passes' "$(verdict "$after" pass '')"
done
has killed 'the check is broken, and what it left is told' \
	"$(verdict $victim broken 'killed by signal 9.*; left behind: the wire was cut;VF [0-6]: .*10')"
has stopped 'the check is broken at its deadline' \
	"$(verdict address.duplicate broken 'no verdict within 20 s: the check hung and was killed')"
has dirty 'each property is told, as it is and as it was' "$(verdict $victim broken \
	'eth0: MTU 1400, was 1500;VF [0-6]: driver none, was igbvf; trust on, was off')"

for name in gone orphaned hangs ignored; do
	ended $name 3
	has $name 'the run is incomplete' '.run.complete | not'
done
for name in gone orphaned; do
	has $name 'what did not run is named' ".run.not_run == [\"$after\"]"
done
has gone 'device and state are named' '.run.why | test("after faults.link-lost eth0 .0000:01:00.0. cannot be restored: .*network interface: gone")'
has orphaned 'the end of vfsuite is told, and the device' \
	'.run.why | test("vfsuite has ended with status 137; the state of 0000:01:00.0 is not known")'
has hangs 'the check is broken, and where it hangs is told' "$(verdict address.duplicate broken \
	'no verdict within 20 s: the check hangs; its process [0-9]+ waits in the kernel in ')"
has hangs 'the device is named' \
	'.run.why | test("eth0 .0000:01:00.0. must be left alone: its state is unknown")'
has ignored 'device and state are named' '.run.why | test("0000:01:00.0. .*VFs")'

ended interrupted 130
ended murdered 137
ended unplugged 3
for name in interrupted murdered unplugged; do
	has $name 'the run is incomplete' '.run.complete | not'
	has $name 'what was found is kept' '.summary.pass > 0 and .summary.broken == 1'
	has $name 'what did not run is named' '.run.not_run | length > 0'
done
for name in interrupted murdered; do
	has $name 'the cause is told' '.run.why == "interrupted"'
done
has unplugged 'the cause is told' '.run.why | test("QEMU has ended: killed by signal 9")'

echo
for name in killed stopped dirty gone orphaned hangs ignored interrupted murdered unplugged; do
	echo "$name, $(results $name '.run.duration_s') s: $(results $name '.run.why, (.checks[] | .id + " " + .verdict + ": " + (.reason // ""))')"
done
[ "$failures" = 0 ] || { echo "$failures do not hold"; exit 1; }
