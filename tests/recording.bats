#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Recordings: a replay prints what the live run printed, without privileges, and says what is cut.
# shellcheck disable=SC2153 # STATUS is set by the helper

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# recorded [OPTION...] -- COMMAND...: traces and records at once, then replays with the same
# options: both outputs are the same, byte for byte.
recorded() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rm -f rec live replayed
	timeout 60 "$ET" --record rec -o live "${options[@]}" "$@" >out 2>err 3>&- || true
	[ -s live ]
	timeout 60 "$ET" --replay rec -o replayed "${options[@]}" >out 2>err.replay
	cmp live replayed
}

@test "replayed lines are the live ones, whatever is shown and how" {
	require_live
	for options in "" "-t" "-ttt" "-r" "-C" "-c" "-c --histograms" "-e ctl -z" "-Z" "--fd 4,5" \
		"--format json" "-C --format json" "--max-ready 1" "--limit 0 -c"; do
		# shellcheck disable=SC2086 # several words
		recorded $options -- "$WORKLOADS/guide"
	done
	[ "$(stat -c %a rec)" = 600 ]
}

@test "blocked lines and intervals hang on recorded ticks" {
	require_live
	steps="create; pipe; add 3 4 IN 4; wait 3 300 7; write 5 1; wait 3 300 7; exit 7"
	recorded --blocked-after 50ms -- "$STEPS" "$steps"
	grep -q '<blocked 0.[0-9]* s ...>' live
	recorded --interval 50ms -C -- "$STEPS" "$steps"
	[ "$(grep -c ' calls in ' live)" -ge 6 ]
	recorded --interval 50ms --format json -- "$STEPS" "$steps"
	[ "$(grep -c '"type":"summary"' live)" -ge 6 ]
}

@test "a replay cannot show blocked waits sooner than the recording, and says so" {
	require_live
	timeout 20 "$ET" --record rec -- "$STEPS" "create; eventfd; add 3 4 IN 4; wait 3 301 7" >out 2>err 3>&-
	"$ET" --replay rec --blocked-after 100ms >lines 2>err
	[ "$(cat err)" = "epolltrace: the recording shows a blocked wait only after 1 s" ]
	"$ET" --replay rec --blocked-after 2s >lines 2>err
	[ ! -s err ]
}

@test "a recording shows with any options what a live run with these would have shown" {
	require_live
	recorded -- "$WORKLOADS/guide"
	"$ET" --replay rec -e ctl >only.ctl
	grep ' epoll_ctl(' live | cmp - <(grep ' epoll_ctl(' only.ctl)
	run ! grep -q ' epoll_wait(' only.ctl
	"$ET" --replay rec -c >summary
	grep -q "^$(grep -c ' = .*>$' live) calls in .*, 0 records lost: " summary
}

@test "a recording alone: nothing is printed, COMMAND's streams and status are its own" {
	require_live
	STATUS=0
	timeout 20 "$ET" --record rec -- sh -c "echo said; echo told >&2; '$STEPS' create >/dev/null; exit 23" \
		>out 2>err 3>&- || STATUS=$?
	[ "$STATUS" -eq 23 ]
	[ "$(cat out)" = said ]
	[ "$(cat err)" = told ]
	"$ET" --replay rec >lines
	grep -q ' epoll_create1(0) = ' lines
}

@test "a target without epoll is reported while it is recorded, and when that is replayed" {
	require_live
	timeout 20 "$ET" --record rec -- sh -c : 2>err 3>&-
	grep -q '^epolltrace: no epoll call seen' err
	"$ET" --replay rec >lines 2>err
	grep -q '^epolltrace: no epoll call seen' err
	# One that uses it is not, though it is recorded alone and its calls are not decoded.
	timeout 20 "$ET" --record rec -- "$STEPS" "create; wait 3 0 1" >out 2>err 3>&-
	[ ! -s err ]
}

@test "recordings are read without privileges, from a file and from a pipe" {
	require_live
	open_copy
	steps_start
	step "create; eventfd 1; add 3 4 IN 4"
	# shellcheck disable=SC2016 # the shell within has these
	background sh -c 'exec "$0" --record - -p "$1" | cat >rec' "$ET" "$DRIVEN"
	seen() {
		step "wait 3 0 23"
		"$ET" --replay rec 2>/dev/null | grep -q ', 23, 0) = 1'
	}
	await 10 seen
	echo "exit 0" >&"$STEPS_IN"
	whole() { "$ET" --replay rec >lines 2>err; }
	await 10 whole
	chmod 755 "$BATS_TEST_TMPDIR"
	chmod 644 rec
	with_caps chown "$PLACE/epolltrace" --replay - <rec | cmp - lines
	with_caps chown "$PLACE/epolltrace" --replay "$PWD/rec" >again 2>err ||
		grep -q 'permission denied' err # folders above may be closed to others
	[ ! -s again ] || cmp again lines
}

@test "a recording that is made is shown as it comes, and its end ends that" {
	require_live
	steps_start
	step "create; eventfd; add 3 4 IN 4"
	# shellcheck disable=SC2016 # the shell within has these
	background sh -c 'exec "$0" --record - --blocked-after 100ms -p "$1" |
		"$0" --replay - --blocked-after 100ms >shown 2>err' "$ET" "$DRIVEN"
	piped=$!
	seen() {
		step "wait 3 0 23"
		grep -q ', 23, 0) = 0' shown
	}
	await 10 seen
	echo "wait 3 -1 7" >&"$STEPS_IN"
	await 10 has_match shown '<blocked 0.1[0-9]* s ...>' # the target is quiet
	kill -KILL "$DRIVEN"
	wait "$piped"
	tail -n 3 shown
	grep -q '+++ killed by SIGKILL +++' shown
	[ "$(tail -n 1 shown)" = "+++ 0 records lost +++" ]
	# A slow machine has seen no call for a second: that is recorded and shown, too.
	cat err
	run ! grep -v '^epolltrace: no epoll call seen; ' err
}

@test "a snapshot can be recorded" {
	require_live
	start_echo
	"$ET" --snapshot --record rec -p "$SERVER" >live
	"$ET" --snapshot --replay rec | cmp - live
	"$ET" --snapshot --replay rec --format json | grep -q '"type":"instance"'
}

# clock EPOCH SECONDS: the time of day so much later, as --at takes it.
clock() {
	date -d "@$(awk -v a="$1" -v b="$2" 'BEGIN { printf "%.6f", a + b }')" +%T.%N
}

# numbers FILE: the descriptors of a snapshot's entries.
numbers() {
	awk '/^ +FD /{ on = 1; next } /^$/ { on = 0 } on && $1 ~ /^[0-9]+$/ { print $1 }' "$1" |
		sort -n | xargs
}

@test "the state at the end, and at any time" {
	require_live
	steps_start
	step "create; eventfd; eventfd; pipe; add 3 4 IN 4"
	tool_start --record rec -p "$DRIVEN"
	armed
	step "add 3 5 IN|ET 5"
	step "write 7 1"
	step "add 3 6 IN|ET 6"
	step "del 3 4; wait 3 0 7"
	tool_ends INT
	"$ET" --replay rec -ttt >lines
	"$ET" --replay rec --snapshot >end
	cat lines end
	grep -q '^instance #1: fd 3 of '"$DRIVEN"' ' end
	[ "$(numbers end)" = "5 6" ]
	grep -Eq '^ +6 .* 1 +- IN\|ET +0x6 ' end # one byte unread
	# Times between: after the ADD of 5, and after that of 6, before the DEL of 4.
	for want in "5:4 5" "6:4 5 6"; do
		added=$(awk -v fd="${want%%:*}" '$3 " " $4 " " $5 ~ "EPOLL_CTL_ADD, " fd { print $2 }' lines)
		"$ET" --replay rec --at "$(clock "$added" 0.001)" >at_time
		cat at_time
		[ "$(numbers at_time)" = "${want#*:}" ]
	done
	# The same from the beginning, which is some time before the first line.
	"$ET" --replay rec --at 1h >at_time 2>err
	[ "$(numbers at_time)" = "5 6" ]
	[ "$(cat err)" = "epolltrace: the recording ends before that time: this is its end" ]
}

@test "at a time: a wait in flight then is known from its return" {
	require_live
	steps_start
	step "create; eventfd; add 3 4 IN 4"
	tool_start --record rec -p "$DRIVEN"
	armed
	step "wait 3 701 7" # shorter than --blocked-after: only its return is reported
	tool_ends INT
	"$ET" --replay rec -ttt >lines
	began=$(sed -nE 's/^[0-9]+ +([0-9.]+) epoll_wait\(3.*, 7, 701\) = 0 .*/\1/p' lines)
	then=$(clock "$began" 0.35)
	"$ET" --replay rec --at "$then" >state
	cat lines state
	grep -Eq "^ +$DRIVEN +$DRIVEN +steps +epoll_wait +701 ms +3(49|50|51) ms ago$" state
	"$ET" --replay rec --at "$then" --format json >state.json
	grep -Eq '"waiters":\[\{"pid":'"$DRIVEN"',.*"blocked_ns":3(49|50)[0-9]{6},"timeout_ns":701000000' state.json
}

@test "SIGKILL: all but the end can be read, and the tool says where it ends" {
	require_live
	steps_start
	step "create; eventfd 1; add 3 4 IN 4"
	tool_start --record rec -p "$DRIVEN"
	readable() { # all that the steps did so far is in the file
		"$ET" --replay rec 2>/dev/null | grep -q 'epoll_wait(3.*, 23, 0) = 1'
	}
	more() {
		step "wait 3 0 23"
		readable
	}
	await 10 more
	kill -KILL "$TOOL"
	wait "$TOOL" || true
	STATUS=0
	"$ET" --replay rec >lines 2>err || STATUS=$?
	cat lines err
	[ "$STATUS" -eq 1 ]
	grep -Exq "epolltrace: recording 'rec' ends early, at [0-9:]{8}\.[0-9]{6}, byte $(stat -c %s rec): it was cut off" err
	grep -q 'what came before has been read' err
	grep -q 'epoll_wait(3.*, 23, 0) = 1' lines
	[ "$(tail -n 1 lines)" = "+++ 0 records lost +++" ]
}

@test "a full disk: reported, and what was written until then is read" {
	require_live
	cat >script <<-'EOF'
		mkdir small
		mount -t tmpfs -o size=400k none small || exit 77
		"$ET" --record small/rec "$STEPS" "create; eventfd 1; add 3 4 IN 4; quiet { loop 300000 { wait 3 0 7; mod 3 4 IN 4 } }" >out 2>err
		rc=$?
		cp small/rec rec
		exit $rc
	EOF
	rc=0
	ET=$ET STEPS=$STEPS unshare -m bash script 3>&- || rc=$?
	[ "$rc" -ne 77 ] || skip "needs the right to mount"
	cat err
	[ "$rc" -eq 125 ]
	grep -Fxq "epolltrace: cannot write recording 'small/rec': no space left on device" err
	rc=0
	"$ET" --replay rec -c >summary 2>err || rc=$?
	cat err
	[ "$rc" -eq 1 ]
	grep -q "it was cut off" err # between two blocks: no half of one is left
	grep -Eq '^[0-9]{4,} calls in ' summary
}

@test "the file goes to the disk again and again, though the target is quiet" {
	require_live
	command -v strace >/dev/null || skip "needs strace"
	steps_start
	step "create"
	background strace -f -qq -ttt -e trace=fdatasync -o syncs "$ET" --record rec -p "$DRIVEN"
	TRACER=$!
	# Ticks alone are records.
	many() { [ "$(grep -c 'fdatasync(.*= 0' syncs 2>/dev/null)" -ge 4 ]; }
	await 20 many
	kill -TERM "$(cut -d' ' -f1 "/proc/$TRACER/task/$TRACER/children")"
	wait "$TRACER" || true
}

@test "losses are part of the recording" {
	require_live
	timeout 60 "$ET" --buffer-size 4K --record rec -o live -- "$WORKLOADS/waitloop" 300013 \
		>out 2>err 3>&- || true
	"$ET" --replay rec >replayed 2>err.replay
	cmp live replayed
	lost=$(sed -n 's/^+++ \([0-9]*\) records lost +++$/\1/p' live)
	[ "$lost" -eq 0 ] || grep -qx "epolltrace: $lost records were lost when this was recorded" err.replay
}

@test "files that cannot be written or are none" {
	STATUS=0
	"$ET" --replay nonesuch >out 2>err || STATUS=$?
	[ "$STATUS" -eq 1 ]
	[ "$(cat err)" = "epolltrace: cannot read 'nonesuch': no such file or directory" ]
	: >empty
	echo "a text that is no recording, but longer than a header, by far; a text that is no recording" >text
	head -c 4096 /dev/zero >zeros
	for file in empty text zeros; do
		STATUS=0
		"$ET" --replay "$file" >out 2>err || STATUS=$?
		[ "$STATUS" -eq 1 ]
		[ "$(head -n 1 err)" = "epolltrace: this is no recording: '$file'" ]
		[ ! -s out ]
	done
	STATUS=0
	"$ET" --replay . >out 2>err || STATUS=$?
	[ "$STATUS" -eq 1 ]
	[ "$(cat err)" = "epolltrace: cannot read '.': is a directory" ]
	require_live
	STATUS=0
	"$ET" --record nonesuch/rec touch ran >out 2>err 3>&- || STATUS=$?
	[ "$STATUS" -eq 125 ]
	[ "$(cat err)" = "epolltrace: cannot write recording 'nonesuch/rec': no such file or directory" ]
	[ ! -e ran ]
}

# kept FILE: what a recording of the ring has of the calls of `wait 3 0 N`: their N.
kept() {
	"$ET" --replay "$1" | sed -nE 's/.* epoll_wait\(3.*, ([0-9]+), 0\) = .*/\1/p' | sort -n | xargs
}

@test "the flight recorder writes when asked, and at the end, what was last" {
	require_live
	steps_start
	step "create; eventfd 1; add 3 4 IN 4; eventfd"
	background "$ET" --ring 1 --record ring --blocked-after 100ms -p "$DRIVEN" 2>err.tool
	TOOL=$!
	asked() {
		step "wait 3 0 11"
		kill -USR1 "$TOOL"
		[ -s ring ]
	}
	await 10 grep -q '^epolltrace: tracing 1 process$' err.tool # before that a signal ends it
	await 10 asked
	"$ET" --replay ring --snapshot >state
	grep -Eq '^ +4 .* IN +0x4 ' state # registered before the attach
	# What is older than the ring goes: until a recording does not have it any more.
	gone() {
		local next
		step "wait 3 0 12"
		kill -USR1 "$TOOL"
		next=$(find . -name 'ring.*' -size +0 | sort -t. -k3n | tail -n 1)
		[ -n "$next" ] || return
		kept "$next" >numbers.out
		grep -qw 12 numbers.out && ! grep -qw 11 numbers.out
	}
	await 20 gone
	newest=$(find . -name 'ring.*' -size +0 | sort -t. -k3n | tail -n 1)
	"$ET" --replay "$newest" --snapshot >state 2>err
	[ ! -s err ]
	grep -Eq '^ +4 .* IN +0x4 ' state # the scan at its beginning has it
	kill -INT "$TOOL"
	wait "$TOOL"
	cat err.tool
	grep -Eq "^epolltrace: recorded the last [0-9.]+ s to 'ring': SIGUSR1$" err.tool
	grep -Eq "^epolltrace: recorded the last [0-9.]+ s to 'ring\.[0-9]+': the end$" err.tool
}

@test "the flight recorder writes when a wait blocks, once for each wait" {
	require_live
	steps_start
	step "create; eventfd; add 3 4 IN 4"
	background "$ET" --ring 5 --record ring --trigger-blocked 200ms -p "$DRIVEN" 2>err.tool
	TOOL=$!
	triggered() {
		step "wait 3 0 1"
		step "wait 3 601 23"
		[ -s ring ]
	}
	await 10 triggered
	kill -INT "$TOOL"
	wait "$TOOL"
	cat err.tool
	triggers=$(grep -Ec ": thread $DRIVEN blocked for 0\.[0-9]{3} s\$" err.tool)
	[ "$triggers" -ge 1 ]
	[ "$triggers" -le "$(grep -c ' wait 3 601 23 = 0$' "$OUT")" ]
	"$ET" --replay ring >lines # as recorded, without being asked
	grep -Eq 'epoll_wait\(3<eventpoll#1>, <blocked >?0\.[0-9]+ s \.\.\.>' lines
}

@test "the memory of the ring is bounded, and the tool says so" {
	require_live
	"$ET" --ring 1h --ring-memory 1M --record ring -- "$STEPS" \
		"create; eventfd 1; add 3 4 IN 4; quiet { loop 200000 { wait 3 0 7; mod 3 4 IN 4; mod 3 4 OUT 5 } }" \
		>out 2>err 3>&-
	cat err
	[ "$(stat -c %s ring)" -lt 3000000 ]
	"$ET" --replay ring -c >summary
	grep -Eq '^[0-9]{6,} calls in ' summary
}
