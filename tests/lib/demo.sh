#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make demo`: traces the reference server under real traffic on loopback, first as it should be,
# then with the edge-triggered mistake that epolltrace is there to find. Ends by itself.
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

# serve ARGS...: starts a traced server; PORT and TOOL are set. The trace goes to $dir/trace.
serve() {
	rm -f "$dir/port" "$dir/trace"
	"$B/epolltrace" -C -o "$dir/trace" -- "$B/et-echo" -p 0 "$@" >"$dir/port" &
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
echo "== The same with the guide's mistake: et-echo --break lost-edge"
echo "   2000 bytes are sent; it reads 1000 after the first event and waits for another."
serve --break lost-edge
exec 5<>"/dev/tcp/127.0.0.1/$PORT"
head -c 2000 /dev/zero | tr '\0' x >&5
await 5 grep -q '<blocked' "$dir/trace"
grep -v ' calls in ' "$dir/trace"
echo "   The last line is the hang: the wait blocks, though 1000 bytes lie unread. The state says so:"
echo
"$B/epolltrace" --snapshot -p "$(awk '{ print $1; exit }' "$dir/trace")"
exec 5>&-
stop
