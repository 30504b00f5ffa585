#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# In a time namespace the clocks of the tool are not those of the kernel: what it says is the same.
# tests/unit/clocks.c has clocks that are set while a trace goes on.

load helper

setup() {
	require_live
	cd "$BATS_TEST_TMPDIR" || return
}

# shifted SECONDS COMMAND...: in a time namespace whose monotonic clocks are so far ahead.
shifted() {
	local s=$1
	shift
	unshare -T --monotonic "$s" --boottime "$s" "$@"
}

@test "time namespace: times of day, and how long a wait has blocked" {
	for ahead in 5000 -1000; do
		before=$(date +%s.%N)
		shifted "$ahead" "$ET" --rules=none --blocked-after 100ms -ttt -o trace -- \
			"$STEPS" "create; wait 3 311 1"
		after=$(date +%s.%N)
		cat trace
		awk -v from="$before" -v to="$after" '
			$2 ~ /^[0-9]+\.[0-9]+$/ { n++; bad += $2 < from || $2 > to }
			END { exit !(n >= 3 && !bad) }' trace
		grep -Eq 'epoll_wait\(3<eventpoll#1>, <blocked [0-9]\.[0-9]+ s \.\.\.>$' trace
		grep -Eq 'epoll_wait.* = 0 <0\.3[0-9]+>$' trace
	done
}

@test "time namespace: a hang is found, and a snapshot says since when" {
	for ahead in 5000 -1000; do
		shifted "$ahead" "$ET" --diagnose --stall 500ms -o trace -- \
			"$WORKLOADS/misuse" 4000 lost-edge >/dev/null 2>&1 || true
		cat trace
		grep -q '^error lost-edge' trace
	done
	steps_start
	step "create"
	echo "wait 3 -1 1" >&"$STEPS_IN"
	await 10 in_wait
	shifted 5000 "$ET" --snapshot -p "$DRIVEN" >trace
	cat trace
	grep -Eq '[0-9]+(\.[0-9]+)? (s|ms|us) ago' trace
	run ! grep -Eq '[0-9]{3,}(\.[0-9]+)? s ago|(min|h) ago' trace
}

in_wait() {
	[[ $(cat "/proc/$DRIVEN/syscall") =~ ^(232|281|22)\  ]]
}

@test "time namespace: a timeline's clocks are those of the machine" {
	shifted 5000 "$ET" --rules=none --record run.etr -- "$STEPS" "create; wait 3 3 1"
	"$ET" --replay run.etr --format chrome -o run.json
	zero=$(jq -r .otherData.zero_monotonic_ns run.json)
	read -r up _ </proc/uptime # boot time, which is never behind
	echo "$zero $up"
	[ "$((zero / 1000000000))" -le "${up%.*}" ]
}
