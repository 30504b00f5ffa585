#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# libbpf: a process that has run out of descriptors is told that its kernel lacks a feature.
#
# libbpf learns by trial what a kernel can do: it makes a map or loads a program that needs the
# feature, and takes any failure for its absence. Where the trial fails with EMFILE, because the
# process may open no more, the feature counts as absent for the rest of the process, and the load
# goes on without it: the map of global variables is left out, and the verifier then refuses the
# program with EINVAL, for "BPF map 'x.bss' is referenced but wasn't created". With one descriptor
# less a map is created again without its BTF, and refused with EINVAL for that. So the error that a
# program gets by bpf_object__load() is "invalid argument", and nothing in it leads to ulimit -n.
#
# Seen with bpftool 7.1.0 (libbpf 1.1) of Debian 12 on Linux 6.18: "4 descriptors: Invalid argument",
# "6 descriptors: Invalid argument", "7 descriptors: loaded". Needs root, apt, clang and libbpf-dev.
set -eu
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
cd "$dir"
apt-get download -q "bpftool=7.1.0*" >/dev/null 2>&1
dpkg-deb -x bpftool_*.deb .
bpftool=$dir/usr/sbin/bpftool
cat >x.bpf.c <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int counter;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, long);
} tasks SEC(".maps");

SEC("raw_tp/sys_enter") int count(void *ctx)
{
	counter++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
C
clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c x.bpf.c -o x.o

# loaded N: what comes of a load with N descriptors. The program is pinned in a file system of its own.
loaded() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m sh -c 'mount -t bpf none /sys/fs/bpf && prlimit --nofile="$1:$1" "$2" prog load x.o /sys/fs/bpf/count' \
		sh "$1" "$bpftool" >"$1.log" 2>&1 && echo loaded && return
	grep -Eq "^libbpf: (failed to load object|prog .*: BPF program load failed|map .*: failed to create)" "$1.log"
	sed -nE "s/^libbpf: (prog|map) .*: (BPF program load failed|failed to create): ([A-Z][a-z ]+).*/\\3/p" "$1.log" |
		head -n 1
}
printf '%s descriptors: %s\n' 4 "$(loaded 4)" 6 "$(loaded 6)" 7 "$(loaded 7)" | tee seen
grep -q 'referenced but wasn.t created' 6.log
diff seen - <<'END'
4 descriptors: Invalid argument
6 descriptors: Invalid argument
7 descriptors: loaded
END
