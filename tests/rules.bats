#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What is found wrong, and what is left alone. tests/workloads/misuse.c plays scenes that are wrong in
# one way, and scenes that look like these and are right. All are played at once, under one trace.

load helper

MISUSE=$WORKLOADS/misuse
STALL=200ms
HOLD=12000 # ms

# The scenes that are played together: but for one that is about what comes between two scans, which
# are far apart with so many.
together() {
	"$MISUSE" --list | awk '$1 != "lost-edge-rescued"'
}

# play_all NAME [OPTION...]: leaves NAME.truth and NAME.json.
play_all() {
	local name=$BATS_FILE_TMPDIR/$1 scenes
	shift
	mapfile -t scenes < <(together | cut -d ' ' -f 1)
	"$ET" --diagnose --stall $STALL "$@" --format json -o "$name.json" \
		"$MISUSE" $HOLD "${scenes[@]}" >"$name.truth" 2>"$name.err" 3>&-
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

setup_file() {
	[ "$(id -u)" -eq 0 ] || return 0
	# One behind the other: a scan goes through all processes. Without a recording calls are seen in
	# another way.
	play_all light
	play_all state --record "$BATS_FILE_TMPDIR/state.rec"
	play_all io --io --record "$BATS_FILE_TMPDIR/io.rec"
}

# What each scene is to be found with: by the kernel's state and the epoll calls, and with --io.
expected() {
	together | awk -v io="$1" '
		BEGIN {
			split("lost-eof lost-write lost-write-tcp lost-write-short interest-off epfd-leak blocking-level " \
			      "epfd-leak-unused ctl-ebadf-del closed-entry one-edge kept-open lost-edge-asked", list, " ")
			for (i in list)
				severity[list[i]] = "note"
			split("blocking blocking-taken closed-instance stale-batch shared shared-removed ctl-eexist ctl-eperm twice " \
			      "concurrent ctl-eexist-mask ctl-mod-enoent ctl-ebadf ctl-eperm-device " \
			      "closed-under-wait closed-twice watches-nothing exclusive-bound", list, " ")
			for (i in list)
				severity[list[i]] = "warning"
			if (io) {
				severity["lost-eof"] = "error"
				severity["lost-write"] = severity["lost-write-tcp"] = "error"
				severity["lost-write-short"] = "error"
			} else {
				severity["stale-batch"] = severity["concurrent"] = "-"
			}
			# What looks the same to the kernel may be noted; reads and writes say more.
			split("ok-paused ok-worker ok-throttled ok-drops-frames ok-awaits-answer ok-awaits-timer", list, " ")
			for (i in list)
				sound[list[i]] = "note"
			if (!io)
				sound["ok-blocking-level"] = sound["ok-blocking-pipe"] = \
					sound["ok-half-closed"] = sound["ok-dont-wait"] = \
					sound["ok-reading-shut"] = sound["ok-writing-shut"] = "note"
		}
		$2 == "none" { print $1, $1 in sound ? sound[$1] : "-"; next }
		{ print $1, $1 in severity ? severity[$1] : "error" }'
}

# same_as_expected NAME IO JSON
same_as_expected() {
	expected "$2" >wanted
	"$PYTHON" "$HERE/tests/lib/check-findings.py" "$BATS_FILE_TMPDIR/$1.truth" "$3" wanted
}

@test "state and epoll calls: each wrong scene has its finding, once, and no right one an alarm" {
	require_live
	same_as_expected state "" "$BATS_FILE_TMPDIR/state.json"
	tail -n 1 "$BATS_FILE_TMPDIR/state.json" | grep -q '"lost":0'
}

@test "the same where nothing is recorded" {
	require_live
	same_as_expected light "" "$BATS_FILE_TMPDIR/light.json"
	tail -n 1 "$BATS_FILE_TMPDIR/light.json" | grep -q '"lost":0'
}

@test "the same with reads and writes: stale-batch, concurrent-handlers, and more that is sure" {
	require_live
	same_as_expected io 1 "$BATS_FILE_TMPDIR/io.json"
	tail -n 1 "$BATS_FILE_TMPDIR/io.json" | grep -q '"lost":0'
}

# evidence SCENE: leaves its findings' lines and fixes in found.
evidence() {
	jq -r --argjson pid "$(awk -v s="$1" '$1 == s { print $2 }' "$BATS_FILE_TMPDIR/io.truth")" \
		'select(.type == "finding" and .pid == $pid) |
			(.evidence | split("; ")[]), "fix: " + .advice' \
		"$BATS_FILE_TMPDIR/io.json" | tee found
}

@test "what was closed is named, with who closed it, and each errno has its fix" {
	require_live
	evidence closed-under-wait
	grep -Eq '^thread [0-9]+ closed it [0-9.]+ s ago, and not thread [0-9]+, which had registered it$' found
	evidence closed-twice
	grep -Eq '^the same thread had closed number [0-9]+ [0-9.]+ s before that: closed twice\?$' found
	grep -qx 'fix: close a number once: forget it where it is closed' found
	evidence closed-instance
	grep -Eq '^thread [0-9]+ closed it [0-9.]+ s ago$' found
	for scene in ctl-ebadf ctl-ebadf-del ctl-mod-enoent; do
		evidence $scene
		grep -Eq '^descriptor [0-9]+ was <UNIX-STREAM:\[[0-9>-]+\]> until thread [0-9]+ closed it, [0-9.]+ s before$' found
	done
	evidence ctl-ebadf-del
	grep -qx 'fix: EPOLL_CTL_DEL before close(), not after it' found
	evidence ctl-mod-enoent
	grep -Eq '^fix: EPOLL_CTL_ADD where EPOLL_CTL_MOD gives ENOENT' found
	evidence ctl-exclusive
	grep -qx 'the entry has EPOLLEXCLUSIVE: such an entry cannot be changed' found
	grep -qx 'fix: EPOLL_CTL_DEL, then EPOLL_CTL_ADD with the new mask' found
	evidence ctl-eexist-mask
	grep -qx 'asked for EPOLLIN|EPOLLPRI, and the entry keeps EPOLLIN' found
	evidence ctl-einval
	grep -Eq '^descriptor [0-9]+ is the instance itself$' found
}

@test "with --io the evidence names who changed a file, and by which call" {
	require_live
	evidence blocking-taken
	grep -Eq '^O_NONBLOCK was taken away by fcntl\([0-9]+, \.\.\.\), [0-9.]+ s ago by thread [0-9]+$' found
	evidence timer
	grep -Eq '^last change: timerfd_settime\([0-9]+, \.\.\.\), [0-9.]+ s ago by thread [0-9]+$' found
	evidence lost-edge-asked
	grep -Eq '^last read: ioctl\([0-9]+, \.\.\.\) = 2000, [0-9.]+ s ago by thread [0-9]+$' found
}

@test "the recordings give the same findings, without privileges" {
	require_live
	for name in state io; do
		cp "$BATS_FILE_TMPDIR/$name.rec" tape
		chmod a+r tape
		cp "$ET" tool
		chmod a+rx . tool
		setpriv --reuid=65534 --clear-groups ./tool --replay tape --diagnose --stall $STALL \
			--format json -o - >again
		grep -c '"type":"finding"' again
		diff <(grep -E '"(finding|diagnosis)"' "$BATS_FILE_TMPDIR/$name.json") \
			<(grep -E '"(finding|diagnosis)"' again)
	done
}

@test "findings and the report are as the schema says" {
	require_live
	"$ET" --json-schema >schema
	"$PYTHON" "$HERE/tests/lib/check-json.py" schema "$BATS_FILE_TMPDIR/io.json" \
		header finding diagnosis lost end
	jq -es 'map(select(.type == "diagnosis")) | length == 1 and
		(.[0] | .not_checked == {} and (.checked | length) == 36)' "$BATS_FILE_TMPDIR/io.json"
}

# scene NAME [OPTION...]: one scene, traced; leaves out and STATUS.
scene() {
	local name=$1
	shift
	STATUS=0
	"$ET" --stall 100ms "$@" -o out "$MISUSE" "${MS:-2000}" "$name" >truth 2>err 3>&- || STATUS=$?
	tail -n 50 out err
}

@test "old input that is read only after a new edge, twice, is lost for certain" {
	require_live
	for io in "" --io; do
		# shellcheck disable=SC2086
		MS=9000 scene lost-edge-rescued --diagnose --stall 200ms $io
		grep -Eqx ' +[2-4] times old input was read only after a new edge' out
		grep -qx '1 finding: 1 error' out
	done
}

@test "the guide's five steps: the hang is named under the line that shows it" {
	require_live
	scene lost-edge --blocked-after 300ms
	[ "$STATUS" -eq 0 ]
	read -r _ pid _ fd <truth
	grep -Eq "^$pid +[0-9:.]+ epoll_wait\(.*<blocked 0\.[3-9]" out
	grep -Eq "^$pid +[0-9:.]+ ! lost-edge \[note\] $fd<pipe:\[[0-9]+\]> in [0-9]+<eventpoll#1>$" out
	grep -Eq "^$pid +[0-9:.]+ ! lost-edge \[error\] $fd<pipe:\[[0-9]+\]> in [0-9]+<eventpoll#1>$" out
	sed -n '/\[error\]/,/fix/p' out >found
	[ "$(grep -c '' found)" -eq 6 ]
	grep -Eq '^      1000 bytes unread, EPOLLET, not on the ready list; no read for [0-9]\.[0-9] s$' found
	grep -Eq "^      thread $pid blocked in epoll_wait for [0-9]\.[0-9] s$" found
	grep -Eq "^      all threads of process $pid parked for [0-9]\.[0-9] s: none comes back to it$" found
	grep -Eq '^      delivered [0-9:.]+ \(EPOLLIN\)$' found
	grep -Eq '^      fix: read until EAGAIN or a short read before waiting again' found
	# The report behind the lines.
	grep -qx '1 finding: 1 error' out
	grep -qx 'error lost-edge: edge-triggered input was delivered and not all of it taken' out
	grep -Eq '^checked for [0-9.]+ s: 1 wait, 1 entry of 1 instance, [0-9]+ scans of their state$' out
	grep -qx 'not checked: stale-batch (needs --io)' out
}

@test "what one cause raises again and again is one finding, with a count" {
	require_live
	drains_half="create; pipe; pipe; pipe; add 3 4 IN|ET 4; add 3 6 IN|ET 6; add 3 8 IN|ET 8;
		write 5 2000; write 7 2000; wait 3 0 7; read 4 1000; read 6 1000; wait 3 3003 7;
		write 9 2000; wait 3 0 7; read 8 1000; wait 3 3003 7"
	"$ET" --stall 100ms --diagnose --record tape -o out "$WORKLOADS/steps" "$drains_half" >steps
	cat out
	[ "$(grep -c '! lost-edge' out)" -eq 1 ]
	grep -qx '1 finding: 1 note' out
	grep -Eqx ' +8<pipe:.* in 3<eventpoll#1>' out # the latest
	grep -Eqx ' +raised [0-9:.]+, 3 times, last [0-9:.]+, thread [0-9]+' out
	grep -Eqx ' +the same of descriptors (4 6|6 4)' out
	"$ET" --stall 100ms --diagnose --format json --replay tape |
		jq -c 'select(.type == "finding") | [.state, .fd, .count, .standing, .first_time_ns < .last_time_ns]' |
		tee found
	grep -Eqx '\["raised",[46],null,null,false\]' found
	[ "$(tail -n 1 found)" = '["final",8,3,3,true]' ]
	[ "$(wc -l <found)" -eq 2 ]
}

@test "what is resolved is reported so, and stays in the report" {
	require_live
	MS=5000 scene ok-worker --diagnose
	grep -Eq '! lost-edge \[note\]' out
	grep -Eq '! lost-edge \[resolved\]' out
	grep -Eq '^          raised [0-9:.]+, resolved [0-9:.]+, thread [0-9]+$' out
}

@test "--diagnose with nothing wrong says what was checked" {
	require_live
	scene ok-drained --diagnose
	[ "$STATUS" -eq 0 ]
	[ "$(head -n 1 out)" = "nothing found" ]
	grep -Eq '^checked for [0-9.]+ s: [0-9]+ waits, 1 entry of 1 instance, [0-9]+ scans of their state$' out
	grep -q '^for: lost-edge lost-eof ' out
	run ! grep -q epoll_wait out
}

@test "without the file iterator the rules that hang on it are not checked, in a recording too" {
	require_live
	scene ok-drained --diagnose --no-file-iterator --record rec
	cat out
	[ "$(head -n 1 out)" = "nothing found in calls; the kernel's state was not scanned" ]
	grep -qx 'for: wait-error shared-after-fork ctl-error eintr unseen-io-uring' out
	grep -qx 'not checked: lost-edge (needs the file iterator)' out
	[ "$(grep -c '^not checked: ' out)" -eq 31 ]
	"$ET" --replay rec --diagnose | diff out -
	"$ET" --replay rec --diagnose --format=json >json
	[ "$(jq -r 'select(.type == "diagnosis").not_checked."lost-edge"' json)" = \
		"needs the file iterator" ]
	[ "$(jq -c 'select(.type == "diagnosis").checked' json)" = \
		'["wait-error","shared-after-fork","ctl-error","eintr","unseen-io-uring"]' ]
}

@test "what no rule judges is shown in figures, and nothing is not said to be found" {
	require_live
	"$ET" --diagnose -o out "$WORKLOADS/steps" "create; loop 41 { wait 999 0 1 }; wait 3 600 1; wait 3 0 1" >steps
	cat out
	[ "$(head -n 1 out)" = "no finding, but figures that are out of the ordinary" ]
	grep -qx 'out of the ordinary: 41 of 43 waits failed, the last with EBADF (Bad file descriptor)' out
	"$ET" --diagnose --format json -o out "$WORKLOADS/steps" "create; loop 19 { wait 999 0 1 }; loop 30 { wait 3 0 1 }" >steps
	jq -es 'map(select(.type == "diagnosis"))[0] | .failed_waits == 19 and .waits == 49 and
		(has("waits_per_second") | not) and .not_checked_yet == ["speed and fairness"]' out
}

@test "--rules chooses" {
	require_live
	scene blocking --diagnose --rules lost-edge,phantom
	[ "$(head -n 1 out)" = "nothing found" ]
	grep -qx 'for: lost-edge phantom' out
	run ! grep -q 'not checked:' out
	grep -q '^not checked yet: speed and fairness$' out
	scene blocking --diagnose '--rules=!lost-edge'
	grep -q '! blocking-fd \[warning\]' out
	run ! grep -q '^for: lost-edge' out
	scene blocking --rules none
	run ! grep -q 'blocking-fd' out
	run ! grep -q 'checked for' out
	run "$ET" --rules lost-edge,nonesuch true
	[ "$status" -eq 125 ]
	[[ "$output" == *"invalid rule 'nonesuch'"* ]]
	run "$ET" --diagnose --rules none true
	[ "$status" -eq 125 ]
}

@test "--fail-on: status 3 where a finding is as grave" {
	require_live
	scene blocking --diagnose --fail-on warning
	[ "$STATUS" -eq 3 ]
	scene blocking --diagnose --fail-on error
	[ "$STATUS" -eq 0 ]
	MS=4000 scene interest-off -c --fail-on note # on a busy machine scans are few
	[ "$STATUS" -eq 3 ]
	scene ok-drained --fail-on note
	[ "$STATUS" -eq 0 ]
	# It says more than the status of COMMAND, and needs no -o beside a recording.
	run "$ET" --stall 100ms --fail-on warning --record tape sh -c "$MISUSE 1500 blocking >truth; exit 7"
	[ "$status" -eq 3 ]
	[[ "$output" == *"! blocking-fd [warning]"* ]]
	run "$ET" --replay tape --stall 100ms --diagnose --fail-on warning
	[ "$status" -eq 3 ]
	run "$ET" --fail-on grave true
	[ "$status" -eq 125 ]
	run "$ET" --fail-on note --rules none true
	[ "$status" -eq 125 ]
}

@test "-c has findings in a table, and nothing of them where there are none" {
	require_live
	scene blocking -c
	grep -q ' calls in ' out
	run ! grep -q '^[0-9]* *[0-9:.]* ! ' out
	sed -n '/^1 finding/,$p' out | grep -qx 'warning blocking-fd: a watched descriptor lacks O_NONBLOCK'
	scene ok-drained -c
	run ! grep -q 'finding\|checked' out
}

@test "attached to a program that has hung already" {
	require_live
	"$MISUSE" 4000 lost-edge >truth 2>started 3>&- &
	await 10 has_text started lost-edge
	"$ET" --diagnose --stall 100ms --fail-on error -o out -p "$(cut -d ' ' -f 1 started)" 3>&- ||
		STATUS=$?
	wait
	tail -n 30 out
	[ "$STATUS" -eq 3 ]
	read -r _ _ _ fd <truth
	grep -q "! lost-edge \[error\] $fd<pipe:" out
	run ! grep -q '^ *delivered ' out
}

@test "a child that is no target hides no phantom once it was seen to do nothing" {
	require_live
	"$MISUSE" 9000 phantom-idle >truth 2>started 3>&- &
	await 10 has_text started phantom-idle
	"$ET" --diagnose --stall 100ms --fail-on error -o out -p "$(cut -d ' ' -f 1 started)" 3>&- ||
		STATUS=$?
	wait
	cat out
	[ "$STATUS" -eq 3 ]
	read -r _ _ _ fd <truth
	grep -q "! phantom \[error\] $fd<pipe:" out
	grep -q 'it has the instance, too, and does not' out
}

@test "a timeline has findings as marks" {
	require_live
	scene lost-edge --format chrome
	jq -e '[.traceEvents[] | select(.cat == "finding")] | map(.name) == ["lost-edge", "lost-edge"]' out
	jq -e '[.traceEvents[] | select(.cat == "finding")][1].args |
		.severity == "error" and (.evidence | test("1000 bytes unread")) and
		(.fix | test("^read until EAGAIN"))' out
}

@test "a snapshot marks what one scan can prove, by the rule's name" {
	require_live
	"$MISUSE" 2000 lost-edge >truth 2>started 3>&- &
	await 10 has_text started lost-edge
	await 10 in_call "$(cut -d ' ' -f 1 started)" 232 # the second wait: one with an event does not block
	"$ET" --snapshot -p "$(cut -d ' ' -f 1 started)" >out
	wait
	cat out
	grep -Eq '^ +! lost-edge \(one look\): 1000 unread, edge-triggered and not ready: no event comes for it$' out
}

@test "a snapshot at any time marks nothing that the diagnosis does not find as well" {
	require_live
	for name in state io; do
		for at in 5 8 11; do # all have begun, on a busy machine too
			"$ET" --replay "$BATS_FILE_TMPDIR/$name.rec" --at ${at}s --format json >$name.$at
		done
		"$PYTHON" "$HERE/tests/lib/check-marks.py" "$BATS_FILE_TMPDIR/$name".{truth,json} $name.*
	done
}

# broken KIND [OPTION...]: et-echo with that mistake, under the tool, until its finding is there; LIMIT
# is a command before it.
broken() {
	local kind=$1 tool server client
	shift
	mkfifo hold
	rm -f port # of the one before: what is awaited is not to be found in it
	"$ET" --diagnose --stall 100ms "$@" -o out -- "${LIMIT[@]}" "$ET_ECHO" -p 0 --break "$kind" >port 3>&- &
	tool=$!
	await 10 has_text port listening
	children "$tool"
	server=${CHILDREN[0]}
	BACKGROUND+=("$tool" "$server")
	"$PYTHON" "$HERE/tests/lib/echo-client.py" "$kind" "$(sed 's/.*://' port)" "$server" \
		<hold >client 3>&- &
	client=$!
	exec 8>hold
	await 20 has_match out "! $kind \[(error|warning)\]"
	kill "$server"
	exec 8>&-
	wait "$client"
	STATUS=0
	wait "$tool" || STATUS=$?
	cat out
	[ "$STATUS" -eq 0 ]
	# It, and nothing else that is more than a note.
	[ "$(sed -nE 's/.* ! ([a-z-]+) \[(error|warning)\].*/\1/p' out | sort -u)" = "$kind" ]
}

@test "et-echo --break lost-edge, lost-accept, phantom, oneshot-not-rearmed" {
	require_live
	for kind in lost-edge lost-accept phantom oneshot-not-rearmed; do
		broken $kind
		rm hold
	done
}

@test "et-echo --break lost-eof, lost-write, blocking-fd, stale-batch, with --io" {
	require_live
	for kind in lost-eof lost-write blocking-fd stale-batch; do
		broken $kind --io
		rm hold
	done
	grep -q '! stale-batch \[warning\]' out
}

@test "et-echo --break write-spin, hangup-spin, accept-emfile, ready-ignored, notifier-undrained" {
	require_live
	for kind in write-spin hangup-spin ready-ignored notifier-undrained; do
		broken $kind
		rm hold
	done
	LIMIT=(prlimit --nofile=61)
	broken accept-emfile
}

@test "the right et-echo gives no finding under load" {
	require_live
	"$ET" --diagnose --io --stall 100ms --fail-on note -o out -- "$ET_ECHO" -p 0 >port 3>&- &
	tool=$!
	await 10 has_text port listening
	port=$(sed 's/.*://' port)
	children "$tool"
	server=${CHILDREN[0]}
	BACKGROUND+=("$tool" "$server")
	for load in "conns 10000" "stream 300000007" "halfclose 5000011" "halfclose 65536 $server" \
		"urgent 3001 $server" "slow 67108864" "flood 101" "fair 67108864 $server" \
		"reset 1009" "reset-queued 67108864" "drain 67108864 $server"; do
		read -r mode args <<<"$load"
		# shellcheck disable=SC2086 # words
		"$WORKLOADS/echo-load" "$mode" 127.0.0.1 "$port" $args
	done
	STATUS=0
	wait $tool || STATUS=$?
	cat out
	[ "$STATUS" -eq 0 ]
	[ "$(head -n 1 out)" = "nothing found" ]
}
