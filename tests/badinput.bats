#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Bad input and bad places: a message, the documented status, nothing left behind.
# shellcheck disable=SC2016,SC2030,SC2031 # scripts stand in quotes; a test is a subshell

bats_require_minimum_version 1.5.0
load helper

HELP="    epolltrace --help lists the options"

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ulimit -Sc 0
	WAIT=$WORKLOADS/attach-wait
	NAMES=$WORKLOADS/attach-names
	PTY=$WORKLOADS/launch-pty
}

# refused STATUS MESSAGE [HINT] -- ARGUMENT...: these lines on stderr and nothing on stdout. No
# COMMAND may run: what an argument "touch ran" would show.
refused() {
	local want=$1 message="epolltrace: $2"$'\n' said='' rc=0
	shift 2
	while [ "$1" != -- ]; do
		message+=$1$'\n'
		shift
	done
	shift
	timeout 20 "$ET" "$@" >out 2>err 3>&- || rc=$?
	IFS= read -rd '' said <err || true # no process for it: this is called often
	printf '%s: status %s: %s\n' "$*" "$rc" "$said"
	[ "$rc" -eq "$want" ]
	[ ! -s out ]
	[ "$said" = "$message" ]
	[ ! -e ran ]
}

# waiting ARGUMENT...: attach-wait in PID, once it waits.
waiting() {
	: >wait.out
	"$WAIT" "$@" >wait.out 3>&- &
	PID=$!
	BACKGROUND+=("$PID")
	await 10 has_text wait.out waiting
}

reap() {
	STATUS=0
	wait "$1" || STATUS=$?
}

# printable FILE: no byte but printable ASCII and newline.
printable() {
	local LC_ALL=C all='' whole=0
	IFS= read -rd '' all <"$1" || whole=1 # to its end, and no NUL
	[[ $whole -eq 1 && $all != *[^$'\n'\ -~]* ]] && return
	cat -v "$1"
	return 1
}

@test "options: unknown ones, and values that lack" {
	refused 2 "unknown option '-x'" "$HELP" -- -x
	refused 2 "unknown option '-x'" "$HELP" -- -cx -p 1
	refused 2 "unknown option '-x'" "$HELP" -- --tree -xc -p 1
	refused 2 "unknown option '-x'" "$HELP" -- -p 1 -xc
	refused 2 "unknown option '--nonesuch'" "$HELP" -- --nonesuch
	refused 2 "unknown option '--nonesuch=7'" "$HELP" -- -p 1 --nonesuch=7
	refused 2 "unknown option '--su'" "$HELP" -- --su -p 1
	refused 2 "unknown option '--tree=1'" "$HELP" -- --tree=1 -p 1
	refused 2 "option '-o' needs a value" "$HELP" -- -p 1 -o
	refused 2 "option '-o' needs a value" "$HELP" -- -co
	refused 2 "option '--output' needs a value" "$HELP" -- --output
	refused 2 "option '-p' needs a value" "$HELP" -- -p
	# With COMMAND, these are failures of a launch.
	refused 125 "unknown option '-x'" "$HELP" -- -x touch ran
	refused 125 "unknown option '--nonesuch'" "$HELP" -- --nonesuch -- touch ran
	refused 125 "unknown option '--nonesuch'" "$HELP" -- --nonesuch -c touch ran
}

@test "options that exclude or need each other" {
	refused 2 "must have COMMAND, -p PID or --replay FILE" "$HELP" --
	refused 2 "must have COMMAND, -p PID or --replay FILE" "$HELP" -- --
	refused 2 "must have COMMAND, -p PID or --replay FILE" "$HELP" -- -c -o file --
	[ ! -e file ]
	refused 2 "-p and COMMAND exclude each other" -- -p 1 touch ran
	refused 2 "-p and COMMAND exclude each other" -- --attach=1 -- touch ran
	refused 125 "--tree goes with -p" -- --tree touch ran
	refused 2 "-u goes with COMMAND" -- -u root -p 1
	refused 2 "-z and -Z exclude each other" -- -zZ -p 1
	refused 125 "-z and -Z exclude each other" -- -z --failed-only touch ran
	refused 2 "--replay excludes -p and COMMAND" -- --replay f -p 1
	refused 125 "--replay excludes -p and COMMAND" -- --replay f touch ran
	refused 2 "--replay and --record exclude each other" -- --replay f --record g
	refused 2 "--duration excludes --replay" -- --duration 1s --replay f
	refused 2 "--duration excludes --snapshot" -- --duration 1s --snapshot -p 1
	refused 2 "--at goes with --replay" -- --at 1s -p 1
	refused 2 "--snapshot excludes summaries" -- --replay f --at 1s -c
	echo precious >precious
	ln -s precious link
	refused 1 "-o and the recording are the same file: 'link'" -- --replay precious -o link
	[ "$(cat precious)" = precious ]
	refused 125 "--record - goes with -p: stdout belongs to COMMAND" -- --record - touch ran
	refused 2 "stdout cannot take the recording and more" -- --record - -c -p 1
	refused 2 "--ring needs --record and the name of a file" -- --ring 3 -p 1
	refused 2 "--ring needs --record and the name of a file" -- --ring 3 --record - -p 1
	refused 2 "--ring and --snapshot exclude each other" -- --ring 3 --record f --snapshot -p 1
	refused 2 "--ring-memory goes with --ring" -- --record f --ring-memory 2M -p 1
	refused 2 "--trigger-blocked goes with --ring" -- --record f --trigger-blocked 1s -p 1
	[ ! -e f ]
}

# tests/unit/options-refused.c has all that no option takes; here is what becomes of it.
@test "PIDs that are none" {
	for pid in 12x "" 1,,2 99999999999999999999999; do
		refused 2 "invalid PID for --attach: '$pid'" -- -p "$pid"
		refused 2 "invalid PID for --attach: '$pid'" -- --attach="$pid"
		refused 2 "invalid PID for --attach: '$pid'" -- -p 1 -p "$pid" touch ran
	done
	refused 2 "invalid PID for --attach: '1\\v2'" -- -p $'1\v2'
}

@test "times, numbers, sizes and words that are none" {
	for time in "" 1x; do
		refused 2 "invalid TIME for --blocked-after: '$time'" -- --blocked-after "$time" -p 1
		refused 125 "invalid TIME for --slower-than: '$time'" -- --slower-than="$time" touch ran
		refused 2 "invalid TIME for --interval: '$time'" -- --interval "$time" -p 1
		refused 125 "invalid TIME for --interval: '$time'" -- --interval="$time" touch ran
	done
	refused 2 "invalid TIME for --at: '12:60:00'" -- --replay f --at 12:60:00
	refused 2 "invalid TIME for --duration: '0s'" -- --duration 0s -p 1
	refused 2 "invalid TIME for --ring: '0'" -- --ring 0 --record f -p 1
	refused 2 "invalid SIZE for --ring-memory: '1023K'" -- --ring 1 --ring-memory 1023K -p 1
	refused 2 "invalid SIZE for --buffer-size: '1KB'" -- --buffer-size 1KB -p 1
	refused 2 "invalid N for --limit: '-1'" -- --limit -1 -p 1
	refused 2 "invalid N for --max-ready: '0'" -- --max-ready=0 -p 1
	refused 2 "invalid LIST for --fd: 'x'" -- --fd=x -p 1
	refused 2 "invalid LIST for --epfd: ''" -- --epfd= -p 1
	refused 2 "invalid WHEN for --color: 'Always'" -- --color=Always -p 1
}

@test "sets and calls that are none" {
	sets="    epoll calls by name, or the sets all, none, create, ctl, wait"
	refused 2 "invalid system call 'poll'" "$sets" -- -e poll -p 1
	refused 2 "invalid system call 'file'" "$sets" -- -e trace=file -p 1
	refused 2 "invalid system call 'epoll_waitx'" "$sets" -- -e trace=ctl,epoll_waitx,wait -p 1
	refused 2 "invalid system call 'epoll_wai'" "$sets" -- --trace=epoll_wai -p 1
	refused 2 "invalid system call ''" "$sets" -- -e "" -p 1
	refused 2 "invalid system call ''" "$sets" -- -e trace=ctl,, -p 1
	refused 2 "invalid system call 'x'" "$sets" -- -e '!x' -p 1
	refused 2 "invalid system call '!ctl'" "$sets" -- -e 'wait,!ctl' -p 1
	refused 2 "invalid system call 'signal=all'" "$sets" -- -e signal=all -p 1
	refused 125 "invalid system call 'CTL'" "$sets" -- -e CTL touch ran
}

@test "a message is one line of printable bytes, whatever stands in an argument" {
	for bad in $'\e[31m' $'a\nb' $'\xff' $'a\rb' $'\x7f'; do
		for arguments in "-p" "-e" "--color" "--blocked-after" "-u" "--"; do
			rc=0
			case $arguments in
			--) set -- -o trace "./$bad" ;;
			-u) set -- -u "$bad" touch ran ;;
			*) set -- "$arguments" "$bad" touch ran ;;
			esac
			timeout 20 "$ET" "$@" >out 2>err 3>&- || rc=$?
			[ "$rc" -ne 0 ]
			printable err
			mapfile -t lines <err
			[[ ${lines[0]} == epolltrace:* && ${lines[1]:-} != epolltrace:* ]]
			[ "${#lines[@]}" -le 2 ]
		done
		timeout 20 "$ET" -o "none/$bad" touch ran 2>err 3>&- || true
		printable err
		timeout 20 "$ET" "--$bad" touch ran 2>err 3>&- || true
		printable err
		timeout 20 "$ET" "-$bad" touch ran 2>err 3>&- || true
		printable err
	done
	[ ! -e ran ]
}

@test "processes that cannot be traced" {
	require_live
	refused 1 "cannot attach to 99999999: no such process" -- -p 99999999
	refused 1 "cannot attach to 2147483647: no such process" -- -p 2147483647
	waiting 20011
	# If none is left each is reported.
	refused 1 "cannot attach to 99999999: no such process" \
		"epolltrace: cannot attach to 2147483647: no such process" -- -p 99999999,2147483647
	if [ "$(cat /proc/2/comm 2>/dev/null)" = kthreadd ]; then
		refused 1 "cannot attach to 2: it is a kernel thread" -- -p 2
	fi
	kill -0 "$PID"
}

@test "root of a user namespace: the hint does not say to be root" {
	local options
	unshare -Ur true || skip "no user namespace can be made here"
	for options in "-p 1" "--snapshot -p 1" "--features" "-c true"; do
		# shellcheck disable=SC2086 # words
		run timeout 20 unshare -Ur "$ET" $options
		echo "$options: $status: $output"
		[[ $status -eq 1 || $options == *true && $status -eq 125 ]]
		[ "${#lines[@]}" -eq 2 ]
		[[ ${lines[0]} == "epolltrace: cannot "*": operation not permitted" ]]
		[ "${lines[1]}" = "    BPF needs the initial user namespace: root of this one has no right to it; run it outside" ]
	done
}

@test "a zombie" {
	require_live
	# Its parent is a program that never waits, by the time that it ends.
	mkfifo end
	background bash -c '(read -r line <end) & echo $! >zombie; exec "$0" 20011 >parent' "$WAIT"
	await 10 has_text parent waiting
	zombie=$(cat zombie)
	echo >end
	await 10 grep -q '^State:.*Z' "/proc/$zombie/status"
	refused 1 "cannot attach to $zombie: it has ended (zombie)" -- -p "$zombie"
	refused 1 "cannot attach to $zombie: it has ended (zombie)" -- --snapshot -p "$zombie"
}

# A 32-bit program that does nothing but pause(2), in the file $1: an ELF header and 9 bytes.
compat_program() {
	{
		printf '\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x03\0\x01\0\0\0\x54\x80\x04\x08'
		printf '\x34\0\0\0\0\0\0\0\0\0\0\0\x34\0\x20\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0'
		printf '\0\x80\x04\x08\0\x80\x04\x08\x5d\0\0\0\x5d\0\0\0\x05\0\0\0\0\x10\0\0'
		printf '\xb8\x1d\0\0\0\xcd\x80\xeb\xf7'
	} >"$1"
	chmod 755 "$1"
}

# compat_pauses PID: the test is skipped if the program was not run.
compat_pauses() {
	await 10 compat_decided "$1"
	grep -qs '^29 ' "/proc/$1/syscall" || skip "this kernel runs no 32-bit programs"
}

compat_decided() {
	local call=''
	read -r call _ 2>/dev/null <"/proc/$1/syscall" || true
	[ "$call" = 29 ] || ended "$1"
}

@test "a 32-bit process" {
	require_live
	[ "$(uname -m)" = x86_64 ] || skip "the 32-bit program is one for x86"
	compat_program compat
	background ./compat
	PID=$!
	compat_pauses "$PID"
	refused 1 "cannot attach to $PID: it is a 32-bit process" \
		"    system calls of 32-bit programs cannot be seen" -- -p "$PID"
}

@test "a process that becomes a 32-bit one, with a hostile name" {
	require_live
	[ "$(uname -m)" = x86_64 ] || skip "the 32-bit program is one for x86"
	name=$'h\e[1m\n\xff<"'
	compat_program "$name"
	background "$ET" -o trace bash -c 'echo $$ >pid; exec "./$0"' "$name" 2>err
	TOOL=$!
	await 10 [ -s pid ]
	PID=$(cat pid)
	compat_pauses "$PID"
	await 5 has_text err 32-bit
	kill -KILL "$PID"
	reap "$TOOL"
	cat -v err trace
	printable err
	printable trace
	grep -Fq "epolltrace: process $PID runs the 32-bit program 'h\\33[1m\\n\\377" err
}

@test "a process that ends while it is being attached to" {
	require_live
	for i in 11 23 41 67 97 131; do
		waiting "$i"
		rc=0
		timeout 20 "$ET" -o trace -p "$PID" 2>err 3>&- || rc=$?
		echo "$i ms: status $rc"
		cat err trace
		case $rc in
		0) [ "$(tail -n 1 trace)" = "+++ 0 records lost +++" ] ;;
		1)
			[[ $(cat err) =~ ^epolltrace:\ cannot\ attach\ to\ $PID:\ (no\ such\ process|it\ has\ ended\ \(zombie\)|it\ ended\ meanwhile)$ ]]
			;;
		*) false ;;
		esac
		reap "$PID"
		[ "$STATUS" -eq 0 ]
	done
}

@test "not root: an error with a hint, and COMMAND does not run" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to be somebody else"
	place=$(mktemp -d /tmp/badinput.XXXXXX)
	chmod 777 "$place"
	cp "$ET" "$place/epolltrace"
	hint="    run as root, or with "
	for arguments in "-p $$" "touch $place/ran"; do
		rc=0
		# shellcheck disable=SC2086
		setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all --inh-caps -all \
			"$place/epolltrace" $arguments >out 2>err || rc=$?
		cat out err
		[ ! -e "$place/ran" ]
		[ "$rc" -eq "$([ "${arguments%% *}" = -p ] && echo 1 || echo 125)" ]
		[ ! -s out ]
		[[ $(sed -n 1p err) =~ ^epolltrace:\ cannot\ .*:\ (operation\ not\ permitted|permission\ denied)$ ]]
		[[ $(sed -n 2p err) == "$hint"* ]]
		[ "$(wc -l <err)" -eq 2 ]
	done
	rm -r "$place"
}

@test "no BTF" {
	require_live
	rc=0
	unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf || exit 77
		exec "$1" touch ran' sh "$ET" >out 2>err || rc=$?
	cat out err
	[ "$rc" -ne 77 ] || skip "needs the right to mount"
	[ "$rc" -eq 125 ]
	[ "$(sed -n 1p err)" = "epolltrace: cannot read the kernel's BTF: no such file or directory" ]
	[ "$(sed -n 2p err)" = "    a kernel with CONFIG_DEBUG_INFO_BTF is needed" ]
	[ "$(wc -l <err)" -eq 2 ]
	[ ! -e ran ]
	[ ! -s out ]
}

@test "no tracefs, and no right to mount it" {
	require_live
	! grep -q ' - tracefs ' /proc/self/mountinfo || skip "tracefs is mounted"
	rc=0
	setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$ET" touch ran >out 2>err || rc=$?
	cat out err
	[ "$rc" -eq 125 ]
	[ "$(sed -n 1p err)" = "epolltrace: cannot reach tracefs: operation not permitted" ]
	# root is what it is already.
	sed -n 2p err | grep -Eq '^    .*(CAP_SYS_ADMIN|mount -t tracefs)'
	[ "$(wc -l <err)" -eq 2 ]
	[ ! -e ran ]
}

@test "an output that cannot be opened" {
	require_live
	waiting 20011
	mkdir dir
	refused 1 "cannot write 'none/trace': no such file or directory" -- -o none/trace -p "$PID"
	refused 1 "cannot write 'dir': is a directory" -- -o dir -p "$PID"
	refused 1 "cannot write '': no such file or directory" -- -o "" -p "$PID"
	refused 125 "cannot write 'none/trace': no such file or directory" -- -o none/trace touch ran
	kill -0 "$PID"
}

@test "/dev/full: reported at once, and the target runs on" {
	require_live
	[ -c /dev/full ] || skip "needs /dev/full"
	waiting 4001
	rc=0
	timeout 20 "$ET" -q --blocked-after 100ms -o /dev/full -p "$PID" >out 2>err 3>&- || rc=$?
	cat err
	[ "$rc" -eq 1 ]
	[ "$(cat err)" = "epolltrace: cannot write /dev/full: no space left on device" ]
	reap "$PID"
	[ "$STATUS" -eq 0 ]
	grep -q '^returned 0 errno 0 after 4[0-9][0-9][0-9] ms$' wait.out
	refused 125 "cannot write /dev/full: no space left on device" -- -o /dev/full "$WAIT" 3 ||
		[ "$(cat err)" = "epolltrace: cannot write /dev/full: no space left on device" ]
	waiting 3001
	rc=0
	timeout 20 "$ET" -q --blocked-after 100ms -p "$PID" >/dev/full 2>err 3>&- || rc=$?
	[ "$rc" -eq 1 ]
	[ "$(cat err)" = "epolltrace: cannot write output: no space left on device" ]
}

@test "a full disk: the file ends with a whole line" {
	require_live
	cat >script <<-'EOF'
		mkdir small
		mount -t tmpfs -o size=64k none small || exit 77
		"$ET" -o small/trace "$NAMES" $(for i in $(seq 997); do echo "file-number-$i"; done) >out 2>err
		rc=$?
		cp small/trace trace
		exit $rc
	EOF
	rc=0
	ET=$ET NAMES=$NAMES unshare -m bash script 3>&- || rc=$?
	[ "$rc" -ne 77 ] || skip "needs the right to mount"
	cat err
	[ "$rc" -eq 125 ]
	[ "$(cat err)" = "epolltrace: cannot write small/trace: no space left on device" ]
	[ "$(stat -c %s trace)" -gt 60000 ]
	[ "$(tail -c 1 trace | od -An -tx1)" = " 0a" ]
	run ! grep -Evq '^[0-9]+ +[0-9:.]+ epoll_c.* <[0-9]\.[0-9]{6}>$' trace
}

# limited BYTES ARGUMENT...: the tool, which may make no larger file (RLIMIT_FSIZE). That has the
# message that it cannot write WHAT, the limit as a hint, and status 1, of a launch 125.
limited() {
	local bytes=$1

	shift
	STATUS=0
	timeout 20 prlimit --fsize="$bytes:$bytes" "$ET" "$@" >out 2>err 3>&- || STATUS=$?
	cat err
}

told_limit() {
	[ "$(sed -n 1p err)" = "epolltrace: cannot write $2: file too large" ]
	[ "$(sed -n 2p err)" = "    the limit is $1 bytes: see ulimit -f" ]
}

@test "a file that may not grow: as a full disk, not killed by SIGXFSZ" {
	require_live
	names=$(seq -f "file-number-%g" 997)
	# shellcheck disable=SC2086
	limited 50000 -o trace "$NAMES" $names
	[ "$STATUS" -eq 125 ]
	told_limit 50000 trace
	[ "$(wc -l <err)" -eq 2 ]
	[ "$(stat -c %s trace)" -gt 40000 ]
	[ "$(tail -c 1 trace | od -An -tx1)" = " 0a" ]
	run ! grep -Evq '^[0-9]+ +[0-9:.]+ epoll_c.* <[0-9]\.[0-9]{6}>$' trace
	# shellcheck disable=SC2086
	limited 50000 --format json -o json "$NAMES" $names
	[ "$STATUS" -eq 125 ]
	told_limit 50000 json
	[ "$(tail -c 1 json | od -An -tx1)" = " 0a" ]
	jq -e . json >/dev/null
	# In the middle of a trace the target goes on.
	waiting 7001
	limited 200 -q --blocked-after 100ms -o trace -p "$PID"
	[ "$STATUS" -eq 1 ]
	told_limit 200 trace
	[ "$(tail -c 1 trace | od -An -tx1)" = " 0a" ]
	reap "$PID"
	[ "$STATUS" -eq 0 ]
	# What is printed without a trace.
	prlimit --fsize=100:100 "$ET" --help >help 2>err && false
	[ "$(cat err)" = "epolltrace: cannot write output: file too large" ]
}

# rotated OPTION...: the output file is truncated in the middle of the trace of calls, twice.
rotated() {
	steps_start
	tool_start "$@" -p "$DRIVEN"
	step "create; eventfd 1; add 3 4 IN 4"
	for i in 1 2; do
		# shellcheck disable=SC2153 # it is helper.bash's
		grown() { step "wait 3 1 0" && [ "$(stat -c %s "$TRACE")" -gt 300 ]; }
		await 10 grown
		: >"$TRACE"
		await 10 grown
	done
	tool_ends INT
	[ "$STATUS" -eq 0 ]
	[ "$(tr -d '\0' <"$TRACE" | wc -c)" -eq "$(stat -c %s "$TRACE")" ]
	[ "$(tail -c 1 "$TRACE" | od -An -tx1)" = " 0a" ]
}

@test "a file that is truncated while it is written has no hole, and whole lines" {
	require_live
	rotated
	run ! grep -Evq '^[0-9]+ +[0-9:.]+ epoll_wait\(.*>$|^\+\+\+ 0 records lost \+\+\+$' "$TRACE"
	[ "$(grep -c 'epoll_wait(3' "$TRACE")" -ge 2 ]
}

@test "JSON that is truncated while it is written has whole lines" {
	require_live
	rotated --format json
	[ "$(jq -c . "$TRACE" | grep -c epoll_wait)" -ge 2 ]
}

@test "no file may hold the types of the kernel: it traces to where there is no limit" {
	require_live
	waiting 5003
	mkfifo pipe
	cat pipe >trace &
	limited 1000 -q --blocked-after 100ms -o pipe -p "$PID"
	wait $!
	cat trace
	[ "$STATUS" -eq 0 ]
	[ ! -s err ]
	grep -q 'epoll_wait.* = 0 <' trace
	[ "$(tail -n 1 trace)" = "+++ 0 records lost +++" ]
}

@test "recordings that may not grow: what was written is read, and so is a replay's output" {
	require_live
	made="create; eventfd 1; add 3 4 IN 4; quiet { loop 100000 { wait 3 0 7; mod 3 4 IN 4 } }"
	limited 130000 --record rec "$STEPS" "$made"
	[ "$STATUS" -eq 125 ]
	told_limit 130000 "recording 'rec'"
	rc=0
	"$ET" --replay rec -c >summary 2>err || rc=$?
	cat err
	[ "$rc" -eq 1 ]
	grep -q "it was cut off" err
	grep -Eq '^[0-9]{4,} calls in ' summary
	limited 900 --ring 10 --record ring "$STEPS" "$made"
	[ "$STATUS" -eq 125 ]
	told_limit 900 "recording 'ring'"
	limited 70000 --replay rec -o trace
	[ "$STATUS" -eq 1 ]
	grep -Fxq "epolltrace: cannot write trace: file too large" err
	[ "$(stat -c %s trace)" -gt 60000 ]
	[ "$(tail -c 1 trace | od -An -tx1)" = " 0a" ]
}

@test "COMMAND keeps its limits, and the signal of one" {
	require_live
	rc=0
	prlimit --fsize=4096:8192 --nofile=60:4096 "$ET" -o trace \
		bash -c 'ulimit -Sf; ulimit -Hf; ulimit -Sn; ulimit -Hn' >out 2>err || rc=$?
	cat out err
	[ "$rc" -eq 0 ]
	[ "$(tr '\n' ' ' <out)" = "4 8 60 4096 " ]
	[ "$(tail -n 1 trace)" = "+++ 0 records lost +++" ]
	rc=0
	prlimit --fsize=4096:4096 "$ET" -o trace head -c 9999 /dev/zero >big 2>err || rc=$?
	cat err
	[ "$rc" -eq $((128 + 25)) ]
	[ "$(stat -c %s big)" -eq 4096 ]
}

@test "too few descriptors: the limit is named; a soft limit does not matter" {
	require_live
	waiting 120011
	for limit in 5 7 9 {12..16} 20 40 60 80 90 100 105 110; do
		rc=0
		timeout 20 prlimit --nofile="$limit:$limit" "$ET" -o trace -p "$PID" 2>err 3>&- || rc=$?
		mapfile -t lines <err
		printf '%s\n' "$limit: status $rc" "${lines[@]}"
		[ "$rc" -eq 1 ]
		[[ ${lines[0]} =~ ^epolltrace:\ cannot\ .*:\ too\ many\ open\ files$ ]]
		[ "${lines[1]}" = "    up to 160 are needed, and the hard limit is $limit: see ulimit -Hn" ]
		[ "${#lines[@]}" -eq 2 ]
	done
	for limits in 160:160 9:1024; do
		rc=0
		timeout 20 prlimit --nofile="$limits" "$ET" --io --ring 3 --record rec -o trace "$WAIT" 3 \
			>out 2>err || rc=$?
		echo "$limits: status $rc: $(cat err)"
		[ "$rc" -eq 0 ]
		grep -q 'epoll_wait.* = 0 <' trace
		[ "$(tail -n 1 trace)" = "+++ 0 records lost +++" ]
	done
	kill -0 "$PID"
}

@test "a closed stdout is reported, whatever is opened in its place" {
	require_live
	for storage in "" --no-task-storage; do
		waiting 3001
		rc=0
		timeout 20 "$ET" -q $storage --blocked-after 100ms -p "$PID" >&- 2>err 3>&- || rc=$?
		cat err
		[ "$rc" -eq 1 ]
		[ "$(cat err)" = "epolltrace: cannot write output: bad file descriptor" ]
		reap "$PID"
		[ "$STATUS" -eq 0 ]
	done
	# A COMMAND does not need it.
	rc=0
	timeout 20 "$ET" -o trace "$WAIT" 3 >&- 2>err 3>&- || rc=$?
	[ "$rc" -eq 0 ]
	[ ! -s err ]
	grep -q epoll_create1 trace
}

@test "stdout is a closed pipe: it ends quietly" {
	require_live
	waiting 4001
	mkfifo pipe
	exec {both}<>pipe
	"$ET" -q --blocked-after 100ms -p "$PID" >pipe 2>err 3>&- {both}>&- &
	TOOL=$!
	BACKGROUND+=("$TOOL")
	# It has the pipe open for writing; nobody will read it.
	await 10 [ "/proc/$TOOL/exe" -ef "$ET" ]
	exec {both}>&-
	reap "$TOOL"
	cat err
	[ "$STATUS" -eq 0 ]
	[ ! -s err ]
	reap "$PID"
	[ "$STATUS" -eq 0 ]
	# In launch mode the end is COMMAND's.
	"$ET" -o - sh -c "'$WAIT' 3 >&2; exit 7" 2>err | :
	[ "${PIPESTATUS[0]}" -eq 7 ]
}

@test "hostile names: nothing but printable ASCII comes out, and strace says the same" {
	require_live
	mkdir et strace
	(cd et && "$ET" --color=never -o ../trace "$NAMES" >../out)
	(cd et && rm -f ./* && "$ET" -C --color=never "$NAMES" >../out2 2>../trace2)
	[ "$(grep -c . out)" -gt 50 ]
	printable trace
	printable trace2
	[ "$(grep -c EPOLL_CTL_ADD trace)" -eq $(($(wc -l <out) - 1)) ]
	run ! grep -Evq '^([0-9]+ +[0-9:.]+ (epoll_.* <[0-9]\.[0-9]{6}>|\+\+\+ exited with 0 \+\+\+)|\+\+\+ 0 records lost \+\+\+)$' trace
	command -v strace || skip "needs strace to compare with"
	(cd strace && strace -f -yy -e trace=epoll_ctl -o ../strace.trace "$NAMES" >/dev/null)
	# strace 6.1 ends an abstract name at a NUL: those with one are left out. So is the name that
	# ends like a deleted one's: a test of its own.
	normalise() {
		sed -nE '/@"(\\253|\\0|")|j \(deleted\)>|j>\(deleted\)/d
			s/^[0-9]+ +([0-9:.]+ )?(epoll_ctl.*)$/\2/
			s/ <[0-9.]+>$//
			s/^(epoll_ctl\([0-9]+)<[^>]*>/\1/
			s/\[[0-9]+,/[INODE,/
			s/@"[0-9]+\./@"PID./
			s/data=.*\}\)/DATA)/
			s/\/(et|strace)\//\/DIR\//
			/^epoll_ctl/p' "$1"
	}
	normalise trace >have
	normalise strace.trace >want
	[ "$(wc -l <want)" -eq 49 ]
	diff want have
}

@test "a name that ends like a deleted one's is not taken for one" {
	require_live
	"$ET" -o trace "$NAMES" "x (deleted)" >out
	cat trace
	grep -q '/x (deleted)>, {' trace
	"$ET" -o trace bash -c 'exec 7<>y; rm y; exec "$0" /dev/fd/7' "$NAMES" >out
	cat trace
	grep -q '/y>(deleted), {' trace
}

@test "paths that are too deep or too long are cut at the front" {
	require_live
	deep=$(printf 'd%.0s/' {1..61})
	long=$(for i in 1 2 3 4 5 6 7; do printf '%0200d/' "$i"; done)
	mkdir -p "$deep" "$long"
	(cd "$long" && "$ET" -o "$BATS_TEST_TMPDIR/long.trace" "$NAMES" leaf >"$BATS_TEST_TMPDIR/out")
	"$ET" -o deep.trace "$NAMES" "${deep}leaf" >out
	for trace in deep long; do
		cut -c 1-200 "$trace.trace"
		printable "$trace.trace"
		grep -q 'EPOLL_CTL_ADD, [0-9]*<\.\.\./.*/leaf>, {events=EPOLLIN|EPOLLOUT, data=0x[0-9a-f]*}) = -1 EPERM (Operation not permitted) <' \
			"$trace.trace"
		[ "$(tail -n 1 "$trace.trace")" = "+++ 0 records lost +++" ]
	done
	# As much as fits stands there, and is the path's end.
	name=$(sed -n 's/.*ADD, [0-9]*<\.\.\.\([^>]*\)>.*/\1/p' deep.trace)
	[[ "$PWD/${deep}leaf" == *"$name" ]]
	[ "$(tr -cd / <<<"$name" | wc -c)" -ge 31 ]
	name=$(sed -n 's/.*ADD, [0-9]*<\.\.\.\([^>]*\)>.*/\1/p' long.trace)
	[[ "$PWD/${long}leaf" == *"$name" ]]
	[ "${#name}" -ge 800 ]
	# A name of the greatest length is whole.
	most=$(printf '%0255d' 7)
	"$ET" -o trace "$NAMES" "$most" >out
	grep -q "/$most>, {" trace
}

@test "colour only on a terminal, or where it is wanted" {
	require_live
	esc=$'\e['
	coloured() { grep -aqF "$esc" "$1"; }
	"$ET" --record rec -o file "$NAMES" x >out
	run ! coloured file
	"$ET" --color=always -o file "$NAMES" x >out
	coloured file
	on_terminal() {
		rm -f x
		TERM=xterm env "$@" "$PTY" "" "${tool[@]}" >out
		grep -aq EPERM out
	}
	tool=("$ET" "$NAMES" x)
	on_terminal
	coloured out
	on_terminal NO_COLOR=1
	run ! coloured out
	# A replay's lines are coloured by the same rules.
	tool=("$ET" --replay rec)
	on_terminal
	coloured out
	on_terminal NO_COLOR=
	coloured out
	on_terminal NO_COLOR=1
	run ! coloured out
	on_terminal TERM=dumb
	run ! coloured out
	on_terminal -u TERM
	run ! coloured out
	tool=("$ET" --color=never --replay rec)
	on_terminal
	run ! coloured out
	tool=("$ET" --color=always --replay rec)
	on_terminal NO_COLOR=1 TERM=dumb
	coloured out
	TERM=xterm "$PTY" "" "$ET" --color=auto -o file "$NAMES" x >out
	grep -q EPERM file
	run ! coloured file
	# Without colour, it is the same text.
	"$ET" --color=always -o file --replay rec
	sed -i 's/\x1b\[[0-9;]*m//g' file
	printable file
}

@test "--help and --version go to stdout" {
	for option in -h --help; do
		run --separate-stderr "$ET" "$option"
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		[[ $output == "usage: epolltrace "* ]]
		[[ $output == *--blocked-after=TIME* ]]
	done
	for option in -V --version; do
		run --separate-stderr "$ET" "$option"
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		[[ $output =~ ^epolltrace\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	done
	if [ -c /dev/full ]; then
		run bash -c "\"\$1\" --help >/dev/full" bash "$ET"
		[ "$status" -eq 1 ]
	fi
}
