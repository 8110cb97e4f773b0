#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests that the last of many equal options counts like the first: a wrong value there is an error
# that names it, before any rig is up.
#
# Usage: many_options.sh VFCERT

# shellcheck disable=SC2046 # many options are many words

set -eu
vfcert=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# COUNT OPTION VALUE: the options of a command line
many() {
	i=0
	while [ "$i" -lt "$1" ]; do
		echo "$2 $3"
		i=$((i + 1))
	done
}

# WANTED COMMAND...: it must fail with status 2 and print WANTED
refused() {
	wanted=$1
	shift
	status=0
	said=$("$@" 2>&1) || status=$?
	if [ "$status" != 2 ] || ! echo "$said" | grep -qF -- "$wanted"; then
		echo "status $status, '$said' instead of '$wanted'" >&2
		exit 1
	fi
}

refused "unknown check 'vlan.nonsense'" \
	"$vfcert" run $(many 400 --check vlan.egress-tagged) --check vlan.nonsense
refused "unknown suite 'nonsense'" \
	"$vfcert" run $(many 100 --suite vlan) --suite nonsense

"$vfcert" keygen key >keygen.log
touch cert.dsse.json
refused "nowhere.pub" \
	"$vfcert" verify cert.dsse.json $(many 40 --key key.pub) --key nowhere.pub
