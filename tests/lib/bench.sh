#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make bench`: what tracing costs, in one run on one machine, against strace, perf and bpftrace where
# they are installed. The workload is one epoll_wait(…, 0) after another that finds one event ready.
# Rounds are interleaved and medians compared, because machines are noisy. Root only.
set -u
# shellcheck source=tests/lib/bench-tools.sh
. "$(dirname "$0")/bench-tools.sh"

HIST='tracepoint:syscalls:sys_enter_epoll_wait { @s[tid] = nsecs; }
tracepoint:syscalls:sys_exit_epoll_wait /@s[tid]/ { @ = hist(nsecs - @s[tid]); delete(@s[tid]); }'
PRINT='tracepoint:syscalls:sys_enter_epoll_wait { @s[tid] = nsecs; }
tracepoint:syscalls:sys_exit_epoll_wait /@s[tid]/ {
	printf("%d epoll_wait = %d %d\n", tid, args->ret, nsecs - @s[tid]); delete(@s[tid]); }'

perf_record() {
	perf record -q -e syscalls:sys_enter_epoll_wait,syscalls:sys_exit_epoll_wait \
		-o "$dir/perf" -- "$W" "$1" 2>"$dir/err"
}
bpftrace_hist() { run_bpftrace hist "$HIST" "$1"; }
# With buffers of 16 MiB, as ours has: with its own 256 KiB it loses up to half of the lines.
bpftrace_print() {
	BPFTRACE_PERF_RB_PAGES=4096 run_bpftrace print "$PRINT" "$1"
	[ "$1" -eq 1 ] || echo $(($1 - $(grep -c ' epoll_wait = ' "$dir/print"))) >>"$dir/print.lost"
}

declare -A calls=([with_strace]=30011 [bpftrace_print]=100003)
variants=(plain lines summary recording)
command -v strace >/dev/null && variants+=(with_strace)
command -v perf >/dev/null && variants+=(perf_record)
command -v bpftrace >/dev/null && variants+=(bpftrace_hist bpftrace_print)

for ((round = 0; round < ROUNDS; round++)); do
	for v in "${variants[@]}"; do
		read -r ns cpu _ < <(measure_call "$v" "${calls[$v]:-$CALLS}")
		echo "$ns" >>"$dir/$v.ns"
		echo "$cpu" >>"$dir/$v.cpu"
		[ "$v" != lines ] || tail -n 1 "$dir/lines" >>"$dir/losses"
	done
done

base=$(median <"$dir/plain.ns")
declare -A added
printf '%d rounds, medians, %s calls\n\n%-16s %12s %12s %12s\n' "$ROUNDS" "$CALLS" "" "ns a call" \
	"ns added" "tool's CPU"
for v in "${variants[@]}"; do
	ns=$(median <"$dir/$v.ns")
	added[$v]=$(awk -v a="$ns" -v b="$base" 'BEGIN { print a - b }')
	printf '%-16s %12.0f %12.0f %12.0f\n' "${v/with_/}" "$ns" "${added[$v]}" \
		"$(median <"$dir/$v.cpu")"
done
ratio() { # TEXT OURS THEIRS GOAL
	[ -n "${added[$3]:-}" ] || return
	awk -v t="$1" -v a="${added[$2]}" -v b="${added[$3]}" -v g="$4" \
		'BEGIN { printf "%-44s 1/%.1f (goal 1/%s)\n", t, b / a, g }'
}
echo
ratio "lines, of what strace adds" lines with_strace 30
ratio "lines, of what bpftrace printf adds" lines bpftrace_print 12
ratio "-c, of what bpftrace hist adds" summary bpftrace_hist 2
ratio "a recording, of what lines add" recording lines 1
ratio "a recording, of what perf record adds" recording perf_record 1
printf '%-44s %s\n' "bytes of a recording a call" \
	"$(awk -v n="$CALLS" -v b="$(stat -c %s "$dir/recording")" 'BEGIN { printf "%.1f", b / n }')"
[ ! -s "$dir/print.lost" ] || printf '%-44s %s\n' "lines that bpftrace printf lost, a round" \
	"$(sort -n "$dir/print.lost" | xargs)"
printf '%-44s %s\n' "losses in $ROUNDS x $CALLS lines" "$(sort "$dir/losses" | uniq -c | xargs)"

# From start to armed: to the first instruction of COMMAND. From SIGINT to exit.
for ((round = 0; round < ROUNDS; round++)); do
	start=$(date +%s%N)
	armed=$("$B/epolltrace" -o /dev/null -- date +%s%N 2>/dev/null)
	echo $(((armed - start) / 1000000)) >>"$dir/armed"
	"$B/et-echo" -p 0 >/dev/null &
	server=$!
	"$B/epolltrace" -p $server --blocked-after 1ms >"$dir/attached" &
	tool=$!
	until [ -s "$dir/attached" ]; do read -rt 0.01 <> <(:); done
	start=$(date +%s%N)
	kill -INT $tool
	wait $tool
	echo $((($(date +%s%N) - start) / 1000000)) >>"$dir/exit"
	rm "$dir/attached"
	kill $server
	wait $server
done
printf '%-44s %s ms (goal 150)\n' "from start to armed" "$(median <"$dir/armed")"
printf '%-44s %s ms (goal 1000)\n' "from SIGINT to exit" "$(median <"$dir/exit")"

"$B/epolltrace" -o /dev/null "$W" 3000017 >/dev/null &
tool=$!
while [ -d /proc/$tool ]; do
	awk '/VmHWM/ { print $2 }' /proc/$tool/status 2>/dev/null >>"$dir/rss"
	read -rt 0.05 <> <(:)
done
# Every page of the ring counts twice, because it is mapped twice in a row.
printf '%-44s %s KiB (goal 25600)\n' "peak memory of the tool over its ring" \
	$(($(sort -n "$dir/rss" | tail -n 1) - 2 * 16384))
