#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Installs the packages of $PACKAGES that are missing, with apt. Where there is no apt it names the
# packages for dnf ($DNF) and pacman ($PACMAN) and stops.
set -eu

if ! command -v apt-get >/dev/null; then
	echo "no apt-get here; install these, then run make again:" >&2
	echo "  dnf install $DNF" >&2
	echo "  pacman -S $PACMAN" >&2
	exit 1
fi

missing=
for package in $PACKAGES; do
	case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
	"install ok installed") ;;
	*) missing="$missing $package" ;;
	esac
done
if [ -z "$missing" ]; then
	echo "all packages are installed"
	exit 0
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -y -q --no-install-recommends $missing
