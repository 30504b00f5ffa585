#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Part of `make bench`: what an epoll_wait pays, in units of the floor: two tracepoints on it with empty
# programs. Of a process that is traced, by epolltrace and by other tools, and of one that is not while
# another one is. Rounds are interleaved, and the floor is measured beside each row; a row has the median
# and the quartiles of its rounds, each in units of the median floor. What is measured is the median piece
# of the loop, because machines are noisy. ROWS="lines perf_trace" measures these alone. Root only.
set -u
# shellcheck source=tests/lib/bench-tools.sh
. "$(dirname "$0")/bench-tools.sh"
"$B/et-echo" -p 0 >/dev/null &
other=$!
trap 'kill $other; rm -rf "$dir"' EXIT

# The loop by itself, while the tool traces somebody else.
beside() { # CALLS OPTION...
	local calls=$1 tool
	shift
	: >"$dir/beside.err" # what is awaited is not to be found in the one before
	"$B/epolltrace" "$@" -p "$other" -o "$dir/beside" 2>"$dir/beside.err" &
	tool=$!
	until grep -q tracing "$dir/beside.err"; do read -rt 0.01 <> <(:); done
	plain "$calls"
	kill -INT "$tool"
	wait "$tool"
}

# The rows. They launch the loop, because `strace --seccomp-bpf` cannot attach, and bpftrace holds what
# it launches until its probes are attached.
empty_programs() { "$B/workloads/floor" epoll_wait "$W" "$1"; }
diagnosis() { "$B/epolltrace" --diagnose -o "$dir/diagnosis" "$W" "$1"; }
beside_summary() { beside "$1" -c; }
beside_diagnosis() { beside "$1" --diagnose; }
strace_seccomp() { strace -f --seccomp-bpf -e trace=epoll_wait -o "$dir/strace" "$W" "$1"; }
perf_trace() { perf trace -e 'epoll_*' -o "$dir/perf" "$W" "$1"; }
# shellcheck disable=SC2016 # bpftrace's
bpftrace_count() {
	run_bpftrace count 'tracepoint:syscalls:sys_enter_epoll_wait /pid == cpid/ {
		@[args->epfd] = count(); }' "$1"
}

rows=(lines summary recording diagnosis beside_summary beside_diagnosis with_strace strace_seccomp
	perf_trace bpftrace_count)
[ -z "${ROWS:-}" ] || read -ra rows <<<"$ROWS"
declare -A calls=([diagnosis]=3000017 [with_strace]=30011 [strace_seccomp]=30011 [perf_trace]=100003)
declare -A program=([with_strace]=strace [strace_seccomp]=strace [perf_trace]=perf
	[bpftrace_count]=bpftrace)
declare -A package=([strace]=strace [perf]=linux-perf [bpftrace]=bpftrace)
declare -A name=([summary]=-c [recording]=--record [diagnosis]=--diagnose
	[beside_summary]="beside -c" [beside_diagnosis]="beside --diagnose" [with_strace]=strace
	[strace_seccomp]="strace --seccomp-bpf" [perf_trace]="perf trace"
	[bpftrace_count]="bpftrace count()")

# seen_by ROW: how many of the calls are in what the tool has written; "": it does not tell.
seen_by() {
	case $1 in
	lines) grep -c 'epoll_wait(.* = ' "$dir/lines" ;;
	summary) sed -n 's/.* calls in .*epoll_wait \([0-9]*\).*/\1/p' "$dir/summary" ;;
	recording) "$B/epolltrace" --replay "$dir/recording" | grep -c 'epoll_wait(.* = ' ;;
	with_strace | strace_seccomp) grep -c 'epoll_wait(.* = ' "$dir/strace" ;;
	perf_trace) grep -c 'epoll_wait(.* = ' "$dir/perf" ;;
	bpftrace_count) sed -n 's/^@\[[0-9]*\]: //p' "$dir/count" ;;
	esac
}

# why_skipped ROW: nothing, if one call can be made under it, and it is seen.
why_skipped() {
	local tool=${program[$1]:-}
	if [ -n "$tool" ] && ! command -v "$tool" >/dev/null; then
		echo "$tool is not installed (package ${package[$tool]})"
	elif [ "$("$1" 1 2>"$dir/err" | wc -l)" -ne 3 ] || [ "$(seen_by "$1")" = 0 ]; then
		echo "it cannot run here: $(grep . "$dir/err" | tail -n 1)"
	fi
}

# piece_of COMMAND...: the median piece of the loop under it.
piece_of() { "$@" | sed -n 3p; }

# measure_row ROW: adds what is added to a call in ns, and in per cent: of a CPU what the tool takes, and
# of the calls what it has missed. Unless the loop alone is as fast afterwards as it was before, something
# else has begun or ended, and nothing is added.
measure_row() {
	local n=${calls[$1]:-$CALLS} before floor result after
	before=$(piece_of plain "$CALLS")
	floor=$(piece_of empty_programs "$CALLS")
	result=$(measure_call "$1" "$n")
	after=$(piece_of plain "$CALLS")
	echo "$result $before $floor $after" | awk -v n="$n" -v seen="$(seen_by "$1")" \
		-v row="$dir/row.$1" -v floor="$dir/floor" '
		$4 > 1.2 * $6 || $6 > 1.2 * $4 { exit 1 }
		{
			base = ($4 + $6) / 2
			print base, $5 - base >>floor
			print $3 - base, 100 * $2 / $1, seen == "" ? 0 : 100 * (1 - seen / n) >>row
		}'
}

column() { cut -d ' ' -f "$2" "$dir/$1"; }

print_row() {
	local cpu lost q ratio=()
	printf '%-22s ' "${name[$1]:-$1}"
	[ -z "${skipped[$1]}" ] || { echo "SKIPPED: ${skipped[$1]}"; return; }
	[ -e "$dir/row.$1" ] || { echo "NOT MEASURED: the machine was never steady"; return; }
	for q in 1 2 3; do
		ratio+=("$(echo "$(column "row.$1" 1 | quartile $q) $floor" | awk '{ print $1 / $2 }')")
	done
	printf -v cpu '%.0f %%' "$(column "row.$1" 2 | median | sed 's/^-.*/0/')"
	printf -v lost '%.1f %%' "$(column "row.$1" 3 | median)"
	[ -n "$(seen_by "$1")" ] || lost=-
	[[ $1 != beside_* ]] || cpu=-
	printf '%9.0f %10.2f %17s %8s %8s\n' "$(column "row.$1" 1 | median)" "${ratio[1]}" \
		"$(printf '(%.2f-%.2f)' "${ratio[0]}" "${ratio[2]}")" "$cpu" "$lost"
}

declare -A skipped
for row in "${rows[@]}"; do
	skipped[$row]=$(why_skipped "$row")
done
unsteady=0
for ((round = 0; round < ROUNDS; round++)); do
	for row in "${rows[@]}"; do
		[ -z "${skipped[$row]}" ] || continue
		for ((try = 0; try < 3; try++)); do
			measure_row "$row" && break
			((++unsteady))
		done
	done
done

if [ -e "$dir/floor" ]; then
	floor=$(column floor 2 | median)
	printf '\nthe floor, in %s rounds of %s calls: %.0f (%.0f-%.0f) ns are added to %.0f\n' \
		"$ROUNDS" "$CALLS" "$floor" "$(column floor 2 | quartile 1)" \
		"$(column floor 2 | quartile 3)" "$(column floor 1 | median)"
fi
[ "$unsteady" -eq 0 ] ||
	echo "$unsteady measurements were set aside, because the machine had other work meanwhile"
printf '%-22s %9s %28s %8s %8s\n' "" "ns added" "times the floor (quartiles)" CPU lost
for row in "${rows[@]}"; do
	print_row "$row"
done
