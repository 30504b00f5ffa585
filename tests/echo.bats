#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# et-echo, statement by statement. The clients are echo-load's; each checks what it reads byte for
# byte, waits for events and ends by itself.

load helper

setup() {
	LOAD=$WORKLOADS/echo-load
	PID=
	mkfifo "$BATS_TEST_TMPDIR/out"
	# Open for both: reading never meets an end of file, the server never a closed pipe.
	exec {OUT}<>"$BATS_TEST_TMPDIR/out"
}

teardown() {
	# A clean end is part of every test: a sanitizer's findings come with it.
	if [ -n "$PID" ]; then
		stop 15
		cat "$BATS_TEST_TMPDIR/err"
		[ "$STATUS" -eq 0 ]
	fi
}

# start [OPTION...]: sets PID and PORT once the server listens.
start() {
	"$ET_ECHO" "$@" >&"$OUT" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	PID=$!
	next_line
	[[ $LINE =~ ^listening\ on\ (.*):([0-9]+)$ ]]
	HOST=${BASH_REMATCH[1]}
	PORT=${BASH_REMATCH[2]}
}

# Sets LINE to the server's next line.
next_line() {
	read -r -t 20 -u "$OUT" LINE
}

# client MODE ARGUMENT...: runs echo-load against the server; its output goes to $output.
client() {
	local mode=$1
	shift
	run "$LOAD" "$mode" 127.0.0.1 "$PORT" "$@"
	echo "$output"
	[ "$status" -eq 0 ]
}

# Ends the server by a signal number and sets STATUS to its exit status.
stop() {
	client end "$1" "$PID"
	reap
}

reap() {
	STATUS=0
	wait "$PID" || STATUS=$?
	PID=
}

# memory FIELD: a value of the server's /proc/PID/status, in kB.
memory() {
	awk -v field="$1:" '$1 == field { print $2 }' "/proc/$PID/status"
}

count_fds() {
	find "/proc/$PID/fd" -type l | wc -l
}

# refused MESSAGE ARGUMENT...: exactly this line on stderr, nothing on stdout, status 2.
refused() {
	local message=$1 rc=0 dir=$BATS_TEST_TMPDIR
	shift
	timeout 10 "$ET_ECHO" "$@" >"$dir/stdout" 2>"$dir/stderr" || rc=$?
	echo "$*: status $rc: $(cat "$dir/stdout" "$dir/stderr")"
	[ "$rc" -eq 2 ]
	[ ! -s "$dir/stdout" ]
	printf 'et-echo: %s\n' "$message" | cmp - "$dir/stderr"
}

@test "it prints where it listens, and port 0 picks a port" {
	start
	[ "$HOST" = 127.0.0.1 ]
	[ "$PORT" -gt 0 ]
	first=$PORT
	client conns 3
	stop 15
	[ "$STATUS" -eq 0 ]
	start -p "$first"
	[ "$PORT" = "$first" ]
	client conns 3
}

@test "-l chooses the address" {
	start --listen 127.0.0.3
	[ "$HOST" = 127.0.0.3 ]
	run "$LOAD" conns 127.0.0.3 "$PORT" 3
	[ "$output" = "3 connections echoed" ]
	run "$LOAD" conns 127.0.0.1 "$PORT" 3
	[[ $output == *"onnection refused" ]]
}

@test "IPv6" {
	grep -q '^0\{31\}1 ' /proc/net/if_inet6 || skip "needs IPv6 on the loopback device"
	start -v -l ::1
	[ "$HOST" = "[::1]" ]
	run "$LOAD" conns ::1 "$PORT" 1
	[ "$output" = "1 connections echoed" ]
	next_line
	[[ $LINE =~ ^New\ connection:\ host\ =\ ::1,\ port\ =\ [1-9][0-9]*$ ]]
}

@test "-v reports each connection; without it one line is all" {
	start --verbose
	client conns 1
	next_line
	[[ $LINE =~ ^New\ connection:\ host\ =\ 127.0.0.1,\ port\ =\ [1-9][0-9]*$ ]]
	next_line
	[[ $LINE =~ ^Closed\ connection\ on\ descriptor\ [1-9][0-9]*$ ]]
	stop 15
	[ "$STATUS" -eq 0 ]
	start
	client conns 1
	stop 15
	run read -r -t 0 -u "$OUT"
	[ "$status" -ne 0 ]
}

@test "10,000 connections at once, from a low soft limit" {
	[ "$(ulimit -Hn)" -ge 10100 ] || skip "needs 10,100 descriptors, the hard limit is $(ulimit -Hn)"
	ulimit -Sn 256
	start
	client conns 10000
	[ "$output" = "10000 connections echoed" ]
}

@test "1 GiB through one connection" {
	start
	client stream 1073741824
	[ "$output" = "1073741824 bytes echoed" ]
}

@test "--max-events 1 and 65536 serve all the same" {
	start --max-events 1
	client conns 1009
	client stream 10000019
	stop 15
	[ "$STATUS" -eq 0 ]
	start --max-events 65536
	client conns 1009
}

@test "a half-close: all that was sent comes back, then end of file" {
	start
	client halfclose 5000011
	client halfclose 0
}

@test "data and FIN in one event: a short read is not the end" {
	start
	# Less than a read, exactly one, and more than a turn.
	client halfclose 20011 "$PID"
	client halfclose 65536 "$PID"
	client halfclose 300007 "$PID"
}

@test "an urgent byte does not hide what follows it" {
	start
	client urgent 3001 "$PID"
}

@test "a slow reader meets back-pressure and costs bounded memory" {
	start
	client conns 1
	before=$(memory VmRSS)
	client slow 67108864
	peak=$(memory VmHWM)
	echo "resident before $before kB, at most $peak kB"
	[ $((peak - before)) -lt 1024 ]
}

@test "a flood does not starve another connection" {
	start
	client flood 101
	client fair 67108864 "$PID"
}

@test "EMFILE: surplus connections are closed, nothing spins, a free place is given away" {
	# More than 32, as some test runners leave descriptors open.
	ulimit -n 61
	start
	client crowd 101 "$PID"
}

@test "no descriptor at all, not even the spare one: it waits, and goes on" {
	start
	client retry 3 "$PID"
	client conns 101
}

@test "resets do not end it" {
	start
	client reset 1009
	client reset-queued 67108864
	client conns 101
}

@test "a write to a peer that is gone does not end it" {
	start
	client gone 67108864 "$PID"
	client conns 101
}

@test "no descriptor is left open after many connections" {
	start
	client halfclose 101
	before=$(count_fds)
	client conns 1009
	client reset 1009
	client reset-queued 67108864
	# Events come in order: once this one is served, so are those before.
	client halfclose 101
	[ "$(count_fds)" -eq "$before" ]
}

@test "SIGTERM writes what is queued, closes and exits with 0" {
	start
	client drain 67108864 "$PID"
	[[ $output =~ ^[1-9][0-9]{5,}\ bytes\ drained$ ]]
	reap
	[ "$STATUS" -eq 0 ]
}

@test "SIGTERM resets nobody whose echo is still unread" {
	start
	client unread 1013 "$PID"
	reap
	[ "$STATUS" -eq 0 ]
}

@test "SIGTERM does not wait for ever for one who does not read" {
	start
	client stuck 67108864 "$PID"
	reap
	[ "$STATUS" -eq 0 ]
}

@test "SIGINT and SIGTERM end an idle server with 0" {
	for signal in 2 15; do
		start
		client conns 3
		stop "$signal"
		[ "$STATUS" -eq 0 ]
	done
}

@test "--break lost-edge leaves half of the first input unread until more comes" {
	start --break lost-edge
	client half 2000
	[ "$output" = "1000 of 2000 bytes, 1001 more after another byte" ]
	client half 2003
	[ "$output" = "1001 of 2003 bytes, 1003 more after another byte" ]
	client half 2
	[ "$output" = "1 of 2 bytes, 2 more after another byte" ]
	client half 1
	[ "$output" = "1 of 1 bytes, 1 more after another byte" ]
	stop 15
	[ "$STATUS" -eq 0 ]
	start
	client half 2000
	[ "$output" = "2000 of 2000 bytes, 1 more after another byte" ]
}

@test "--break stale-batch serves all who are not replaced, and ends" {
	start --break stale-batch
	client replace 101 "$PID"
	stop 15
	[ "$STATUS" -eq 0 ]
}

@test "--break KIND of those that spin: all are served all the same, and it ends" {
	for kind in write-spin accept-emfile ready-ignored notifier-undrained; do
		start --break "$kind"
		client conns 101
		client stream 10000019
		client slow 16777216
		client end 15 "$PID"
		reap
		[ "$STATUS" -eq 0 ]
	done
}

@test "--break hangup-spin keeps each connection whose client has gone" {
	start --break hangup-spin
	before=$(count_fds)
	client conns 101
	[ "$(count_fds)" -eq $((before + 101)) ]
	stop 15
	[ "$STATUS" -eq 0 ]
}

@test "bad input is refused with one line and status 2" {
	for port in 99999 65536 -1 +1 " 1" 80x 0x50 "" 99999999999999999999; do
		refused "invalid port: $port" --port="$port"
	done
	for count in 0 -1 65537 1k "" 99999999999999999999; do
		refused "invalid number of events: $count" --max-events="$count"
	done
	for address in 256.0.0.1 nowhere ::g ""; do
		refused "invalid address: $address" -l "$address"
	done
	refused "invalid kind of break: edge" --break edge
	refused "unknown option: -x" -x
	refused "unknown option: -x" -vxv
	refused "unknown option: --nonesuch" --nonesuch
	refused "unknown option: --verbose=1" --verbose=1
	refused "option needs an argument: -p" -p
	refused "option needs an argument: --break" --break
	refused "unexpected argument: 7777" 7777
	refused "unexpected argument: x" -v x -p 99999
}

@test "an address in use, a foreign one and a full output are failures: status 1" {
	start
	run timeout 10 "$ET_ECHO" -p "$PORT"
	[ "$status" -eq 1 ]
	[ "$output" = "et-echo: cannot listen on 127.0.0.1:$PORT: address already in use" ]
	run timeout 10 "$ET_ECHO" -l 2001:db8::1 -p 7777
	[ "$status" -eq 1 ]
	[ "$output" = "et-echo: cannot listen on [2001:db8::1]:7777: cannot assign requested address" ]
	run timeout 10 bash -c "\"$ET_ECHO\" >/dev/full"
	[ "$status" -eq 1 ]
	[ "$output" = "et-echo: cannot write to standard output: no space left on device" ]
}

@test "--help and --version" {
	run --separate-stderr "$ET_ECHO" -V
	[ "$status" -eq 0 ]
	[[ $output =~ ^et-echo\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	[ "$output" = "$("$ET_ECHO" --version)" ]
	run --separate-stderr "$ET_ECHO" -h
	[ "$status" -eq 0 ]
	[ "$output" = "$("$ET_ECHO" --help)" ]
	for word in --listen --port --max-events --break lost-edge --verbose --help --version; do
		[[ $output == *"$word "* ]]
	done
}

# Sets SERVER to a program that is made of a copy of server.c, and of nothing else.
build_server() {
	mkdir "$BATS_TEST_TMPDIR/copy"
	cp "$HERE/src/et-echo/server.c" "$BATS_TEST_TMPDIR/copy/"
	SERVER=$BATS_TEST_TMPDIR/copy/server
	(cd "$BATS_TEST_TMPDIR/copy" && gcc -Wall -Wextra -Werror -O2 -o server server.c)
}

# Several connections with megabytes each at once, beside many whose messages are short of a read;
# then a slow reader, half-closes, an urgent byte and resets. Every client checks its echo.
load_server() {
	local i clients=()
	for i in 1 2 3 4; do
		"$LOAD" stream 127.0.0.1 "$PORT" $((3000017 + i)) &
		clients+=($!)
	done
	client conns 503
	for i in "${clients[@]}"; do
		wait "$i"
	done
	client slow 67108864
	client halfclose 5000011
	client halfclose 65536 "$1"
	client urgent 3001 "$1"
	client reset 101
	client reset-queued 67108864
	client conns 101
}

@test "server.c, copied and built alone, is a working server" {
	build_server
	ET_ECHO=$SERVER start 127.0.0.1 0
	load_server "$PID"
	stop 15
	[ "$STATUS" -eq 0 ]
	ET_ECHO=$SERVER start 127.0.0.1 "$PORT"
	client drain 67108864 "$PID"
	reap
	[ "$STATUS" -eq 0 ]
	run -2 "$SERVER" 127.0.0.1
	[ "$output" = "usage: server ADDRESS PORT" ]
	[ "$(grep -ciE 'mistake|--break|wrong' "$BATS_TEST_TMPDIR/copy/server.c")" -eq 0 ]
}

@test "server.c, built alone: the diagnosis finds nothing" {
	require_live
	build_server
	ET_ECHO=$ET start --diagnose --io --stall 100ms --fail-on note -o "$BATS_TEST_TMPDIR/report" \
		-- "$SERVER" 127.0.0.1 0
	server=$(cat "/proc/$PID/task/$PID/children")
	load_server "${server// /}"
	client end 15 "${server// /}"
	reap
	cat "$BATS_TEST_TMPDIR/report"
	[ "$STATUS" -eq 0 ]
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/report")" = "nothing found" ]
	# It was all seen: 714 connections, the listener, the signalfd.
	grep -q ', 716 entries of 1 instance, ' "$BATS_TEST_TMPDIR/report"
}
