#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Threads that wait more than ten thousand times a second: --diagnose counts their waits and reads some
# of them; other modes, and --io, read all.

load helper

CALLS=1000003

setup() {
	require_live
	cd "$BATS_TEST_TMPDIR" || return
}

# diagnosis MEMBER: of the last line of out.json.
diagnosis() {
	jq -r "select(.type == \"diagnosis\") | .$1" out.json
}

# lost: records that found no room.
lost() {
	jq -s '[.[] | select(.type == "lost").total] | add // 0' out.json
}

@test "nothing is lost of four that wait at full speed, with a buffer of 1 MiB, and all waits are counted" {
	# shellcheck disable=SC2016 # the inner shell's
	"$ET" --diagnose --buffer-size 1M --format json -o out.json -- \
		bash -c 'for i in 1 2 3 4; do "$1" "$2" & done; wait' bash "$WORKLOADS/waitloop" $CALLS
	[ "$(lost)" -eq 0 ]
	waits=$(diagnosis waits)
	((waits <= 4 * CALLS && waits > 4 * CALLS * 99 / 100))
	(($(diagnosis waits_not_read) > waits * 9 / 10))
	[ "$(jq -r 'select(.type == "diagnosis").not_checked.unwatched' out.json | grep -c 'were not read')" -eq 1 ]
	jq -se '.[] | select(.type == "diagnosis").checked | index("unwatched") | not' out.json
}

@test "the text says how many were not read" {
	"$ET" --diagnose -o out "$WORKLOADS/waitloop" $CALLS
	grep -Eq '^not read: [0-9]{6} of the waits, ' out
}

@test "with --io, and for lines and figures, each wait is read" {
	"$ET" --diagnose --io --buffer-size 64M --format json -o out.json "$WORKLOADS/waitloop" 100003
	[ "$(diagnosis waits)" -eq 100003 ]
	[ "$(diagnosis waits_not_read)" -eq 0 ]
	"$ET" -c --buffer-size 64M -o out "$WORKLOADS/waitloop" 100003
	grep -q '^#1 .* 100003 ' out
}

# loses_edge [worker]: is traced while it polls, and loses an edge then; leaves PID, and out.json.
loses_edge() {
	local tool
	mkfifo go
	exec 9<>go
	"$WORKLOADS/fast" "$@" <&9 3>&- &
	PID=$!
	BACKGROUND+=("$PID")
	background "$ET" --diagnose --stall 300ms --format json -o out.json -p "$PID" 2>err
	tool=$!
	await 20 has_text err tracing
	await 20 has_text out.json zero-timeout-spin
	echo >&9
	await 20 has_text out.json lost-edge
	kill -INT $tool
	wait $tool
	(($(diagnosis waits_not_read) > 0))
	jq -es 'map(select(.type == "finding" and .rule == "lost-edge")) | length > 0' out.json
}

# blocked: threads that block in the evidence of what was lost.
blocked() {
	jq -r 'select(.type == "finding" and .rule == "lost-edge").evidence' out.json |
		grep -o 'thread [0-9]* blocked in epoll_wait' | sort -u
}

@test "a thread that was fast and then blocks: its wait is observed, and the edge that it lost is found" {
	loses_edge
	[ "$(blocked)" = "thread $PID blocked in epoll_wait" ]
}

@test "beside a fast thread another one waits, whose first call of epoll it is" {
	loses_edge worker
	[ "$(blocked | wc -l)" -eq 1 ]
	[ "$(blocked)" != "thread $PID blocked in epoll_wait" ]
}
