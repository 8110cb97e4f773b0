#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The default run beside what the kernel and the card themselves take in the same guest: making and
# removing VFs, binding drivers, resets, links. bench_run.sh VFCERT; fails above the targets.

set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$1" run -o "$work/out" >"$work/said" 2>&1 || {
	tail -n 5 "$work/said"
	exit 1
}
jq -r '.run | "\(.duration_s) \(.kernel_s)"' "$work/out/results.json" | awk '
	{
		wall = $1
		kernel = $2
		ratio = wall / kernel
		printf "default run %.1f s (target 60), kernel and card %.1f s, ratio %.2f (target 1.10)\n",
			wall, kernel, ratio
		exit !(ratio <= 1.1 && wall <= 60)
	}'
