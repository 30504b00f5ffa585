#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Attaching disturbs nothing, shows what blocks, and leaves nothing behind, however it ends.
# shellcheck disable=SC2016,SC2030,SC2031 # scripts stand in quotes; a test is a subshell

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	require_live
	ulimit -Sc 0
	WAIT=$WORKLOADS/attach-wait
	SILENT=$WORKLOADS/attach-silent
}

# target NAME ARGUMENT...: attach-wait, its output in NAME.out, once it is about to wait; PID is set.
target() {
	local name=$1
	shift
	: >"$name.out"
	"$WAIT" "$@" <&0 >"$name.out" 3>&- &
	PID=$!
	BACKGROUND+=("$PID")
	[ "$1" = - ] || await 10 has_text "$name.out" waiting
}

# attach NAME ARGUMENT...: the tool, lines in NAME.trace and messages in NAME.err; TOOL is set.
attach() {
	local name=$1
	shift
	: >"$name.trace"
	: >"$name.err"
	background "$ET" -o "$name.trace" "$@" 2>"$name.err"
	TOOL=$!
}

# reap PID: its exit status in STATUS.
reap() {
	STATUS=0
	wait "$1" || STATUS=$?
}

gone() {
	[ ! -e "/proc/$1" ]
}

# counted NUMBER REGEX FILE: so many lines match, or more.
counted() {
	[ "$(grep -Ec -- "$2" "$3")" -ge "$1" ]
}

# The BPF objects that a process holds, one "prog 7" a line.
objects_of() {
	cat "/proc/$1/fdinfo/"* 2>/dev/null |
		sed -n 's/^\(prog\|map\|link\)_id:[ \t]*\([1-9][0-9]*\)$/\1 \2/p' | sort -u
}

holds_objects() {
	[ -n "$(objects_of "$1")" ]
}

# The BPF objects there are.
objects() {
	local bpftool kind
	bpftool=$(command -v bpftool || echo /usr/sbin/bpftool)
	for kind in prog map link; do
		"$bpftool" "$kind" list | sed -n "s/^\([0-9]*\): .*/$kind \1/p"
	done | sort -u
}

# freed FILE: none of the objects that it lists is left.
freed() {
	[ -z "$(comm -12 "$1" <(objects))" ]
}

@test "a blocked thread returns in its own time, and is shown while it blocks" {
	for storage in "" --no-task-storage; do
		target wait 3901
		attach wait -q $storage --blocked-after 200ms -p "$PID"
		reap "$PID"
		[ "$STATUS" -eq 0 ]
		reap "$TOOL"
		cat wait.out wait.trace wait.err
		[ "$STATUS" -eq 0 ]
		[[ $(tail -n 1 wait.out) =~ ^returned\ 0\ errno\ 0\ after\ (39[0-9]{2}|4[0-4][0-9]{2})\ ms$ ]]
		[ "${BASH_REMATCH[1]}" -ge 3901 ]
		[[ $(sed -n 1p wait.trace) =~ ^$PID\ +[0-9:.]+\ epoll_wait\([0-9]+\<eventpoll#1\>,\ \<blocked\ \>0\.[23][0-9]{2}\ s\ \.\.\.\>$ ]]
		[[ $(sed -n 2p wait.trace) =~ ^$PID\ +[0-9:.]+\ epoll_wait\([0-9]+\<eventpoll#1\>,\ \[\],\ 7,\ 3901\)\ =\ 0\ \<\>[0-3]\.[0-9]{6}\>$ ]]
		[[ $(sed -n 3p wait.trace) =~ ^$PID\ +[0-9:.]+\ \+\+\+\ exited\ with\ 0\ \+\+\+$ ]]
		[ "$(sed -n 4p wait.trace)" = "+++ 0 records lost +++" ]
		[ "$(wc -l <wait.trace)" -eq 4 ]
		[ ! -s wait.err ]
	done
}

@test "7 threads that block at once are all shown, each for itself" {
	target wait 4503 7
	await 10 counted 7 "waiting" wait.out
	attach wait --blocked-after 200ms -p "$PID"
	await 10 counted 7 "<blocked >0" wait.trace
	ls "/proc/$PID/task" >want
	sed 's/ .*//' wait.trace >have
	diff <(sort want) <(sort have)
	reap "$PID"
	reap "$TOOL"
	cat wait.trace wait.out
	[ "$(grep -c '^returned 0 errno 0 after 4[5-9][0-9][0-9] ms$' wait.out)" -eq 7 ]
	[ "$(grep -Ec 'epoll_wait\([0-9]+<eventpoll#1>, \[\], 7, 4503\) = 0 <>[0-4]\.[0-9]{6}>$' wait.trace)" -eq 7 ]
	[ "$(wc -l <wait.trace)" -eq 16 ]
}

@test "a wait that begins after the attach has its full time" {
	mkfifo lines
	exec {to}<>lines
	target wait - <&"$to"
	attach wait --blocked-after 200ms -p "$PID"
	# Armed, once it says that the target is silent.
	await 10 has_text wait.err 'no epoll call seen'
	echo 701 >&"$to"
	await 10 has_text wait.trace '<blocked'
	printf '23\nend\n' >&"$to"
	reap "$TOOL"
	cat wait.trace wait.err
	[[ $(sed -n 1p wait.trace) =~ \<blocked\ 0\.[23][0-9]{2}\ s\ \.\.\.\>$ ]]
	[[ $(sed -n 2p wait.trace) =~ \[\],\ 7,\ 701\)\ =\ 0\ \<0\.[789][0-9]{5}\>$ ]]
	[[ $(sed -n 3p wait.trace) =~ \[\],\ 7,\ 23\)\ =\ 0\ \<0\.0[0-9]{5}\>$ ]]
	[ "$(wc -l <wait.trace)" -eq 5 ]
	[ "$(grep -c 'no epoll call seen' wait.err)" -eq 1 ]
}

@test "a TID means its process" {
	target wait 20011 3
	await 10 counted 3 "waiting" wait.out
	# shellcheck disable=SC2012
	tid=$(ls "/proc/$PID/task" | tail -n 1)
	[ "$tid" -ne "$PID" ]
	attach wait --blocked-after 100ms -p "$tid" -p "$PID"
	await 10 counted 3 "<blocked >0" wait.trace
	kill -KILL "$PID"
	reap "$TOOL"
	cat wait.trace
	[ "$STATUS" -eq 0 ]
	[ "$(grep -c '<unfinished \.\.\.>$' wait.trace)" -eq 3 ]
	[ "$(grep -c '+++ killed by SIGKILL +++$' wait.trace)" -eq 1 ]
	[ "$(wc -l <wait.trace)" -eq 8 ]
}

@test "whatever ends the tool, the target runs on and nothing stays behind" {
	cp /proc/self/mountinfo mounts
	signals=(KILL TERM INT HUP SEGV)
	pids=() tools=()
	for signal in "${signals[@]}"; do
		target "$signal" 14001
		pids+=("$PID")
	done
	for i in "${!signals[@]}"; do
		attach "${signals[i]}" --blocked-after 100ms -p "${pids[i]}"
		tools+=("$TOOL")
	done
	for i in "${!signals[@]}"; do
		await 20 has_text "${signals[i]}.trace" '<blocked >0'
		objects_of "${tools[i]}" >"${signals[i]}.objects"
		[ "$(grep -c ^prog "${signals[i]}.objects")" -gt 10 ]
		grep -q ^map "${signals[i]}.objects"
		grep -q ^link "${signals[i]}.objects"
		diff mounts "/proc/${tools[i]}/mountinfo"
	done
	for i in "${!signals[@]}"; do
		kill -"${signals[i]}" "${tools[i]}"
	done
	for i in "${!signals[@]}"; do
		reap "${tools[i]}"
		echo "${signals[i]}: status $STATUS"
		case ${signals[i]} in
		KILL) [ "$STATUS" -eq 137 ] ;;
		SEGV) [ "$STATUS" -eq 139 ] ;;
		*)
			[ "$STATUS" -eq 0 ]
			[ "$(tail -n 1 "${signals[i]}.trace")" = "+++ 0 records lost +++" ]
			grep -q '<unfinished \.\.\.>$' "${signals[i]}.trace"
			;;
		esac
		await 20 freed "${signals[i]}.objects"
	done
	diff mounts /proc/self/mountinfo
	for i in "${!signals[@]}"; do
		reap "${pids[i]}"
		[ "$STATUS" -eq 0 ]
		cat "${signals[i]}.out"
		[[ $(tail -n 1 "${signals[i]}.out") =~ ^returned\ 0\ errno\ 0\ after\ 14[0-9]{3}\ ms$ ]]
	done
}

@test "a tool that ends by itself leaves nothing behind either" {
	target wait 20011
	attach wait --blocked-after 100ms -p "$PID"
	await 10 has_text wait.trace '<blocked >0'
	objects_of "$TOOL" >objects
	[ -s objects ]
	kill -KILL "$PID"
	reap "$TOOL"
	[ "$STATUS" -eq 0 ]
	await 20 freed objects
}

@test "it mounts nothing where tracefs is not mounted" {
	cat >script <<-'EOF'
		umount -a -t tracefs 2>/dev/null
		! grep -q ' - tracefs ' /proc/self/mountinfo || exit 77
		cp /proc/self/mountinfo before
		mkfifo never
		exec {never}<>never
		"$WAIT" 120011 >out &
		target=$!
		trap 'kill -KILL $target' EXIT
		until grep -q waiting out 2>/dev/null; do
			kill -0 $target || exit 1
			read -rt 0.05 -u $never
		done
		"$ET" --blocked-after 100ms -o trace -p $target &
		tool=$!
		until grep -q '<blocked >0' trace 2>/dev/null; do
			kill -0 $tool || exit 1
			read -rt 0.05 -u $never
		done
		diff before /proc/$tool/mountinfo || exit 1
		kill -INT $tool
		wait $tool || exit 1
		diff before /proc/self/mountinfo || exit 1
	EOF
	rc=0
	ET=$ET WAIT=$WAIT unshare -m bash script 3>&- || rc=$?
	[ "$rc" -ne 77 ] || skip "tracefs is mounted and cannot be unmounted"
	[ "$rc" -eq 0 ]
	"$ET" --features | grep -Eq '^tracefs +yes: (detached mount|mounted)$'
}

@test "it works without CAP_SYS_RESOURCE" {
	setpriv --bounding-set -sys_resource true || skip "needs CAP_SETPCAP"
	target wait 2503
	ulimit -l 64
	background setpriv --bounding-set -sys_resource --inh-caps -sys_resource \
		"$ET" --blocked-after 100ms -o trace -p "$PID"
	TOOL=$!
	await 10 has_text trace '<blocked >0'
	reap "$TOOL"
	[ "$STATUS" -eq 0 ]
	grep -q ' = 0 <>' trace
}

# A memory cgroup of N bytes, of either version; MEMORY_CGROUP is its directory. False: none can be made.
memory_cgroup() {
	local parent limit=memory.max

	parent=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/mounts)
	if [ -n "$parent" ]; then
		limit=memory.limit_in_bytes
	else
		parent=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	fi
	MEMORY_CGROUP=$parent/epolltrace-test.$$
	mkdir "$MEMORY_CGROUP" 2>/dev/null && echo "$1" 2>/dev/null >"$MEMORY_CGROUP/$limit"
}

# in_memory COMMAND...
in_memory() {
	bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$MEMORY_CGROUP" "$@"
}

@test "a small memory cgroup has room for it" {
	memory_cgroup $((20 << 20)) || skip "needs a memory cgroup that can be made"
	ulimit -Sn 1024 # what --io takes goes by it
	target wait 120011
	for options in "-c" "--diagnose" "--record rec" "--io"; do
		rc=0
		# shellcheck disable=SC2086
		in_memory "$ET" --buffer-size 256K $options -o trace "$WAIT" 3 >out 2>err || rc=$?
		echo "$options: status $rc: $(cat err)"
		[ "$rc" -eq 0 ]
		[ -s trace ] || [ -s rec ]
	done
	in_memory "$ET" --buffer-size 256K --snapshot -p "$PID" >out
	grep -q 'attach-wait' out
}

@test "with tracefs mounted CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH are enough, without root" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	open_copy
	target wait 2503
	rc=0
	unshare -m bash -c '
		mount -t tracefs tracefs /sys/kernel/tracing || exit 77
		"$@"' bash setpriv --reuid 65534 --regid 65534 --clear-groups \
		--inh-caps -all,+bpf,+perfmon,+dac_read_search \
		--ambient-caps -all,+bpf,+perfmon,+dac_read_search \
		--bounding-set -all,+bpf,+perfmon,+dac_read_search \
		"$PLACE/epolltrace" --blocked-after 100ms -p "$PID" >trace 2>err || rc=$?
	cat trace err
	[ "$rc" -ne 77 ] || skip "needs the right to mount tracefs"
	[ "$rc" -eq 0 ]
	grep -q ' = 0 <>' trace
}

@test "without root and without tracefs CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH are enough" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	open_copy
	target wait 2503
	rc=0
	with_caps sys_admin,dac_read_search "$PLACE/epolltrace" --blocked-after 100ms -p "$PID" \
		>trace 2>err || rc=$?
	cat trace err
	[ "$rc" -eq 0 ]
	grep -q ' = 0 <>' trace
}

@test "a tracefs that cannot be read is a failure, not a trace without calls" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	open_copy
	target wait 20011
	rc=0
	# Its files are root's, mode 0440: without CAP_DAC_READ_SEARCH they are there, but closed.
	with_caps sys_admin timeout -s INT 5 "$PLACE/epolltrace" -p "$PID" >trace 2>err || rc=$?
	cat trace err
	[ "$rc" -eq 1 ]
	[ ! -s trace ]
	[[ $(sed -n 1p err) =~ ^epolltrace:\ cannot\ .*tracefs.*:\ permission\ denied$ ]]
	run with_caps sys_admin "$PLACE/epolltrace" --features
	[[ $output != *"no such tracepoint"* ]]
}

@test "each lacking capability is reported, with a hint that names it" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	! grep -q ' - tracefs ' /proc/self/mountinfo || skip "tracefs is mounted"
	open_copy
	rc=0
	with_caps bpf,perfmon,sys_ptrace,dac_read_search "$PLACE/epolltrace" -p $$ >out 2>err || rc=$?
	cat out err
	[ "$rc" -eq 1 ]
	[ ! -s out ]
	[ "$(sed -n 1p err)" = "epolltrace: cannot reach tracefs: operation not permitted" ]
	# What it has is no hint; what helps is.
	sed -n 2p err | grep -Eq '^    .*(CAP_SYS_ADMIN|mount -t tracefs)'
	[ "$(wc -l <err)" -eq 2 ]
}

@test "a target that uses no epoll is reported, with what it does instead" {
	declare -A says=(
		[poll]='has been in poll for [0-9]+ s'
		[futex]='has been in futex for [0-9]+ s'
		[nanosleep]='has been in nanosleep for [0-9]+ s'
		[run]='is running'
	)
	for what in "${!says[@]}"; do
		background "$SILENT" "$what"
		PID=$!
		# It is past its start once it is where it stays.
		await 10 [ "/proc/$PID/exe" -ef "$SILENT" ]
		[ "$what" = run ] || await 10 grep -q '^[1-9]' "/proc/$PID/syscall"
		attach "$what" -q --blocked-after 1200ms -p "$PID"
		await 10 has_text "$what.err" 'no epoll'
		kill -INT "$TOOL"
		reap "$TOOL"
		cat "$what.err"
		[ "$STATUS" -eq 0 ]
		kill -0 "$PID"
		[ "$(cat "$what.trace")" = "+++ 0 records lost +++" ]
		# While it runs, and again at the end.
		[ "$(wc -l <"$what.err")" -eq 2 ]
		run ! grep -Evxq "epolltrace: no epoll call seen; thread $PID ${says[$what]}" "$what.err"
		[ "$what" = run ] || run ! grep -q ' for 0 s$' "$what.err"
		kill -KILL "$PID"
		reap "$PID"
	done
}

@test "a target that uses epoll is not called silent" {
	target wait 20011
	attach wait -q --blocked-after 100ms -p "$PID"
	await 10 has_text wait.trace '<blocked >'
	kill -INT "$TOOL"
	reap "$TOOL"
	[ ! -s wait.err ]
}

@test "et-echo: connections by name, from registration to close" {
	start_echo
	attach echo --blocked-after 100ms -p "$SERVER"
	await 10 has_text echo.trace '<blocked >0'
	exec 23<>"/dev/tcp/127.0.0.1/$PORT"
	echo hello >&23
	read -r -t 10 -u 23 line
	[ "$line" = hello ]
	exec 29<>"/dev/tcp/127.0.0.1/$PORT"
	echo world >&29
	read -r -t 10 -u 29 line
	[ "$line" = world ]
	name="TCP:\[127\.0\.0\.1:$PORT->127\.0\.0\.1:[0-9]+\]"
	await 10 counted 2 "EPOLL_CTL_ADD, [0-9]+<$name>" echo.trace
	read -r fd peer < <(sed -En "s/.*EPOLL_CTL_ADD, ([0-9]+)<TCP:\[127[^]]*:([0-9]+)\]>.*/\1 \2/p" echo.trace)
	mine=$fd"<TCP:\\[127\\.0\\.0\\.1:$PORT->127\\.0\\.0\\.1:$peer\\]>"
	# One after the other, so that each end has a line of its own.
	exec 23>&-
	await 10 counted 1 "EPOLLRDHUP.*, fd=" echo.trace
	exec 29>&-
	await 10 counted 2 "EPOLLRDHUP.*, fd=" echo.trace
	# The number is used again, by another connection: it is another name.
	exec 31<>"/dev/tcp/127.0.0.1/$PORT"
	echo again >&31
	read -r -t 10 -u 31 line
	exec 31>&-
	kill -TERM "$SERVER"
	reap "$TOOL"
	cat echo.trace echo.err
	[ "$STATUS" -eq 0 ]
	grep -Eq "epoll_ctl\([0-9]+<eventpoll#1>, EPOLL_CTL_ADD, $mine, \{events=EPOLLIN\|[A-Z|]*EPOLLRDHUP\|EPOLLET, data=0x[0-9a-f]+\}\) = 0 <0\.[0-9]{6}>$" echo.trace
	grep -Eq "epoll_(p?)wait2?\([0-9]+<eventpoll#1>, \[.*\{events=EPOLLIN[A-Z|]*, data=0x[0-9a-f]+, fd=$mine\}" echo.trace
	grep -Eq "\{events=EPOLLIN[A-Z|]*EPOLLRDHUP, data=0x[0-9a-f]+, fd=$mine\}" echo.trace
	# Both connections and the third have names of their own, in ready events too.
	[ "$(grep -Eo "EPOLL_CTL_ADD, [0-9]+<$name>" echo.trace | sort -u | wc -l)" -eq 3 ]
	[ "$(grep -Eo "fd=[0-9]+<$name>" echo.trace | sort -u | wc -l)" -eq 3 ]
	run ! grep -q 'fd=?' <(grep "127.0.0.1:$PORT->" echo.trace)
	grep -q '+++ exited with 0 +++$' echo.trace
	[ "$(tail -n 1 echo.trace)" = "+++ 0 records lost +++" ]
}

@test "--no-task-storage gives the same lines" {
	for storage in "" --no-task-storage; do
		mkfifo "lines$storage"
		exec {to}<>"lines$storage"
		target wait - <&"$to"
		attach "trace$storage" $storage --blocked-after 100ms -p "$PID"
		await 10 has_text "trace$storage.err" 'no epoll call seen'
		printf '%s\n' 0 1 0 3 211 0 end >&"$to"
		reap "$TOOL"
		[ "$STATUS" -eq 0 ]
		sed -Ei 's/^[0-9]+ +[0-9:.]+/PID TIME/; s/<0\.[0-9]+>$/<TIME>/; s/blocked 0\.[0-9]+/blocked TIME/' \
			"trace$storage.trace"
	done
	cat trace.trace
	diff trace.trace trace--no-task-storage.trace
	[ "$(wc -l <trace.trace)" -eq 9 ]
}

@test "a reader that goes away ends the trace quietly" {
	start_echo
	mkfifo pipe
	head -n 3 <pipe >three 3>&- &
	BACKGROUND+=($!)
	background "$ET" -q --blocked-after 50ms -p "$SERVER" >pipe 2>err
	TOOL=$!
	until=$((SECONDS + 30))
	until gone "$TOOL" || ((SECONDS > until)); do # it may take a while until it is armed
		exec 23<>"/dev/tcp/127.0.0.1/$PORT"
		echo hello >&23
		read -r -t 10 -u 23 _
		exec 23>&-
	done
	reap "$TOOL"
	cat three err
	[ "$STATUS" -eq 0 ]
	[ ! -s err ]
	[ "$(wc -l <three)" -eq 3 ]
	kill -0 "$SERVER"
}

@test "SIGINT and SIGTERM: status 0, the last record and the summary" {
	for signal in INT TERM; do
		target wait 20011
		attach "$signal" -C --blocked-after 100ms -p "$PID"
		await 10 has_text "$signal.trace" '<blocked >0'
		kill -"$signal" "$TOOL"
		reap "$TOOL"
		cat "$signal.trace"
		[ "$STATUS" -eq 0 ]
		[[ $(sed -n 2p "$signal.trace") =~ ^$PID\ .*epoll_wait\([0-9]+\<eventpoll#1\>,\ \<unfinished\ \.\.\.\>$ ]]
		[ "$(sed -n 3p "$signal.trace")" = "+++ 0 records lost +++" ]
		sed 1,3d "$signal.trace" | grep -Eq "^#1 +$PID +"
		kill -KILL "$PID"
		reap "$PID"
	done
}

@test "--duration ends a trace as SIGINT does, after so long and no sooner" {
	target wait 20011
	attach duration -C --blocked-after 100ms --duration 0.7 -p "$PID"
	reap "$TOOL"
	cat duration.trace
	[ "$STATUS" -eq 0 ]
	[[ $(sed -n 1p duration.trace) == "$PID "*"<blocked >0."* ]]
	[[ $(sed -n 2p duration.trace) =~ ^$PID\ .*\<unfinished\ \.\.\.\>$ ]]
	[ "$(sed -n 3p duration.trace)" = "+++ 0 records lost +++" ]
	sed 1,3d duration.trace | grep -Eq "^#1 +$PID +"
	attach json --format json --duration 700ms -p "$PID"
	reap "$TOOL"
	[ "$STATUS" -eq 0 ]
	tail -n 1 json.trace >end
	cat end
	ns=$(sed -n 's/^{"type":"end",.*"duration_ns":\([0-9]*\)}$/\1/p' end)
	((ns >= 700000000 && ns < 15000000000))
	kill -0 "$PID"
}

@test "-c: SIGINT prints the summary" {
	target wait 20011 3
	background "$ET" -c --blocked-after 100ms -p "$PID" >out 2>err
	TOOL=$!
	await 10 holds_objects "$TOOL"
	background "$ET" --blocked-after 100ms -p "$PID" >lines 2>err
	OTHER=$!
	# Two tools on one target do not know of each other.
	await 10 counted 3 "<blocked >0" lines
	[ ! -s out ]
	kill -INT "$TOOL"
	reap "$TOOL"
	cat out
	[ "$STATUS" -eq 0 ]
	run ! grep -q epoll_wait\( out
	[ "$(grep -Ec '^#1 +[0-9]+ ' out)" -eq 3 ]
	grep -q ' 0 records lost' out
	kill -INT "$OTHER"
	reap "$OTHER"
	[ "$STATUS" -eq 0 ]
}

@test "SIGINT from the terminal with -c: the summary, and the target runs on" {
	target wait 20011
	# -C, to see by the first line that it is armed.
	STATUS=0
	"$WORKLOADS/launch-pty" '<blocked >' "$ET" -C --color=never --blocked-after 100ms -p "$PID" \
		>out || STATUS=$?
	cat out
	[ "$STATUS" -eq 0 ]
	grep -q 'records lost +++' out
	grep -Eq "^#1 +$PID +" out
	kill -0 "$PID"
}

@test "a tool among its own targets does not keep its trace going" {
	cat >script <<-'EOF'
		"$ET" --tree --blocked-after 100ms -o trace -p $$ 2>err &
		echo $! >tool
		read -r line <lines
	EOF
	mkfifo lines
	exec {to}<>lines
	background env ET="$ET" bash script
	SHELL_PID=$!
	await 10 has_text err 'no epoll'
	TOOL=$(cat tool)
	echo end >&"$to"
	reap "$SHELL_PID"
	rc=0
	await 5 gone "$TOOL" || rc=$?
	kill -KILL "$TOOL" 2>/dev/null || true
	[ "$rc" -eq 0 ]
	tail -n 1 trace
	[ "$(tail -n 1 trace)" = "+++ 0 records lost +++" ]
}

@test "it does not attach to itself" {
	rc=0
	timeout 3 bash -c 'exec "$1" -p $$' bash "$ET" >out 2>err || rc=$?
	cat out err
	[ "$rc" -eq 1 ]
	grep -Eq '^epolltrace: cannot attach to [0-9]+: ' err
}

@test "at most 16 system call tracepoints, where no target has an io_uring" {
	"$WAIT" 20000 >out 3>&- &
	PID=$!
	BACKGROUND+=("$PID")
	await 10 has_text out waiting
	strace -f -e trace=perf_event_open -o calls timeout -s INT 1 "$ET" -o trace -p "$PID" || true
	grep -q '0 records lost' trace
	[ "$(grep -c 'perf_event_open(.*= [0-9]' calls)" -le 16 ]
	[ "$(grep -c 'perf_event_open(.*= [0-9]' calls)" -ge 8 ]
}
