#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make healthy [SERVERS="nginx go"]`: servers that are right, under load for a while and then idle,
# each diagnosed. An error or a warning is a false alarm, and a failure; notes are shown, to be read.
# What is not installed is skipped. Wants, on Debian: nginx-light redis-server redis-tools nodejs
# python3 golang-go memcached default-jdk-headless wrk. Root only.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
LOAD=${LOAD:-30} # seconds
IDLE=${IDLE:-10}
OPTIONS=${OPTIONS:---diagnose}
failed=0
. tests/lib/servers.sh

# The plain load, and beside it what is read late; then idle.
load_http() {
	python3 tests/healthy/load.py "$PORT" "$LOAD" "$IDLE" &
	wrk -t1 -c50 -d"$LOAD" "http://127.0.0.1:$PORT/" | grep -E 'Requests/sec|Non-2xx|errors'
	wait $!
}

load_nginx() {
	local path
	python3 tests/healthy/load.py "$PORT" "$LOAD" "$IDLE" &
	for path in / /big /proxy/big / /big /proxy/big / /big /proxy/big; do
		wrk -t1 -c50 -d$((LOAD / 9 + 1)) "http://127.0.0.1:$PORT$path" |
			grep -E 'Requests/sec|errors'
	done
	wait $!
}

load_redis() {
	local end=$((SECONDS + LOAD))
	redis-cli -p "$PORT" subscribe news < <(sleep $((LOAD + IDLE))) >/dev/null &
	while ((SECONDS < end)); do
		redis-benchmark -p "$PORT" -q -t get,set,lrange_300 -n 100000 -c 100 -P 8 >/dev/null
		redis-benchmark -p "$PORT" -q -t set -d 500000 -n 300 -c 20 >/dev/null
	done
	redis-cli -p "$PORT" info stats | grep total_commands
	sleep "$IDLE"
}

load_memcached() { python3 tests/healthy/memcached.py "$PORT" "$LOAD" "$IDLE"; }

start_memcached() {
	PORT=$(free_port)
	serve memcached -u nobody -l 127.0.0.1 -p "$PORT" -t 4
}
start_node() { serve node tests/healthy/server.js; }
start_node_uring() { UV_USE_IO_URING=1 serve node tests/healthy/server.js; }
start_python() { serve python3 tests/healthy/server.py; }
start_go() {
	(cd tests/healthy && GOCACHE=$dir/go GO111MODULE=off go build -o "$dir/server" server.go) &&
		serve "$dir/server"
}
start_java() { javac -d "$dir" tests/healthy/Server.java && serve java -cp "$dir" Server; }

program_of() {
	case $1 in
	redis) echo redis-server ;;
	node_uring) echo node ;;
	python) echo python3 ;;
	*) echo "$1" ;;
	esac
}

try() { # SERVER
	local status=0 load=load_http tool
	unset PORT
	echo "== $1"
	command -v "$(program_of "$1")" >/dev/null || { echo "   skipped: not installed"; return; }
	declare -F "load_$1" >/dev/null && load=load_$1
	"start_$1" || { echo "   does not start"; cat "$dir/server.err"; failed=1; return; }
	# shellcheck disable=SC2086 # words
	"$B/epolltrace" $OPTIONS --tree --fail-on warning -o "$dir/report" -p "$PID" &
	tool=$!
	await 10 attached $tool
	$load | sed 's/^/   /'
	kill -INT $tool
	wait $tool || status=$?
	sed 's/^/   /' "$dir/report"
	stop
	[ $status -eq 0 ] || { echo "   FALSE ALARM, status $status"; failed=1; }
}

[ $# -ne 0 ] || set -- nginx redis memcached node node_uring python go java
for server in "$@"; do
	try "$server"
done
exit $failed
