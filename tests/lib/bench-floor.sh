#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Part of `make bench`: what an epoll_wait pays, in units of the floor: two tracepoints on it with empty
# programs. Of a process that is traced, and of one that is not while another one is. Rounds are
# interleaved; each row is the median of the rounds' ratios. Root only.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
ROUNDS=${ROUNDS:-9}
CALLS=${CALLS:-1000003}
W=$B/workloads/waitloop
dir=$(mktemp -d)
other=
trap 'kill $other 2>/dev/null; rm -rf "$dir"' EXIT

if [ "$(id -u)" -ne 0 ]; then
	echo "bench: run as root" >&2
	exit 1
fi
"$B/et-echo" -p 0 >/dev/null &
other=$!

ns() { "$@" "$W" "$CALLS" | head -n 1; }
# The loop by itself, while the tool traces somebody else.
beside() {
	"$B/epolltrace" "$@" -p "$other" -o "$dir/beside" 2>"$dir/err" &
	local tool=$!
	until grep -q tracing "$dir/err"; do read -rt 0.01 <> <(:); done
	ns command
	kill -INT "$tool"
	wait "$tool"
}
plain() { ns command; }
floor() { ns "$B/workloads/floor" epoll_wait; }
lines() { ns "$B/epolltrace" -o "$dir/out"; }
summary() { ns "$B/epolltrace" -c -o "$dir/out"; }
recording() { ns "$B/epolltrace" --record "$dir/records"; }
diagnosis() { ns "$B/epolltrace" --diagnose -o "$dir/out"; }
beside_summary() { beside -c; }
beside_diagnosis() { beside --diagnose; }

rows=(lines summary recording diagnosis beside_summary beside_diagnosis)
for ((round = 0; round < ROUNDS; round++)); do
	base=$(plain)
	echo "$base $(floor)" >>"$dir/floor"
	for row in "${rows[@]}"; do
		echo "$base $($row) $(tail -n 1 "$dir/floor" | cut -d' ' -f2)" >>"$dir/$row"
	done
done

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
printf 'the floor of %s rounds, %s calls: %.0f ns are added to %.0f\n' "$ROUNDS" "$CALLS" \
	"$(awk '{ print $2 - $1 }' "$dir/floor" | median)" "$(awk '{ print $1 }' "$dir/floor" | median)"
for row in "${rows[@]}"; do
	printf '%-18s %6.0f ns   %5.2f times the floor\n' "${row/_/ }" \
		"$(awk '{ print $2 - $1 }' "$dir/$row" | median)" \
		"$(awk '{ print ($2 - $1) / ($3 - $1) }' "$dir/$row" | median)"
done
