# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Sourced by build: the root of the hypervisor image, made by mmdebstrap. Every controller uses the same
# Debian release, so that results can be compared, unless another libvirt is requested: then the root is the
# Debian release that has it, with its QEMU and all else.
#
# A part has the files root.erofs, busybox (for initramfs) and manifest.

release=trixie # and another where another libvirt is requested

# Packages of RELEASES that older ones have as parts of others.
SINCE_TRIXIE='libvirt-daemon-driver-network libvirt-daemon-driver-nodedev libvirt-daemon-log'

# The image does not need these files. /dev cannot be unpacked without root. The files of apt and of the
# resolver contain this machine's mirror and network.
TRIM='./dev/* ./boot/* ./etc/apt ./etc/resolv.conf ./etc/hostname ./var/lib/apt ./var/cache
	./var/log/* ./usr/bin/qemu-system-i386 ./usr/share/info ./usr/share/lintian
	./usr/share/bash-completion ./usr/share/bug'

root_recipe() {
	cd "$here"
	echo "$release $ARCH $flavour"
	cat root.sh image-keys sshd.conf hypervisor.packages init
	[ -z "$flavour" ] || list_flavour
}

# Prints all that determines a flavour: its packages, its links, and the files of its folder.
list_flavour() {
	cat "$flavour.packages" "$flavour.links"
	find "$flavour" -type f | LC_ALL=C sort | while read -r file; do
		echo "$file"
		cat "$file"
	done
}

list_packages() {
	sed -e 's/#.*//' "$here/hypervisor.packages" ${flavour:+"$here/$flavour.packages"} |
		awk -v release="$release" -v since="$SINCE_TRIXIE " '
			NF && !(release == "bookworm" && index(since, $1 " ")) { print $1 }'
}

libvirt_recipe() {
	release=any root_recipe
}

# Versions as the packages have them. Backports are no release of their own.
list_mirror_libvirts() {
	list_libvirt_releases | cut -d ' ' -f 1
}

# VERSION RELEASE, a line each.
list_libvirt_releases() {
	apt-cache madison libvirt-daemon | awk -F ' *[|] *' '
		{ split($3, source, /[ \/]main /); sub(/.* /, "", source[1]) }
		source[1] !~ /-/ && !seen[$2]++ { sub(/^ */, "", $2); print $2, source[1] }'
}

build_libvirt() {
	release=$(list_libvirt_releases | awk -v version="$version" '$1 == version { print $2; exit }')
	build_root
	echo "libvirt=$version" >>"$part/manifest"
}

# mmdebstrap handles a signal only after its present step, so it runs in a session of its own that can be
# killed. Its PID and mount namespaces end with it; kill_mmdebstrap removes its files.
run_mmdebstrap() {
	TMPDIR=$scratch setsid mmdebstrap "$@" 9>&- &
	bootstrap=$!
	wait "$bootstrap" && status=0 || status=$?
	bootstrap=
	return "$status"
}

kill_mmdebstrap() {
	[ -n "$bootstrap" ] || return 0
	kill -s KILL -- "-$bootstrap" 2>/dev/null || true
	wait "$bootstrap" 2>/dev/null || true
	# The files of an ordinary user belong to the ids of the namespace.
	[ "$(id -u)" -eq 0 ] || mmdebstrap --unshare-helper rm -rf "$scratch" 2>/dev/null || true
}

# The root of a container may not be allowed to create namespaces; mmdebstrap has other modes.
choose_mode() {
	if [ "$(id -u)" -ne 0 ] || unshare --mount --pid --fork true 2>/dev/null; then
		echo unshare
	else
		echo auto
	fi
}

bootstrap_root() {
	set --
	while IFS= read -r option; do
		[ -z "$option" ] || set -- "$@" --aptopt="$option"
	done <<-END
		$(list_apt_options)
	END
	set -- "$@" --aptopt='Acquire::Check-Valid-Until "false"'
	for folder in doc man locale; do
		set -- "$@" --dpkgopt="path-exclude=/usr/share/$folder/*"
	done
	# The two machines of a rig let each other in. The keys belong to this image, and open nothing else.
	run_mmdebstrap --customize-hook="$here/image-keys" --mode="$(choose_mode)" --variant=essential --architectures="$ARCH" \
		--components=main --format=tar --keyring="$KEYRING" \
		--aptopt='Acquire::Languages "none"' "$@" \
		--include="$(list_packages | paste -s -d ,)" "$release" \
		"$work/root.tar" "$mirror" >"$work/log" 2>&1 || {
		tail -n 15 "$work/log" >&2
		die "mmdebstrap failed"
	}
}

# Drops the owners of files, which the image does not need: it has one user.
unpack_root() {
	for pattern in $TRIM; do
		echo "$pattern"
	done >"$work/trim"
	mkdir "$root"
	tar -x -p -f "$work/root.tar" -C "$root" --no-same-owner --exclude-from="$work/trim"
	rm "$work/root.tar"
}

finish_root() {
	install -m 755 "$here/init" "$root/usr/sbin/vfcert-init"
	mkdir -p "$root/run" "$root/tmp" "$root/dev" "$root/var/cache" \
		"$root/state" "$root/etc/vfctl" "$root/var/lib/vfctl"
	echo vfcert-lab >"$root/etc/hostname"
	printf '127.0.0.1 localhost\n127.0.1.1 vfcert-lab\n' >"$root/etc/hosts"
	: >"$root/etc/resolv.conf"
	# libvirt 9 does not start without its user, whatever qemu.conf says, and only a package that needs
	# systemd makes it.
	for file in passwd:libvirt-qemu:x:64055:64055::/:/usr/sbin/nologin group:libvirt-qemu:x:64055:; do
		grep -q ^libvirt-qemu: "$root/etc/${file%%:*}" || echo "${file#*:}" >>"$root/etc/${file%%:*}"
	done
	# busybox provides the commands of packages that are not installed (ps, free, vi).
	for applet in $("$root/usr/bin/busybox" --list); do
		[ -e "$root/usr/bin/$applet" ] || [ -e "$root/usr/sbin/$applet" ] ||
			ln -s busybox "$root/usr/bin/$applet"
	done
	install -m 644 "$here/sshd.conf" "$root/etc/ssh/sshd_config.d/vfcert.conf"
	# Interfaces keep the kernel's names even if a check starts udevd.
	mkdir -p "$root/etc/systemd/network"
	ln -sf /dev/null "$root/etc/systemd/network/99-default.link"
	ln -sf /dev/null "$root/etc/udev/rules.d/80-net-setup-link.rules"
	if [ -n "$flavour" ]; then
		apply_flavour
	else
		ln -sf vfcert-init "$root/usr/sbin/init"
		for verb in reboot halt poweroff; do
			ln -sf ../bin/busybox "$root/usr/sbin/$verb"
		done
	fi
}

# Only the units of the flavour's folder and links start.
apply_flavour() {
	rm -rf "$root"/etc/systemd/system/*.wants
	cp -a "$here/$flavour/." "$root/"
	grep -v '^#' "$here/$flavour.links" | while read -r link target; do
		[ -n "$link" ] || continue
		mkdir -p "$root/${link%/*}"
		ln -sfn "$target" "$root/$link"
	done
}

write_manifest() {
	{
		echo "release=$release"
		echo "architecture=$ARCH"
		[ -z "$flavour" ] || echo "flavour=$flavour"
		[ ! -L "$root/etc/systemd/system/vfctl-restore.service" ] || echo "boot=always"
		list_packages | sort | while read -r package; do
			echo "package.$package=$(awk -v want="$package" '
				$1 == "Package:" { found = $2 == want }
				found && $1 == "Version:" { print $2; exit }' "$root/var/lib/dpkg/status")"
		done
	} >"$part/manifest"
}

build_root() {
	root=$work/root
	mirror=$("$here/debian-mirror")
	[ -n "$mirror" ] || die "apt on this machine knows no Debian mirror: name one in VFCERT_MIRROR"
	step "Debian $release downloaded and installed" bootstrap_root
	step "root unpacked" unpack_root
	finish_root
	cp "$root/usr/bin/busybox" "$part/busybox"
	step "root packed" pack_erofs "$root" "$part/root.erofs"
	write_manifest
}
