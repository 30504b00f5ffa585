#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What diagnosing costs a loaded server: throughput of redis and nginx with epolltrace --diagnose
# attached, and with --io too, of that untraced, and the CPU time that the server takes for a request.
# The server has a CPU of its own, and the load comes from another one and makes no epoll call: as if
# it came from another machine. Each round measures all ways, in another order, and is compared with
# itself, because machines are noisy. Wants, on Debian: redis-server nginx-light. Root only.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
ROUNDS=${ROUNDS:-12}
LOAD=${LOAD:-2} # seconds
ways=(untraced diagnose io)
declare -A options=([diagnose]="--diagnose" [io]="--diagnose --io")
declare -A goals=([diagnose]=" (goal 96)" [io]="")
# shellcheck source=tests/lib/servers.sh
. tests/lib/servers.sh

# Prints requests, and requests a second.
load() { taskset -c 1 "$B/workloads/blocking-load" "$PORT" "$LOAD" 50 "$1"; }
load_redis() { load 'GET key:__rand_int__\n'; }
load_nginx() { load 'GET / HTTP/1.1\nHost: localhost\n\n'; }

server_pids() { cat <(echo "$PID") "/proc/$PID/task/$PID/children"; }

# CPU time of the server and its children so far, in ticks.
server_ticks() {
	local pid
	for pid in $(server_pids); do
		sed 's/.*) //' "/proc/$pid/stat"
	done | awk '{ sum += $12 + $13 } END { print sum }'
}

# measure SERVER WAY: appends "requests/s us-of-CPU-a-request" to a file of the way.
measure() {
	local tool="" ticks
	if [ "$2" != untraced ]; then
		# shellcheck disable=SC2086 # words
		"$B/epolltrace" ${options[$2]} --tree -p "$PID" >"$dir/report" &
		tool=$!
		await 10 attached $tool
	fi
	ticks=$(server_ticks)
	"load_$1" >"$dir/rate"
	awk -v ticks=$(($(server_ticks) - ticks)) -v hz="$(getconf CLK_TCK)" \
		'{ print $2, ticks / hz / $1 * 1e6 }' "$dir/rate" >>"$dir/$1.$2"
	[ -z "$tool" ] || { kill -INT "$tool" && wait "$tool"; }
}

# quartiles A B COLUMN: the three quartiles of A's figures, each of B's in the same round, in per cent.
quartiles() {
	paste -d ' ' "$1" "$2" | awk -v c="$3" '{ print 100 * $c / $(c + 2) }' | sort -g |
		awk '{ v[NR] = $1 } END { printf "%5.1f (%.1f-%.1f)", v[int((NR + 1) / 2)],
			v[int((NR + 3) / 4)], v[int((3 * NR + 1) / 4)] }'
}

# quick A B: what disturbs a machine only slows: the upper quartile of A's rates, of that of B.
quick() {
	local file
	for file in "$1" "$2"; do
		cut -d ' ' -f 1 "$file" | sort -g |
			awk '{ v[NR] = $1 } END { print v[int((3 * NR + 3) / 4)] }'
	done | xargs | awk '{ printf "%.1f", 100 * $1 / $2 }'
}

median() { cut -d ' ' -f "$2" "$1" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

bench() { # SERVER PROGRAM
	local i pid untraced=$dir/$1.untraced
	command -v "$2" >/dev/null || { echo "$1: not installed"; return; }
	unset PORT
	"start_$1" || { echo "$1: does not start"; return; }
	for pid in $(server_pids); do taskset -a -c -p 0 "$pid" >/dev/null; done
	"load_$1" >/dev/null
	for ((round = 0; round < ROUNDS; round++)); do
		for i in 0 1 2; do
			measure "$1" "${ways[(round + i) % 3]}"
		done
	done
	printf '%s: %.0f requests a second untraced, %.1f us of CPU time of the server each\n' "$1" \
		"$(median "$untraced" 1)" "$(median "$untraced" 2)"
	for i in diagnose io; do
		printf '  %-16s throughput %s %%, of quick rounds %s %%%s; CPU time a request %s %%\n' \
			"${options[$i]}" "$(quartiles "$dir/$1.$i" "$untraced" 1)" \
			"$(quick "$dir/$1.$i" "$untraced")" "${goals[$i]}" \
			"$(quartiles "$dir/$1.$i" "$untraced" 2)"
	done
	stop
}

echo
bench redis redis-server
bench nginx nginx
exit 0
