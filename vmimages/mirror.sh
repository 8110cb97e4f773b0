# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Sourced by build: packages of several Debian releases, fetched by an apt whose lists and state
# lie in the cache, beside this machine's own apt, which is not touched. No root needed.
#

RELEASES='bookworm bookworm-backports trixie trixie-backports sid'
LISTS_MINUTES=60 # that lists of packages are taken for fresh

# An apt with folders of its own reads nothing of this machine's configuration by itself.
list_apt_options() {
	apt-config dump | grep -E '^Acquire::(http|https|ftp|Check-|Max-ValidTime|Retries|ForceIPv)' |
		grep -v '""' || true
}

write_mirror_configuration() {
	mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/etc/parts"
	: >"$apt/status"
	for suite in $RELEASES; do
		echo "deb [signed-by=$KEYRING] $mirror $suite main"
	done >"$apt/etc/sources.list"
	# A copy of sid may lag behind until its signature's date has passed: what counts is the
	# signature.
	cat >"$apt/conf" <<-END
		Dir "/";
		Dir::State "$apt/state";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Etc::sourcelist "$apt/etc/sources.list";
		Dir::Etc::sourceparts "$apt/etc/parts";
		Dir::Etc::preferencesparts "$apt/etc/parts";
		Dir::Etc::preferences "$apt/etc/preferences";
		APT::Architecture "$ARCH";
		APT::Architectures "$ARCH";
		APT::Sandbox::User "$(id -un)";
		APT::Get::Assume-Yes "true";
		Acquire::Check-Valid-Until "false";
		Acquire::Languages "none";
		Acquire::GzipIndexes "true";
		Debug::NoLocking "true";
		quiet "2";
	END
	list_apt_options >>"$apt/conf"
}

# Sets APT_CONFIG for all that follows. False, with a word on why, without a usable mirror.
open_mirror() {
	apt=$cache/mirror
	[ -z "${APT_CONFIG-}" ] || [ "$APT_CONFIG" != "$apt/conf" ] || return 0
	mirror=$("$here/debian-mirror")
	if [ -z "$mirror" ]; then
		progress "apt on this machine knows no Debian mirror: name one in VFCERT_MIRROR"
		return 1
	fi
	if [ -z "$(find "$apt/conf" -mmin "-$LISTS_MINUTES" 2>/dev/null)" ]; then
		rm -rf "$apt"
		write_mirror_configuration
		APT_CONFIG=$apt/conf apt-get update >"$apt/log" 2>&1 || {
			progress "cannot ask the mirror $mirror: $(tail -n 1 "$apt/log")"
			rm -rf "$apt"
			return 1
		}
	fi
	export APT_CONFIG="$apt/conf"
}

# fetch_packages NAME...: the packages themselves, into $work/debs.
fetch_packages() {
	mkdir -p "$work/debs"
	(cd "$work/debs" && apt-get download "$@" 2>"$work/log") || {
		tail -n 5 "$work/log" >&2
		die "the mirror does not give $*"
	}
}

# fetch_with_dependencies NAME=VERSION SUITE: it and all that it needs, into $work/debs.
fetch_with_dependencies() {
	mkdir -p "$work/debs/partial"
	apt-get install --no-install-recommends --download-only --target-release "$2" \
		-o Dir::Cache::archives="$work/debs" "$1" >"$work/log" 2>&1 || {
		tail -n 5 "$work/log" >&2
		die "the mirror does not give $1"
	}
}

# unpack_packages FOLDER: no script of a package is run.
unpack_packages() {
	mkdir "$1"
	for package in "$work"/debs/*.deb; do
		dpkg-deb -x "$package" "$1"
	done
	rm -r "$work/debs"
}
