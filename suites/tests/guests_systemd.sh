#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Brings up the host on which libvirt runs as a distribution has it, and looks at how it runs a guest; then once more
# from that machine's snapshot: guests_systemd.sh VFCERT

set -eu
vfcert=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "$*"
	exit 1
}

for folder in first second; do
	"$vfcert" run --topology guests-systemd --check guest.confined -o "$work/$folder" ||
		die "the $folder run ended with $?"
	[ "$(jq -r '.checks[0].verdict' "$work/$folder/results.json")" = pass ] ||
		die "the guest is not confined"
done
jq -e '.identity.rig.snapshot' "$work/second/results.json" >/dev/null ||
	die "the second run used no snapshot"
