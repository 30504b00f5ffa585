# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# helper.bash - what the bats tests share. Loaded with `load helper`.

bats_require_minimum_version 1.5.0

# This is read again for every test, and a process costs more than all else here: it starts none.
HERE=${BATS_TEST_DIRNAME%/*}
B=${B:-build}
case $B in
/*) ;;
*) B=$HERE/$B ;;
esac
ET=${ET:-$B/epolltrace}
ET_ECHO=${ET_ECHO:-$B/et-echo}
WORKLOADS=${WORKLOADS:-$B/workloads}
PYTHON=${PYTHON:-python3} # from run-tests.sh, which knows where it is

# Where tracing is not possible a live test is skipped, with the tool's own reason; where
# REQUIRE_LIVE=1, as in CI, that is a failure. The tool is asked once, for each file of tests if these are
# run by themselves: it tries all that it has.
require_live() {
	local why answer=${LIVE_ANSWER:-$BATS_RUN_TMPDIR/live}
	[ ! -e "$answer" ] || return 0
	if why=$("$ET" --features 2>&1 >/dev/null); then
		: >"$answer"
		return 0
	fi
	if [ "${REQUIRE_LIVE:-0}" = 1 ]; then
		echo "live test cannot run: $why" >&2
		return 1
	fi
	skip "$why"
}

# Where 32-bit programs cannot be built (arm64) or run, a test with one is skipped, in CI too.
require_compat() {
	local status=0
	[ -x "$WORKLOADS/compat" ] || skip "the compiler makes no 32-bit programs for x86"
	"$WORKLOADS/compat" </dev/null >/dev/null 2>&1 || status=$?
	[ "$status" -ne 126 ] || skip "this kernel runs no 32-bit programs"
}

# pause SECONDS: a read, with a time-out, of what nothing ever comes out of takes no process. What
# waits is to leave the processors to what it waits for.
pause() {
	open_pause
	read -rt "$1" -u "$PAUSE" || true
}

# Sets PAUSE, the number of that.
PAUSE=''
open_pause() {
	[ -n "$PAUSE" ] || exec {PAUSE}<> <(:)
}

# has_text FILE TEXT: the file has this text; grep -F without a process, for what is awaited.
has_text() {
	local all=''
	{ read -rd '' all <"$1"; } 2>/dev/null || true
	[[ $all == *"$2"* ]]
}

# has_match FILE REGEX: a part of the file, whatever its lines, is as grep -E would have it.
has_match() {
	local all=''
	{ read -rd '' all <"$1"; } 2>/dev/null || true
	[[ $all =~ $2 ]]
}

# children PID: leaves their numbers in CHILDREN; fails where there are none.
children() {
	CHILDREN=()
	{ read -ra CHILDREN <"/proc/$1/task/$1/children"; } 2>/dev/null || true
	[ "${#CHILDREN[@]}" -ne 0 ]
}

# in_call PID NUMBER...: its first thread is in one of these system calls.
in_call() {
	local call=''
	{ read -r call _ <"/proc/$1/syscall"; } 2>/dev/null || true
	[[ -n $call && " ${*:2} " == *" $call "* ]]
}

# await SECONDS COMMAND...: until the command succeeds; fails where it has not by then.
await() {
	local until=$((SECONDS + $1)) rest=0.02
	shift
	until "$@"; do
		if ((SECONDS > until)); then
			echo "await: gave up on: $*" >&2
			return 1
		fi
		pause $rest
		[ $rest = 0.02 ] && rest=0.05 || rest=0.1
	done
}

# background COMMAND...: starts it; its number is in $! and it is ended after the test.
background() {
	"$@" 3>&- &
	BACKGROUND+=($!)
}

# Ends what background has started, by number.
end_background() {
	local pid
	for pid in "${BACKGROUND[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	BACKGROUND=()
}

# Starts et-echo on a free port; PORT and SERVER are set.
start_echo() {
	local out=$BATS_TEST_TMPDIR/echo.out
	: >"$out" # what is awaited is not to be found in the one before
	"$ET_ECHO" -p 0 "$@" >"$out" 3>&- &
	SERVER=$!
	BACKGROUND+=("$SERVER")
	await 10 has_text "$out" listening
	PORT=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$out")
}

# show FILE...: the last lines of those that exist; tail without a process.
show() {
	local file lines
	for file; do
		[ -f "$file" ] || continue
		mapfile -t lines <"$file"
		((${#lines[@]} <= 50)) || lines=("${lines[@]: -50}")
		printf '%s\n' "==> $file <==" "${lines[@]}"
	done
}

# has_line FILE REGEX: a whole line matches.
has_line() {
	grep -Exq -- "$2" "$1"
}

# with_caps LIST COMMAND...: as a user without privileges but these.
with_caps() {
	local caps
	caps=-all,+${1//,/,+}
	shift
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps "$caps" \
		--ambient-caps "$caps" --bounding-set "$caps" "$@"
}

# A copy of the tool where a user without privileges reaches it.
open_copy() {
	PLACE=$(mktemp -d /tmp/epolltrace.XXXXXX)
	chmod 755 "$PLACE"
	cp "$ET" "$PLACE/epolltrace"
}

# in_cgroup COMMAND: in the cgroup (v2) CGROUP, made where it is not there, wherever these are mounted.
in_cgroup() {
	mkdir -p "$BATS_TEST_TMPDIR/cgroup"
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m sh -c 'mount -t cgroup2 none "$1" && mkdir -p "$1/$2" && cd "$1/$2" && eval "$3"' sh \
		"$BATS_TEST_TMPDIR/cgroup" "$CGROUP" "$1"
}

teardown() {
	end_background
	[ -z "${PLACE:-}" ] || rm -r "$PLACE"
	[ -z "${MEMORY_CGROUP:-}" ] || rmdir "$MEMORY_CGROUP"
	[ -z "${CGROUP:-}" ] || in_cgroup "cd ..; rmdir $CGROUP" || true
}

# For tests that let tests/workloads/steps.c act: the trace, what steps printed, and the messages
# of the tool.
TRACE=$BATS_TEST_TMPDIR/trace
OUT=$BATS_TEST_TMPDIR/out
ERR=$BATS_TEST_TMPDIR/err
STEPS=$WORKLOADS/steps

# traced [OPTION...] -- TEXT...: launches steps under the tool; sets STATUS.
traced() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	STATUS=0
	timeout 60 "$ET" --rules=none "${options[@]}" -o "$TRACE" "$STEPS" "$@" >"$OUT" 2>"$ERR" 3>&- ||
		STATUS=$?
	show "$OUT" "$ERR" "$TRACE" # bats shows it where the test fails
}

# steps_start [COMMAND...]: steps, as an argument of COMMAND if there is one, that do what step
# says; sets DRIVEN, the process started.
steps_start() {
	STEP=0
	mkfifo "$BATS_TEST_TMPDIR/steps.in"
	exec {STEPS_IN}<>"$BATS_TEST_TMPDIR/steps.in"
	"$@" "$STEPS" - <"$BATS_TEST_TMPDIR/steps.in" >"$OUT" 2>"$ERR" 3>&- &
	DRIVEN=$!
	BACKGROUND+=("$DRIVEN")
}

# step TEXT: lets the driven steps act, and awaits that they have.
step() {
	STEP=$((STEP + 1))
	echo "$1; say step $STEP" >&"$STEPS_IN"
	await 10 steps_say "say step $STEP = 0"
}

# steps_say TEXT: a line ends so; without a process.
steps_say() {
	local lines all
	mapfile -t lines <"$OUT"
	printf -v all '%s\n' "${lines[@]}"
	[[ $all == *" $1"$'\n'* ]]
}

# tool_start [OPTION...]: the tool in the background, lines to $TRACE; sets TOOL.
tool_start() {
	[ ! -f "$TRACE" ] || rm "$TRACE" # of a trace before: nothing is to be awaited in it
	: >"$ERR.tool"
	background "$ET" --rules=none -o "$TRACE" "$@" 2>"$ERR.tool"
	TOOL=$!
}

# armed: until a call of the driven steps is in the trace: they make a wait that fails.
armed() {
	local until=$((SECONDS + 10))

	until has_text "$TRACE" 'epoll_wait(999,'; do
		((SECONDS <= until))
		step "wait 999 0 1"
		pause 0.05
	done
}

# tool_ends [SIGNAL]: sends the tool a signal if there is one, awaits its end; sets STATUS.
tool_ends() {
	if [ -n "${1:-}" ]; then
		kill "-$1" "$TOOL"
	fi
	STATUS=0
	await 20 ended "$TOOL"
	wait "$TOOL" || STATUS=$?
	show "$OUT" "$ERR"* "$TRACE"
}

# ended PID: it is no more, or a zombie.
ended() {
	local state=''

	read -r state 2>/dev/null <"/proc/$1/stat" || true
	[[ ${state##*) } =~ ^(Z.*)?$ ]]
}

# The trace without TIDs, times, durations and inode numbers.
trace_text() {
	sed -E 's/^[0-9]+ +[0-9]{2}:[0-9:.]+ //; s/ <>?[0-9]+\.[0-9]{6}>$//
		s/\[[0-9]+(->[0-9]+)?\]/[N]/g' "$TRACE"
}

# trace_text_is: stdin is all of that.
trace_text_is() {
	diff - <(trace_text)
}

# Rows of the summary's entries table, sorted: INSTANCE FD MASK STATE of entries that live on.
table_entries() {
	awk '/^INSTANCE +FD / { on = 1; next }
		on && $1 ~ /^#/ && !/\(gone\)$/ {
			print $1, $2, $9, /\(closed\)$/ ? "closed" : "open"
		}' "$TRACE" | sort
}
