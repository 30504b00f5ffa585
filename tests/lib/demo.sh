#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make demo`: traces the reference server under real traffic on loopback, as it should be; then the
# edge-triggered mistake that epolltrace is there to find, as it happens and long after. Ends by itself,
# within LIMIT seconds, and fails at the first part that does not run. What went wrong is said by the
# program that failed.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
LIMIT=30
dir=$(mktemp -d)
TOOL='' SERVER=''
finish() { # ending the tool leaves the server running, so that is ended too
	[ -z "$TOOL" ] || SERVER+=" $(cat "/proc/$TOOL/task/$TOOL/children" 2>/dev/null)"
	# shellcheck disable=SC2086 # numbers
	[ -z "${TOOL// /}${SERVER// /}" ] || kill $TOOL $SERVER 2>/dev/null
	rm -rf "$dir"
}
trap finish EXIT

fail() {
	echo "demo: $*" >&2
	exit 1
}

within() { # COMMAND...: by the end of the demo's time
	timeout "$((SECONDS < LIMIT ? LIMIT - SECONDS : 1))" "$@"
}

await() { # COMMAND...
	until "$@" 2>/dev/null; do
		((SECONDS <= LIMIT)) || return 1
		read -rt 0.05 <> <(:) || true # a pause without a process
	done
}

# Sets PORT when the server that prints to $dir/port listens.
listens() {
	await grep -q listening "$dir/port" || fail "the server does not listen"
	PORT=$(sed -n 's/.*:\([0-9]*\)$/\1/p' "$dir/port")
}

correct_server() {
	"$B/epolltrace" -C -o "$dir/trace" -- "$B/et-echo" -p 0 >"$dir/port" &
	TOOL=$!
	listens
	within "$B/workloads/echo-load" conns 127.0.0.1 "$PORT" 23 || fail "no echo: status $?"
	await test -s "$dir/trace" || fail "no trace of the server"
	kill -TERM "$(awk '{ print $1; exit }' "$dir/trace")" # the tool's child made the first line
	wait "$TOOL" || fail "epolltrace -C ended with status $?"
	TOOL=
	head -n 12 "$dir/trace"
	echo "   ... ($(grep -c ' = ' "$dir/trace") calls in all)"
	sed -n '/ calls in /,$p' "$dir/trace" | head -n 16
}

five_steps() {
	local status=0
	within "$B/epolltrace" --stall 500ms --blocked-after 400ms -o "$dir/trace" -- \
		"$B/workloads/misuse" 4000 lost-edge >"$dir/truth" 2>"$dir/errors" || status=$?
	grep -Ev '^[0-9]+ lost-edge$' "$dir/errors" >&2 # misuse says so when it begins
	[ "$status" -eq 0 ] || fail "epolltrace -- misuse ended with status $status"
	sed '/killed by\|exited with\| 0 records lost/d' "$dir/trace"
}

hung_server() {
	"$B/et-echo" -p 0 --break lost-edge >"$dir/port" &
	SERVER=$!
	listens
	exec 5<>"/dev/tcp/127.0.0.1/$PORT" || fail "cannot connect to the server"
	head -c 2000 /dev/zero | tr '\0' x >&5
	within head -c 1000 <&5 >"$dir/echoed"
	[ "$(wc -c <"$dir/echoed")" -eq 1000 ] || fail "the server did not echo 1000 bytes"
	echo "   # epolltrace --snapshot -p $SERVER"
	within "$B/epolltrace" --snapshot -p "$SERVER" || fail "--snapshot ended with status $?"
	echo
	echo "   # epolltrace --diagnose -p $SERVER"
	"$B/epolltrace" --diagnose --stall 500ms -o "$dir/report" -p "$SERVER" &
	TOOL=$!
	await grep -q '\[error\]' "$dir/report" || fail "the hung server is not found"
	kill "$TOOL"
	wait "$TOOL" || fail "--diagnose ended with status $?"
	TOOL=
	sed -n '/^1 finding/,$p' "$dir/report"
}

"$B/epolltrace" --features >"$dir/features" || fail "tracing is not possible here"

echo "== A correct edge-triggered server: epolltrace -C -- et-echo"
correct_server
echo
echo "== The guide's five steps: a pipe's read end is registered with EPOLLET, 2000 bytes are written, the"
echo "   wait returns it, 1000 are read, and the next wait hangs: epolltrace -- misuse 4000 lost-edge"
five_steps
echo
echo "== A server that has hung long before anybody looked: et-echo --break lost-edge was sent 2000 bytes"
hung_server
