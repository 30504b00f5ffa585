#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Programs that spin, and programs that turn as fast and are right: scenes of tests/workloads/misuse.c.
# Some are played at a time, so that those that take what CPU they get leave enough to the others.

load helper

MISUSE=$WORKLOADS/misuse
STALL=400ms

# Spins that only --io can judge, because the kernel keeps no count of what datagram and Unix sockets
# take and give: a note, or not checked, without it.
IO_DECIDES="error-refused error-refused-mask-0 error-queue error-time-stamps error-netlink ignored
	ignored-datagram ignored-listener ignored-in-nested ok-refusals ok-error-queue ok-serves-unix
	ok-polls-once ok-read-elsewhere ok-reads-bytes write-spin-unix"
# The tests with --io also check the evidence of these.
IO_SHOWS="write-spin hangup-reset-mask-0 hangup-eof emfile ignored-nested"

# names GROUP: the scenes that are played in batches. One has so many entries that scans are rare.
names() {
	"$MISUSE" --list "$1" | awk '$1 != "write-spin-among-many" { print $1 }'
}

# play NAME HOLD SCENE...: with OPTIONS; adds to NAME.truth and NAME.json.
play() {
	local name=$BATS_FILE_TMPDIR/$1 hold=$2
	shift 2
	"$ET" --diagnose --stall $STALL "${OPTIONS[@]}" --format json -o "$name.part" \
		"$MISUSE" "$hold" "$@" >>"$name.truth" 2>>"$name.err" 3>&-
	cat "$name.part" >>"$name.json"
}

# play_by N NAME HOLD SCENE...: so many at a time.
play_by() {
	local n=$1 name=$2 hold=$3
	shift 3
	while [ $# -gt 0 ]; do
		play "$name" "$hold" "${@:1:n}"
		shift $((n < $# ? n : $#))
	done
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# Those that spin take a tenth of a CPU, but for a few. Those that turn for nothing need ten times STALL,
# and a scan or two; and little else, unless they poll.
setup_file() {
	local wrong right pollers turns
	[ "$(id -u)" -eq 0 ] || return 0
	mapfile -t wrong < <(names spins | grep -v '^ok-')
	mapfile -t right < <(names spins | grep '^ok-')
	mapfile -t pollers < <(names pollers)
	mapfile -t turns < <(names turns)
	OPTIONS=("--rules=!interest-off") # some leave input alone for longer than ten times STALL
	play_by 10 state 5000 "${wrong[@]}"
	play_by 11 state 5000 "${right[@]}"
	OPTIONS+=(--io)
	# shellcheck disable=SC2086
	play_by 11 io 5000 $IO_DECIDES $IO_SHOWS
	OPTIONS=()
	play state 14000 write-spin-among-many # scans of its entries are far apart
	play state 8000 "${pollers[@]}"
	play state 14000 "${turns[@]}"
}

# expected NAME: a line for each scene that was played so: its name, and how grave its finding is.
expected() {
	{
		"$MISUSE" --list spins
		"$MISUSE" --list pollers
		"$MISUSE" --list turns
	} | awk -v io="$1" -v decides="$IO_DECIDES" -v shows="$IO_SHOWS" '
		BEGIN {
			split("rounds-down ticks eintr wakeup nested busy-poll", list, " ")
			for (i in list)
				severity[list[i]] = "note"
			n = split(decides " " shows, list)
			for (i = 1; i <= n; i++)
				played[list[i]] = 1
			n = split(decides, list)
			for (i = 1; i <= n && io == "state"; i++)
				severity[list[i]] = list[i] == "write-spin-unix" ? "-" : "note"
		}
		io == "state" || $1 in played {
			print $1, $1 in severity ? severity[$1] : $2 == "none" ? "-" : "warning"
		}'
}

# same_as_expected NAME
same_as_expected() {
	expected "$1" >wanted
	"$PYTHON" "$HERE/tests/lib/check-findings.py" "$BATS_FILE_TMPDIR/$1.truth" \
		"$BATS_FILE_TMPDIR/$1.json" wanted
}

@test "state and epoll calls: each spin has its finding, once, and no right program an alarm" {
	require_live
	same_as_expected state
}

@test "the same with reads and writes, which show datagram and Unix sockets, too" {
	require_live
	same_as_expected io
}

# evidence SCENE: leaves the lines of its finding in found.
evidence() {
	jq -r --argjson pid "$(awk -v s="$1" '$1 == s { print $2 }' "$BATS_FILE_TMPDIR/io.truth")" \
		'select(.type == "finding" and .pid == $pid) | (.evidence | split("; ")[])' \
		"$BATS_FILE_TMPDIR/io.json" | tee found
}

@test "the evidence says how often, at what cost, and what waits" {
	require_live
	evidence write-spin
	grep -Eq '^delivered [0-9]{4,} times in [0-9.]+ s with EPOLLOUT, nothing written meanwhile$' found
	grep -Eq '^thread [0-9]+ spent [1-9][0-9]* % of a CPU in this loop$' found
	evidence hangup-reset-mask-0
	grep -q '^its mask is 0: ' found
	evidence hangup-eof
	grep -q '^the other end has closed: reads return 0$' found
	evidence error-queue
	grep -q 'recvmsg(MSG_ERRQUEUE)' found
	evidence emfile
	grep -Eq '^[0-9]+ of [0-9]+ descriptors in use \(RLIMIT_NOFILE\)$' found
	evidence ignored-nested
	grep -Eq '^ready in it: [0-9]+<UNIX-STREAM:' found
}

@test "an instance within an instance within an instance: each level has its note" {
	require_live
	steps_start
	step "create; create; create; eventfd 1; add 5 6 IN 0x6; add 4 5 IN 0x5; add 3 4 IN 0x4"
	tool_start --diagnose --rules nested -p "$DRIVEN"
	await 20 has_text "$TRACE" ' in 4<'
	tool_ends INT
	grep -A 1 -E '^[0-9]+ +[0-9:.]+ ! nested \[note\] 4<eventpoll#[0-9]+> in 3<eventpoll#' "$TRACE" |
		grep -Eq '^ +2 levels below this one$'
	grep -A 1 -E '^[0-9]+ +[0-9:.]+ ! nested \[note\] 5<eventpoll#[0-9]+> in 4<eventpoll#' "$TRACE" |
		grep -Eq '^ +1 level below this one$'
	[ "$(grep -c '! nested' "$TRACE")" -eq 2 ]
	# What is ready in the innermost one is ready in each.
	step "wait 3 0 7; wait 4 0 7; wait 5 0 7"
	[ "$(grep -c ' wait [345] 0 7 = 1 ' "$OUT")" -eq 3 ]
}

# spins PID: it has used a tenth of a second of CPU time.
spins() {
	local fields
	read -ra fields <"/proc/$1/stat"
	((fields[13] + fields[14] >= 10))
}

@test "a spin that began before the attach" {
	require_live
	for scene in write-spin hangup-mod notifier-pipe; do
		"$MISUSE" 5000 $scene >truth 2>started 3>&- &
		await 10 grep -q $scene started
		pid=$(cut -d ' ' -f 1 started)
		await 10 spins "$pid"
		STATUS=0
		"$ET" --diagnose --stall $STALL --fail-on warning -o out -p "$pid" 3>&- || STATUS=$?
		wait
		cat out
		[ "$STATUS" -eq 3 ]
		read -r _ _ rule fd <truth
		grep -q "! $rule \[warning\] $fd<" out
		grep -qx '1 finding: 1 warning' out
	done
}
