#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Which processes and threads are traced, and what their beginnings and ends do to a trace.

load helper

setup() {
	require_live
}

ended_well() {
	[ "${STATUS:-none}" = 0 ]
}

# has TEXT: a line of trace_text is TEXT.
has() {
	trace_text | grep -Fxq -- "$1"
}

# by_tid TID: lines of that thread.
by_tid() {
	grep -E "^$1 " "$TRACE"
}

# adopt PID: ends with the test; sets DRIVEN.
adopt() {
	DRIVEN=$1
	BACKGROUND+=("$1")
}

lives() {
	if ended "$1"; then
		return 1
	fi
}

# tids_of REGEX N: lines that match come from N threads.
tids_of() {
	[ "$(grep -F -- "$1" "$TRACE" | cut -d ' ' -f 1 | sort -u | wc -l)" -eq "$2" ]
}

# printed N REGEX: $OUT has N such lines.
printed() {
	[ "$(grep -Ec -- "$2" "$OUT")" -eq "$1" ]
}

# of REGEX: the number that a line of $OUT begins with which goes on like that.
of() {
	sed -En "s/^([0-9]+) $1.*/\1/p" "$OUT" | head -n 1
}

@test "children and grandchildren made after the start are followed" {
	traced -- "create; fork { wait 3 0 2; fork { wait 3 0 3; vfork { wait 3 0 5 } } }; clone_files { wait 3 0 7 }"
	ended_well
	for max in 2 3 5 7; do
		[ "$(by_tid "$(of "wait 3 0 $max = 0")" | grep -c "epoll_wait(3<eventpoll#1>, \[\], $max, 0) = 0")" -eq 1 ]
	done
	[ "$(grep -c '+++ exited with 0 +++$' "$TRACE")" -eq 5 ]
}

@test "--no-follow: children made after the start are not followed" {
	traced --no-follow -- "create; fork { wait 3 0 2 }; vfork { wait 3 0 3 }; clone_files { wait 3 0 5 };
		thread { wait 3 0 7 }"
	ended_well
	[ "$(grep -c ' wait 3 0 [235] = 0' "$OUT")" -eq 3 ]
	trace_text_is <<-'END'
		epoll_create1(0) = 3<eventpoll#1>
		epoll_wait(3<eventpoll#1>, [], 7, 0) = 0
		+++ exited with 0 +++
		+++ 0 records lost +++
	END
}

@test "attached: children made after the attach are followed, with --no-follow they are not" {
	local follow

	for follow in --blocked-after=1s --no-follow; do
		steps_start
		step "create"
		tool_start $follow -p "$DRIVEN"
		armed
		step "fork { wait 3 0 23 }"
		step "wait 3 0 29"
		tool_ends INT
		ended_well
		has 'epoll_wait(3<eventpoll#1>, [], 29, 0) = 0'
		[ "$(grep -c '\[\], 23, 0) = 0' "$TRACE")" -eq "$([ $follow = --no-follow ] && echo 0 || echo 1)" ]
		end_background
		rm "$BATS_TEST_TMPDIR/steps.in" "$TRACE"
	done
}

@test "CLONE_FILES: two processes with one table, and each with its own after unshare" {
	traced -- "create; eventfd 1; clone_files { add 3 4 IN 0x4; wait 3 0 3; unshare; close 4; pipe;
		add 3 4 IN 0x44; write 5 1; wait 3 0 5 }; wait 3 0 7"
	ended_well
	has 'epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<anon_inode:[eventfd]>}], 3, 0) = 1'
	has 'epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<anon_inode:[eventfd]>}], 7, 0) = 1'
	trace_text | grep -F '], 5, 0) = 2' >"$BATS_TEST_TMPDIR/both"
	grep -Fq '{events=EPOLLIN, data=0x4, fd=4<anon_inode:[eventfd]>}' "$BATS_TEST_TMPDIR/both"
	grep -Fq '{events=EPOLLIN, data=0x44, fd=4<pipe:[N]>}' "$BATS_TEST_TMPDIR/both"
}

@test "exec by a thread that is not the leader: the trace goes on under the PID" {
	traced -- "create; eventfd 1; add 3 4 IN 0x4; thread bg { wait 3 0 2; exec { wait 3 0 3; thread { wait 3 0 5 }; exit 7 } }; pause"
	[ "$STATUS" -eq 7 ]
	local pid other
	pid=$(of create)
	other=$(of 'wait 3 0 2')
	[ "$other" -ne "$pid" ]
	has 'epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<anon_inode:[eventfd]>}], 5, 0) = 1'
	[ "$(by_tid "$pid" | grep -c ', fd=4<anon_inode:\[eventfd\]>}\], 3, 0) = 1 ')" -eq 1 ]
	[ "$(by_tid "$pid" | grep -c '+++ exited with 7 +++$')" -eq 1 ]
	[ "$(grep -c '+++ exited' "$TRACE")" -eq 1 ]
}

# A thread that has made calls before it becomes the leader must not keep its old name.
@test "exec by a thread that is not the leader, which waits meanwhile: cut off, and reported as such" {
	local mode

	for mode in --blocked-after=1s --no-task-storage; do
		traced $mode -- "create; eventfd; thread bg { wait 3 53 2; exec { wait 3 0 3; exit 7 } };
			thread bg { wait 3 -1 5 }; wait 3 -1 7"
		[ "$STATUS" -eq 7 ]
		local pid
		pid=$(of create)
		[ "$(grep -c 'epoll_wait(3<eventpoll#1>, <unfinished ...>$' "$TRACE")" -eq 2 ]
		[ "$(by_tid "$pid" | grep -c '<unfinished ...>$')" -eq 1 ]
		[ "$(by_tid "$pid" | grep -c '\[\], 3, 0) = 0 ')" -eq 1 ]
	done
}

@test "a target that runs a 32-bit program is reported" {
	require_compat
	traced -- "create; run $WORKLOADS/compat" </dev/null
	ended_well
	grep -q '^ready$' "$OUT"
	grep -Eq "^epolltrace: process $(of create) runs the 32-bit program 'compat': " "$ERR"
	has '+++ exited with 0 +++'
}

# compat_start: a 32-bit program that waits for the end of its input; sets COMPAT.
compat_start() {
	require_compat
	mkfifo "$BATS_TEST_TMPDIR/compat.in"
	exec {INPUT}<>"$BATS_TEST_TMPDIR/compat.in"
	"$WORKLOADS/compat" <&"$INPUT" >"$BATS_TEST_TMPDIR/compat" 3>&- &
	COMPAT=$!
	adopt $!
	await 10 has_text "$BATS_TEST_TMPDIR/compat" ready
}

@test "a 32-bit target is refused, and lives on" {
	compat_start
	run timeout 20 "$ET" -p "$COMPAT"
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "epolltrace: cannot attach to $COMPAT: it is a 32-bit process" ]
	lives "$COMPAT"
}

@test "--tree: a 32-bit descendant is reported, and is no reason to refuse the rest" {
	require_compat
	mkfifo "$BATS_TEST_TMPDIR/in"
	exec {INPUT}<>"$BATS_TEST_TMPDIR/in"
	"$STEPS" "create; fork bg { run $WORKLOADS/compat }; say made; loop 400 { wait 3 50 1 }" \
		<&"$INPUT" >"$OUT" 3>&- &
	adopt $!
	await 10 has_text "$OUT" 'made = 0'
	BACKGROUND+=("$(sed -n 's/.* fork bg = //p' "$OUT")")
	tool_start --tree -p "$DRIVEN"
	await 10 has_text "$TRACE" 'epoll_wait(3<'
	tool_ends INT
	ended_well
	grep -q '32-bit' "$ERR.tool"
}

@test "-p takes several PIDs, by commas and blanks, and a TID means its process" {
	local i pid pids=() tid

	for i in 1 2 3 4; do
		"$STEPS" "create; thread bg { loop 400 { wait 3 50 $i } }; loop 400 { wait 3 50 1$i }" \
			>"$OUT.$i" 3>&- &
		pids+=($!)
		adopt $!
	done
	for i in 1 2 3 4; do
		await 10 has_text "$OUT.$i" "wait 3 50 $i = 0"
	done
	tid=$(sed -n 's/ wait 3 50 4 = 0//p' "$OUT.4" | head -n 1)
	[ "$tid" -ne "${pids[3]}" ]
	tool_start -p "${pids[0]},${pids[1]}" -p " ${pids[2]}  $tid" -p "${pids[0]}"
	for i in 1 2 3 4; do
		await 10 has_text "$TRACE" "[], $i, 50) = 0 "
		await 10 has_text "$TRACE" "[], 1$i, 50) = 0 "
	done
	[ "$(by_tid "$tid" | grep -vc '\[\], 4, 50) ')" -eq 0 ]
	# It ends when the last target has, and not before.
	for pid in "${pids[@]:0:3}"; do
		kill -KILL "$pid"
		await 10 grep -Eq "^$pid +[0-9:.]+ \+\+\+ killed by SIGKILL \+\+\+$" "$TRACE"
		lives "$TOOL"
	done
	kill -KILL "${pids[3]}"
	tool_ends
	ended_well
	[ "$(grep -c '+++ killed by SIGKILL +++$' "$TRACE")" -eq 4 ]
}

# The rest is traced, as by strace; without one left it is an error.
@test "PIDs some of which cannot be traced: each is reported, and the others are traced" {
	local zombie
	steps_start
	step "create; fork bg { exit 3 }; fork bg { pause }"
	zombie=$(sed -nE 's/^[0-9]+ fork bg .*= ([0-9]+)$/\1/p' "$OUT" | head -n 1)
	await 10 grep -q '^State:.*Z' "/proc/$zombie/status"
	tool_start -p "2147483647 $zombie,$DRIVEN" -p 2 --tree
	armed
	step "wait 3 0 7"
	tool_ends INT
	ended_well
	has 'epoll_wait(3<eventpoll#1>, [], 7, 0) = 0'
	diff - <(sed 3q "$ERR.tool") <<-END
		epolltrace: cannot attach to 2147483647: no such process
		epolltrace: cannot attach to $zombie: it has ended (zombie)
		epolltrace: cannot attach to 2: it is a kernel thread
	END
	run timeout 20 "$ET" --format json --snapshot -p "$zombie,$DRIVEN,2147483647"
	[ "$status" -eq 0 ]
	[[ $output == *"\"targets\":[$DRIVEN]"* ]]
	run timeout 20 "$ET" -p "2147483647,$zombie"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[1]}" = "epolltrace: cannot attach to $zombie: it has ended (zombie)" ]
	step "wait 3 0 1"
}

@test "a 32-bit process among several, and the number of a thread" {
	compat_start
	steps_start
	step "create; thread bg { wait 3 -1 7 }"
	await 10 [ "$(find "/proc/$DRIVEN/task" -mindepth 1 -maxdepth 1 | wc -l)" -eq 2 ]
	tid=$(find "/proc/$DRIVEN/task" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -n | tail -n 1)
	tool_start -p "$COMPAT,$tid"
	armed
	tool_ends INT
	ended_well
	diff - <(sed 2q "$ERR.tool") <<-END
		epolltrace: cannot attach to $COMPAT: it is a 32-bit process
		    system calls of 32-bit programs cannot be seen
	END
	[ "$(grep -c 'epoll_wait(3<eventpoll#1>, <unfinished' "$TRACE")" -eq 1 ]
}

@test "processes that end while they are attached to do not keep the trace from its end" {
	local first second
	for round in {1..17}; do
		"$STEPS" "create; wait 3 $((round * 11)) 1" >/dev/null 3>&- &
		first=$!
		"$STEPS" "create; loop 9999 { wait 3 7 1 }" >/dev/null 3>&- &
		second=$!
		BACKGROUND+=("$second")
		tool_start -q --tree -p "$first,$second"
		await 10 grep -qs "^$second .*epoll_wait" "$TRACE"
		kill -KILL "$second"
		tool_ends >/dev/null
		ended_well
		cat "$ERR.tool"
		run ! grep -Evx "epolltrace: cannot attach to $first: (no such process|it ended meanwhile|it has ended \(zombie\))" "$ERR.tool"
		grep -q "^$second .*+++ killed by SIGKILL +++$" "$TRACE"
		rm "$TRACE"
	done
}

@test "all threads of a target are seen: those of before the attach and those of after" {
	steps_start
	step "create; loop 11 { thread bg { loop 400 { quiet { wait 3 50 1 } } } }"
	tool_start -p "$DRIVEN"
	armed
	step "loop 7 { thread bg { loop 400 { quiet { wait 3 50 2 } } } }"
	await 10 tids_of '[], 1, 50) = 0' 11
	await 10 tids_of '[], 2, 50) = 0' 7
	tool_ends INT
	ended_well
	for tid in /proc/"$DRIVEN"/task/*; do
		by_tid "${tid##*/}" >/dev/null
	done
}

@test "--tree is not recommended where all children are traced already" {
	"$STEPS" "fork { thread { pause } }" >"$OUT" 3>&- &
	adopt $!
	await 10 grep -q . "/proc/$DRIVEN/task/$DRIVEN/children"
	tool_start --tree -p "$DRIVEN"
	await 10 has_text "$ERR.tool" 'no epoll call seen'
	tool_ends INT
	run ! grep -q -- '--tree' "$ERR.tool"
}

@test "--tree takes living descendants: shell, child, grandchild" {
	sh -c "'$STEPS' 'create; fork { loop 400 { wait 3 50 3 } }; wait 3 50 2'; true" >"$OUT" 3>&- &
	adopt $!
	await 10 has_text "$OUT" 'wait 3 50 3 = 0'
	tool_start -p "$DRIVEN"
	await 10 has_text "$ERR.tool" 'no epoll call seen'
	grep -q -- '--tree' "$ERR.tool"
	[ "$(head -n 1 "$ERR.tool")" = "epolltrace: tracing 1 process" ]
	tool_ends TERM
	[ "$(grep -c epoll_wait "$TRACE")" -eq 0 ]
	tool_start --tree -p "$DRIVEN"
	await 10 has_text "$TRACE" '[], 3, 50) = 0 '
	[ "$(head -n 1 "$ERR.tool")" = "epolltrace: tracing 3 processes" ]
	# The grandchild ends: its parent goes on, and so does the trace.
	kill -KILL "$(of 'wait 3 50 3')"
	tool_ends
	ended_well
	[ "$(grep -c '+++ killed by SIGKILL +++$' "$TRACE")" -eq 1 ]
	[ "$(grep -c '+++ exited with 0 +++$' "$TRACE")" -eq 2 ]
	grep -q '\[\], 2, 50) = 0 ' "$TRACE"
}

@test "launched: the trace ends when all followed children have, with COMMAND's status" {
	traced -- "create; fork bg { wait 3 307 2; wait 3 0 3 }; exit 11"
	[ "$STATUS" -eq 11 ]
	has '+++ exited with 11 +++'
	has 'epoll_wait(3<eventpoll#1>, [], 2, 307) = 0'
	has 'epoll_wait(3<eventpoll#1>, [], 3, 0) = 0'
	[ "$(trace_text | tail -n 2)" = $'+++ exited with 0 +++\n+++ 0 records lost +++' ]
}

# Threads that end at the same moment on several CPUs must not both pass for the last one.
@test "the ends of many-threaded processes do not end the trace of another" {
	traced -e create -- "create; quiet { loop 603 { fork { loop 3 { thread bg { loop 9999999 { wait 3 0 1 } } };
		wait 3 1 1 } } }; create0 7"
	ended_well
	has 'epoll_create(7) = 4<eventpoll#2>'
	[ "$(grep -c '+++ exited with 0 +++$' "$TRACE")" -eq 604 ]
}

# Go's exec: whichever thread runs it. The leader waits meanwhile, on an instance that is closed by it.
@test "exec by a thread that is not the leader ends its number, and the leader's instance" {
	cd "$BATS_TEST_TMPDIR"
	steps_start "$ET" --rules=none --format json --record r.etr
	TOOL=$DRIVEN
	step "create CLOEXEC; eventfd; add 3 4 IN 4; create CLOEXEC"
	echo "thread bg { wait 5 53 1; say away; exec { create; say executed; wait 3 -1 7 } }; wait 3 -1 5" \
		>&"$STEPS_IN"
	await 10 has_text "$OUT" 'say executed = 0'
	execer=$(of 'say away')
	leader=$(of 'say executed')
	[ "$execer" != "$leader" ]
	tool_ends INT
	r=("$ET" --replay r.etr)
	"${r[@]}" --snapshot >snapshot
	run ! grep -qw "$execer" snapshot
	"${r[@]}" --format json --rules=none >lines
	[ "$(jq -c 'select(.tid and .comm == null)' lines | wc -l)" -eq 0 ]
	"${r[@]}" -c >summary
	awk -v tid="$execer" '/^ +TID +TURNS / { here = 1 } here && $1 == tid { n++; if ($NF != "-") exit bad = 1 }
		END { exit bad || n != 1 }' summary
	# The time of the new program's first call, which no scan has followed yet.
	at=$("${r[@]}" -e create | awk '{ at = /create/ ? $2 : at } END { print at }')
	"${r[@]}" --at "$at" >at_time
	cat at_time
	grep -Eq '^[0-9]+ \([a-z]+\) has no epoll instance$' at_time
	run ! grep -q '^instance' at_time
	run ! grep -qF '()' at_time snapshot
	"${r[@]}" --format chrome -o chrome
	run ! grep -q '"of [0-9]* "' chrome
}

@test "exit_group by another thread cuts waits off: unfinished, and the end is the process's" {
	traced -- "create; loop 11 { thread bg { wait 3 -1 7 } }; thread bg { wait 3 101 1; exit 3 }; wait 3 -1 5"
	[ "$STATUS" -eq 3 ]
	[ "$(grep -c 'epoll_wait(3<eventpoll#1>, <unfinished ...>$' "$TRACE")" -eq 12 ]
	[ "$(grep 'unfinished' "$TRACE" | cut -d ' ' -f 1 | sort -u | wc -l)" -eq 12 ]
	[ "$(grep -c EINTR "$TRACE")" -eq 0 ]
	[ "$(by_tid "$(of create)" | grep -c '+++ exited with 3 +++$')" -eq 1 ]
	[ "$(grep -c '+++ exited' "$TRACE")" -eq 1 ]
}

@test "SIGKILL cuts waits off: unfinished, and the end is reported with its signal" {
	traced -- "create; fork { loop 6 { thread bg { pwait 3 -1 7 } }; thread bg { wait 3 101 1; kill self KILL }; wait 3 -1 5 }"
	ended_well
	[ "$(grep -c 'epoll_pwait(3<eventpoll#1>, <unfinished ...>$' "$TRACE")" -eq 6 ]
	[ "$(grep -c 'epoll_wait(3<eventpoll#1>, <unfinished ...>$' "$TRACE")" -eq 1 ]
	[ "$(by_tid "$(of 'thread bg')" | grep -c '+++ killed by SIGKILL +++$')" -eq 1 ]
	[ "$(grep -c '+++ killed' "$TRACE")" -eq 1 ]
	has '+++ exited with 0 +++'
	[ "$(grep -c EINTR "$TRACE")" -eq 0 ]
}

@test "the end of the trace: a wait under way is unfinished, also one that began before the attach" {
	steps_start
	step "create; thread bg { wait 3 -1 7 }"
	tool_start -p "$DRIVEN"
	armed
	step "thread bg { wait 3 -1 11 }"
	tool_ends INT
	ended_well
	[ "$(grep -c 'epoll_wait(3<eventpoll#1>, <unfinished ...>$' "$TRACE")" -eq 2 ]
	lives "$DRIVEN"
}

@test "process ends are reported: exit status, signal" {
	traced -- "create; fork { exit 3 }; fork { kill self TERM }; fork { thread { exit 5 } }; fork { thread bg { wait 3 53 1 }; leave }"
	ended_well
	trace_text_is <<-'END'
		epoll_create1(0) = 3<eventpoll#1>
		+++ exited with 3 +++
		+++ killed by SIGTERM +++
		+++ exited with 5 +++
		epoll_wait(3<eventpoll#1>, [], 1, 53) = 0
		+++ exited with 0 +++
		+++ exited with 0 +++
		+++ 0 records lost +++
	END
	# The end has the PID, whichever thread was the last.
	diff <(sed -En 's/.* fork = ([0-9]+) .*/\1/p' "$OUT") \
		<(sed -En 's/^([0-9]+) .*\+\+\+ (exited|killed).*/\1/p' "$TRACE" | head -n 4)
}

@test "the tool stopped under load and continued: no line is torn, losses are reported" {
	local made lost shown

	steps_start "$ET" --buffer-size 256K -o "$TRACE"
	TOOL=$DRIVEN
	step "create; eventfd 1; add 3 4 IN 0x4; loop 3 { thread bg { quiet { loop 100003 { wait 3 0 1 } }; say done; pause } }"
	kill -STOP "$TOOL"
	await 20 printed 3 'say done = 0$'
	kill -CONT "$TOOL"
	armed
	tool_ends INT
	[ "$(grep -Evc '^[0-9]+ +[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6} epoll_.*>$|^--- [0-9]+ records lost: .* ---$|^\+\+\+ [0-9]+ records lost \+\+\+$' "$TRACE")" -eq 0 ]
	[ "$(tail -c 1 "$TRACE")" = '' ]
	lost=$(sed -n 's/^+++ \([0-9]*\) records lost +++$/\1/p' "$TRACE")
	shown=$(grep -c 'epoll_.*>$' "$TRACE")
	made=$((1 + 1 + 3 * 100003 + $(grep -c 'wait 999' "$OUT")))
	echo "shown $shown, lost $lost, made $made"
	[ "$lost" -gt 0 ]
	[ $((shown + lost)) -ge $made ]
	[ $((shown + lost)) -le $((made + 100)) ] # a scan that finds no room loses some as well
}

@test "the target stopped and continued: its wait returns EINTR, and it is shown" {
	steps_start
	step "create"
	tool_start --blocked-after 50ms -p "$DRIVEN"
	armed
	step "thread bg { wait 3 -1 7 }"
	await 10 has_text "$TRACE" '<blocked '
	kill -STOP "$DRIVEN"
	await 10 grep -q '^State:.T' "/proc/$DRIVEN/status"
	await 10 grep -q "^$DRIVEN .* --- stopped ---$" "$TRACE"
	kill -CONT "$DRIVEN"
	await 10 grep -Eq "^$DRIVEN .* --- continued after [0-9.]+ s ---$" "$TRACE"
	await 10 grep -Eq 'epoll_wait\(3<eventpoll#1>, 0x[0-9a-f]+, 7, -1\) = -1 EINTR \(Interrupted system call\) <' "$TRACE"
	grep -q ' wait 3 -1 7 = -EINTR$' "$OUT"
	tool_ends INT
	ended_well
}

# lines_have REGEX
lines_have() {
	grep -Eq -- "$1" "$TRACE"
}

@test "a target that is frozen with its cgroup: lines, snapshot and diagnosis say so" {
	CGROUP=epolltrace-test-$$
	in_cgroup '[ -e cgroup.freeze ]' || skip "no cgroup v2 that can be made here"
	steps_start
	step "create; pipe; add 3 4 IN|ET 4; write 5 1; wait 3 0 7; read 4 1"
	tool_start -p "$DRIVEN"
	armed
	step "thread bg { loop 999 { wait 3 53 7 } }"
	background "$ET" --diagnose --stall 200ms --format json -p "$DRIVEN" >"$BATS_TEST_TMPDIR/diagnosis"
	diagnosing=$!
	await 10 lines_have 'epoll_wait\(3<eventpoll#1>, .*, 7, 53\) = '
	in_cgroup "echo $DRIVEN >cgroup.procs; echo 1 >cgroup.freeze"
	await 10 lines_have "^$DRIVEN .* --- frozen with its cgroup ---\$"
	"$ET" --snapshot -p "$DRIVEN" >"$BATS_TEST_TMPDIR/snapshot"
	cat "$BATS_TEST_TMPDIR/snapshot"
	[ "$(grep -c '  frozen' "$BATS_TEST_TMPDIR/snapshot")" -eq 2 ]
	"$ET" --format json --snapshot -p "$DRIVEN" | jq -r 'select(.type == "thread") | .state' |
		diff - <(printf 'frozen\nfrozen\n')
	in_cgroup "echo 0 >cgroup.freeze"
	await 10 lines_have "^$DRIVEN .* --- thawed after [0-9.]+ s ---\$"
	kill -INT "$diagnosing"
	wait "$diagnosing"
	cat "$BATS_TEST_TMPDIR/diagnosis"
	[ "$(jq -r 'select(.type == "diagnosis") | .halted[] | "\(.pid) \(.state) \(.still)"' \
		"$BATS_TEST_TMPDIR/diagnosis")" = "$DRIVEN frozen false" ]
	[ "$(jq -r 'select(.type == "finding") | .rule' "$BATS_TEST_TMPDIR/diagnosis")" = "" ]
	tool_ends INT
	ended_well
}

@test "tool and target in one PID namespace: numbers as seen there" {
	# shellcheck disable=SC2016 # the inner shell's
	timeout 40 unshare -pf --mount-proc sh -c '
		"$1" "create; pid; fork bg { loop 61 { wait 3 53 2 } }; loop 61 { wait 3 53 1 }; reap" >"$2" &
		pid=$!
		until grep -q "wait 3 53 1" "$2"; do :; done
		"$3" -o "$4" -p "$pid" && echo "target was $pid" >>"$2"
		' sh "$STEPS" "$OUT" "$ET" "$TRACE" 3>&-
	cat "$OUT" "$TRACE"
	local pid
	pid=$(sed -n 's/target was //p' "$OUT")
	[ "$pid" -lt 100 ]
	grep -q "^$pid pid = $pid$" "$OUT"
	by_tid "$pid" | grep -q '\[\], 1, 53) = 0 '
	by_tid "$pid" | grep -q '+++ exited with 0 +++$'
}

@test "a launch inside a PID namespace: numbers as seen there, children too" {
	timeout 40 unshare -pf --mount-proc "$ET" -o "$TRACE" "$STEPS" \
		"create; wait 3 0 1; fork { wait 3 0 2; thread { wait 3 0 3 } }" >"$OUT" 3>&-
	cat "$OUT" "$TRACE"
	for max in 1 2 3; do
		by_tid "$(of "wait 3 0 $max")" | grep -Fq "[], $max, 0) = 0 "
	done
}

@test "a target in a child PID namespace: numbers as the user of the tool sees them" {
	unshare -pf --mount-proc "$STEPS" \
		"create; pid; loop 99 { loop 20 { wait 3 53 1 }; fork { wait 3 0 2 }; thread { wait 3 0 3 } }" \
		>"$OUT" 3>&- &
	adopt $!
	await 10 grep -q '^1 wait 3 53 1 = 0' "$OUT"
	local inner
	inner=$(cat "/proc/$DRIVEN/task/$DRIVEN/children")
	inner=${inner// /}
	adopt "$inner"
	grep -Eq "^NSpid:.*\b1$" "/proc/$inner/status"
	tool_start -p "$inner"
	await 20 has_text "$TRACE" '[], 3, 0) = 0 '
	tool_ends INT
	ended_well
	by_tid "$inner" | grep -q '\[\], 1, 53) = 0 '
	[ "$(cut -d ' ' -f 1 "$TRACE" | grep -Exc '[1-9]')" -eq 0 ]
	# The child and the thread have numbers of this namespace too.
	[ "$(grep -E '\[\], [23], 0\) = 0 ' "$TRACE" | awk -v least="$inner" '$1 <= least' | wc -l)" -eq 0 ]
}

@test "--tree reaches into a child PID namespace" {
	unshare -pf --mount-proc "$STEPS" "create; loop 400 { wait 3 53 1 }" >"$OUT" 3>&- &
	adopt $!
	await 10 grep -q '^1 wait 3 53 1 = 0' "$OUT"
	local inner outer=$DRIVEN
	inner=$(cat "/proc/$DRIVEN/task/$DRIVEN/children")
	inner=${inner// /}
	adopt "$inner"
	tool_start --tree -p "$outer"
	await 10 has_text "$TRACE" '[], 1, 53) = 0 '
	kill -KILL "$inner"
	tool_ends
	ended_well
	by_tid "$inner" | grep -q '+++ killed by SIGKILL +++$'
}

@test "a /proc of another PID namespace is refused" {
	run timeout 20 unshare -pf "$ET" -o "$TRACE" "$STEPS" "create"
	echo "$output"
	[ "$status" -eq 125 ]
	[[ ${lines[0]} == "epolltrace: /proc belongs to another PID namespace"* ]]
	run timeout 20 unshare -pf "$ET" -o "$TRACE" -p 1
	echo "$output"
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == "epolltrace: /proc belongs to another PID namespace"* ]]
}
