#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What diagnosing costs a loaded server: throughput of redis and nginx with epolltrace --diagnose
# attached, and with --io too, of that untraced. Rounds are interleaved, medians compared. Wants, on
# Debian: redis-server redis-tools nginx-light wrk. Root only.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
ROUNDS=${ROUNDS:-7}
LOAD=${LOAD:-4} # seconds of wrk; redis has a fixed number of requests
. tests/lib/servers.sh

load_redis() {
	redis-benchmark -p "$PORT" -t get -n 400000 -c 50 --csv | tail -n 1 | cut -d '"' -f 4
}
load_nginx() {
	wrk -t1 -c50 -d"$LOAD" "http://127.0.0.1:$PORT/" | awk '/Requests\/sec/ { print $2 }'
}

# measure SERVER WAY: requests a second, with the tool attached as WAY says.
measure() {
	local tool="" options=(--diagnose --tree)
	[ "$2" != io ] || options+=(--io)
	if [ "$2" != untraced ]; then
		"$B/epolltrace" "${options[@]}" -p "$PID" >"$dir/report" &
		tool=$!
		await 10 attached $tool
	fi
	"load_$1" >>"$dir/$1.$2"
	[ -z "$tool" ] || { kill -INT "$tool" && wait "$tool"; }
}

median() { sort -g "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

bench() { # SERVER PROGRAM
	local way base
	command -v "$2" >/dev/null || { echo "$1: not installed"; return; }
	unset PORT
	"start_$1" || { echo "$1: does not start"; return; }
	"load_$1" >/dev/null
	for ((round = 0; round < ROUNDS; round++)); do
		for way in untraced diagnose io; do
			measure "$1" $way
		done
	done
	base=$(median "$dir/$1.untraced")
	for way in diagnose io; do
		awk -v server="$1" -v way="$way" -v a="$(median "$dir/$1.$way")" -v b="$base" 'BEGIN {
			printf "%-6s %-16s %8.0f of %8.0f requests a second: %5.1f %%%s\n", server,
			       way == "io" ? "--diagnose --io" : "--diagnose", a, b, 100 * a / b,
			       way == "io" ? "" : " (goal 96)" }'
	done
	stop
}

echo
bench redis redis-server
bench nginx nginx
exit 0
