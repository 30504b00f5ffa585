#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Epoll calls of every kind: what epolltrace prints is what the program did, by the program's own
# word, and what strace prints of it, call by call.

load helper

setup() {
	# shellcheck source=tests/lib/normalise.sh
	. "$BATS_TEST_DIRNAME/lib/normalise.sh"
	cd "$BATS_TEST_TMPDIR" || return
	export TMPDIR=$BATS_TEST_TMPDIR
}

# witness WHO COMMAND... :: GROUP [ARG]: runs guide under COMMAND, which writes WHO.trace; then
# WHO.oracle has guide's lines, WHO.names those about files and WHO.err what came to stderr.
witness() {
	local who=$1 status=0
	local -a tool=()
	shift
	while [ "$1" != :: ]; do
		tool+=("$1")
		shift
	done
	shift
	timeout 60 "${tool[@]}" "$WORKLOADS/guide" "$@" >"$who.out" 2>"$who.err" || status=$?
	if [ "$status" = 77 ]; then
		skip "this kernel lacks the call"
	fi
	cat "$who.err" >&2
	[ "$status" = 0 ]
	grep -v '^[0-9]' "$who.out" >"$who.oracle"
	sed -nE 's/^([0-9]+) (.*) \(deleted\)$/\1<\2>(deleted)/p; t; s/^([0-9]+) (.*)$/\1<\2>/p' \
		"$who.out" >"$who.names"
}

under_epolltrace() {
	witness et "$ET" --rules=none -o et.trace -- :: "$@" </dev/null
}

# -v: otherwise strace cuts an array after its 32nd element.
under_strace() {
	witness strace strace -f -tt -T -yy -v -e trace=/epoll -o strace.trace :: "$@" </dev/null
}

# all_there WHO: as many lines as guide counted calls, among the trace's and the oracle's own.
all_there() {
	local calls
	calls=$(sed -n 's/^guide: .*: \([0-9]*\) calls$/\1/p' "$1.err")
	[ "$calls" -gt 1 ]
	[ "$(wc -l <"$1.oracle")" -eq "$calls" ]
	[ "$(wc -l <"$1.calls")" -eq "$calls" ]
}

# same_calls GROUP [--names]: epolltrace = the program = strace.
same_calls() {
	require_live
	under_epolltrace "$@"
	normalise_epolltrace <et.trace >et.calls
	diff et.oracle et.calls
	all_there et
	command -v strace >/dev/null || { [ "${REQUIRE_LIVE:-0}" != 1 ] && skip "no strace here"; }
	under_strace "$@"
	normalise_strace <strace.trace >strace.calls
	diff strace.oracle strace.calls
	all_there strace
	diff strace.calls et.calls
}

# same_files GROUP: and so does the file of each descriptor. strace does not know the number
# that an instance has in epolltrace's lines, nor the type of a Unix socket but that of streams.
same_files() {
	same_calls "$1" --names
	[ "$(wc -l <et.names)" -eq "$(grep -c '^epoll_ctl' et.oracle)" ]
	annotations <et.trace | sed 's/<eventpoll#[0-9]*>/<anon_inode:[eventpoll]>/' | diff et.names -
	sed -E 's/<UNIX-(DGRAM|SEQPACKET):/<UNIX:/' strace.names | diff - <(annotations <strace.trace)
}

# How long the last wait took, the fifth step.
last_wait_s() {
	sed -nE 's/.*epoll_wait.* = 1 <([0-9.]+)>$/\1/p' et.trace | tail -n 1
}

@test "the guide does what epoll(7) says, untraced" {
	"$WORKLOADS/guide" >plain.out 2>plain.err
	[ "guide: all: $(wc -l <plain.out) calls" = "$(cat plain.err)" ]
	[ "$(wc -l <plain.out)" -gt 500 ]
}

@test "each of the guide's groups is compared" {
	local group
	"$WORKLOADS/guide" --list >groups
	[ "$(wc -l <groups)" -eq 21 ]
	while read -r group; do
		grep -Eq "^	(same_calls|same_files|edge_of) $group\$" "$BATS_TEST_FILENAME"
	done <groups
}

@test "normalise_strace: interrupted calls, 64-bit data, hostile names" {
	normalise_strace >got <<'END'
11  10:00:00.000001 epoll_create1(0)   = 3<anon_inode:[eventpoll]> <0.000004>
11  10:00:00.000002 epoll_wait(3<anon_inode:[eventpoll]>,  <unfinished ...>
12  10:00:00.000003 epoll_wait(4<anon_inode:[eventpoll]>, [], 3, 0) = 0 <0.000001>
12  10:00:00.000004 +++ exited with 0 +++
11  10:00:00.000005 <... epoll_wait resumed>[{events=EPOLLIN, data={u32=4294967295, u64=18446744073709551615}}], 3, -1) = 1 <0.200000>
11  10:00:00.000006 --- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---
[pid    11] 10:00:00.000007 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 5</a -\76b\74c\76\"x, fd=7}) = 0 \0740.1\76>(deleted), {events=0, data={u32=0, u64=0}}) = -1 EPERM (Operation not permitted) <0.000002>
11  10:00:00.000008 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 6</dev/null<char 1:3>>, {events=EPOLLIN, data={u32=2309737967, u64=81985529216486895}}) = 0 <0.000002>
11  10:00:00.000009 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_DEL, 7<UNIX-STREAM:[1->2,"/so>c\"k<"]>, NULL) = 0 <0.000002>
END
	cat >want <<'END'
epoll_create1(0) = 3
epoll_wait(4, [], 3, 0) = 0
epoll_wait(3, [{events=EPOLLIN, data=0xffffffffffffffff}], 3, -1) = 1
epoll_ctl(3, EPOLL_CTL_ADD, 5, {events=0, data=0}) = -1 EPERM (Operation not permitted)
epoll_ctl(3, EPOLL_CTL_ADD, 6, {events=EPOLLIN, data=0x123456789abcdef}) = 0
epoll_ctl(3, EPOLL_CTL_DEL, 7, NULL) = 0
END
	diff want got
}

@test "annotations: eventfd and signalfd as strace 6.13 shows them" {
	annotations >got <<'END'
11  10:00:00.000001 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 4<{eventfd-count=0x1, eventfd-id=1, eventfd-semaphore=0}>, {events=EPOLLIN, data=0}) = 0 <0.000002>
11  10:00:00.000002 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 5<signalfd:[INT RTMIN+1]>, {events=EPOLLIN, data=0}) = 0 <0.000002>
11  10:00:00.000003 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 6</a/signalfd:[]>, {events=EPOLLIN, data=0}) = 0 <0.000002>
END
	cat >want <<'END'
4<anon_inode:[eventfd]>
5<anon_inode:[signalfd]>
6</a/signalfd:[]>
END
	diff want got
}

@test "normalise_epolltrace: files, fd=, lines about calls under way" {
	normalise_epolltrace >got <<'END'
11 10:00:00.000001 epoll_wait(5<eventpoll#1>, [{events=EPOLLIN, data=0xb, fd=11<TCP:[127.0.0.1:1->127.0.0.1:2]>}, {events=EPOLLIN, data=0x7, fd=7</a>|9</b, fd=3}>}, {events=EPOLLHUP, data=0, fd=?}], 20, -1) = 3 <1.000123>
11 10:00:00.000002 epoll_wait(5<eventpoll#1>, <blocked 1.000 s ...>
11 10:00:00.000003 epoll_wait(5<eventpoll#1>, <blocked >1.000 s ...>
11 10:00:00.000004 epoll_wait(5<eventpoll#1>, [], 20, 1000) = 0 <>1.234>
11 10:00:00.000005 epoll_wait(5<eventpoll#1>,  <unfinished ...>
11 10:00:00.000006 +++ exited with 0 +++
END
	cat >want <<'END'
epoll_wait(5, [{events=EPOLLIN, data=0xb}, {events=EPOLLIN, data=0x7}, {events=EPOLLHUP, data=0}], 20, -1) = 3
epoll_wait(5, [], 20, 1000) = 0
END
	diff want got
}

@test "create: epoll_create and epoll_create1, good and bad" {
	same_calls create
}

@test "ctl: ADD, MOD, DEL" {
	same_calls ctl
}

@test "masks: every flag, unknown bits, none" {
	same_calls masks
}

@test "data: as fd, u32, u64, ptr" {
	same_calls data
}

@test "events: IN, OUT, PRI, RDHUP, ERR, HUP as they come" {
	same_calls events
}

@test "triggers: level, edge, one-shot" {
	same_calls triggers
}

@test "ctl-errors: EBADF, EEXIST, EFAULT, EINVAL, ENOENT, EPERM" {
	same_calls ctl-errors
}

@test "exclusive: what EPOLLEXCLUSIVE allows and what not" {
	same_calls exclusive
}

@test "nested: an instance in an instance, ELOOP" {
	same_calls nested
}

@test "wait: by event, by time-out, by signal" {
	same_calls wait
}

@test "wait-errors: EBADF, EFAULT, EINVAL" {
	same_calls wait-errors
}

@test "pwait: signal sets that block and that do not" {
	same_calls pwait
}

@test "pwait2: nanoseconds, no time-out, time-outs that are none" {
	same_calls pwait2
}

@test "batch: more ready than asked for" {
	same_calls batch
}

@test "many: 53 events in one array" {
	same_calls many
}

@test "width: only the lower half of a register counts" {
	same_calls width
}

@test "files: the name of each descriptor's file" {
	same_files files
}

@test "files-deleted: names that are gone" {
	same_files files-deleted
}

@test "files-hostile: names that look like a trace" {
	same_files files-hostile
	run grep '[^[:print:]]' et.trace
	[ "$status" -eq 1 ]
}

@test "pipe-lt: with unread data a level-triggered wait returns at once" {
	same_calls pipe-lt
	witness et "$ET" --rules=none --blocked-after 200ms -o et.trace -- :: pipe-lt </dev/null
	run grep '<blocked' et.trace
	[ "$status" -eq 1 ]
	awk -v s="$(last_wait_s)" 'BEGIN { exit !(s != "" && s < 0.2) }'
}

# edge_of GROUP: the guide's famous hang, seen while it lasts.
edge_of() {
	local pid line='[0-9]+ +[0-9:.]+ epoll_wait\([0-9]+<eventpoll#1>, <blocked 0\.[2-9][0-9]* s \.\.\.>'

	mkfifo stdin
	: >et.trace
	witness et "$ET" --rules=none --blocked-after 200ms -o et.trace -- :: "$1" status <stdin 3>&- &
	pid=$!
	BACKGROUND+=("$pid")
	exec 9>stdin
	await 10 has_line et.trace "$line"
	printf '?' >&9
	await 10 has_line status '.*'
	[ "$(cat status)" = "unread 1024, wait blocked" ]
	[ "$(grep -c '^[0-9]* *[0-9:.]* epoll_wait.* = ' et.trace)" -eq 1 ]
	printf 'x' >&9
	exec 9>&-
	wait "$pid"
	[ "$(grep -c '<blocked' et.trace)" -eq 1 ]
	awk -v s="$(last_wait_s)" 'BEGIN { exit !(s >= 0.2) }'
}

@test "pipe-et: with unread data an edge-triggered wait hangs, and is shown while it does" {
	require_live
	edge_of pipe-et
	normalise_epolltrace <et.trace >et.calls
	diff et.oracle et.calls
	all_there et
	printf x | witness strace strace -f -tt -T -yy -v -e trace=/epoll -o strace.trace :: pipe-et
	normalise_strace <strace.trace >strace.calls
	diff strace.calls et.calls
}
