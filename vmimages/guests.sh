# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Sourced by build: the disk with the guests of an emulated machine. They boot the machine's own kernel with
# an initramfs that holds vfguest, busybox, and a few modules; they have no other disk.
#
# A part has the files guests.erofs and manifest. The disk has kernel, initrd.cpio, vfguest, one NAME.xml for
# each guest, start, which init runs, and lib, libvirt's library with those that it needs.

GUEST_APPLETS='sh ash cat dmesg echo free grep head ifconfig ip kill ls mount nc ping ps reset route sleep
	stty tail top uname vi'
GUEST_NAMES='vm1 vm2'

guests_recipe() {
	cat "$here/guests.sh" "$here/guest.modules" "$here/guest.xml" "$here/guests-start"
	basename "$kernel_part"
	sha256sum <"$image/busybox"
	sha256sum <"$vfguest"
	libvirt=$(find_libvirt)
	[ -z "$libvirt" ] || sha256sum <"$libvirt"
}

# The library with which vfctl asks libvirt's daemon. It has to be this machine's, as those on the tools disk.
find_libvirt() {
	PATH=$PATH:/usr/sbin:/sbin ldconfig -p | awk '$1 == "libvirt.so.0" { print $NF; exit }'
}

add_libvirt() {
	mkdir "$stage/lib"
	libvirt=$(find_libvirt)
	if [ -z "$libvirt" ]; then
		progress "no libvirt.so.0 here (libvirt0): vfctl cannot ask for the guests"
		return
	fi
	# shellcheck disable=SC2046 # library paths hold no spaces
	cp -L "$libvirt" $(ldd "$libvirt" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }') "$stage/lib/"
}

# The programs run where no library is.
inspect_vfguest() {
	[ -r "$vfguest" ] || die "no $vfguest: build it first"
	! LC_ALL=C grep -q -a -F /ld-linux "$vfguest" ||
		die "$vfguest is not static: install libc.a and libjansson.a (libc6-dev, libjansson-dev)," \
			"and build it again without a sanitizer"
}

# copy_unsigned MODULE: copies it without its signature, whose check takes seconds under double emulation.
# The signature ends with its length in four bytes and a text of 28 (scripts/sign-file.c in the kernel).
copy_unsigned() {
	size=$(stat -c %s "$1") length=
	case $(tail -c 28 "$1" | tr -d '\0') in
	'~Module signature appended~') length=$(tail -c 32 "$1" | od -A n -t u1 -N 4) ;;
	esac
	if [ -n "$length" ]; then
		# shellcheck disable=SC2086 # four numbers
		set -- "$1" $length
		size=$((size - 40 - (($2 * 256 + $3) * 256 + $4) * 256 - $5))
	fi
	head -c "$size" "$1"
}

# For each module of guest.modules: modules/NAME.order, the names of what it depends on and its own, and their
# files. load has the names that are loaded at once. Reports what the kernel does not have.
add_guest_modules() {
	: >"$initrd/load"
	sed -e 's/#.*//' "$here/guest.modules" | while read -r module later; do
		[ -n "$module" ] || continue
		modprobe -d "$tree" -S "$version" --ignore-install --show-depends "$module" \
			>"$work/depends" 2>/dev/null || {
			progress "kernel $version has no $module for guests"
			continue
		}
		awk '$1 == "insmod" { print $2 }' "$work/depends" >"$work/files"
		[ -s "$work/files" ] || continue
		while read -r file; do
			copy_unsigned "$file" >"$initrd/modules/${file##*/}"
			basename "$file" .ko
		done <"$work/files" >"$initrd/modules/$module.order"
		[ -n "$later" ] || echo "$module" >>"$initrd/load"
	done
}

make_guest_initrd() {
	initrd=$work/guest
	mkdir "$initrd" "$initrd/bin" "$initrd/modules"
	install -m 755 "$vfguest" "$initrd/init"
	cp "$image/busybox" "$initrd/bin/busybox"
	for applet in $GUEST_APPLETS; do
		ln -s busybox "$initrd/bin/$applet"
	done
	add_guest_modules
	find "$initrd" -exec touch -h -d @0 {} +
	(cd "$initrd" && find . | LC_ALL=C sort | cpio -o --quiet --reproducible -H newc -R 0:0) \
		>"$stage/initrd.cpio"
}

build_guests() {
	stage=$work/stage tree=$work/tree
	mkdir "$stage"
	fsck.erofs --extract="$tree" "$kernel_part/modules.erofs" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		die "cannot unpack the modules of $kernel_part"
	}
	make_guest_initrd
	cp "$kernel_part/kernel" "$stage/kernel"
	install -m 755 "$vfguest" "$stage/vfguest"
	install -m 755 "$here/guests-start" "$stage/start"
	add_libvirt
	number=0
	for guest in $GUEST_NAMES; do
		number=$((number + 1))
		sed -e '/^<!--/,/-->$/d' -e "s/@NAME@/$guest/g" -e "s/@NUMBER@/$number/g" "$here/guest.xml" \
			>"$stage/$guest.xml"
	done
	pack_erofs "$stage" "$part/guests.erofs"
	echo "kernel=$version" >"$part/manifest"
}
