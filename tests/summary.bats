#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The figures of -c, against a workload whose numbers are known.
# shellcheck disable=SC2153 # STATUS and TOOL are set by the helper

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

# loop TID: the row of a thread in the table of loops; blanks folded.
loop() {
	awk -v tid="$1" '
		/^ +TID +TURNS / { here = 1; next }
		/^$/ { here = 0 }
		here && $1 == tid { $1 = $1; print; exit }' summary
}

# in_histogram TID TITLE: the sum of the counts.
in_histogram() {
	awk -v title="thread $1, $2:" '
		$0 == title { here = 1; next }
		/^$/ { here = 0 }
		here && / -> / { sum += $5 }
		END { print sum + 0 }' summary
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

@test "entries that came and went are folded by what their files are, after the living" {
	"$ET" -c -o summary -- "$WORKLOADS/steps" "create; pipe; add 3 4 IN 4; eventfd 1; add 3 6 IN 6;
		del 3 6; close 6; loop 9 { eventfd 1; add 3 6 IN 6; wait 3 0 7; close 6 };
		loop 12 { pipe; add 3 6 IN 6; write 7 1; wait 3 0 7; close 6; close 7 };
		pipe; add 3 6 IN 6; wait 3 0 7" >out
	cat summary
	entries=$(awk '/^INSTANCE +FD/ { here = 1; next } here' summary)
	diff <(sed -E -e 's/pipe:\[[0-9]+\]/pipe/' -e 's/ +/ /g' -e 's/ [0-9.]+ ([0-9:.]+|-) EPOLL/ EPOLL/' \
		-e 's/ \(gone\)$//' <<<"$entries") - <<-END
		#1 4 1 0 0 0 EPOLLIN <pipe>
		#1 6 1 0 0 0 EPOLLIN <pipe>
		gone: 12 <pipe>: 12 ADD, 0 MOD, 0 DEL, 12 ready
		gone: 10 <anon_inode:[eventfd]>: 10 ADD, 0 MOD, 1 DEL, 9 ready
	END
	"$ET" -c --limit 0 -o summary -- "$WORKLOADS/steps" "create; loop 12 { pipe; add 3 4 IN 4; close 4; close 5 }" >out
	[ "$(grep -c 'EPOLLIN <pipe:.*(gone)$' summary)" -eq 12 ]
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
	await 10 has_text summary '<blocked >'
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
	[ "$(awk '/^INSTANCE.*EINTR/ { here = 1; next } /^$/ { here = 0 } here && NF { n += $9 }
		END { print n }' summary)" -eq "$eintr" ]
}

@test "loops: a row for each thread, over all instances; away is what it did meanwhile" {
	"$ET" -c -o summary -- "$WORKLOADS/steps" "create; create; eventfd 1; add 3 5 IN 5;
		loop 23 { wait 3 0 7 }; loop 7 { wait 4 2 7 }; thread { loop 5 { wait 4 3 7 } };
		wait 999 0 1" >out
	main=$(sed -n 's/ create = 3$//p' out)
	other=$(sed -n 's/ wait 4 3 7 = 0$//p' out | head -n 1)
	[ "$(grep -cE '^ +[0-9]+ +[0-9]+ +[0-9.]+ +[0-9.]+% ' summary)" -eq 2 ]
	[ "$(loop "$main" | field 2)" -eq 31 ] # TURNS: 23 + 7 + 1
	[ "$(loop "$main" | field 5)" = 0.74 ] # RDY/TURN: 23 of 31
	[ "$(loop "$other" | field 2)" -eq 5 ]
	[ "$(loop "$other" | field 5)" = 0.00 ]
	# UTIL: seven waits of 2 ms, and more than 15 ms away: those that the other thread waited.
	loop "$main" | awk '{ exit !($4 + 0 > 0 && $4 + 0 < 100) }'
	loop "$main" | awk '$11 == "ms" { exit !($10 >= 2) } $11 != "s" { exit 1 }'
	loop "$main" | awk '$17 == "ms" { exit !($16 >= 15) } $17 != "s" { exit 1 }'
	# PER-SEC is over the time that the first line has.
	total=$(sed -nE '1s/.* in ([0-9.]+) (ms|s),.*/\1 \2/p' summary)
	loop "$main" | awk -v total="$total" '{
		split(total, part); s = part[2] == "s" ? part[1] : part[1] / 1000
		exit !($3 > 31 / s * 0.99 && $3 < 31 / s * 1.01) }'
	# It fits into 100 columns.
	awk '/^ +TID +TURNS /, /^$/ { if (length($0) > 100) exit 1 }' summary
}

@test "--histograms: counts are those of waits; no lines, but with -C" {
	steps="create; eventfd 1; add 3 4 IN 4; loop 101 { wait 3 0 7 }; del 3 4;
		loop 3 { wait 3 2 7 }; thread { loop 5 { wait 3 1 7 } }"
	"$ET" --histograms -o summary -- "$WORKLOADS/steps" "$steps" >out
	main=$(sed -n 's/ create = 3$//p' out)
	other=$(sed -n 's/ wait 3 1 7 = 0$//p' out | head -n 1)
	[ "$(in_histogram "$main" "time in the wait")" -eq 104 ]
	[ "$(in_histogram "$main" "time away from the wait")" -eq 103 ]
	[ "$(in_histogram "$other" "time in the wait")" -eq 5 ]
	[ "$(in_histogram "$other" "time away from the wait")" -eq 4 ]
	# Rows are powers of two, and five waits of 1 ms stand where they belong.
	awk -v title="thread $other, time in the wait:" '
		$0 == title { here = 1; next } /^$/ { here = 0 }
		here && / -> / { if ($1 >= 524288) sum += $5; else bad += $5
			if ($3 != 2 * $1 - 1) exit bad = 1 }
		END { exit bad || sum != 5 }' summary
	grep -qx '     nsecs               : count     distribution' summary
	run ! grep -q 'epoll_wait(' summary
	"$ET" -C --histograms -o summary -- "$WORKLOADS/steps" "$steps" >out
	[ "$(grep -c 'epoll_wait(.* = ' summary)" -eq 109 ]
	[ "$(grep -c '^thread .* time in the wait:$' summary)" -eq 2 ]
	"$ET" -c -o summary -- "$WORKLOADS/steps" "$steps" >out
	run ! grep -qE 'nsecs|^thread' summary
}

@test "a wait from before the attach is a turn of no known length" {
	start_echo
	background "$ET" -C --histograms --blocked-after 50ms -o summary -p "$SERVER"
	tool=$!
	await 10 has_text summary '<blocked >'
	exec {client}<>"/dev/tcp/127.0.0.1/$PORT"
	echo 23 >&"$client"
	read -r line <&"$client"
	[ "$line" = 23 ]
	exec {client}>&-
	await 10 grep -q 'epoll_wait(.*{events=[A-Z|]*EPOLLRDHUP' summary
	last_blocks() { tail -n 1 summary | grep -q '<blocked [0-9]'; }
	await 10 last_blocks
	kill -INT "$tool"
	wait "$tool"
	turns=$(loop "$SERVER" | field 2)
	[ "$turns" -eq "$(grep -c 'epoll_wait(.*\] *, 64, -1) = [1-9]' summary)" ]
	[ "$turns" -ge 2 ]
	[ "$(in_histogram "$SERVER" "time in the wait")" -eq $((turns - 1)) ]
	# The wait that goes on at the end ends the last time away.
	[ "$(in_histogram "$SERVER" "time away from the wait")" -eq "$turns" ]
}

# sum TABLE COLUMN: what the rows of a table add up to; TABLE is a word of its header.
sum() {
	awk -v head="$1" -v column="$2" '
		index($0, " " head " ") && $0 ~ /^(INSTANCE| +TID)/ {
			here = 1
			for (i = 1; i <= NF; i++)
				if ($i == column)
					at = i
			next
		}
		/^$/ || / thread.* had / { here = 0 }
		here { n += $at }
		END { print n + 0 }' summary
}

# Threads that make five waits each, one after the other, of which one fails.
short_lived() {
	echo "create; eventfd 1; add 3 4 IN 4; quiet { loop 23 { wait 3 0 7 }; loop $1 { thread {
		wait 3 0 7; wait 3 0 7; wait 3 0 7; wait 3 0 7; wait 999 0 1 } } }; $2"
}

@test "thousands of short-lived threads: the busiest are kept, the others folded by name, all add up" {
	"$ET" -c --histograms --record r.etr -o summary -- "$WORKLOADS/steps" "$(short_lived 3001)" >out
	[ "$(sed -nE '1s/.* epoll_wait ([0-9]+).*/\1/p' summary)" -eq 15028 ]
	[ "$(sum WAITS WAITS)" -eq 15028 ]
	[ "$(sum WAITS READY)" -eq 12027 ]
	[ "$(sum TURNS TURNS)" -eq 15028 ]
	[ "$(sum COUNT COUNT)" -eq 3001 ]
	# 40 threads, the main one too, and the rest.
	[ "$(awk '/^ +TID +TURNS/ { here = 1; next } /^$/ { here = 0 } here' summary | wc -l)" -eq 41 ]
	grep -qx "\*1: 2962 threads that have ended, named 'steps'" summary
	[ "$(awk '/^thread.*, time in the wait:$/ { here = 1; next } /^$/ { here = 0 }
		here && / -> / { n += $5 } END { print n }' summary)" -eq 15028 ]
	"$ET" --replay r.etr -c --histograms -o again
	cmp summary again
	"$ET" --replay r.etr -c --limit 7 -o summary
	[ "$(sum TURNS TURNS)" -eq 15028 ]
	grep -qx "\*1: 2995 threads that have ended, named 'steps'" summary
	"$ET" --replay r.etr -c --limit 0 -o summary
	[ "$(sum WAITS WAITS)" -eq 15028 ]
	[ "$(awk '/^ +TID +TURNS/ { here = 1; next } /^$/ { here = 0 } here' summary | wc -l)" -le 1025 ]
	"$ET" --replay r.etr -c --format json -o all.json
	jq -c 'select(.type == "summary")' all.json >json
	[ "$(jq '[.waits[].waits] | add' json)" -eq 15028 ]
	[ "$(jq '[.loops[].turns] | add' json)" -eq 15028 ]
	[ "$(jq '[.errors[].count] | add' json)" -eq 3001 ]
	[ "$(jq -c '[.loops[] | select(.threads)] | map([.threads, .comm, .tid])' json)" = '[[2962,"steps",null]]' ]
	"$ET" --replay r.etr --interval 100ms -o summary
	[ "$(sum TURNS TURNS)" -eq 15028 ]
	[ "$(sum WAITS WAITS)" -eq 15028 ]
}

@test "memory does not grow with threads that have ended" {
	steps_start
	step "create"
	tool_start -C --limit 0 --buffer-size 1M -p "$DRIVEN" # a large buffer would count too
	armed
	peak() { awk '/^VmHWM/ { print $2 }' "/proc/$TOOL/status"; }
	step "quiet { loop 2003 { thread { wait 3 0 7 } } }"
	first=$(peak)
	step "quiet { loop 8009 { thread { wait 3 0 7 } } }"
	second=$(peak)
	echo "$first kB, $second kB"
	# 8009 rows of 13 kB would take 104 MB.
	[ $((second - first)) -le 8000 ]
	tool_ends INT
	[ "$STATUS" -eq 0 ]
	grep -Eq '^[0-9]+ calls in .*, 0 records lost: ' "$TRACE"
}
