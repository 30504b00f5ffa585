#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The figures of -c, against a workload whose numbers are known.

load helper

setup() {
	require_live
	cd "$BATS_TEST_TMPDIR" || return
}

# row TABLE-HEADER-WORD FIRST: the first row of the table that has that word in its header, whose
# first field is FIRST; blanks folded.
row() {
	awk -v head="$1" -v first="$2" '
		/^INSTANCE/ { here = index($0, head) > 0; next }
		here && $1 == first { $1 = $1; print; exit }' summary
}

field() { # N, of the line on stdin
	awk -v n="$1" '{ print $n }'
}

@test "waits, ready events, time-outs, polls, empty returns and errors of a thread" {
	"$ET" -c -o summary -- "$WORKLOADS/steps" "create; eventfd 1; eventfd 1; add 3 4 IN 4;
		add 3 5 IN 5; loop 23 { wait 3 0 7 }; del 3 4; del 3 5; loop 5 { wait 3 0 7 };
		loop 7 { wait 3 11 7 }; loop 3 { wait 3 0 0 }" >out
	waits=$(row WAITS '#1')
	[ "$(field 3 <<<"$waits")" -eq 38 ] # WAITS: 23 + 5 + 7 + 3
	[ "$(field 4 <<<"$waits")" -eq 46 ] # READY: two each
	[ "$(field 5 <<<"$waits")" = 1.21 ] # RDY/W
	[ "$(field 6 <<<"$waits")" -eq 7 ]  # TMOUT
	[ "$(field 7 <<<"$waits")" -eq 5 ]  # POLL-0
	[ "$(field 8 <<<"$waits")" -eq 12 ] # EMPTY
	[ "$(field 9 <<<"$waits")" -eq 0 ]  # EINTR
	[ "$(field 10 <<<"$waits")" -eq 3 ] # ERRORS
	# Seven time-outs of 11 ms each; no more than the whole run.
	[ "$(field 12 <<<"$waits")" = ms ]
	awk '{ exit !($11 >= 77) }' <<<"$waits"
	[ "$(row COUNT '#1' | field 3)" -eq 3 ]
	row COUNT '#1' | grep -q ' epoll_wait EINVAL (Invalid argument)$'
	head -n 1 summary | grep -Eq '^43 calls in .*, 0 records lost: epoll_create1 1, epoll_ctl 4, epoll_wait 38$'
}

@test "entries: counts, and what spins stands on top" {
	"$ET" -c -o summary -- "$WORKLOADS/steps" "create; eventfd; eventfd 1; pipe; add 3 4 IN 4;
		add 3 6 IN 6; add 3 5 IN 5; mod 3 4 IN 14; mod 3 4 IN 24; loop 101 { wait 3 0 7 };
		write 7 1; wait 3 0 7; del 3 4" >out
	entries=$(awk '/^INSTANCE +FD/ { here = 1; next } here' summary)
	[ "$(head -n 1 <<<"$entries" | awk '{ print $2, $3, $4, $5, $6 }')" = "5 1 0 0 102" ]
	grep -Eq '^#1 +6 +1 +0 +0 +1 +1\.0 [0-9:.]+ +EPOLLIN <pipe:\[[0-9]+\]>' <<<"$entries"
	grep -Eq '^#1 +4 +1 +2 +1 +0 +0\.0 - +EPOLLIN <anon_inode:\[eventfd\]> \(gone\)$' <<<"$entries"
}

@test "--limit: the rest is summed up; 0 shows all" {
	steps="create; pipe"
	for i in $(seq 53); do
		steps+="; dup 4; add 3 $((i + 5)) IN $i"
	done
	"$ET" -c -o summary -- "$WORKLOADS/steps" "$steps" >out
	[ "$(grep -c ' EPOLLIN <pipe' summary)" -eq 40 ]
	grep -qx 'and 13 more entries: 13 ADD, 0 MOD, 0 DEL, 0 ready' summary
	"$ET" -c --limit 0 -o summary -- "$WORKLOADS/steps" "$steps" >out
	[ "$(grep -c ' EPOLLIN <pipe' summary)" -eq 53 ]
	run ! grep -q 'more entries' summary
}

@test "SIGINT prints the summary, with the wait that is going on; -C prints lines too" {
	start_echo
	background "$ET" -C --blocked-after 50ms -o summary -p "$SERVER"
	tool=$!
	await 10 grep -q '<blocked >' summary
	kill -INT "$tool"
	wait "$tool"
	grep -q '<unfinished \.\.\.>$' summary
	grep -Eq '^#1: thread [0-9]+ had 1 unfinished wait, blocked for [0-9.]+ (ms|s)$' summary
	grep -q ' calls in .*, 0 records lost' summary
	kill -0 "$SERVER"
}

@test "EINTR has a column" {
	"$ET" -c -o summary -- "$WORKLOADS/guide" wait >oracle
	eintr=$(grep -c '^epoll_wait.* EINTR ' oracle)
	[ "$eintr" -ge 1 ]
	[ "$(awk '/^INSTANCE.*EINTR/ { here = 1; next } /^INSTANCE/ { here = 0 } here && NF { n += $9 }
		END { print n }' summary)" -eq "$eintr" ]
}
