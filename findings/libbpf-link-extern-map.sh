#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# libbpf's static linker: whether two BPF objects that share a map can be loaded depends on their order.
#
# One file declares a map as extern and uses it, another one defines it, behind a map of its own.
# Linked with the definition first, `bpftool gen object` makes an object that loads. The other way round
# the symbol of the map has the right offset in section .maps (32), and the BTF of that section says
# offset 0, as it was when the map was only declared. Two maps are at offset 0 then. The link succeeds
# without a word; the load fails with "map relo failed to find map for section '.maps', off 32".
#
# Seen with bpftool 7.1.0 (libbpf 1.1) of Debian 12. Needs apt, clang and libbpf-dev, and root to load.
set -eu
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
cd "$dir"
apt-get download -q "bpftool=7.1.0*" >/dev/null 2>&1
dpkg-deb -x bpftool_*.deb .
bpftool=$dir/usr/sbin/bpftool
cat >map.h <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, long);
};
C
cat >define.bpf.c <<'C'
#include "map.h"
struct map first SEC(".maps");
struct map second SEC(".maps");
C
cat >use.bpf.c <<'C'
#include "map.h"
extern struct map second SEC(".maps");
SEC("raw_tp/sys_enter") int use(void *ctx)
{
	int key = 0;

	return bpf_map_lookup_elem(&second, &key) != 0;
}
char LICENSE[] SEC("license") = "GPL";
C
for file in define use; do
	clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c $file.bpf.c -o $file.o
done

# linked ORDER...: where BTF and the symbol table have the second map, and what comes of a load.
linked() {
	local order="$*"
	"$bpftool" gen object linked.o "$@"
	printf '%s: BTF %s, symbol %s, ' "$order" \
		"$("$bpftool" btf dump file linked.o | sed -n "s/.*offset=\([0-9]*\) .*(VAR 'second')/\1/p")" \
		"$((16#$(readelf -sW linked.o 2>/dev/null | awk '$8 == "second" { print $2; exit }')))"
	# shellcheck disable=SC2016 # the inner shell's
	if unshare -m sh -c 'mount -t bpf none /sys/fs/bpf && "$1" prog load linked.o /sys/fs/bpf/use' \
		sh "$bpftool" >log 2>&1; then
		echo loaded
	else
		sed -n 's/^libbpf: prog .use.: //p' log
	fi
}
{ linked define.o use.o; linked use.o define.o; } | tee seen
diff seen - <<'END2'
define.o use.o: BTF 32, symbol 32, loaded
use.o define.o: BTF 0, symbol 32, map relo failed to find map for section '.maps', off 32
END2
