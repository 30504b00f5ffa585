#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Launch mode: COMMAND is held until all is armed, runs as if nobody watched, and its end is ours.
# shellcheck disable=SC2016,SC2030,SC2031 # scripts stand in quotes; a test is a subshell

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	require_live
	ulimit -Sc 0
	STATE=$WORKLOADS/launch-state
	WAIT=$WORKLOADS/attach-wait
	PTY=$WORKLOADS/launch-pty
}

# ends STATUS COMMAND...: it does, within some seconds.
ends() {
	local want=$1 rc=0
	shift
	timeout 20 "$@" || rc=$?
	[ "$rc" -eq "$want" ] || {
		echo "$*: status $rc, expected $want" >&2
		return 1
	}
}

gone() {
	local pid
	for pid in "$@"; do
		[ ! -e "/proc/$pid" ] || return 1
	done
}

ended_or_ran() {
	gone "$1" || [ -e ran ]
}

# reap PID: its exit status in STATUS.
reap() {
	STATUS=0
	wait "$1" || STATUS=$?
}

@test "the first call of COMMAND is in the trace, and nothing of before" {
	for storage in "" --no-task-storage; do
		ends 0 "$ET" $storage -o trace -- "$WAIT" 7 >out
		cat trace
		[[ $(head -n 1 trace) =~ ^([0-9]+)\ +[0-9:.]+\ epoll_create1\(EPOLL_CLOEXEC\)\ =\ [3-9]\<eventpoll#1\>\ \<0\.[0-9]{6}\>$ ]]
		pid=${BASH_REMATCH[1]}
		[[ $(sed -n 2p trace) =~ ^$pid\ +[0-9:.]+\ epoll_wait\([3-9]\<eventpoll#1\>,\ \[\],\ 7,\ 7\)\ =\ 0\ \<0\.0[0-9]{5}\>$ ]]
		[[ $(sed -n 3p trace) =~ ^$pid\ +[0-9:.]+\ \+\+\+\ exited\ with\ 0\ \+\+\+$ ]]
		[ "$(sed -n 4p trace)" = "+++ 0 records lost +++" ]
		[ "$(wc -l <trace)" -eq 4 ]
		grep -q '^returned 0 errno 0 ' out
	done
}

@test "a tool that is killed while COMMAND is held leaves no child behind, and COMMAND never runs" {
	# The tool opens its output once the child is made: a FIFO without a reader holds it there.
	mkfifo fifo
	for signal in KILL TERM SEGV; do
		background "$ET" -o fifo touch ran
		tool=$!
		await 10 children "$tool"
		child=${CHILDREN[0]}
		[ "$(readlink "/proc/$child/exe")" = "$(readlink -f "$ET")" ]
		kill -"$signal" "$tool"
		await 10 gone "$child"
		reap "$tool"
		[ "$STATUS" -gt 128 ]
		[ ! -e ran ]
	done
}

@test "a tool that is killed at whichever moment leaves no held child behind" {
	for wait in 0.01 0.03 0.05 0.07 0.11 0.13 0.17; do
		rm -f ran
		"$ET" -o trace sh -c 'echo $$ >ran.new; mv ran.new ran; exec sleep 7' 3>&- &
		tool=$!
		await 10 children "$tool"
		child=${CHILDREN[0]}
		timeout -s KILL "$wait" tail --pid="$tool" -f /dev/null || true
		kill -KILL "$tool"
		reap "$tool"
		[ "$STATUS" -eq 137 ]
		# Either it was held, and ends; or it had been let go, and runs.
		await 10 ended_or_ran "$child"
		if [ -e ran ]; then
			[ "$(cat ran)" = "$child" ]
			kill -KILL "$child"
		fi
		await 10 gone "$child"
	done
}

@test "-u drops user and groups" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	id daemon >/dev/null || skip "needs a user daemon"
	# A user with groups beside its own, in an /etc/group of our own.
	{
		sed 's/:daemon$/:/' /etc/group
		echo "first:x:30011:root,daemon"
		echo "second:x:30013:nobody"
		echo "third:x:30029:daemon"
	} >group
	cat >compare <<-'EOF'
		mount --bind group /etc/group || exit 77
		scan() { grep -E '^(Uid|Gid|Groups|Cap...):' /proc/self/status; }
		ids='^(Uid|Gid|Groups|Cap...):'
		setpriv --reuid daemon --regid daemon --init-groups grep -E "$ids" /proc/self/status >want.name
		"$ET" -o name.trace -u daemon grep -E "$ids" /proc/self/status >have.name
		"$ET" -o name.trace --user=daemon id -G >have.groups
		setpriv --reuid 30047 --regid 30059 --clear-groups grep -E "$ids" /proc/self/status >want.number
		"$ET" -o number.trace -u 30047:30059 grep -E "$ids" /proc/self/status >have.number
	EOF
	rc=0
	ET=$ET unshare -m bash -e compare || rc=$?
	[ "$rc" -ne 77 ] || skip "needs the right to mount"
	[ "$rc" -eq 0 ]
	cat have.name have.number
	diff want.name have.name
	diff want.number have.number
	grep -q '^Groups:.*30011 30029' have.name
	[ "$(cat have.groups)" = "$(id -g daemon) 30011 30029" ]
	grep -qx $'Groups:\t *' have.number
	grep -qx $'CapEff:\t0*' have.number
	[ "$(stat -c %u number.trace)" -eq 0 ]
}

@test "-u: an unknown user is reported" {
	for user in nonesuch 1013 "" 1013: :1013 1013:x x:1013 4294967295:7 7:4294967295 -1:7 7:7:7; do
		run timeout 20 "$ET" -u "$user" true
		echo "$user: $output"
		[ "$status" -eq 125 ]
		[ "${lines[0]}" = "epolltrace: cannot find user '$user'" ]
		[ "${lines[1]}" = "    a name of /etc/passwd, or UID:GID" ]
		[ "${#lines[@]}" -eq 2 ]
	done
}

@test "-u: what the user may not run is not run" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	cp "$(type -P true)" mine
	chmod 700 mine
	chmod 755 .
	ends 0 "$ET" -o trace ./mine
	ends 126 "$ET" -o trace -u 30047:30059 "$PWD/mine" 2>err
	cat err
	[ "$(cat err)" = "epolltrace: cannot run '$PWD/mine': permission denied" ]
}

# same_state COMMAND...: what it prints is the same with and without the tool in front.
same_state() {
	"$@" "$STATE" >want </dev/null
	"$@" "$ET" -o "$BATS_TEST_TMPDIR/trace" "$STATE" >have </dev/null
	sed -i 's/^\(descriptor [0-9]* .*\/\)want /\1have /' want
	diff want have
	[ "$(wc -l <have)" -gt 40 ]
}

@test "COMMAND finds everything as the tool found it" {
	same_state env A=1
	mkdir deep
	cd deep
	same_state env -i
	same_state env -i B=2 C= "$STATE" odd
	grep -Eq $'SigBlk:\t0*[1-9a-f]' have
	grep -qx 'signal 13 ignored' have
	grep -q '^descriptor 23 ' have
	grep -qx '/proc/self/status: Umask:.*0137' have
}

@test "COMMAND has the tool's standard streams, closed ones too" {
	ends 7 "$ET" -o trace sh -c 'cat; echo err >&2; exit 7' <<<in >out 2>err
	[ "$(cat out)" = in ]
	grep -qx err err
	cat >streams <<-'EOF'
		for fd in 0 1 2 3 4 5 6 7 8 9; do
			[ ! -e /proc/$$/fd/$fd ] || echo "$fd $(readlink /proc/$$/fd/$fd)"
		done >"$1" 2>/dev/null
	EOF
	for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		rm -f want list
		eval "bash streams list $closed"
		mv list want
		eval "timeout 20 '$ET' -o trace bash streams list $closed" || true
		echo "closed: $closed"
		diff want list
	done
}

@test "a closed stderr does not make the tool's messages part of -o FILE" {
	rc=0
	timeout 20 "$ET" -o trace true 2>&- || rc=$?
	[ "$rc" -eq 0 ]
	cat trace
	[ "$(wc -l <trace)" -eq 2 ]
	run ! grep -q epolltrace: trace
	rc=0
	timeout 20 "$ET" -o trace -p 99999999 2>&- || rc=$?
	[ "$rc" -eq 1 ]
	[ ! -s trace ]
}

@test "exit status: COMMAND's own" {
	for status in 0 3 125 255; do
		ends "$status" "$ET" -o trace sh -c "exit $status"
		grep -q "+++ exited with $status +++\$" trace
	done
}

@test "exit status: COMMAND's own, also where the tool was started with SIGCHLD ignored" {
	rc=0
	timeout 20 "$STATE" odd "$ET" -o trace sh -c 'exit 3' || rc=$?
	[ "$rc" -eq 3 ]
	# timeout would undo this, so without it.
	rc=0
	(
		trap '' CHLD
		exec "$ET" -o trace sh -c 'exit 3'
	) || rc=$?
	[ "$rc" -eq 3 ]
}

@test "a signal that ends COMMAND ends the tool too" {
	for signal in TERM:15 KILL:9 ABRT:6 INT:2 PIPE:13 HUP:1; do
		rc=0
		"$ET" -o trace sh -c "kill -${signal%:*} \$\$" || rc=$?
		echo "$signal: status $rc"
		[ "$rc" -eq $((128 + ${signal#*:})) ]
		grep -q "+++ killed by SIG${signal%:*}\( (core dumped)\)\? +++\$" trace
	done
}

@test "a core is dumped by COMMAND alone" {
	[ "$(ulimit -Hc)" != 0 ] || skip "needs the right to dump cores"
	[ "$(cat /proc/sys/kernel/core_pattern)" = core ] || skip "needs core_pattern core"
	ulimit -Sc "$(ulimit -Hc)"
	rc=0
	"$ET" -o trace sh -c 'kill -ABRT $$' || rc=$?
	ls
	[ "$rc" -eq 134 ]
	grep -q '+++ killed by SIGABRT (core dumped) +++$' trace
	set -- core*
	[ $# -eq 1 ]
	rm "$1"
}

# fails_with STATUS MESSAGE ARGUMENT...: the message is the only line of stderr.
fails_with() {
	local want=$1 message=$2 rc=0
	shift 2
	timeout 20 "$ET" "$@" >out 2>err || rc=$?
	echo "$*: status $rc: $(cat out err)"
	[ "$rc" -eq "$want" ]
	[ ! -s out ]
	[ "$(cat err)" = "epolltrace: $message" ]
}

@test "126: it cannot be run, 127: it is not there" {
	echo true >script
	mkdir dir
	fails_with 126 "cannot run './script': permission denied" ./script
	fails_with 126 "cannot run './dir': permission denied" ./dir
	fails_with 126 "cannot run './script/x': not a directory" ./script/x
	fails_with 127 "cannot run './nonesuch': no such file or directory" ./nonesuch
	fails_with 127 "cannot run 'epolltrace-nonesuch': no such file or directory" epolltrace-nonesuch
	fails_with 127 "cannot run '': no such file or directory" ""
}

@test "125: the tool itself failed" {
	fails_with 125 "cannot write './nonesuch/trace': no such file or directory" \
		-o ./nonesuch/trace touch ran
	fails_with 125 "cannot write '.': is a directory" -o . touch ran
	fails_with 125 "--tree goes with -p" --tree touch ran
	fails_with 125 "-z and -Z exclude each other" -zZ touch ran
	fails_with 125 "invalid WHEN for --color: 'x'" --color=x touch ran
	fails_with 125 "cannot write /dev/full: no space left on device" -o /dev/full "$STATE" odd "$WAIT" 0 \
		>out 2>err || [ "$(grep -c 'no space left on device' err)" -eq 1 ]
	[ ! -e ran ]
}

@test "SIGINT from the terminal reaches COMMAND, and its end ends the trace" {
	# When it is shown to block, it does.
	ends 130 "$PTY" '<blocked' "$ET" --color=never --blocked-after 10ms "$WAIT" 20011 >out
	tr -d '\r' <out >trace
	cat trace
	grep -q 'epoll_wait([3-9]<eventpoll#1>, <unfinished \.\.\.>$' trace
	grep -q '+++ killed by SIGINT +++$' trace
	grep -qx '+++ 0 records lost +++' trace
	run ! grep -q returned out
}

@test "SIGINT from the terminal does not end the trace of a COMMAND that goes on" {
	cat >commands <<-EOF
		trap 'echo caught' INT
		"$WAIT" 20011
		"$WAIT" 13
		exit 7
	EOF
	ends 7 "$PTY" '<blocked' "$ET" --color=never -C --blocked-after 100ms bash commands >out
	tr -d '\r' <out >trace
	cat trace
	grep -q caught out
	grep -q 'epoll_wait([3-9]<eventpoll#1>, <unfinished \.\.\.>$' trace
	grep -q 'epoll_wait([3-9]<eventpoll#2>, \[\], 7, 13) = 0 ' trace
	grep -q '+++ exited with 7 +++$' trace
}

@test "--duration ends the trace and leaves COMMAND running" {
	ends 0 "$ET" --blocked-after 100ms --duration 500ms -o trace \
		sh -c 'echo $$ >pid; exec "$0" 8003 >wait.out' "$WAIT"
	cat trace
	[ -e "/proc/$(cat pid)" ]
	grep -q 'epoll_wait([3-9]<eventpoll#1>, <unfinished \.\.\.>$' trace
	grep -qx '+++ 0 records lost +++' trace
	run ! grep -q returned wait.out
	kill "$(cat pid)"
	# Where COMMAND ends first it is as if there were none.
	ends 7 "$ET" --duration 1h -o trace sh -c 'exit 7'
}

@test "SIGINT, SIGTERM and SIGHUP to the tool alone end the trace and leave COMMAND running" {
	tools=()
	for signal in INT TERM HUP; do
		: >"$signal.out"
		background "$ET" -C --blocked-after 100ms -o "$signal.trace" \
			sh -c 'echo $$ >$1.pid; exec "$2" 8003 >$1.out' sh "$signal" "$WAIT"
		tools+=($!)
	done
	for signal in INT TERM HUP; do
		await 20 has_match "$signal.trace" '<blocked 0\.[1-9]'
	done
	i=0
	for signal in INT TERM HUP; do
		kill -"$signal" "${tools[i++]}"
	done
	i=0
	for signal in INT TERM HUP; do
		reap "${tools[i]}"
		echo "$signal: status $STATUS"
		[ "$STATUS" -eq 0 ]
		# The end came before COMMAND's.
		[ -e "/proc/$(cat "$signal.pid")" ]
		cat "$signal.trace"
		grep -q 'epoll_wait([3-9]<eventpoll#1>, <unfinished \.\.\.>$' "$signal.trace"
		grep -qx '+++ 0 records lost +++' "$signal.trace"
		grep -Eq '^#1 +[0-9]+ ' <(sed '1,/records lost/d' "$signal.trace")
		i=$((i + 1))
	done
	for signal in INT TERM HUP; do
		await 20 has_text "$signal.out" returned
		cat "$signal.out"
		[[ $(tail -n 1 "$signal.out") =~ ^returned\ 0\ errno\ 0\ after\ 8[0-9]{3}\ ms$ ]]
	done
}

@test "lines go to stderr, with -o - to stdout, with -o FILE there" {
	"$ET" "$WAIT" 3 >out 2>err
	run ! grep -q epoll_ out
	grep -q '^returned' out
	grep -q 'epoll_create1(' err
	"$ET" -o - "$WAIT" 3 >out 2>err
	grep -q 'epoll_create1(' out
	[ ! -s err ]
	echo old >trace
	"$ET" --output=trace "$WAIT" 3 >out 2>err
	grep -q 'epoll_create1(' trace
	run ! grep -q old trace
	run ! grep -q epoll_ out
	[ ! -s err ]
}

@test "what follows COMMAND is COMMAND's" {
	"$ET" -o trace -- echo -c --nonesuch -- -p >out
	[ "$(cat out)" = "-c --nonesuch -- -p" ]
	"$ET" -o trace echo -c --nonesuch -- -p >out
	[ "$(cat out)" = "-c --nonesuch -- -p" ]
	POSIXLY_CORRECT=1 "$ET" -o trace echo -Z >out
	[ "$(cat out)" = -Z ]
}

@test "-c prints a summary instead of lines, -C both" {
	"$ET" -c -o trace "$WAIT" 3 >out
	run ! grep -q 'epoll_create1(' trace
	grep -Eq '^#1 +[0-9]+ ' trace
	"$ET" -C -o trace "$WAIT" 3 >out
	cat trace
	grep -q 'epoll_create1(' trace
	grep -Eq '^#1 +[0-9]+ ' <(sed '1,/records lost/d' trace)
}

@test "-t, -tt, -ttt and -r choose the time" {
	day='[0-2][0-9]:[0-5][0-9]:[0-6][0-9]'
	times() {
		"$ET" -o trace "$@" "$WAIT" 103 >out
		cat trace
		! grep -v '^+++' trace | grep -Evq "^[0-9]+ +$expected (epoll|\+\+\+)"
	}
	expected="$day\.[0-9]{6}" times
	before=$(date +%s)
	expected="$day" times -t
	expected="$day\.[0-9]{6}" times -tt
	expected="$day\.[0-9]{6}" times -t -t
	expected='1[0-9]{9}\.[0-9]{6}' times -ttt
	at=$(sed -n '1s/^[0-9]* *\([0-9]*\).*/\1/p' trace)
	[ "$at" -ge "$before" ]
	[ "$at" -le "$(date +%s)" ]
	expected='[0-9]+\.[0-9]{6}' times -r
	# A time is the call's entry: the wait's comes at once, the end's after the wait.
	sed -n 1p trace | grep -Eq '^[0-9]+ +0\.000000 epoll_create1'
	sed -n 2p trace | grep -Eq '^[0-9]+ +0\.0[0-9]{5} epoll_wait'
	sed -n 3p trace | grep -Eq '^[0-9]+ +0\.1[0-9]{5} \+\+\+ exited'
	expected="$day" TZ=UTC-7 times --absolute-timestamps
	hour=$(sed -n '1s/^[0-9]* *\([0-9]*\):.*/\1/p' trace)
	now=$(TZ=UTC-7 date +%H)
	[ $(((24 + 10#$now - 10#$hour) % 24)) -le 1 ]
}

@test "strace's -T -y -yy -f are taken and change nothing" {
	"$ET" -o want "$WAIT" 3 >out
	"$ET" -T -y -yy -f -o have "$WAIT" 3 >out
	"$ET" -fTyytt -o cluster "$WAIT" 3 >out
	for file in want have cluster; do
		sed -Ei 's/^[0-9]+ +[0-9:.]+/PID TIME/; s/<0\.[0-9]+>/<TIME>/' "$file"
	done
	diff want have
	diff want cluster
	[ "$(wc -l <want)" -eq 4 ]
}
