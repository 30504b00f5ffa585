#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Summaries by interval: each has the figures of its own time, and all together what the workload
# did.
# shellcheck disable=SC2153 # STATUS is set by the helper

load helper

setup() {
	require_live
	cd "$BATS_TEST_TMPDIR" || return
}

# The line before a summary: when its interval ended.
STAMP='^[0-9][0-9]:[0-9][0-9]:[0-9][0-9][.][0-9]+$'

summaries() {
	grep -cE "$STAMP" "$TRACE" || true
}

at_least() { # N
	[ "$(summaries)" -ge "$1" ]
}

# figures FROM TO: what the summaries after number FROM up to TO have, added up:
# CALLS WAITS TURNS READY ADD GONE, of instance #1 where it is a matter of one.
figures() {
	awk -v from="$1" -v to="$2" -v stamp="$STAMP" '
		$0 ~ stamp { number++; table = ""; next }
		number <= from || number > to { next }
		/ calls in / { calls += $1 }
		/^INSTANCE +TID +WAITS/ { table = "waits"; next }
		/^ +TID +TURNS/ { table = "loops"; next }
		/^INSTANCE +FD/ { table = "entries"; next }
		/^$/ { table = "" }
		table == "waits" && $1 == "#1" { waits += $3 }
		table == "loops" { turns += $2 }
		table == "entries" && $1 == "#1" { ready += $6; add += $3 }
		table == "entries" && / \(gone\)$/ { gone++ }
		END { print calls + 0, waits + 0, turns + 0, ready + 0, add + 0, gone + 0 }' "$TRACE"
}

# acted: all that the target did so far is in the first DONE summaries, and nothing that follows.
# A summary may be under way: the second one from now on has it all.
acted() {
	await 10 at_least $(($(summaries) + 2))
	DONE=$(summaries)
}

@test "each interval has its own counts; a target that does nothing has intervals too" {
	steps_start
	step "create; eventfd 1"
	tool_start --interval 50ms -p "$DRIVEN"
	await 10 at_least 1
	acted
	first=$DONE
	step "quiet { add 3 4 IN 4; loop 23 { wait 3 0 1 } }"
	acted
	second=$DONE
	step "quiet { loop 29 { wait 3 0 1 }; del 3 4 }"
	acted
	third=$DONE
	step "quiet { loop 31 { wait 3 0 1 } }"
	acted
	tool_ends INT
	[ "$STATUS" -eq 0 ]
	# CALLS WAITS TURNS READY ADD GONE
	[ "$(figures 0 "$first")" = "0 0 0 0 0 0" ]
	[ "$(figures "$first" "$second")" = "24 23 23 23 1 0" ]
	[ "$(figures "$second" "$third")" = "30 29 29 29 0 1" ]
	[ "$(figures "$third" 9999)" = "31 31 31 0 0 0" ]
	# Every summary has its end, and between two stands an empty line.
	[ "$(grep -c ' calls in .*, 0 records lost' "$TRACE")" -eq "$(summaries)" ]
	[ "$(grep -B 1 -E "$STAMP" "$TRACE" | grep -c '^$')" -eq $(($(summaries) - 1)) ]
	run ! grep -q 'epoll_wait(' "$TRACE"
}

@test "a launched command: the last, partial interval is reported, and histograms are by interval" {
	"$ET" --interval 100ms --histograms -o "$TRACE" -- "$STEPS" "create; eventfd 1; add 3 4 IN 4;
		loop 23 { wait 3 0 1 }; del 3 4; loop 7 { wait 3 101 1 }; add 3 4 IN 4;
		loop 5 { wait 3 0 1 }" >"$OUT"
	at_least 3
	[ "$(figures 0 9999 | cut -d' ' -f 1-5)" = "39 35 35 28 2" ]
	# What was done last is in the last ones, and only there.
	[ "$(figures $(($(summaries) - 3)) 9999 | cut -d" " -f 4)" -eq 5 ]
	in_histograms() { # TITLE
		awk -v title=", $1:\$" '$0 ~ title { here = 1; next } /^$/ { here = 0 }
			here && / -> / { sum += $5 } END { print sum + 0 }' "$TRACE"
	}
	[ "$(in_histograms "time in the wait")" -eq 35 ]
	[ "$(in_histograms "time away from the wait")" -eq 34 ]
}

@test "intervals are as short as asked for, whatever else the tool has to scan" {
	steps_start
	export TZ=XXX-5:30 # of the tool and of date
	tool_start --interval 10ms --blocked-after 5m -p "$DRIVEN"
	await 10 at_least 23
	tool_ends INT
	[ "$STATUS" -eq 0 ]
	# However slow the machine: some are far below the 100 ms of --blocked-after. The last counts
	# not, because it is cut off.
	[ "$(sed -nE 's/^0 calls in ([0-9.]+) ms, .*/\1/p' "$TRACE" | head -n -1 |
		awk '$1 < 50' | wc -l)" -ge 1 ]
	# The time of day is that of the end, in the time zone of the tool.
	stamp=$(grep -E "$STAMP" "$TRACE" | tail -n 1)
	[ $((($(date +%s) - $(date -d "$stamp" +%s) + 86400) % 86400)) -le 60 ]
}

@test "-C prints lines between the summaries" {
	"$ET" -C --interval 100ms -o "$TRACE" -- "$STEPS" "create; loop 5 { wait 3 101 1 }" >"$OUT"
	at_least 3
	[ "$(grep -c 'epoll_wait(.* = 0 <' "$TRACE")" -eq 5 ]
	[ "$(figures 0 9999 | cut -d' ' -f 1-3)" = "6 5 5" ]
	first=$(grep -nE "$STAMP" "$TRACE" | head -n 1 | cut -d: -f 1)
	last=$(grep -n 'epoll_wait(.* = 0 <' "$TRACE" | tail -n 1 | cut -d: -f 1)
	[ "$first" -lt "$last" ]
	[ "$(grep -c '^+++ 0 records lost +++$' "$TRACE")" -eq 1 ]
}
