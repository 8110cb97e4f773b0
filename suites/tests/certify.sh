#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs all checks on the emulated rig, then a single one, and examines their results in all formats:
# certify.sh VFCERT

set -eu
vfcert=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "$*"
	exit 1
}

# count NAME FILE: the number at "NAME": in the summary of FILE.
count() {
	jq ".summary.$1" "$2"
}

"$vfcert" run -o "$work/all" || die "vfcert run ended with $?"
results=$work/all/results.json
for verdict in fail broken changed; do
	[ "$(count $verdict "$results")" = 0 ] || die "$(count $verdict "$results") checks: $verdict"
done
passed=$(count pass "$results")
known=$(count known "$results")
[ "$passed" -ge 45 ] || die "only $passed checks passed"
[ "$known" -ge 1 ] || die "the emulation's known gaps were not seen"
for file in identity.json junit.xml summary.md report.html; do
	[ -s "$work/all/$file" ] || die "$file is missing"
done
grep -q 'says nothing about silicon' "$work/all/report.html" || die "the page hides the emulation"

"$vfcert" run --check vlan.egress-tagged -o "$work/one" || die "one check ended with $?"
[ "$(count pass "$work/one/results.json")" = 1 ] || die "one check was asked for"
[ "$(jq '.checks | length' "$work/one/results.json")" = 1 ] || die "more than one check ran"

# Two kernels on the same root, and one that does not exist.
"$vfcert" run --vary kernel=6.1,6.12 --check vlan.egress-tagged -o "$work/varied" ||
	die "two kernels: $?"
for kernel in 6.1 6.12; do
	grep -q "\"kernel\": *\"$kernel\." "$work/varied/kernel-$kernel/identity.json" ||
		die "another kernel than $kernel ran"
	[ "$(count pass "$work/varied/kernel-$kernel/results.json")" = 1 ] || die "kernel $kernel"
done
"$vfcert" run --kernel 1.2 -o "$work/none" 2>"$work/said" && die "there is no kernel 1.2"
[ $? -eq 2 ] || die "kernel 1.2 is no usage error"
grep -q "no kernel '1.2': cache and mirror have 6.1 " "$work/said" || die "kernels are not listed"

[ "$(jq -r .config_digest "$work/all/identity.json")" = \
	"$(jq -r .config_digest "$work/one/identity.json")" ] || die "two runs, two config digests"

# One check does not certify a card; all checks do.
"$vfcert" keygen "$work/key" >"$work/said"
! "$vfcert" sign "$work/one" --key "$work/key" >"$work/said" || die "one check was certified"
grep -q '(missing-check)' "$work/said" || die "refused for another cause: $(cat "$work/said")"
jq -e ".run.suite.program and .run.quirks" "$work/all/results.json" >/dev/null ||
	die "the results do not say which suite and quirks judged"
"$vfcert" sign "$work/all" --key "$work/key" >"$work/said" || die "not signed: $(cat "$work/said")"
"$vfcert" verify "$work/all" --key "$work/key.pub" >"$work/said" ||
	die "not accepted: $(cat "$work/said")"
echo "$passed passed, $known known"
