#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests that an installation needs neither the source tree nor the build folder, and may be moved.
#
# Usage: installed.sh MESON SOURCE BUILD [run]     run: also one check on the emulated rig

set -eu
meson=$1 source=$2 build=$3 run=${4-}
unset VFCERT_DATA_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "$*"
	exit 1
}

# away COMMAND...: runs it where neither the source tree nor the build folder can be seen.
away() {
	# shellcheck disable=SC2016 # expanded by that shell
	unshare --user --map-root-user --mount sh -e -c '
		mount -t tmpfs hidden "$1"
		[ ! -d "$2" ] || mount -t tmpfs hidden "$2"
		shift 2
		exec "$@"' sh "$source" "$build" "$@"
}

# list_installed: prints every file, its size and the time of its last change.
list_installed() {
	find "$prefix" -printf '%p %s %T@ %l\n' | sort
}

"$meson" install -C "$build" --no-rebuild --strip --destdir "$work/staged" >"$work/log" ||
	die "meson install: $(tail -n 3 "$work/log")"
program=$(find "$work/staged" -path '*/bin/vfcert')
prefix=$work/moved
mv "${program%/bin/vfcert}" "$prefix"
list_installed >"$work/before"

found=$(grep -r -l -F -e "$source" -e "$build" "$prefix" || true)
[ -z "$found" ] || die "paths of the source tree or the build folder: $found"
found=$(find "$prefix" -xtype l)
[ -z "$found" ] || die "links to nowhere: $found"

for file in "$source"/vmimages/*; do
	case ${file##*/} in
	meson.build | test-*) continue ;;
	esac
	[ -e "$prefix/share/vfcert/vmimages/${file##*/}" ] || die "not installed: $file"
done

if ! away true 2>"$work/said"; then
	echo "source tree and build folder stay visible: $(cat "$work/said")"
	away() {
		"$@"
	}
fi

for what in checks suites topologies defects profiles capabilities; do
	"$build/vfcert" list $what >"$work/expected"
	away "$prefix/bin/vfcert" list $what >"$work/listed" || die "list $what ended with $?"
	cmp "$work/expected" "$work/listed" || die "list $what differs from the build folder's"
done
away "$prefix/bin/vfctl" help >"$work/listed" || die "vfctl help ended with $?"

if [ -n "$run" ]; then
	# The cache is filled where all of the mirror's tools may be used.
	"$prefix/share/vfcert/vmimages/build" >"$work/parts" || die "vmimages/build ended with $?"
	away "$prefix/bin/vfcert" run --check vlan.egress-tagged -o "$work/out" ||
		die "one check ended with $?"
	[ "$(jq .summary.pass "$work/out/results.json")" = 1 ] || die "it did not pass"
fi

list_installed | cmp "$work/before" - || die "the installed files have changed"
