#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What was there before the attach, and --snapshot: compared with fdinfo and with what the workload
# knows.

load helper

setup() {
	require_live
	cd "$BATS_TEST_TMPDIR" || return
	SNAP=$BATS_TEST_TMPDIR/snap
}

# snapshot [OPTION...]: of the driven steps, in $SNAP; nothing on stderr.
snapshot() {
	"$ET" --snapshot -p "$DRIVEN" "$@" >"$SNAP" 2>"$ERR.snap"
	cat "$SNAP" "$ERR.snap"
	[ ! -s "$ERR.snap" ]
}

# until_shown REGEX [OPTION...]: snapshots until one has such a line.
shown() {
	local regex=$1
	shift
	snapshot "$@" && grep -Eq -- "$regex" "$SNAP"
}

until_shown() {
	await 10 shown "$@"
}

# Entries that the snapshot shows: "FD READY BLOCK UNREAD UNSENT EVENTS DATA FILE", blanks single.
entries() {
	awk '/^ +FD READY/ { on = 1; next } /^$/ { on = 0 }
		on && /^        </ { print line, $0; line = ""; next }
		on && /^ +[0-9]+ / { if (line) print line; line = $0; next }
		END { if (line) print line }' "$SNAP" | sed -E 's/^ +//; s/ +/ /g; s/\[[0-9]+(->[0-9]+)?\]/[N]/g'
}

# churn THREADS OPERATIONS: starts the workload, its stdin in $CHURN_IN; sets CHURN.
churn() {
	mkfifo churn.in
	exec {CHURN_IN}<>churn.in
	"$WORKLOADS/churn" "$@" <churn.in >churn.out 3>&- &
	CHURN=$!
	BACKGROUND+=("$CHURN")
	await 10 has_text churn.out churning
}

# Masks and numbers of the workload's fdinfo, as the tables print them.
churn_wants() {
	awk 'NF == 3 && /^[0-9]/ { print $1, $2 }' churn.out |
		sed 's/ 19$/ EPOLLIN/; s/ 80000019$/ EPOLLIN|EPOLLET/; s/ 201c$/ EPOLLOUT|EPOLLRDHUP/
			s/ 18$/ 0/' | sort
}

failures() {
	[ "$(grep -c EINVAL trace 2>/dev/null)" -ge "$1" ]
}

@test "the lost edge of the guide: unread, not ready, and marked" {
	steps_start
	step "create; pipe; add 3 4 IN|ET 0x4; write 5 2000; wait 3 0 7; read 4 1000; thread bg { wait 3 -1 7 }"
	until_shown "1000 unread, edge-triggered"
	grep -q "1 thread waits" "$SNAP"
	entries | grep -Fx '4 - no 1000 - IN|ET 0x4 <pipe:[N]>'
	grep -Fx '      ! lost-edge (one look): 1000 unread, edge-triggered and not ready: no event comes for it' "$SNAP"
	grep -Eq '^ +[0-9]+ +[0-9]+ steps +epoll_wait +none +[0-9.]+ (us|ms|s) ago$' "$SNAP"
}

@test "a thread that is away from its wait may be about to read: no mark" {
	steps_start
	step "create; pipe; add 3 4 IN|ET 0x4; write 5 2000; wait 3 0 7; read 4 1000"
	snapshot
	entries | grep -Fx '4 - no 1000 - IN|ET 0x4 <pipe:[N]>'
	run ! grep '!' "$SNAP"
}

@test "the other end of a pipe is closed" {
	steps_start
	step "create; pipe; add 3 4 IN 0x4; write 5 7; close 5"
	snapshot
	entries | grep -Fx '4 IN|HUP no 7+eof - IN 0x4 <pipe:[N]>'
}

@test "level-triggered, an eventfd, ready ones: no mark" {
	steps_start
	step "create; pipe; add 3 4 IN 0x4; write 5 2000; wait 3 0 7; eventfd 1; add 3 6 IN|ET 0x6; wait 3 0 7"
	snapshot
	[ "$(entries)" = "4 IN no 2000 - IN 0x4 <pipe:[N]>
6 - no 8 - IN|ET 0x6 <anon_inode:[eventfd]>" ]
	run ! grep '!' "$SNAP"
	grep -Fq '2 entries, 1 ready, 0 marked; no thread waits' "$SNAP"
}

@test "a oneshot entry that fired is off; with input, and all threads parked, it is marked" {
	steps_start
	step "create; pipe; add 3 4 IN|ONESHOT 0x4; write 5 7; wait 3 0 7; thread bg { wait 3 -1 7 }"
	until_shown "1 thread waits" # and another one may have it
	entries | grep -Fx '4 off no 7 - ONESHOT 0x4 <pipe:[N]>'
	run ! grep '!' "$SNAP"
	step "read 4 7"
	snapshot
	entries | grep -Fx '4 off no 0 - ONESHOT 0x4 <pipe:[N]>'
	run ! grep '!' "$SNAP"
	step "write 5 7"
	echo "wait 3 -1 7" >&"$STEPS_IN"
	until_shown '! oneshot-not-rearmed \(one look\): 7 unread, but EPOLLONESHOT has disarmed it$'
}

@test "unread and unsent of both ends, with O_NONBLOCK or without" {
	steps_start
	step "create; socketpair; add 3 4 IN 0x4; add 3 5 OUT|RDHUP 0x5; write 4 1013"
	snapshot
	entries | grep -F '4 - yes 0 1013 IN 0x4 <UNIX-STREAM:[N]>'
	entries | grep -F '5 OUT yes 1013 0 OUT|RDHUP 0x5 <UNIX-STREAM:[N]>'
	start_echo
	"$ET" --snapshot -p "$SERVER" >"$SNAP"
	entries | grep -E '^3 - no 0 conn - IN\|ET 0x[0-9a-f]+ <TCP:\[127.0.0.1:[0-9]+\]>$'
}

@test "a number that is closed: marked, with where the file is open" {
	steps_start
	step "create; pipe; add 3 4 IN 0x4; dup 4; close 4"
	snapshot
	entries | grep -F '4 - no 0 - IN 0x4 <pipe:[N]>'
	grep -Fq '! phantom (one look): no process that uses the instance has it at this number' "$SNAP"
	grep -Fq "its file is open as fd 6 of $DRIVEN (steps)" "$SNAP"
}

@test "a number that means another file now: both entries, told apart" {
	steps_start
	step "create; pipe; add 3 4 IN 0x4; dup 4; eventfd; dup2 7 4; add 3 4 IN 0x44; write 5 3"
	snapshot
	[ "$(entries | sort)" = "4 - no 0 - IN 0x44 <anon_inode:[eventfd]>
4 IN no 3 - IN 0x4 <pipe:[N]>" ]
	[ "$(grep -c '!' "$SNAP")" -eq 1 ]
}

@test "a file on its way through a socket: known from fdinfo alone" {
	steps_start
	step "create; socketpair; pipe; add 3 6 IN 0x6; send 4 6; close 6; fdinfo 3"
	grep -q ' fdinfo 3 = 1 ' "$OUT"
	snapshot
	entries | grep -E '^6 \? \? - - IN 0x6'
	grep -Fq 'no process has its file open at any number' "$SNAP"
}

@test "several processes on one instance, an instance in an instance, several on one file" {
	steps_start
	step "create; create; pipe; add 3 4 IN 0x4; add 4 5 IN 0x5; add 3 5 IN 0x55; write 6 2; fork bg { pause }"
	until_shown "shared with"
	grep -Eq "^instance #1: fd 3 of $DRIVEN \(steps\)$" "$SNAP"
	grep -Eq '^    shared with fd 3 of [0-9]+ \(steps, not traced\)$' "$SNAP"
	grep -Fxq '    watched by #1' "$SNAP"
	entries | grep -F ' 0x4 <eventpoll#2>'
	[ "$(entries | grep -c '^5 .* 2 - IN .*<pipe:\[N\]>$')" -eq 2 ]
}

@test "a number that only a process without the instance has: marked" {
	steps_start
	step "create CLOEXEC; pipe; add 3 4 IN 0x4; fork bg { close 3; pause }; close 4; write 5 3"
	snapshot
	entries | grep -Fx '4 IN no 3 - IN 0x4 <pipe:[N]>'
	grep -Fq '! phantom (one look): no process that uses the instance has it at this number' "$SNAP"
	grep -Eq '^        its file is open as fd 4 of [0-9]+$' "$SNAP"
}

@test "connections that wait to be accepted, bytes before a FIN, UDP, a peer that is gone" {
	cat >server.py <<-'EOF'
		import select, socket, sys
		ep = select.epoll()
		listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(9)
		ep.register(listener.fileno(), select.EPOLLIN | select.EPOLLET)
		client = socket.create_connection(listener.getsockname()); server, _ = listener.accept()
		ep.register(server.fileno(), select.EPOLLIN | select.EPOLLRDHUP)
		client.send(b"x" * 1013); client.shutdown(socket.SHUT_WR)
		pending = [socket.create_connection(listener.getsockname()) for _ in range(3)]
		udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
		ep.register(udp.fileno(), select.EPOLLIN)
		udp.sendto(b"y" * 17, udp.getsockname()); udp.sendto(b"z" * 6, udp.getsockname())
		# A reset peer sets the socket's error; a refused datagram goes to the error queue.
		gone = socket.create_connection(listener.getsockname())
		for _ in range(4): reset, _ = listener.accept()
		ep.register(reset.fileno(), 0)
		gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"); gone.close()
		free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); free.bind(("127.0.0.1", 0))
		port = free.getsockname(); free.close()
		refused = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		refused.setsockopt(socket.IPPROTO_IP, 11, 1); refused.sendto(b"r", port)
		ep.register(refused.fileno(), 0)
		pending += [socket.create_connection(listener.getsockname()) for _ in range(3)]
		print(listener.fileno(), server.fileno(), udp.fileno(), flush=True)
		sys.stdin.read()
	EOF
	mkfifo in
	exec {hold}<>in
	"$PYTHON" server.py <in >fds 3>&- &
	BACKGROUND+=("$!")
	await 10 test -s fds
	"$ET" --snapshot -p "${BACKGROUND[0]}" >"$SNAP"
	cat "$SNAP"
	local listener accepted udp
	read -r listener accepted udp <fds
	entries | grep -E "^$listener (IN|-) yes 3 conn - IN\|ET "
	entries | grep -F "$accepted IN|RDHUP yes 1013+eof 0 IN|RDHUP "
	entries | grep -E "^$udp IN yes 23 - IN "
	"$ET" --snapshot --format=json -p "${BACKGROUND[0]}" >"$SNAP"
	"$PYTHON" -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8", errors="strict"): json.loads(line)' "$SNAP"
	grep -Eq '"unread_bytes":1013,"unsent_bytes":[01],"peer_closed":true' "$SNAP"
	grep -q '"pending_connections":3' "$SNAP"
	grep -Eq '"file":"TCP:.*"socket_error":true' "$SNAP"
	grep -Eq '"file":"UDP:.*"error_queue":true' "$SNAP"
}

@test "threads that do not wait: what they are blocked in, and on what" {
	steps_start
	step "create; socketpair; thread bg { recv 4 }"
	until_shown "recvmsg\(4<UNIX-STREAM:\[[0-9]+->[0-9]+\]>\)$"
	grep -Eq '^ +[0-9]+ +[0-9]+ steps +[0-9.]+ (us|ms|s) ago( +read\(0<.*steps.in>\))?$' "$SNAP"
	grep -Eq '( ago +| {8})read\(0<.*steps.in>\)$' "$SNAP"
}

@test "a process without epoll, a stopped one, several at once" {
	background tail -f /dev/null
	local quiet=$!
	steps_start
	step "create; eventfd; add 3 4 IN 4"
	kill -STOP "$DRIVEN"
	await 10 grep -q '^State:.T' "/proc/$DRIVEN/status"
	"$ET" --snapshot -p "$quiet,$DRIVEN" >"$SNAP"
	cat "$SNAP"
	grep -Eq '^[0-9:.]+  2 processes, 1 instance, 1 entry$' "$SNAP"
	grep -Fxq "$quiet (tail) has no epoll instance" "$SNAP"
	grep -Eq "^ *$DRIVEN +$DRIVEN steps " "$SNAP"
	grep -Eq '^.{7,} stopped in read\(0<.*steps.in>\)$' "$SNAP"
	kill -CONT "$DRIVEN"
}

@test "--limit, and the sum of the rest" {
	mkfifo in
	exec {hold}<>in
	"$WORKLOADS/many" files 5003 <in >many.out 3>&- &
	local many=$!
	BACKGROUND+=("$many")
	await 10 has_text many.out entries
	"$ET" --snapshot --limit 3 -p "$many" >"$SNAP"
	cat "$SNAP"
	[ "$(entries | wc -l)" -eq 3 ]
	grep -Fxq '    and 5000 more: 0 ready, 0 marked, 0 unread, 0 unsent' "$SNAP"
	awk 'length > 80 { print; bad = 1 } END { exit bad }' "$SNAP"
	"$ET" --snapshot --limit 0 -p "$many" >"$SNAP"
	[ "$(entries | wc -l)" -eq 5003 ]
}

@test "one file on many numbers, many files of six children: as many as fdinfo has" {
	mkfifo in
	exec {hold}<>in
	for mode in "numbers 40009" "forks 12007"; do
		rm -f many.out
		# shellcheck disable=SC2086 # words
		"$WORKLOADS/many" $mode <in >many.out 3>&- &
		local many=$!
		BACKGROUND+=("$many")
		await 20 has_text many.out entries
		"$ET" --snapshot --limit 2 --tree -p "$many" >"$SNAP" 2>err
		cat "$SNAP" err
		[ ! -s err ]
		grep -Eq "^[0-9:.]+  [17] process(es)?, 1 instance, $(grep -c ^tfd "/proc/$many/fdinfo/3") entries$" "$SNAP"
		end_background
		rm many.out
	done
}

@test "attach while entries come and go: at the end the model is what fdinfo is" {
	for threads in 1 2 3; do
		rm -f churn.* trace
		churn "$threads" 0
		background "$ET" -C -Z --limit 0 --buffer-size 64M -o trace -p "$CHURN"
		local tool=$!
		await 20 failures 13
		echo >&"$CHURN_IN"
		await 20 grep -q '^done' churn.out
		kill -INT "$tool"
		wait "$tool"
		tail -n 3 trace
		TRACE=trace table_entries | awk '{ print $2, $3, $4 }' | sort >have
		churn_wants | sed 's/$/ open/' | sort | diff - have
		[ "$(wc -l <have)" -gt 10 ]
		grep -q ' 0 records lost: ' trace
		exec {CHURN_IN}>&-
		end_background
	done
}

@test "snapshots while entries come and go: no entry is there twice" {
	churn 2 0
	for _ in 1 2 3 4 5 6 7; do
		"$ET" --snapshot --limit 0 -p "$CHURN" >"$SNAP"
		entries | awk '{ print $1 }' | sort >numbers
		[ "$(wc -l <numbers)" -gt 10 ]
		# A number may be met with its old file, which is being closed, and the new one.
		[ "$(uniq -d <numbers | wc -l)" -le 2 ]
	done
	echo >&"$CHURN_IN"
}

@test "without the file iterator: /proc alone, and that is said" {
	steps_start
	step "create; pipe; add 3 4 IN|ET 0x4; write 5 3"
	"$ET" --snapshot --no-file-iterator -p "$DRIVEN" >"$SNAP" 2>err
	cat "$SNAP" err
	grep -Fxq "epolltrace: the kernel's files cannot be scanned: only /proc is read" err
	entries | grep -Fx '4 ? ? - - IN|ET 0x4 ?'
	# What threads do comes from /proc/PID/task/TID/syscall then.
	grep -Eq "^ *$DRIVEN +$DRIVEN steps +[0-9.]+ (us|ms|s) ago +read$" "$SNAP"
	tool_start --no-file-iterator -p "$DRIVEN"
	armed
	step "wait 3 0 7; mod 3 4 IN 0x44; wait 3 0 7; del 3 4"
	tool_ends INT
	trace_text | grep -v 'epoll_wait(999,' | sed -E 's/0x[0-9a-f]{6,}|NULL/PTR/' | diff - <(
		cat <<-'END'
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=4}], 7, 0) = 1
			epoll_ctl(3<eventpoll#1>, EPOLL_CTL_MOD, 4<pipe:[N]>, {events=EPOLLIN, data=0x44}) = 0
			epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x44, fd=4<pipe:[N]>}], 7, 0) = 1
			epoll_ctl(3<eventpoll#1>, EPOLL_CTL_DEL, 4<pipe:[N]>, PTR) = 0
			+++ 0 records lost +++
		END
	)
}

@test "json: the same as objects" {
	steps_start
	step "create; pipe; add 3 4 IN|ET 0x4; write 5 2000; wait 3 0 7; read 4 1000; thread bg { wait 3 700000 7 }"
	until_shown '"waiters":\[\{' --format=json
	grep -Eq '^\{"type":"header","version":1,"tool":"epolltrace [0-9.]+","kernel":"[^"]+","time_ns":[0-9]+,"targets":\['"$DRIVEN"'\],"blocked_after_ns":1000000000,"features":\{"kernel":.*\}\}$' "$SNAP"
	grep -F '"type":"instance","pid":'"$DRIVEN"',"epfd":3,"instance":1,' "$SNAP" |
		grep -E '"timeout_ns":700000000000\}\]' |
		grep -E '"entries":\[\{"fd":4,"file":"pipe:\[[0-9]+\]","kind":"pipe","events":\["EPOLLIN","EPOLLET"\],"data":"0x4","ready":false,"nonblock":true,"unread_bytes":1000,"mark":"unread-not-ready","rule":"lost-edge"\}\]\}$'
	grep -Eq '^\{"type":"thread","pid":'"$DRIVEN"',"tid":[0-9]+,"comm":"steps","state":"blocked","call":"read","fd":0,"file":".*steps.in","kind":"path","last_ran_ns":[0-9]+\}$' "$SNAP"
	grep -Fxq '{"type":"lost","records":0}' "$SNAP"
	[ "$(tail -n 1 "$SNAP" | grep -c '^{"type":"end",')" -eq 1 ]
}

@test "a process that ends, a zombie, a kernel thread, what does not go with it" {
	"$WORKLOADS/steps" "exit 0" >/dev/null &
	wait $!
	run "$ET" --snapshot -p $!
	[ "$status" -eq 1 ]
	[ "$output" = "epolltrace: cannot attach to $!: no such process" ]
	run "$ET" --snapshot -p 2
	[ "$status" -eq 1 ]
	run "$ET" --snapshot true
	[ "$status" -eq 125 ]
	[ "$output" = "epolltrace: --snapshot goes with -p or --replay" ]
	for with in -c -C --interval=1 --histograms; do
		run "$ET" --snapshot "$with" -p 1
		[ "$status" -eq 2 ]
		[ "$output" = "epolltrace: --snapshot excludes summaries" ]
	done
	run "$ET" --snapshot --format=xml -p 1
	[ "$status" -eq 2 ]
	[ "$output" = "epolltrace: invalid FORMAT for --format: 'xml'" ]
}

@test "processes that end while they are scanned: a message, or what was there" {
	local rc pid
	for _ in {1..31}; do
		"$STEPS" "create; eventfd; add 3 4 IN 4; loop 7 { wait 3 7 1 }" >/dev/null 3>&- &
		pid=$!
		rc=0
		"$ET" --snapshot -p "$pid" >"$SNAP" 2>err || rc=$?
		wait "$pid"
		cat err
		case $rc in
		0) [ ! -s err ] && grep -Eq '^[0-9:.]+  1 process, [01] instances?, [01] entr' "$SNAP" ;;
		1) grep -Eq "^epolltrace: cannot attach to $pid: (no such process|it ended meanwhile|it has ended \(zombie\))$" err ;;
		*) false ;;
		esac
	done
}

@test "without the right to read another user's fdinfo: that is said, and the rest is there" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	open_copy
	steps_start
	step "create; pipe; add 3 4 IN 0x4; add 3 5 OUT 0x5"
	with_caps bpf,perfmon,dac_read_search "$PLACE/epolltrace" --snapshot -p "$DRIVEN" >"$SNAP" 2>err
	cat "$SNAP" err
	[ "$(sed -n 1p err)" = "epolltrace: cannot read /proc/PID/fdinfo: permission denied" ]
	grep -q CAP_SYS_PTRACE err
	[ "$(entries | cut -d' ' -f1)" = "5
4" ]
	with_caps bpf,perfmon,dac_read_search,sys_ptrace "$PLACE/epolltrace" --snapshot -p "$DRIVEN" >"$SNAP" 2>err
	[ ! -s err ]
}

@test "where /proc hides processes (hidepid): the same" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	open_copy
	steps_start
	step "create; pipe; add 3 4 IN 0x4"
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m sh -c 'mount -t proc -o hidepid=2 proc /proc && shift &&
		exec setpriv --reuid 65534 --regid 65534 --clear-groups \
			--inh-caps "-all,+bpf,+perfmon,+dac_read_search" \
			--ambient-caps "-all,+bpf,+perfmon,+dac_read_search" "$@"' \
		sh - "$PLACE/epolltrace" --snapshot -p "$DRIVEN" >"$SNAP" 2>err
	cat "$SNAP" err
	[ "$(sed -n 1p err)" = "epolltrace: cannot read /proc/PID/fdinfo: permission denied" ]
	grep -Fq ' 0x4  <pipe:' "$SNAP"
}

@test "a snapshot leaves no program behind, and attaches no tracepoint" {
	steps_start
	step "create"
	strace -f -e trace=perf_event_open,bpf -o calls "$ET" --snapshot -p "$DRIVEN" >/dev/null
	run ! grep -q perf_event_open calls
	grep -q BPF_PROG_LOAD calls
}

# int80_start MODE: a program that makes calls of the i386 table, about to block; sets DRIVEN.
int80_start() {
	[ "$(uname -m)" = x86_64 ] || skip "only x86 has int 0x80"
	"$WORKLOADS/int80" </dev/null >"$OUT" 2>"$ERR" || skip "$(cat "$ERR")"
	open_pause
	background "$WORKLOADS/int80" "$1" <&"$PAUSE" >"$OUT"
	DRIVEN=$!
	await 10 has_text "$OUT" ready
	await 10 has_text "/proc/$DRIVEN/status" '(sleeping)'
}

@test "a call of the i386 table is called so, not what its number means to 64-bit programs" {
	for mode in wait read; do
		int80_start "$mode"
		"$ET" --snapshot -p "$DRIVEN" >"$TRACE"
		grep -Eq "^ +$DRIVEN +$DRIVEN int80 .* i386 call$" "$TRACE"
		"$ET" --snapshot --format json -p "$DRIVEN" >"$TRACE"
		jq -se '.[] | select(.type == "thread") | .call == "i386 call" and .fd == null' "$TRACE"
	done
}

@test "--io: a call of the i386 table is no read, though its number is that of one" {
	int80_start io
	"$ET" --diagnose --io --stall 200ms -o "$TRACE" -- timeout 4 "$WORKLOADS/int80" io >"$OUT" || true
	grep -Eq '^ +last read: read\([0-9]+, \.\.\., 500\) = 500, ' "$TRACE"
	run ! grep recvfrom "$TRACE"
}
