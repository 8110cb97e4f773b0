#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs checks of migration on two emulated hosts, and sees what is said where there is one: migration.sh VFCERT [all]
#
# Without "all" those that share one migration, the refusals, and one that is cancelled.

set -eu
vfcert=$1
what=${2-some}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "$*"
	exit 1
}

if [ "$what" = all ]; then
	set -- --suite migration
	least=30
else
	set --
	for check in $("$vfcert" list checks --json |
		jq -r '.[].id | select(startswith("migration."))'); do
		case ${check#migration.} in
		bare-vf-refused | target-fails | killed | without-vf) ;;
		*) set -- "$@" --check "$check" ;;
		esac
	done
	least=26
fi
"$vfcert" run "$@" -o "$work/out" || die "vfcert run ended with $?"
[ "$(jq '[.checks[] | select(.verdict != "pass")] | length' "$work/out/results.json")" = 0 ] ||
	die "not all checks passed"
[ "$(jq '[.checks[] | select(.verdict == "pass")] | length' "$work/out/results.json")" -ge $least ] ||
	die "less than $least checks passed"

# The outage, as the wire saw it.
jq -e '.checks[] | select(.id == "migration.frames-go-on") | .evidence[] |
	select(.name == "longest silence on the wire") | .value > 0' "$work/out/results.json" >/dev/null ||
	die "the outage is not in the evidence"

"$vfcert" run --topology guests --suite migration -o "$work/none" || die "vfcert run without a peer ended with $?"
[ "$(jq '[.checks[] | select(.verdict == "skip" and .need == "peer")] | length' \
	"$work/none/results.json")" -ge 30 ] || die "without a second machine the checks are not skipped"
