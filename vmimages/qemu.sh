# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Sourced by build: a QEMU of another Debian release. It runs through its own loader with its own
# libraries, so it needs neither root nor a chroot.

QEMU_OLDEST=8 # the first with an igb that has SR-IOV
QEMU_PROGRAM=qemu-system-x86_64

qemu_recipe() {
	cat "$here/qemu.sh" "$here/mirror.sh"
}

# Versions as the packages have them, without the epoch.
list_mirror_qemus() {
	apt-cache madison qemu-system-x86 | awk -F ' *[|] *' -v oldest=$QEMU_OLDEST '
		{ sub(/^[0-9]+:/, "", $2) }
		$2 + 0 >= oldest && !seen[$2]++ { print $2 }'
}

unpack_qemu() {
	unpack_packages "$work/all"
	all=$work/all/usr
	mkdir "$part/lib" "$part/modules" "$part/share"
	cp "$all/bin/$QEMU_PROGRAM" "$part/"
	"$all"/lib64/ld-linux-x86-64.so.2 --list \
		--library-path "$all/lib/x86_64-linux-gnu:$all/lib/x86_64-linux-gnu/systemd" \
		"$all/bin/$QEMU_PROGRAM" >"$work/libraries" ||
		die "the loader of QEMU $version does not run here"
	awk -v all="$all/" '$2 == "=>" && index($3, all) == 1 { print $3 }' "$work/libraries" |
		xargs cp -L -t "$part/lib"
	cp -L "$all/lib64/ld-linux-x86-64.so.2" "$part/lib/"
	find "$all/lib/x86_64-linux-gnu/qemu" -name 'accel-*.so' -exec cp -t "$part/modules" {} +
	for folder in qemu seabios; do
		cp "$all/share/$folder"/*.bin "$part/share/"
	done
	rm -r "$work/all"
}

write_qemu_wrapper() {
	mv "$part/$QEMU_PROGRAM" "$part/lib/"
	cat >"$part/$QEMU_PROGRAM" <<-'END'
		#!/bin/sh
		# QEMU through its own loader. Its modules must be of its own build.
		folder=${0%/*}
		program=${0##*/}
		export QEMU_MODULE_DIR="$folder/modules"
		exec "$folder/lib/ld-linux-x86-64.so.2" --library-path "$folder/lib" --argv0 "$0" \
			"$folder/lib/$program" -L "$folder/share" "$@"
	END
	chmod 755 "$part/$QEMU_PROGRAM"
	"$part/$QEMU_PROGRAM" --version >"$work/log" 2>&1 || {
		tail -n 5 "$work/log" >&2
		die "QEMU $version does not run on this machine"
	}
}

# The mirror names it by its whole version, with the epoch, and what it depends on comes from the
# same release.
build_qemu() {
	found=$(apt-cache madison qemu-system-x86 | awk -F ' *[|] *' -v version="$version" '
		{ plain = $2; sub(/^[0-9]+:/, "", plain); split($3, source, /[ \/]main /) }
		plain == version { sub(/.* /, "", source[1]); print $2, source[1]; exit }')
	package=${found% *}
	step "QEMU $version downloaded" \
		fetch_with_dependencies "qemu-system-x86=$package" "${found#* }"
	step "QEMU unpacked" unpack_qemu
	write_qemu_wrapper
	printf 'qemu=%s\nqemu-package=%s\n' "$version" "$package" >"$part/manifest"
}
