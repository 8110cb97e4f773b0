# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Sourced by build: the disk with the guests of an emulated machine. They boot the machine's own kernel with
# an initramfs that holds vfguest, busybox, and a few modules; they have no other disk.
#
# A part has the files guests.erofs and manifest. The disk has kernel, initrd.cpio, vfguest, one NAME.xml for
# each guest, and start, which init runs.

GUEST_APPLETS='sh ash cat dmesg echo free grep head ifconfig ip kill ls mount nc ping ps reset route sleep
	stty tail top uname vi'
GUEST_NAMES='vm1 vm2'

guests_recipe() {
	cat "$here/guests.sh" "$here/guest.modules" "$here/guest.xml" "$here/guests-start"
	basename "$kernel_part"
	sha256sum <"$image/busybox"
	sha256sum <"$vfguest"
}

# The programs run where no library is.
inspect_vfguest() {
	[ -r "$vfguest" ] || die "no $vfguest: build it first"
	! LC_ALL=C grep -q -a -F /ld-linux "$vfguest" ||
		die "$vfguest is not static: install libc.a and libjansson.a (libc6-dev, libjansson-dev)," \
			"and build it again without a sanitizer"
}

# The modules of guest.modules, each after its dependencies. Reports what the kernel does not have.
list_guest_modules() {
	sed -e 's/#.*//' "$here/guest.modules" | while read -r module; do
		[ -n "$module" ] || continue
		modprobe -d "$tree" -S "$version" --ignore-install --show-depends "$module" 2>/dev/null ||
			progress "kernel $version has no $module for guests"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

make_guest_initrd() {
	initrd=$work/guest
	mkdir "$initrd" "$initrd/bin" "$initrd/modules"
	install -m 755 "$vfguest" "$initrd/init"
	cp "$image/busybox" "$initrd/bin/busybox"
	for applet in $GUEST_APPLETS; do
		ln -s busybox "$initrd/bin/$applet"
	done
	list_guest_modules >"$work/guest-modules"
	while read -r module; do
		cp "$module" "$initrd/modules/"
		basename "$module" .ko
	done <"$work/guest-modules" >"$initrd/load"
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
	number=0
	for guest in $GUEST_NAMES; do
		number=$((number + 1))
		sed -e '/^<!--/,/-->$/d' -e "s/@NAME@/$guest/g" -e "s/@NUMBER@/$number/g" "$here/guest.xml" \
			>"$stage/$guest.xml"
	done
	pack_erofs "$stage" "$part/guests.erofs"
	echo "kernel=$version" >"$part/manifest"
}
