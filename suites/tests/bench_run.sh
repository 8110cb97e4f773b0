#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Compares the default run with the time that the kernel and the card themselves take in the same
# guest to create and remove VFs, bind drivers, reset, and bring links up. Fails above the targets:
# bench_run.sh VFCERT

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
