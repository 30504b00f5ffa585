#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The tool can be stopped, always: while records come faster than they are written, and while
# nobody reads what it writes.
# shellcheck disable=SC2153 # STATUS is set by the helper

load helper

setup() {
	require_live
	cd "$BATS_TEST_TMPDIR" || return
}

# A FIFO that is open and that nobody reads, in place of a pager at its first page.
stuck_fifo() {
	mkfifo fifo
	exec {FIFO}<>fifo
}

# Is process $1 in a write that waits for the reader of a pipe? 64 is arm64's number.
blocked_in_write() {
	in_call "$1" 1 64
}

# The tool, with the options, writes to the FIFO until that takes no more.
tool_stuck() { # OPTION...
	steps_start
	step "create; eventfd 1; add 3 4 IN 4"
	background "$ET" --rules=none --buffer-size 256K "$@" -p "$DRIVEN" >fifo 2>"$ERR.tool"
	TOOL=$!
	await 20 attached
	step "quiet { loop 30011 { wait 3 0 1 } }"
	await 20 blocked_in_write "$TOOL"
}

# Does the tool wait for records, in poll or ppoll?
attached() {
	in_call "$TOOL" 7 271 73
}

# The first SIGINT ends capture, and what was captured would still be written. One that comes right
# behind it is taken for the same.
second_sigint() {
	kill -INT "$TOOL"
	await 10 pending_none "$TOOL"
	run ! ended "$TOOL"
	await 10 killed
	STATUS=0
	wait "$TOOL" || STATUS=$?
	cat "$ERR.tool"
}

killed() {
	kill -INT "$TOOL"
	ended "$TOOL"
}

ends_at_once() {
	second_sigint
	grep -Eq '^epolltrace: ended at once: [0-9]+ records and [0-9]+ bytes of output were not written$' \
		"$ERR.tool"
}

# Have all signals been delivered to the process?
pending_none() {
	! grep -Eq '^(SigPnd|ShdPnd):.*[1-9a-f]$' "/proc/$1/status"
}

@test "nobody reads the lines: the second SIGINT ends the tool, which says what was not written" {
	stuck_fifo
	tool_stuck
	ends_at_once
	[ "$STATUS" -eq 1 ]
	grep -Eq ': [1-9][0-9]* records and [1-9]' "$ERR.tool"
}

@test "nobody reads the lines: --duration is as the first signal, and never as the second one" {
	stuck_fifo
	tool_stuck --duration 1h
	for _ in 1 2; do # the second time as where SIGINT has come before
		kill -ALRM "$TOOL"
		await 10 pending_none "$TOOL"
		run ! ended "$TOOL"
	done
	await 10 killed
	STATUS=0
	wait "$TOOL" || STATUS=$?
	[ "$STATUS" -eq 1 ]
	grep -q '^epolltrace: ended at once: ' "$ERR.tool"
}

@test "nobody reads the JSON: the second SIGINT ends the tool" {
	stuck_fifo
	tool_stuck --format json
	ends_at_once
	[ "$STATUS" -eq 1 ]
}

@test "nobody reads the recording: the second SIGINT ends the tool" {
	stuck_fifo
	steps_start
	step "create; eventfd 1; add 3 4 IN 4"
	background "$ET" --rules=none --buffer-size 256K --record - -p "$DRIVEN" >fifo 2>"$ERR.tool"
	TOOL=$!
	await 20 attached
	# Compressed, it takes more of them.
	step "quiet { loop 300007 { wait 3 0 1 } }"
	await 20 blocked_in_write "$TOOL"
	ends_at_once
	[ "$STATUS" -eq 1 ]
}

@test "nobody reads -o - of a launched trace: the second SIGINT ends the tool, COMMAND runs on" {
	stuck_fifo
	# shellcheck disable=SC2016 # the inner shell's
	background "$ET" --rules=none --buffer-size 256K -o - \
		sh -c 'exec "$0" 3000017 >/dev/null' "$WORKLOADS/waitloop" >fifo 2>"$ERR.tool"
	TOOL=$!
	await 20 blocked_in_write "$TOOL"
	ends_at_once
	[ "$STATUS" -eq 125 ]
}

@test "a slow reader: the first SIGINT ends capture at once, and what was captured is written" {
	stuck_fifo
	tool_stuck
	kill -INT "$TOOL"
	await 10 pending_none "$TOOL"
	step "wait 999 0 1"
	background cat fifo >out
	await 20 ended "$TOOL"
	await 20 has_line out '\+\+\+ [1-9][0-9]* records lost \+\+\+'
	tail -n 3 out
	run ! grep -q 'epoll_wait(999' out
	# All that the ring held, which is more than a pipe and a buffer in the tool do.
	[ "$(grep -c 'epoll_wait(3<' out)" -gt 1500 ]
}

@test "timeout(1), which sends its signal twice, ends a trace cleanly" {
	steps_start
	step "create"
	timeout -s INT 1 "$ET" --rules=none -o "$TRACE" -p "$DRIVEN" 2>"$ERR.tool" || true
	cat "$TRACE" "$ERR.tool"
	grep -qx '+++ 0 records lost +++' "$TRACE"
	run ! grep -q 'ended at once' "$ERR.tool"
}

# A reader of some MB a second at most, a terminal over a slow line: from the FIFO to the trace.
slow_reader() {
	local piece
	while IFS= read -r -N 65536 piece || [ -n "$piece" ]; do
		printf %s "$piece"
		pause 0.05
	done <fifo >"$TRACE"
}

summaries_with_losses() { # N
	[ "$(grep -c ' calls in ' "$TRACE")" -ge "$1" ] && grep -q ' [1-9][0-9]* records lost: ' "$TRACE"
}

@test "records come faster than they are written: intervals, losses and SIGINT are served all the same" {
	mkfifo fifo
	steps_start
	step "create; eventfd 1; add 3 4 IN 4"
	slow_reader 3>&- &
	BACKGROUND+=($!)
	background "$ET" --rules=none --buffer-size 256K -C --interval 50ms -p "$DRIVEN" \
		>fifo 2>"$ERR.tool"
	TOOL=$!
	await 20 attached
	echo "quiet { loop 30000001 { wait 3 0 1 } }" >&"$STEPS_IN"
	await 30 summaries_with_losses 7
	kill -INT "$TOOL"
	await 20 ended "$TOOL"
	[ -e "/proc/$DRIVEN" ] # it still runs, so that the tool has not waited for its end
	await 20 has_match "$TRACE" '\+\+\+ [1-9][0-9]* records lost \+\+\+'
}

@test "a replay of a pipe: the second SIGINT ends it, though nobody reads" {
	"$ET" --record run.etr "$WORKLOADS/waitloop" 20011 >/dev/null
	stuck_fifo
	"$ET" --replay - <run.etr >fifo 2>"$ERR.tool" &
	TOOL=$!
	BACKGROUND+=("$TOOL")
	await 20 blocked_in_write "$TOOL"
	second_sigint
	grep -q '^epolltrace: ended at once' "$ERR.tool"
}
