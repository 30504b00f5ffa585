#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Waits that return more events than a line shows: whatever counts has all of them, or says that it
# has not.

load helper

setup() {
	require_live
	WIDE=$WORKLOADS/wide
}

# wide [OPTION...] -- ARGUMENT...: the workload under the tool.
wide() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	timeout 60 "$ET" "${options[@]}" -o "$TRACE" -- "$WIDE" "$@" >"$OUT" 2>"$ERR"
	tail -n 30 "$OUT" "$ERR"
}

@test "summary: every entry has its events, of 65, 1024, 1025, 2049 and 5003 in a wait" {
	for n in 65 1024 1025 2049 5003; do
		for by in "" p; do
			wide -c --format json --rules none -- ready "$n" 3 $by
			grep -Fxq "waits 3 events $((3 * n))" "$OUT"
			jq -se --argjson n "$n" '.[] | select(.type == "summary") | .ready_not_read == 0 and
				.waits[0].ready == 3 * $n and (.entries | all(.ready == 3)) and
				([.entries[].ready, .more_entries.ready // 0] | add == 3 * $n)' "$TRACE"
		done
	done
	run ! grep -q "not read" "$TRACE"
}

@test "with --max-ready what was not read is counted, in text and JSON" {
	wide -c --max-ready 64 -- ready 200 5
	grep -Fxq "680 ready events were not read: of which entries is not known" "$TRACE"
	wide -c --max-ready 64 --format json -- ready 200 5
	jq -se '.[] | select(.type == "summary") | .ready_not_read == 680 and
		([.entries[].ready] | add == 320)' "$TRACE"
	wide -c --max-ready 1024 -- ready 1030 5
	grep -Fxq "30 ready events were not read: of which entries is not known" "$TRACE"
	wide --diagnose --io --max-ready 64 -- stale 100 90
	grep -Fxq "not checked: stale-batch (36 ready events were not read)" "$TRACE"
	grep -Fxq "not checked: 36 ready events (see --max-ready)" "$TRACE"
	sed -n '/^for:/,/^not checked/p' "$TRACE" >"$BATS_TEST_TMPDIR/checked"
	run ! grep -Eq '^[^:]*stale-batch|^for:.*stale-batch' "$BATS_TEST_TMPDIR/checked"
	wide --diagnose --io --max-ready 64 --format json -- stale 100 90
	jq -se '.[] | select(.type == "diagnosis") | .ready_not_read == 36 and
		(.checked | index("stale-batch") == null) and
		.not_checked["stale-batch"] == "36 ready events were not read"' "$TRACE"
}

@test "stale-batch finds the event wherever it stands in the batch" {
	for nk in "100 63" "100 64" "100 99" "1500 1023" "1500 1024" "4000 3999"; do
		# shellcheck disable=SC2086 # two words
		wide --diagnose --io -- stale $nk
		grep -Fxq stale "$OUT"
		grep -Eq '^warning stale-batch: ' "$TRACE"
		run ! grep -q '^not checked:' "$TRACE"
	done
}

@test "lost-edge says when an event was delivered that stands far behind in its batch" {
	background "$ET" --diagnose --stall 200ms -o "$TRACE" -- "$WIDE" edge 2000 1777 2>"$ERR"
	await 20 grep -Eq 'delivered .* \(EPOLLIN\)$' "$TRACE"
	grep -A5 lost-edge "$TRACE" | grep -Eq '^ +5 bytes unread, '
}

@test "a line shows 64 events, or as many as --max-ready says; JSON and timelines have all" {
	wide --rules none -- ready 1100 1
	[ "$(grep -o '{events=EPOLLIN, data=[^}]*fd=[0-9]*<' <(grep epoll_wait "$TRACE") | wc -l)" -eq 64 ]
	grep -Eq '^[0-9]+ .* epoll_wait\(.*\}, \.\.\. /\* 1036 more not shown \*/\], 1100, -1\) = 1100 ' "$TRACE"
	wide --rules none --max-ready 700 -- ready 1100 1
	grep -Eq '/\* 400 more not shown \*/' "$TRACE"
	wide --rules none --format json -- ready 1100 1
	jq -se '.[] | select(.type == "epoll_wait") | .ready_left_out == null and
		(.ready | length == 1100 and (map(.fd) | unique | length == 1100))' "$TRACE"
	wide --rules none --format json --max-ready 700 -- ready 1100 1
	jq -se '.[] | select(.type == "epoll_wait") | .ready_left_out == 400 and
		(.ready | length == 700)' "$TRACE"
	wide --format chrome -- ready 1100 1
	jq -e '[.traceEvents[] | select(.name == "delivered")] | length == 1100' "$TRACE"
}

@test "a recording has all events, and its replay shows what the live run did" {
	for options in "" "-C --format json" "-c" "--max-ready 3 -C"; do
		# shellcheck disable=SC2086 # several words
		timeout 60 "$ET" --record "$BATS_TEST_TMPDIR/r.etr" --rules all $options -o "$TRACE" -- \
			"$WIDE" ready 2500 3 >"$OUT" 2>"$ERR"
		# shellcheck disable=SC2086
		"$ET" --replay "$BATS_TEST_TMPDIR/r.etr" --rules all $options >"$TRACE.replay"
		cmp "$TRACE" "$TRACE.replay"
	done
}
