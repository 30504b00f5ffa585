# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What the parts of `make bench` share that compare tools: the loop under each of them, and what a call
# then takes; sourced. Goes to the root of the tree and sets $dir, for files.
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
ROUNDS=${ROUNDS:-9}
CALLS=${CALLS:-1000003}
W=$B/workloads/waitloop

if [ "$(id -u)" -ne 0 ]; then
	echo "bench: run as root" >&2
	exit 1
fi

# perf and bpftrace want tracefs mounted, and perf mounts it where it is not; a mount namespace of our
# own keeps that to ourselves.
if [ -z "${BENCH_NAMESPACE:-}" ]; then
	BENCH_NAMESPACE=1 exec unshare -m --propagation private bash "tests/lib/${0##*/}"
fi
[ -e /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Each makes so many calls, and prints what waitloop does.
plain() { "$W" "$1"; }
lines() { "$B/epolltrace" -o "$dir/lines" "$W" "$1"; }
summary() { "$B/epolltrace" -c -o "$dir/summary" "$W" "$1"; }
recording() { "$B/epolltrace" --record "$dir/recording" "$W" "$1"; }
with_strace() { strace -e trace=epoll_wait -o "$dir/strace" "$W" "$1"; }
# run_bpftrace NAME PROGRAM CALLS: of the loop only; its output is $dir/NAME.
run_bpftrace() {
	bpftrace -q -e "$2" -c "$W $3" -o "$dir/$1" 2>"$dir/err" | cat - "$dir/$1" |
		grep -aoE '^[0-9]+\.[0-9]$' | head -n 3
}

# measure TOOL CALLS: the ns of a call, those of CPU time that all but the target took, and the ns of a
# call in the loop's median piece.
measure() {
	local TIMEFORMAT='%U %S' target=1
	[ "$1" != perf_trace ] || target=0 # it does not wait for what it launches: only its own is counted
	{ time "$1" "$2" >"$dir/ns"; } 2>"$dir/time"
	awk -v n="$2" -v target=$target 'NR == FNR { v[NR] = $1; next }
		END { print v[1], ($1 + $2) * 1e9 - target * n * v[2], v[3] }' "$dir/ns" "$dir/time"
}

# measure_call TOOL CALLS: the same of a call; what the tool computes for one is all that it does, less
# what a run of one call takes to start and end.
measure_call() {
	local start
	read -r _ start _ < <(measure "$1" 1)
	measure "$1" "$2" | awk -v start="$start" -v n="$2" '{ print $1, ($2 - start) / n, $3 }'
}

# quartile Q: the first, the second (which is the median) or the third of what stdin has.
quartile() { sort -g | awk -v q="$1" '{ v[NR] = $1 } END { print v[int((q * NR + 3) / 4)] }'; }
median() { quartile 2; }
