#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make demo`: traces the reference server under real traffic on loopback, as it should be; then the
# edge-triggered mistake that epolltrace is there to find, as it happens and long after. Ends by itself.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
dir=$(mktemp -d)
pids=()
finish() { # ending the tool leaves the server running, so that is ended too
	local server
	if [ ${#pids[@]} -ne 0 ]; then
		server=$(cat "/proc/${pids[0]}/task/${pids[0]}/children" 2>/dev/null)
		# shellcheck disable=SC2086 # numbers
		kill "${pids[@]}" $server 2>/dev/null
	fi
	rm -rf "$dir"
}
trap finish EXIT

if ! "$B/epolltrace" --features >"$dir/features"; then
	echo "the demo traces, so it needs root: sudo make demo" >&2
	exit 1
fi

await() { # SECONDS COMMAND...
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS <= until)) || return 1
		read -rt 0.05 <> <(:) || true # a pause without a process
	done
}

# Starts a traced server; PORT and TOOL are set. The trace goes to $dir/trace.
serve() {
	rm -f "$dir/port" "$dir/trace"
	"$B/epolltrace" -C -o "$dir/trace" -- "$B/et-echo" -p 0 >"$dir/port" &
	TOOL=$!
	pids=("$TOOL")
	await 5 grep -q listening "$dir/port" || exit 1
	PORT=$(sed -n 's/.*:\([0-9]*\)$/\1/p' "$dir/port")
}

# The server is COMMAND, the tool's child: the thread of the first line.
stop() {
	await 5 test -s "$dir/trace"
	SERVER=$(awk '{ print $1; exit }' "$dir/trace")
	kill -TERM "$SERVER"
	wait "$TOOL"
	pids=()
}

echo "== A correct edge-triggered server: epolltrace -C -- et-echo"
serve
"$B/workloads/echo-load" conns 127.0.0.1 "$PORT" 23
stop
head -n 12 "$dir/trace"
echo "   ... ($(grep -c ' = ' "$dir/trace") calls in all)"
sed -n '/ calls in /,$p' "$dir/trace" | head -n 16

echo
echo "== The guide's five steps: a pipe's read end is registered with EPOLLET, 2000 bytes are written, the"
echo "   wait returns it, 1000 are read, and the next wait hangs: epolltrace -- misuse 4000 lost-edge"
"$B/epolltrace" --stall 500ms --blocked-after 400ms -o "$dir/trace" -- \
	"$B/workloads/misuse" 4000 lost-edge >"$dir/truth" 2>&1
sed '/killed by\|exited with\|records lost/d' "$dir/trace"

echo
echo "== A server that has hung long before anybody looked: et-echo --break lost-edge was sent 2000 bytes"
"$B/et-echo" -p 0 --break lost-edge >"$dir/port" &
SERVER=$!
pids=("$SERVER")
await 5 grep -q listening "$dir/port" || exit 1
exec 5<>"/dev/tcp/127.0.0.1/$(sed 's/.*://' "$dir/port")"
head -c 2000 /dev/zero | tr '\0' x >&5
head -c 1000 <&5 >/dev/null
echo "   # epolltrace --snapshot -p $SERVER"
"$B/epolltrace" --snapshot -p "$SERVER"
echo
echo "   # epolltrace --diagnose -p $SERVER"
"$B/epolltrace" --diagnose --stall 500ms -o "$dir/report" -p "$SERVER" &
TOOL=$!
await 10 grep -q 'error' "$dir/report"
kill "$TOOL"
wait "$TOOL"
exec 5>&-
sed -n '/^1 finding/,$p' "$dir/report"
