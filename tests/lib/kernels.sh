#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make test-kernels KERNELS="5.10 6.1"`: boots Debian's kernels in QEMU, without a disk, and traces
# there: what --features says, the guide's calls against its own word, two diagnoses. A line a kernel;
# status 1 where one fails. The kernels come by apt from where this machine has its packages.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build.kernels}
KERNELS=${KERNELS:-5.10 6.1 6.12 6.18 7.3}
BOOT_S=${BOOT_S:-400} # all of it, emulated
SUITES="bullseye bookworm trixie trixie-backports sid"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/lib/normalise.sh
. tests/lib/normalise.sh

case $(uname -m) in
x86_64)
	arch=amd64 console=ttyS0
	qemu=(qemu-system-x86_64 -M q35)
	;;
aarch64)
	arch=arm64 console=ttyAMA0
	qemu=(qemu-system-aarch64 -M virt)
	;;
*)
	echo "no kernels for $(uname -m)" >&2
	exit 2
	;;
esac
for tool in "${qemu[0]}" busybox cpio apt-get; do
	if ! command -v "$tool" >/dev/null; then
		echo "this needs $tool: apt-get install qemu-system busybox-static cpio" >&2
		exit 2
	fi
done

# apt with a state of its own, so that nothing of the machine's changes.
with_apt() {
	local command=$1
	shift
	"$command" -q -o Dir::Etc::SourceList="$dir/sources" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State="$dir/apt" -o Dir::State::Lists="$dir/apt/lists" \
		-o Dir::State::status="$dir/apt/status" -o Dir::Cache="$dir/apt/cache" \
		-o APT::Sandbox::User=root "$@"
}

read_lists() {
	local uri suite
	# shellcheck disable=SC2016 # apt's own
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' | head -n 1)
	mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
	: >"$dir/apt/status"
	for suite in $SUITES; do
		echo "deb [arch=$arch signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
			"$uri $suite main"
	done >"$dir/sources"
	with_apt apt-get update >"$dir/log" 2>&1 || {
		cat "$dir/log" >&2
		exit 2
	}
}

# kernel VERSION: the newest cloud kernel of it, at $dir/VERSION/vmlinuz. In later releases it is in
# a package of its own.
kernel() {
	local names package kind
	names=$(with_apt apt-cache search --names-only "^linux-(binary|image)-$1[.+-].*cloud-$arch\$" |
		sed 's/ .*//' | grep -v unsigned | sort -V)
	for kind in binary image; do
		package=$(grep "^linux-$kind-" <<<"$names" | tail -n 1)
		[ -z "$package" ] || break
	done
	[ -n "$package" ] || return
	mkdir "$dir/$1" && (cd "$dir/$1" && with_apt apt-get download "$package" >log 2>&1) || return
	dpkg-deb --fsys-tarfile "$dir/$1"/*.deb |
		tar xf - -C "$dir/$1" --wildcards '*vmlinuz*' || return
	mv "$(find "$dir/$1" -name 'vmlinuz*' -type f | head -n 1)" "$dir/$1/vmlinuz"
}

# The file system of all boots: its init traces, and writes what there is to compare to the console.
make_root() {
	local root=$dir/root
	mkdir -p "$root"/{bin,proc,sys,dev,tmp/out}
	cp "$(command -v busybox)" "$B/epolltrace" "$B"/workloads/{guide,misuse,waitloop} "$root/bin"
	cat >"$root/init" <<-'END'
		#!/bin/busybox sh
		/bin/busybox --install -s /bin
		export PATH=/bin
		mount -t proc proc /proc
		mount -t sysfs sys /sys
		mount -t devtmpfs dev /dev
		cd /tmp/out
		uname -r >release
		{ time -p epolltrace --features >features; } 2>time
		for group in ctl masks wait wait-errors many; do
			epolltrace --rules=none -o $group.trace -- guide $group >$group.out 2>$group.err
		done
		epolltrace --diagnose --stall 500ms -o report -- misuse 6000 lost-edge 2>report.err
		epolltrace --diagnose -o fast -- waitloop 100003 2>fast.err
		cat /proc/sys/kernel/tainted >tainted
		dmesg | grep -E 'WARNING|BUG|Oops' >warnings
		echo BEGIN
		tar cz . | base64
		echo END
		poweroff -f
	END
	chmod +x "$root/init"
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$dir/initrd"
}

# boot VERSION: what the guest wrote is in $dir/VERSION/out. An emulated timer is late on a busy
# machine, at which the kernel panics if it checks that.
boot() {
	timeout "$BOOT_S" "${qemu[@]}" -cpu max -accel tcg -m 1024 -nographic -no-reboot -net none \
		-kernel "$dir/$1/vmlinuz" -initrd "$dir/initrd" \
		-append "console=$console quiet panic=-1 no_timer_check" </dev/null >"$dir/$1/console" 2>&1
	mkdir "$dir/$1/out"
	tr -d '\r' <"$dir/$1/console" | sed -n '/^BEGIN$/,/^END$/{//!p}' | base64 -d 2>/dev/null |
		tar xz -C "$dir/$1/out" 2>/dev/null
}

# Prints what is wrong in the current folder, nothing where all is right.
faults() {
	local group
	for group in ctl masks wait wait-errors many; do
		grep -v '^[0-9]' $group.out | diff - <(normalise_epolltrace <$group.trace) ||
			echo "the calls of $group differ"
		grep -q '^+++ 0 records lost' $group.trace || echo "records of $group are lost"
	done
	grep -q '^[a-z]* lost-edge: ' report || echo "lost-edge is not found"
	grep -Eq '^checked for [0-9.]+ s: (99[0-9]{3}|10000[0-3]) waits,' fast ||
		echo "the waits at full speed are not counted"
	[ "$(cat tainted)" = 0 ] || echo "the kernel is tainted: $(head -n 1 warnings)"
}

verdict() { # VERSION
	local wrong
	cd "$dir/$1/out" || return
	wrong=$(faults 2>&1)
	printf '%-24s armed in %s s, file iterator %s: %s\n' "$(cat release)" \
		"$(sed -n 's/^real //p' time)" \
		"$(sed -n 's/^file iterator *\([a-z]*\).*/\1/p' features)" "${wrong:-right}"
	[ -z "$wrong" ]
}

failed=0
read_lists
make_root
for version in $KERNELS; do
	if ! kernel "$version"; then
		printf '%-24s cannot be had\n' "$version"
		failed=1
		continue
	fi
	boot "$version"
	if [ ! -s "$dir/$version/out/tainted" ]; then
		printf '%-24s did not come to its end, or not in %s s:\n' "$version" "$BOOT_S"
		tail -n 5 "$dir/$version/console"
		failed=1
		continue
	fi
	(verdict "$version") || failed=1
done
exit $failed
