#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make test-distros`: for each release of Debian in $DISTROS (bookworm trixie sid), makes a fresh system
# by debootstrap, clones what is committed here into it and runs tests/lib/distro.sh there. Needs root
# and apt, and takes packages from where this machine's apt takes them. The kernel is this machine's.
# With REDUCED=1 only what matters most. $DISTRO_DIR is where the systems are made (/var/tmp).
#
# A system's mounts are made in a mount namespace of its own, which ends with what runs in it; outside,
# its folder never holds one, so that removing it removes nothing else.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/lib/tally.sh

fail() {
	echo "test-distros: $*" >&2
	exit 1
}

mirror() {
	# shellcheck disable=SC2016 # apt's own
	apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		awk '$1 == "Debian" && $2 == "main" { print $3; exit }'
}

# enter ROOT COMMAND...: COMMAND with ROOT as the root of its mount namespace, as in a container; not by
# chroot, so that the kernel names files as the programs do.
enter() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --propagation private bash -c '
		set -e
		root=$1
		shift
		mount --bind "$root" "$root"
		mount -t proc proc "$root/proc"
		mount --rbind /sys "$root/sys"
		mount --rbind /dev "$root/dev"
		mkdir -p "$root/outside"
		cd "$root"
		pivot_root . outside
		cd /
		umount -l /outside
		exec "$@"' bash "$@"
}

bootstrap() { # SUITE ROOT
	unshare --mount --propagation private debootstrap --variant=minbase \
		--include=make,git,ca-certificates "$1" "$2" "$MIRROR" >"$2.log" 2>&1 || {
		tail -n 20 "$2.log" "$2/debootstrap/debootstrap.log"
		return 1
	}
	cp -L /etc/resolv.conf /etc/hosts "$2/etc/"
	apt-config dump | grep -E '^Acquire::(Check-|.*[Pp]roxy)' >"$2/etc/apt/apt.conf.d/90outside"
	git clone -q --no-hardlinks . "$2/epolltrace"
}

release() { # SUITE
	local root=$dir/$1 proxies
	bootstrap "$1" "$root" || return
	mapfile -t proxies < <(env | grep -Ei '^(https?|no)_proxy=')
	enter "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LANG=C.UTF-8 MAKEFLAGS="-j$(nproc)" REDUCED="${REDUCED:-0}" "${proxies[@]}" \
		bash /epolltrace/tests/lib/distro.sh
}

[ "$(id -u)" -eq 0 ] || fail "needs root"
PACKAGES=debootstrap DNF=debootstrap PACMAN=debootstrap sh tests/lib/deps.sh || exit
MIRROR=$(mirror)
[ -n "$MIRROR" ] || { apt-get update -q && MIRROR=$(mirror); }
[ -n "$MIRROR" ] ||
	fail "this machine's apt knows no archive of Debian"
dir=$(mktemp -d "${DISTRO_DIR:-/var/tmp}/epolltrace.XXXXXX") || exit
trap 'rm -rf --one-file-system "$dir"' EXIT
trap 'exit 1' INT TERM

for suite in ${DISTROS:-bookworm trixie sid}; do
	echo "== Debian $suite"
	tally release "$suite"
	rm -rf --one-file-system "${dir:?}/$suite"
done
tallied
