#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs the checks of guests where libvirt runs as a distribution has it, and then one from the snapshot of that
# machine: guests_systemd.sh VFCERT

set -eu
vfcert=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "$*"
	exit 1
}

"$vfcert" run --topology guests-systemd --suite guest -o "$work/out" || die "vfcert run ended with $?"
[ "$(jq '[.checks[] | select(.verdict != "pass" and .verdict != "known")] | length' \
	"$work/out/results.json")" = 0 ] || die "not all checks passed"

"$vfcert" run --topology guests-systemd --check guest.confined -o "$work/again" || die "the second run ended with $?"
jq -e '.identity.rig.snapshot' "$work/again/results.json" >/dev/null || die "the second run used no snapshot"
