# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Sourced by build: a kernel, from Debian or built by the user, with its initramfs and the required
# modules. It boots any hypervisor image, because its modules are on a separate disk, which the initramfs
# mounts over the root.
#
# A part has the files kernel, initrd.cpio, modules.erofs and manifest.

KERNEL_DEFAULT=6.12
# The namesz, descsz, type and name of the note that holds the PVH entry (XEN_ELFNOTE_PHYS32_ENTRY).
PVH_NOTE='\x04\x00\x00\x00[\x04\x08]\x00\x00\x00\x12\x00\x00\x00Xen\x00'

kernel_recipe() {
	cat "$here/kernel.sh" "$here/mirror.sh" "$here/hypervisor.modules" "$here/initrd-init"
}

# Releases ("6.12.117+deb13-amd64"), without the variants for clouds, for real time, and unsigned ones.
list_mirror_kernels() {
	apt-cache pkgnames linux-image- |
		sed -n 's/^linux-image-\([0-9][0-9.]*\(-[0-9]*\)\{0,1\}\(+[a-z0-9.]*\)\{0,1\}-amd64\)$/\1/p'
}

# --- Getting a kernel --------------------------------------------------------------------

# Since 6.19 the package of the image only depends on those that contain it.
fetch_kernel() {
	packages=$(apt-cache depends "linux-image-$version" |
		sed -n 's/^ *Depends: \(linux-\(base\|binary\|modules\)-[0-9].*\)/\1/p')
	# shellcheck disable=SC2086 # a list of words
	fetch_packages "linux-image-$version" $packages
	package_version=$(dpkg-deb -f "$(find "$work/debs" -name 'linux-image-*')" Version)
	unpack_packages "$work/kernel"
	for folder in usr/lib lib; do
		[ ! -d "$work/kernel/$folder/modules/$version" ] ||
			all=$work/kernel/$folder/modules/$version
	done
	vmlinuz=$all/vmlinuz
	[ -e "$vmlinuz" ] || vmlinuz=$work/kernel/boot/vmlinuz-$version
}

number_at() {
	od -A n -t "u$2" -j "$1" -N "$2" "$vmlinuz" | tr -d ' '
}

bytes_at() {
	tail -c "+$(($1 + 1))" "$vmlinuz" | head -c "$2"
}

is_bzimage() {
	[ "$(bytes_at 514 4 | tr -d '\0')" = HdrS ]
}

# The release in the header of a kernel (Documentation/arch/x86/boot.rst, kernel_version).
release_of_kernel() {
	if is_bzimage; then
		bytes_at $(($(number_at 526 2) + 512)) 128 | tr '\0' '\n' | head -n 1 | cut -d ' ' -f 1
	else
		LC_ALL=C grep -a -o -m 1 'Linux version [0-9][^ ]*' "$vmlinuz" | head -n 1 | cut -d ' ' -f 3
	fi
}

# inspect_own_kernel FILE DIR: sets vmlinuz, version, all ("" without modules), and own, a hash over them.
inspect_own_kernel() {
	vmlinuz=$1 all=''
	[ -f "$vmlinuz" ] && [ -r "$vmlinuz" ] || refuse "cannot read the kernel $vmlinuz"
	is_bzimage || [ "$(bytes_at 1 3 | tr -d '\0')" = ELF ] ||
		refuse "$vmlinuz is no kernel: give arch/x86/boot/bzImage or vmlinux"
	version=$(release_of_kernel)
	case $version in
	[0-9]*.[0-9]*) ;;
	*) refuse "$vmlinuz does not tell its release: is it a kernel for x86?" ;;
	esac
	[ -z "$2" ] || find_own_modules "$2"
	own=$({
		sha256sum <"$vmlinuz"
		[ -z "$all" ] || find "$all" -name '*.ko*' -printf '%P %s %T@\n' | LC_ALL=C sort
	} | sha256sum | cut -c 1-16)
}

# The folder that "make modules_install INSTALL_MOD_PATH=DIR" fills, or lib/modules/RELEASE itself.
find_own_modules() {
	[ -d "$1" ] || refuse "no folder $1: run make modules_install INSTALL_MOD_PATH=$1"
	for all in "$1/lib/modules/$version" "$1/usr/lib/modules/$version" "$1/$version" "$1"; do
		[ ! -e "$all/modules.order" ] || break
	done
	[ -e "$all/modules.order" ] ||
		refuse "$1 holds no modules of $version but: $(ls "$1/lib/modules" 2>/dev/null |
			paste -s -d ' '): run make modules_install INSTALL_MOD_PATH=$1 again"
	[ "$all" != "$1" ] || [ "$(basename "$(realpath "$1")")" = "$version" ] ||
		refuse "$1 holds modules of $(basename "$(realpath "$1")"), and the kernel is $version"
	all=$(realpath "$all")
}

# --- The modules ----------------------------------------------------------------------------

# keep_module PATH: copies a module, uncompressed for a faster boot.
keep_module() {
	kept=$modules/${1%.ko*}.ko
	mkdir -p "${kept%/*}"
	case $1 in
	*.xz) xz -d -c "$all/$1" >"$kept" ;;
	*.zst) zstd -q -d -c "$all/$1" >"$kept" ;;
	*.gz) gzip -d -c "$all/$1" >"$kept" ;;
	*) cp "$all/$1" "$kept" ;;
	esac
}

# list_module "kernel/fs/erofs": lists the module, or the modules in the folder.
list_module() {
	if [ -d "$all/$1" ]; then
		(cd "$all" && find "$1" -name '*.ko*')
	else
		(cd "$all" && find "$(dirname "$1")" -path "$1.ko*" 2>/dev/null)
	fi
}

is_built_in() {
	grep -q -E "^$1(/.*)?(\.ko)?$" "$all/modules.builtin" 2>/dev/null
}

# Reports what the kernel does not have. Includes all out-of-tree drivers ("updates", "extra").
list_wanted_modules() {
	sed -e 's/#.*//' -e 's/^initrd //' "$here/hypervisor.modules" | while read -r entry; do
		[ -n "$entry" ] || continue
		found=$(list_module "kernel/$entry")
		if [ -n "$found" ]; then
			echo "$found"
		elif ! is_built_in "kernel/$entry"; then
			progress "kernel $version has no $entry"
		fi
	done
	for folder in updates extra; do
		[ ! -d "$all/$folder" ] || list_module "$folder"
	done
}

# Dependencies are names of modules, in which - and _ are equivalent.
list_missing_dependencies() {
	find "$modules" -name '*.ko' >"$work/kept"
	xargs modinfo -F depends <"$work/kept" | tr , '\n' | sort -u >"$work/needs"
	(cd "$all" && find . -name '*.ko*') | sed -e 's/^\.\///' >"$work/offered"
	awk '
		function name(path) {
			sub(/.*\//, "", path); sub(/\.ko(\..*)?$/, "", path); gsub(/-/, "_", path)
			return path
		}
		FILENAME ~ /kept$/ { have[name($0)] }
		FILENAME ~ /needs$/ && NF && !(name($0) in have) { want[name($0)] }
		FILENAME ~ /offered$/ && name($0) in want { print }
	' "$work/kept" "$work/needs" "$work/offered"
}

select_modules() {
	tree=$work/tree modules=$work/tree/usr/lib/modules/$version
	mkdir -p "$modules"
	ln -s usr/lib "$tree/lib"
	[ -n "$all" ] || return 0
	for list in builtin builtin.modinfo order; do
		[ ! -e "$all/modules.$list" ] || cp "$all/modules.$list" "$modules/"
	done
	list_wanted_modules >"$work/selected"
	while [ -s "$work/selected" ]; do
		while read -r module; do
			keep_module "$module"
		done <"$work/selected"
		list_missing_dependencies >"$work/selected"
	done
	depmod -b "$tree" "$version"
}

# --- The files of the part ------------------------------------------------------------------

# The header of the boot protocol has the position of the compressed ELF file in the vmlinuz, whose last
# four bytes are the uncompressed size (Documentation/arch/x86/boot.rst).
unpack_payload() {
	start=$((($(number_at 497 1) + 1) * 512 + $(number_at 584 4)))
	bytes_at "$start" $(($(number_at 588 4) - 4)) >"$work/payload"
	case $(od -A n -t x1 -N 4 "$work/payload" | tr -d ' ') in
	28b52ffd) zstd -q -d -c "$work/payload" ;;
	fd377a58) xz -d -c "$work/payload" ;;
	1f8b*) gzip -d -c "$work/payload" ;;
	*) return 0 ;;
	esac
}

# QEMU boots the ELF file through its PVH entry, without the decompressor. A kernel without that entry
# (CONFIG_PVH), or with another compression, boots as on a real machine, which takes longer.
extract_kernel() {
	if is_bzimage; then
		unpack_payload >"$part/kernel"
	else
		cp "$vmlinuz" "$part/kernel"
	fi
	LC_ALL=C grep -q -a -P "$PVH_NOTE" "$part/kernel" && return 0
	is_bzimage || refuse "$vmlinuz has no PVH entry (CONFIG_PVH): give arch/x86/boot/bzImage"
	cp "$vmlinuz" "$part/kernel"
}

# The files of the modules that the initramfs loads, each after its dependencies.
list_initrd_modules() {
	sed -n -e 's/#.*//' -e 's/^initrd //p' "$here/hypervisor.modules" | while read -r entry; do
		find "$modules" -path "$modules/kernel/$entry.ko" -o -path "$modules/kernel/$entry/*.ko"
	done | while read -r module; do
		module=${module##*/}
		modprobe -d "$tree" -S "$version" --ignore-install --show-depends "${module%.ko}"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

make_initrd() {
	initrd=$work/initrd
	mkdir "$initrd" "$initrd/bin" "$initrd/dev" "$initrd/lower" "$initrd/modules" \
		"$initrd/upper" "$initrd/root"
	install -m 755 "$here/initrd-init" "$initrd/init"
	cp "$image/busybox" "$initrd/bin/busybox"
	for applet in insmod mkdir mount switch_root; do
		ln -s busybox "$initrd/bin/$applet"
	done
	list_initrd_modules >"$work/initrd-modules"
	while read -r module; do
		cp "$module" "$initrd/"
		echo "/${module##*/}"
	done <"$work/initrd-modules" >"$initrd/load"
	find "$initrd" -exec touch -h -d @0 {} +
	(cd "$initrd" && find . | LC_ALL=C sort | cpio -o --quiet --reproducible -H newc -R 0:0) \
		>"$part/initrd.cpio"
}

pack_modules() {
	pack_erofs "$tree" "$part/modules.erofs"
}

build_kernel() {
	if [ -z "$own" ]; then
		step "kernel $version downloaded" fetch_kernel
	fi
	step "modules selected" select_modules
	extract_kernel
	make_initrd
	pack_modules
	{
		echo "kernel=$version"
		echo "kernel-package=${package_version-}"
	} >"$part/manifest"
}
