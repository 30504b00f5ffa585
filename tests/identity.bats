#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Which instance, which entry, which file: by identity, never by number. tests/workloads/steps.c
# acts and prints what the kernel answered, /proc/self/fdinfo included.

load helper

setup() {
	require_live
}

ended_well() {
	[ "${STATUS:-none}" = 0 ]
}

@test "an instance keeps its number over dup, dup2 and fork, and a new one gets a new number" {
	traced -- "create; dup 3; dup2 3 17; pipe; add 4 5 IN 0x5; write 6 7; wait 17 0 7;
		fork { wait 3 0 7 }; close 3; close 4; wait 17 0 7; close 17; create; wait 3 0 7;
		create0 7; create CLOEXEC"
	ended_well
	trace_text_is <<-'END'
		epoll_create1(0) = 3<eventpoll#1>
		epoll_ctl(4<eventpoll#1>, EPOLL_CTL_ADD, 5<pipe:[N]>, {events=EPOLLIN, data=0x5}) = 0
		epoll_wait(17<eventpoll#1>, [{events=EPOLLIN, data=0x5, fd=5<pipe:[N]>}], 7, 0) = 1
		epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x5, fd=5<pipe:[N]>}], 7, 0) = 1
		+++ exited with 0 +++
		epoll_wait(17<eventpoll#1>, [{events=EPOLLIN, data=0x5, fd=5<pipe:[N]>}], 7, 0) = 1
		epoll_create1(0) = 3<eventpoll#2>
		epoll_wait(3<eventpoll#2>, [], 7, 0) = 0
		epoll_create(7) = 4<eventpoll#3>
		epoll_create1(EPOLL_CLOEXEC) = 7<eventpoll#4>
		+++ exited with 0 +++
		+++ 0 records lost +++
	END
}

@test "101 instances made and closed at one number, at addresses used again: #1 to #101" {
	traced -- "quiet { loop 101 { create; eventfd 1; add 3 4 IN 4; wait 3 0 1; close 4; close 3 } }"
	ended_well
	diff <(seq 101) <(sed -n 's/.*epoll_create1(0) = 3<eventpoll#\([0-9]*\)> .*/\1/p' "$TRACE")
	diff <(seq 101) <(sed -n \
		's/.*epoll_wait(3<eventpoll#\([0-9]*\)>.*data=0x4, fd=4<anon_inode:\[eventfd\]>.*/\1/p' \
		"$TRACE")
}

@test "a descriptor number used again is the file of that moment" {
	traced -- "create; pipe; add 3 4 IN 0x4; write 5 7; wait 3 0 7; close 4; eventfd 1;
		add 3 4 IN 0x4; wait 3 0 7; close 4; socketpair; add 3 4 OUT 0x4; wait 3 0 7;
		del 3 4; add 3 4 OUT 0x44; wait 3 0 7"
	ended_well
	trace_text | grep epoll_wait | diff - <(
		cat <<-'END'
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<pipe:[N]>}], 7, 0) = 1
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<anon_inode:[eventfd]>}], 7, 0) = 1
			epoll_wait(3<eventpoll#1>, [{events=EPOLLOUT, data=0x4, fd=4<UNIX-STREAM:[N]>}], 7, 0) = 1
			epoll_wait(3<eventpoll#1>, [{events=EPOLLOUT, data=0x44, fd=4<UNIX-STREAM:[N]>}], 7, 0) = 1
		END
	)
}

@test "pipes made and closed at one number: every event names the pipe of that moment" {
	local added waited

	traced -- "create; quiet { loop 97 { pipe; add 3 4 IN 4; write 5 1; wait 3 0 1; close 4; close 5 } }"
	ended_well
	added=$(sed -n 's/.*EPOLL_CTL_ADD, 4<pipe:\[\([0-9]*\)\]>.*/\1/p' "$TRACE")
	waited=$(sed -n 's/.*fd=4<pipe:\[\([0-9]*\)\]>}.*/\1/p' "$TRACE")
	[ "$(wc -l <<<"$added")" -eq 97 ]
	diff <(echo "$added") <(echo "$waited")
	[ "$(sort -u <<<"$added" | wc -l)" -eq 97 ]
}

@test "MOD changes data: an event is named by what it was at that moment" {
	traced -- "create; pipe; eventfd 1; add 3 4 IN 0xa; add 3 6 IN 0xb; write 5 7; wait 3 0 7;
		mod 3 4 IN 0xb; mod 3 6 IN 0xc; wait 3 0 7; mod 3 4 IN|ET 0xc; mod 3 6 IN 0xa; wait 3 0 7"
	ended_well
	trace_text | grep epoll_wait >"$BATS_TEST_TMPDIR/waits"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/waits")" -eq 3 ]
	while read -r number data fd; do
		sed -n "${number}p" "$BATS_TEST_TMPDIR/waits" |
			grep -Fq "{events=EPOLLIN, data=$data, fd=$fd}"
	done <<-'END'
		1 0xa 4<pipe:[N]>
		1 0xb 6<anon_inode:[eventfd]>
		2 0xb 4<pipe:[N]>
		2 0xc 6<anon_inode:[eventfd]>
		3 0xc 4<pipe:[N]>
		3 0xa 6<anon_inode:[eventfd]>
	END
}

@test "MOD of a blocked wait's entry by another thread: the event has the new data and its name" {
	traced -- "create; pipe; add 3 4 IN 0xa; thread bg { mod 3 4 IN|ET 0xb; write 5 1 }; wait 3 -1 7"
	ended_well
	trace_text | grep -Fx \
		'epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xb, fd=4<pipe:[N]>}], 7, -1) = 1'
}

@test "one data of several living entries names all, an unknown data is fd=?" {
	traced -- "create; pipe; eventfd; add 3 4 IN 0x5ca1e; add 3 6 IN 0x5ca1e; add 3 5 IN 0x5ca1e;
		write 6 8; wait 3 0 7; close 6; write 5 1; wait 3 0 7; del 3 5; wait 3 0 7"
	ended_well
	trace_text | grep epoll_wait | diff - <(
		cat <<-'END'
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x5ca1e, fd=5<pipe:[N]>|6<anon_inode:[eventfd]>|4<pipe:[N]>}], 7, 0) = 1
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x5ca1e, fd=5<pipe:[N]>|4<pipe:[N]>}], 7, 0) = 1
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x5ca1e, fd=4<pipe:[N]>}], 7, 0) = 1
		END
	)
}

@test "an entry made before the attach is named from its first event" {
	steps_start
	step "create; pipe; add 3 4 IN 0x4; write 5 1"
	tool_start -p "$DRIVEN"
	armed
	step "wait 3 0 7; mod 3 4 IN 0x44; wait 3 0 7"
	tool_ends INT
	ended_well
	trace_text | grep -v 'epoll_wait(999,' | diff - <(
		cat <<-'END'
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<pipe:[N]>}], 7, 0) = 1
			epoll_ctl(3<eventpoll#1>, EPOLL_CTL_MOD, 4<pipe:[N]>, {events=EPOLLIN, data=0x44}) = 0
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x44, fd=4<pipe:[N]>}], 7, 0) = 1
			+++ 0 records lost +++
		END
	)
}

# The classic accident: after fork both have the number, but for different files.
@test "one number and one data in parent and child, two files: both are named" {
	traced -- "create; pipe; add 3 4 IN 0x4; write 5 1;
		fork { close 4; eventfd; add 3 4 IN 0x4; wait 3 0 7; fdinfo 3 }"
	ended_well
	grep -q ' fdinfo 3 = 2 ' "$OUT"
	trace_text | grep -Fx 'epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<anon_inode:[eventfd]>|4<pipe:[N]>}], 7, 0) = 1'
}

@test "a closed number whose file lives on in a dup still delivers, and is named" {
	traced -- "create; pipe; add 3 4 IN 0xbeef; dup 4; close 4; write 5 1; wait 3 0 7; eventfd;
		wait 3 0 7; close 6; wait 3 0 7"
	ended_well
	grep -Eq 'wait 3 0 7 = 1 IN:0xbeef$' "$OUT"
	trace_text | grep epoll_wait | diff - <(
		cat <<-'END'
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xbeef, fd=4<pipe:[N]>}], 7, 0) = 1
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xbeef, fd=4<pipe:[N]>}], 7, 0) = 1
			epoll_wait(3<eventpoll#1>, [], 7, 0) = 0
		END
	)
}

@test "dup2 over a watched number: the old file is not the new entry" {
	traced -- "create; pipe; add 3 4 IN 0x4; write 5 1; eventfd 1; dup2 6 4; wait 3 0 7;
		add 3 4 IN 0x4; wait 3 0 7; fdinfo 3"
	ended_well
	grep -q ' fdinfo 3 = 1 ' "$OUT"
	trace_text | grep epoll_wait | diff - <(
		cat <<-'END'
			epoll_wait(3<eventpoll#1>, [], 7, 0) = 0
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<anon_inode:[eventfd]>}], 7, 0) = 1
		END
	)
}

@test "an entry that goes by a close has a line, with who closed it, in JSON too" {
	local steps="create; pipe; pipe; pipe; add 3 4 IN 4; add 3 6 IN 6; add 3 8 IN 8; close 4; dup2 5 6;
		thread { close 8 }; add 3 7 OUT 7; fork { close 7 }; dup 7; close 4; del 3 7; close 7"
	traced -- "$steps"
	ended_well
	trace_text | grep -v '^epoll_c' | diff - <(
		cat <<-'END'
			--- 4<pipe:[N]> closed: gone from 3<eventpoll#1> ---
			--- 6<pipe:[N]> closed: gone from 3<eventpoll#1> ---
			--- 8<pipe:[N]> closed: gone from 3<eventpoll#1> ---
			+++ exited with 0 +++
			+++ exited with 0 +++
			+++ 0 records lost +++
		END
	)
	closer=$(sed -nE 's/^([0-9]+) close 8 = 0$/\1/p' "$OUT")
	grep -Eq "^$closer +[0-9:.]+ --- 8<pipe:" "$TRACE"
	# Filters take it for an EPOLL_CTL_DEL.
	for shows in "-e ctl" "--fd 6 --epfd 3" -z; do
		# shellcheck disable=SC2086 # words
		traced $shows -- "$steps"
		trace_text | grep -Fq -- '--- 6<pipe:[N]> closed: gone from 3<eventpoll#1> ---'
	done
	for hides in "-e wait" "--fd 7" "--epfd 4" -Z "--slower-than 1ns"; do
		# shellcheck disable=SC2086 # words
		traced $hides -- "$steps"
		run ! grep -q '6<pipe:.*gone from' "$TRACE"
	done
	traced --format json -- "$steps"
	jq -ce 'select(.type == "gone") | [.fd, .epfd, .instance, (.file | test("^pipe:"))]' "$TRACE" |
		diff - <(printf '[%d,3,1,true]\n' 4 6 8)
	"$ET" --json-schema >"$BATS_TEST_TMPDIR/schema"
	/usr/bin/python3 "$HERE/tests/lib/check-json.py" "$BATS_TEST_TMPDIR/schema" "$TRACE" gone
}

@test "a nested instance is shown as eventpoll#N" {
	traced -- "create; create; eventfd 1; add 4 5 IN 0x5; add 3 4 IN 0x4; wait 3 0 7; wait 4 0 7;
		dup 4; add 3 6 IN|ET 0x6; wait 3 0 1"
	ended_well
	trace_text_is <<-'END'
		epoll_create1(0) = 3<eventpoll#1>
		epoll_create1(0) = 4<eventpoll#2>
		epoll_ctl(4<eventpoll#2>, EPOLL_CTL_ADD, 5<anon_inode:[eventfd]>, {events=EPOLLIN, data=0x5}) = 0
		epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 4<eventpoll#2>, {events=EPOLLIN, data=0x4}) = 0
		epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<eventpoll#2>}], 7, 0) = 1
		epoll_wait(4<eventpoll#2>, [{events=EPOLLIN, data=0x5, fd=5<anon_inode:[eventfd]>}], 7, 0) = 1
		epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 6<eventpoll#2>, {events=EPOLLIN|EPOLLET, data=0x6}) = 0
		epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<eventpoll#2>}], 1, 0) = 1
		+++ exited with 0 +++
		+++ 0 records lost +++
	END
}

@test "an instance sent over a unix socket is the same in the process that gets it" {
	traced -- "socketpair; fork bg { recv 4; dup2 5 19; wait 19 -1 7 }; create; eventfd 1;
		add 5 6 IN 0x6; send 3 5; reap; wait 5 0 7"
	ended_well
	[ "$(trace_text | grep -Fc '<eventpoll#1>, [{events=EPOLLIN, data=0x6, fd=6<anon_inode:[eventfd]>}], 7,')" -eq 2 ]
	grep -q 'epoll_wait(19<eventpoll#1>' "$TRACE"
	[ "$(grep -c 'eventpoll#2' "$TRACE")" -eq 0 ]
}

@test "an instance sent over a unix socket is the same when its sender has ended" {
	# The grandchild reads the end of file when the sender, its parent, has ended.
	traced -- "socketpair; fork { fork bg { close 3; recv 4; recv 4; read 4 1; wait 3 0 7 }; close 4;
		create; pipe; add 4 5 IN 0x5; write 6 1; send 3 4; send 3 5; wait 4 0 7 }; close 3"
	ended_well
	grep -q ' read 4 1 = 0$' "$OUT"
	grep -q ' wait 3 0 7 = 1 IN|HUP:0x5$' "$OUT"
	[ "$(trace_text | grep -Ec '<eventpoll#1>, \[\{events=EPOLLIN(\|EPOLLHUP)?, data=0x5, fd=5<pipe:\[N\]>\}\], 7, 0\) = 1')" -eq 2 ]
	[ "$(grep -c 'eventpoll#2' "$TRACE")" -eq 0 ]
}

@test "EPOLL_CLOEXEC at exec: the number is a new instance's, a dup of the old one is the old one" {
	traced -- "create CLOEXEC; eventfd 1; add 3 4 IN 0x4; dup 3; exec { create; wait 3 0 7; wait 5 0 7 }"
	ended_well
	trace_text_is <<-'END'
		epoll_create1(EPOLL_CLOEXEC) = 3<eventpoll#1>
		epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 4<anon_inode:[eventfd]>, {events=EPOLLIN, data=0x4}) = 0
		epoll_create1(0) = 3<eventpoll#2>
		epoll_wait(3<eventpoll#2>, [], 7, 0) = 0
		epoll_wait(5<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<anon_inode:[eventfd]>}], 7, 0) = 1
		+++ exited with 0 +++
		+++ 0 records lost +++
	END
}

@test "an instance without EPOLL_CLOEXEC is the same after exec, entries and all" {
	traced -- "create; eventfd 1; add 3 4 IN 0x4; vfork { wait 3 0 7 }; exec { wait 3 0 7 }"
	ended_well
	[ "$(trace_text | grep -Fc 'epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4<anon_inode:[eventfd]>}], 7, 0) = 1')" -eq 2 ]
}

# entries_are TEXT: does the steps, ends the tool, and compares the entries that its table has
# alive with the rows of fdinfo. INSTANCE is always the first at number 3.
entries_are() {
	steps_start "$ET" -C -o "$TRACE"
	TOOL=$DRIVEN
	step "create; $1"
	step "fdinfo 3"
	tool_ends INT
	ended_well
	diff <(sed -n 's/.* fdinfo 3 = [1-9][0-9]* //p' "$OUT" | tr ' ' '\n' | cut -d : -f 1 | sort) \
		<(table_entries | cut -d ' ' -f 2 | sort)
}

@test "the table's living entries are those of fdinfo: DEL, close, dup and close, fork" {
	entries_are "pipe; add 3 4 IN 4; add 3 5 OUT 5; eventfd 1; add 3 6 IN 6; dup 6; close 6; pipe;
		add 3 6 IN 66; del 3 5; close 4; eventfd; add 3 4 IN 44; eventfd; add 3 9 IN 9;
		fork { close 9; close 4 }; close 9"
	[ "$(table_entries | grep -c closed)" -eq 1 ]
	[ "$(grep -c '(gone)$' "$TRACE")" -eq 3 ]
	grep -q '^#1 .* (closed)$' "$TRACE"
}

@test "the table's living entries are those of fdinfo: close_range" {
	entries_are "loop 11 { eventfd }; add 3 4 IN 4; add 3 5 IN 5; add 3 6 IN 6; add 3 7 IN 7;
		add 3 8 IN 8; add 3 9 IN 9; add 3 10 IN 10; dup2 9 19; close_range 5 6; close_range 8 9;
		close_range 10 4000 CLOEXEC"
	table_entries | diff - <(printf '#1 10 EPOLLIN open\n#1 4 EPOLLIN open\n#1 7 EPOLLIN open\n#1 9 EPOLLIN closed\n' | sort)
}

@test "the table's living entries are those of fdinfo: close_range UNSHARE where a table is shared" {
	entries_are "eventfd; eventfd; add 3 4 IN 4; add 3 5 IN 5;
		clone_files { close_range 5 5 UNSHARE; close 4 }; clone_files { close_range 5 5 }"
}

@test "the table's living entries are those of fdinfo: close_range UNSHARE with a table of its own" {
	entries_are "eventfd; eventfd; add 3 4 IN 4; add 3 5 IN 5; close_range 5 5 UNSHARE"
}

@test "the table's living entries are those of fdinfo: a process with the same table closes" {
	entries_are "eventfd; eventfd; eventfd; add 3 4 IN 4; add 3 5 IN 5; dup 5;
		clone_files { close 4; close 5; add 3 6 IN 6 }"
	table_entries | grep -q '^#1 5 EPOLLIN closed$'
}

@test "the table's living entries are those of fdinfo: a thread with a table of its own" {
	# A thread is joined before its table is gone; the wait lets that happen.
	entries_are "eventfd; eventfd; add 3 4 IN 4; add 3 5 IN 5; thread { unshare; close 4 };
		wait 3 53 1; close 5"
	table_entries | grep -q '^#1 4 EPOLLIN open$'
}

@test "the table's living entries are those of fdinfo: close-on-exec files at exec" {
	steps_start "$ET" -C -o "$TRACE"
	TOOL=$DRIVEN
	step "create; pipe CLOEXEC; add 3 4 IN 4; eventfd; add 3 6 IN 6; eventfd; add 3 7 IN 7; cloexec 7"
	step "eventfd; add 3 8 IN 8; close_range 8 8 CLOEXEC; create CLOEXEC; add 3 9 IN 9"
	echo "exec { fdinfo 3; - }" >&"$STEPS_IN"
	step "wait 3 0 7"
	tool_ends INT
	ended_well
	grep -Eq ' fdinfo 3 = 1 6:' "$OUT"
	table_entries | diff - <(echo '#1 6 EPOLLIN open')
}

@test "--max-ready: the line says that more were ready, and the count stays right" {
	traced -C --max-ready 5 -- "create; quiet { loop 23 { eventfd 1 } };
		add 3 4 IN 4; add 3 5 IN 5; add 3 6 IN 6; add 3 7 IN 7; add 3 8 IN 8; add 3 9 IN 9;
		add 3 10 IN 10; wait 3 0 5; wait 3 0 6; wait 3 0 19"
	ended_well
	trace_text | grep '^epoll_wait' >"$BATS_TEST_TMPDIR/waits"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/waits")" -eq 3 ]
	while read -r number named more result; do
		local wait
		wait=$(sed -n "${number}p" "$BATS_TEST_TMPDIR/waits")
		[ "$(grep -o 'fd=[0-9]*<' <<<"$wait" | sort -u | wc -l)" -eq "$named" ]
		[[ $wait == *" = $result" ]]
		if [ "$more" -eq 0 ]; then
			[[ $wait != *"not shown"* ]]
		else
			[[ $wait == *"}, ... /* $more more not shown */], "* ]]
		fi
	done <<-'END'
		1 5 0 5
		2 5 1 6
		3 5 2 7
	END
	# READY counts all of them.
	grep -Eq '^#1 +[0-9]+ +3 +18 ' "$TRACE"
}

@test "-e ctl, create and wait choose lines, and names stay right where ADD is not shown" {
	local text="create; pipe; eventfd 1; add 3 4 IN 0xa; add 3 6 IN 0xb; write 5 1; wait 3 0 1;
		mod 3 4 IN 0xc; del 3 6; wait 3 0 7; pwait 3 0 7; close 4; add 3 4 IN 0xd"

	traced -e wait -- "$text"
	ended_well
	trace_text_is <<-'END'
		epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xb, fd=6<anon_inode:[eventfd]>}], 1, 0) = 1
		epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xc, fd=4<pipe:[N]>}], 7, 0) = 1
		epoll_pwait(3<eventpoll#1>, [{events=EPOLLIN, data=0xc, fd=4<pipe:[N]>}], 7, 0, [], 8) = 1
		+++ exited with 0 +++
		+++ 0 records lost +++
	END
	traced -e trace=create,epoll_pwait -- "$text"
	trace_text_is <<-'END'
		epoll_create1(0) = 3<eventpoll#1>
		epoll_pwait(3<eventpoll#1>, [{events=EPOLLIN, data=0xc, fd=4<pipe:[N]>}], 7, 0, [], 8) = 1
		+++ exited with 0 +++
		+++ 0 records lost +++
	END
	traced -e '!ctl,epoll_wait' -- "$text"
	trace_text_is <<-'END'
		epoll_create1(0) = 3<eventpoll#1>
		epoll_pwait(3<eventpoll#1>, [{events=EPOLLIN, data=0xc, fd=4<pipe:[N]>}], 7, 0, [], 8) = 1
		+++ exited with 0 +++
		+++ 0 records lost +++
	END
}

@test "-z and -Z choose lines by outcome, and names stay right" {
	local text="create; eventfd 1; add 3 4 IN 0xa; add 3 4 IN 0xb; wait 3 0 1; wait 3 0 0;
		mod 3 77 IN 0x7; wait 4 0 1"

	traced -z -- "$text"
	ended_well
	trace_text_is <<-'END'
		epoll_create1(0) = 3<eventpoll#1>
		epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 4<anon_inode:[eventfd]>, {events=EPOLLIN, data=0xa}) = 0
		epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xa, fd=4<anon_inode:[eventfd]>}], 1, 0) = 1
		+++ exited with 0 +++
		+++ 0 records lost +++
	END
	traced -Z -- "$text"
	trace_text | sed -E 's/0x[0-9a-f]{6,}/PTR/' | diff - <(
		cat <<-'END'
			epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 4<anon_inode:[eventfd]>, {events=EPOLLIN, data=0xb}) = -1 EEXIST (File exists)
			epoll_wait(3<eventpoll#1>, PTR, 0, 0) = -1 EINVAL (Invalid argument)
			epoll_ctl(3<eventpoll#1>, EPOLL_CTL_MOD, 77, {events=EPOLLIN, data=0x7}) = -1 EBADF (Bad file descriptor)
			epoll_wait(4<anon_inode:[eventfd]>, PTR, 1, 0) = -1 EINVAL (Invalid argument)
			+++ exited with 0 +++
			+++ 0 records lost +++
		END
	)
}

@test "--fd and --epfd choose lines, and names stay right" {
	local text="create; create; pipe; eventfd 1; add 3 5 IN 0xa; add 3 7 IN 0xb; add 4 7 IN 0xc;
		wait 3 0 7; write 6 1; wait 3 0 7; wait 4 0 7; mod 3 5 IN 0xd; wait 3 0 1"

	traced --fd 5 -- "$text"
	ended_well
	trace_text | grep -v '^+++' >"$BATS_TEST_TMPDIR/lines"
	[ "$(grep -c epoll_ctl "$BATS_TEST_TMPDIR/lines")" -eq 2 ]
	grep -c 'epoll_ctl(.*, 5<pipe:\[N\]>' "$BATS_TEST_TMPDIR/lines" | grep -x 2
	[ "$(grep -c 'epoll_wait(3<eventpoll#1>.*fd=5<pipe:\[N\]>' "$BATS_TEST_TMPDIR/lines")" -ge 1 ]
	[ "$(grep epoll_wait "$BATS_TEST_TMPDIR/lines" | grep -vc 'fd=5<')" -eq 0 ]

	traced --epfd 4 -- "$text"
	trace_text | grep -v '^+++' | diff - <(
		cat <<-'END'
			epoll_create1(0) = 4<eventpoll#2>
			epoll_ctl(4<eventpoll#2>, EPOLL_CTL_ADD, 7<anon_inode:[eventfd]>, {events=EPOLLIN, data=0xc}) = 0
			epoll_wait(4<eventpoll#2>, [{events=EPOLLIN, data=0xc, fd=7<anon_inode:[eventfd]>}], 7, 0) = 1
		END
	)
	traced -e wait --epfd "3 4" --fd 7,99 -- "$text"
	[ "$(grep -c 'fd=7<anon_inode:\[eventfd\]>' "$TRACE")" -ge 3 ]
	[ "$(grep epoll_wait "$TRACE" | grep -vc 'fd=7<')" -eq 0 ]
}

@test "--slower-than chooses lines by duration, and names stay right" {
	traced --slower-than 50ms -- "create; pipe; add 3 4 IN 0xa; wait 3 0 1; wait 3 83 1;
		thread bg { wait 999 0 1; wait 3 89 0 ; wait 3 0 1 }; wait 3 7 1"
	ended_well
	trace_text | diff - <(
		cat <<-'END'
			epoll_wait(3<eventpoll#1>, [], 1, 83) = 0
			+++ exited with 0 +++
			+++ 0 records lost +++
		END
	)
}

@test "--slower-than: the entry of a slow wait is named though its ADD was quick" {
	traced --slower-than 50ms -- "create; pipe; add 3 4 IN 0xa; fork bg { create; wait 6 97 1; write 5 1 };
		wait 3 -1 1; reap"
	ended_well
	[ "$(trace_text | grep -Fc 'epoll_wait(')" -eq 2 ]
	trace_text | grep -Fx 'epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xa, fd=4<pipe:[N]>}], 1, -1) = 1'
}

# lost_is N: the same count in all places, and lines shown + lost = calls made.
lost_is() {
	local lost shown

	lost=$(sed -n 's/^+++ \([0-9]*\) records lost +++$/\1/p' "$TRACE")
	[ "$lost" -gt 0 ]
	grep -q "^epolltrace: $lost records lost$" "$ERR"
	[ "$(awk '/^--- [0-9]+ records lost/ { n += $2 } END { print n + 0 }' "$TRACE")" -eq "$lost" ]
	grep -q "^[0-9]* calls in .*, $lost records lost" "$TRACE"
	shown=$(grep -Ec '^[0-9]+ +[0-9:.]+ epoll_.*>$' "$TRACE")
	echo "shown $shown, lost $lost, made $1"
	[ "$((shown + lost))" -eq "$1" ]
}

@test "losses are counted, reported in every place, and lines shown + lost = calls made" {
	steps_start "$ET" -C --buffer-size 256K -o "$TRACE"
	TOOL=$DRIVEN
	step "create; eventfd"
	await 10 has_text "$TRACE" epoll_create1
	kill -STOP "$TOOL"
	step "quiet { loop 20011 { wait 3 0 1 } }"
	kill -CONT "$TOOL"
	armed
	tool_ends INT
	lost_is $((1 + 20011 + $(grep -c 'wait 999' "$OUT")))
}

@test "after losses a wait that blocks is still shown, and counted as no loss" {
	steps_start "$ET" -C --buffer-size 256K --blocked-after 100ms -o "$TRACE"
	TOOL=$DRIVEN
	step "create; eventfd"
	await 10 has_text "$TRACE" epoll_create1
	kill -STOP "$TOOL"
	step "quiet { loop 20011 { wait 3 0 1 } }; thread bg { wait 3 -1 1 }; wait 3 211 1"
	kill -CONT "$TOOL"
	armed
	await 10 has_text "$TRACE" '<blocked '
	tool_ends INT
	grep -Eq 'epoll_wait\(3<eventpoll#[0-9]+>, <unfinished \.\.\.>$' "$TRACE"
	sed -i '/<unfinished \.\.\.>$/d; /<blocked .*>$/d' "$TRACE"
	lost_is $((1 + 20011 + 1 + $(grep -c 'wait 999' "$OUT")))
}
