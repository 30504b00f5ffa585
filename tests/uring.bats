#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Epoll operations through io_uring. tests/workloads/uring.c acts, and prints the lines that a trace
# should have.

load helper

URING=$WORKLOADS/uring

# Where the kernel makes no ring, or has no tracepoints for one, there is nothing to see.
setup() {
	local why

	require_live
	why=$("$URING" probe | sed -n 's/^ring no: //p')
	[ -z "$why" ] || skip "no io_uring here: $why"
	why=$("$ET" --features | sed -n 's/^io_uring epoll_ctl  *no: //p')
	[ -z "$why" ] || skip "io_uring cannot be seen here: $why"
}

require_wait() {
	"$URING" probe | grep -qx 'wait yes' || skip "this kernel has no EPOLL_WAIT for io_uring"
}

# play [OPTION...] -- SCENE...: launches the workload under the tool.
play() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	timeout 60 "$ET" --rules=none "${options[@]}" -o "$TRACE" "$URING" "$@" >"$OUT" 2>"$ERR" 3>&-
	tail -n 50 "$OUT" "$ERR" "$TRACE" # bats shows it where the test fails
}

# The trace's lines without TIDs, times and durations.
shown() {
	sed -E '/^(\+\+\+|---)/d; s/^[0-9]+ +[0-9:.]+ //; /^\+\+\+/d
		s/ <>?[0-9]+\.[0-9]{6}>( \(io_uring\))?$/\1/' "$TRACE"
}

# all_seen COUNT: the trace has what the workload printed, COUNT lines, in its order.
all_seen() {
	[ "$(wc -l <"$OUT")" -eq "$1" ]
	diff "$OUT" <(shown)
	has_line "$TRACE" '\+\+\+ 0 records lost \+\+\+'
}

# The thread of the first line that has a text.
thread_of() {
	grep -F "$1" "$TRACE" | head -n 1 | cut -d ' ' -f 1
}

@test "67 registrations through io_uring, 28 of them fail: each has its line" {
	play -- ctl
	all_seen 68
	[ "$(grep -c ' = 0 <[0-9.]*> (io_uring)$' "$TRACE")" -eq 39 ]
	[ "$(grep -c 'EEXIST (File exists) <[0-9.]*> (io_uring)$' "$TRACE")" -eq 13 ]
	[ "$(grep -c 'ENOENT (No such file or directory) <[0-9.]*> (io_uring)$' "$TRACE")" -eq 14 ]
	[ "$(grep -c '999, {.*EBADF (Bad file descriptor) <[0-9.]*> (io_uring)$' "$TRACE")" -eq 1 ]
	[ "$(cut -d ' ' -f 1 "$TRACE" | grep -v '^+' | sort -u | wc -l)" -eq 1 ] # the submitter's
}

@test "the same without task storage" {
	play --no-task-storage -- ctl
	all_seen 68
}

@test "a wait's ready events name what was registered through io_uring" {
	play -- names
	all_seen 5
	grep -Eq 'epoll_wait\(3<eventpoll#1>, \[\{.*fd=5<pipe:\[[0-9]+\]>\}, \{.*fd=9<pipe:.*\}\], 11, 0\) = 2 <[0-9.]+>$' \
		"$TRACE"
}

@test "waits through io_uring: one finds an event, one blocks until there is one" {
	require_wait
	play -- wait
	all_seen 4
	[ "$(grep -c 'epoll_wait(3<eventpoll#1>, \[{events=EPOLLIN, data=0x5, fd=5<pipe:.*\], 11, -1) = 1 <[0-9.]*> (io_uring)$' "$TRACE")" -eq 2 ]
}

@test "a wait through io_uring on a file of the ring has the instance" {
	require_wait
	play -- fixed
	all_seen 3
	grep -Eq 'epoll_wait\(0<eventpoll#1>, \[\{events=EPOLLIN, data=0x5, fd=5<pipe:' "$TRACE"
}

@test "a wait that is cancelled" {
	require_wait
	play -- cancel
	all_seen 2
	grep -Eq 'epoll_wait\(3<eventpoll#1>, 0x[0-9a-f]+, 11, -1\) = -1 ECANCELED ' "$TRACE"
}

@test "waits whose ring is closed are cancelled or not shown; the next ring's lines are right" {
	require_wait
	play -- close
	sed -i '/epoll_wait.*= -1 ECANCELED/d' "$TRACE"
	all_seen 4
}

@test "requests that post no completion where they succeed" {
	play -- skip
	all_seen 16
	[ "$(grep -c 'EPOLL_CTL_ADD.* = 0 <' "$TRACE")" -eq 7 ]
	[ "$(grep -c 'EPOLL_CTL_MOD.* = 0 <' "$TRACE")" -eq 7 ]
}

@test "a chain: what follows a failure is cancelled, even if no completion says so" {
	play -- link
	all_seen 8
	[ "$(grep -c 'EPOLL_CTL_DEL.*ECANCELED (Operation canceled)' "$TRACE")" -eq 2 ]
}

@test "a request done by a worker of the kernel has the submitter's thread" {
	play -- async
	all_seen 4
	[ "$(cut -d ' ' -f 1 "$TRACE" | grep -v '^+' | sort -u | wc -l)" -eq 1 ]
}

@test "a ring that the kernel polls: its thread is the submitter" {
	play -- sqpoll
	all_seen 3
	[ "$(thread_of epoll_ctl)" -ne "$(thread_of epoll_create1)" ]
}

@test "requests that are refused before they are submitted" {
	play -- refused
	all_seen 3
	grep -Eq 'EPOLL_CTL_ADD, 5<pipe:\[[0-9]+\]>, 0x10\) = -1 EFAULT \(Bad address\)' "$TRACE"
	grep -Eq 'EPOLL_CTL_ADD, 5<pipe:\[[0-9]+\]>, 0x[0-9a-f]+\) = -1 EINVAL ' "$TRACE"
}

@test "what ends unseen is counted as lost: no completion and a worker, a full queue" {
	local lost

	play -- unseen
	diff "$OUT" <(shown)
	[ "$(wc -l <"$OUT")" -eq 63 ]
	has_line "$TRACE" '\+\+\+ 1 records lost \+\+\+'

	# 64 of 193 find the queue full. One that a worker did, since somebody held the instance's lock
	# just then, may end in the trace after all: by being cancelled.
	play -- overflow
	lost=$(sed -n 's/^+++ \([0-9]*\) records lost +++$/\1/p' "$TRACE")
	[ "$lost" -ge 56 ]
	[ "$lost" -le 64 ]
	[ "$(grep -c ' (io_uring)$' "$TRACE")" -eq $((193 - lost)) ]
}

@test "-c counts them" {
	play -c -- ctl
	head -n 1 "$TRACE" | grep -Eq '^68 calls in .*, 0 records lost: epoll_create1 1, epoll_ctl 67$'
	grep -Eq '^#1 +[0-9]+ +13 +epoll_ctl +EEXIST ' "$TRACE"
	grep -Eq '^#1 +[0-9]+ +14 +epoll_ctl +ENOENT ' "$TRACE"
}

@test "a process that is not traced is not shown" {
	steps_start
	step "create"
	tool_start -p "$DRIVEN"
	armed
	"$URING" ctl >"$OUT.other" 3>&-
	step "wait 3 0 7"
	tool_ends INT
	[ "${STATUS:-none}" = 0 ]
	[ "$(wc -l <"$OUT.other")" -eq 68 ]
	grep -Fq 'epoll_wait(3<eventpoll#1>, [], 7, 0) = 0 <' "$TRACE"
	run ! grep -F io_uring "$TRACE"
}

@test "--features reports both" {
	"$ET" --features | grep -Eq '^io_uring epoll_ctl +yes$'
	if "$URING" probe | grep -qx 'wait yes'; then
		"$ET" --features | grep -Eq '^io_uring epoll_wait +yes$'
	else
		"$ET" --features | grep -Eq '^io_uring epoll_wait +no: '
	fi
}

# registered PID EPFD: what the kernel says the instance watches, sorted.
registered() {
	awk '$1 == "tfd:" { print $2 }' "/proc/$1/fdinfo/$2" | sort -n
}

# told_registered EPFD: the same by the trace.
told_registered() {
	awk -v ep="epoll_ctl($1<" '$3 ~ "^epoll_ctl" && index($3, ep) == 1 && / = 0 </ {
			fd = $5 + 0
			if ($4 == "EPOLL_CTL_ADD,") on[fd] = 1
			if ($4 == "EPOLL_CTL_DEL,") delete on[fd]
		}
		END { for (fd in on) print fd }' "$TRACE" | sort -n
}

connections() { # COUNT: so many were registered through io_uring
	[ "$(grep -c "EPOLL_CTL_ADD, [0-9]*<TCP:\[127.0.0.1:$PORT->.*> (io_uring)$" "$TRACE")" -eq "$1" ]
}

@test "node's registrations, which libuv makes through io_uring" {
	local pid fd ep line instances=0

	command -v node >/dev/null || skip "node is not installed"
	node -e 'const v = process.versions.uv.split("."); process.exit(v[0] > 1 || v[1] >= 45 ? 0 : 1)' ||
		skip "node is not installed with libuv 1.45, the first to use io_uring"
	cat >"$BATS_TEST_TMPDIR/server.js" <<-'END'
		const server = require('net').createServer(c => c.pipe(c));
		server.listen(0, '127.0.0.1', () => console.log(process.pid, server.address().port));
	END
	UV_USE_IO_URING=1 background "$ET" -o "$TRACE" node "$BATS_TEST_TMPDIR/server.js" >"$OUT" 2>"$ERR"
	TOOL=$!
	await 20 has_line "$OUT" '[0-9]+ [0-9]+'
	read -r pid PORT <"$OUT"
	BACKGROUND+=("$pid")
	for _ in 1 2 3 4 5 6 7; do
		exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
		echo hello >&"$fd"
		read -r -t 10 line <&"$fd"
		[ "$line" = hello ]
	done
	await 10 connections 7
	for ep in /proc/"$pid"/fd/*; do
		[ "$(readlink "$ep")" = 'anon_inode:[eventpoll]' ] || continue
		ep=${ep##*/}
		instances=$((instances + 1))
		diff <(registered "$pid" "$ep") <(told_registered "$ep")
	done
	[ "$instances" -ge 1 ]
	kill "$pid"
	tool_ends
}
