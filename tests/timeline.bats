#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Timelines, read by means that are not ours: protoc's classes by published field numbers, and
# python's json. tests/lib/timeline.py says what must be true of them.
# shellcheck disable=SC2016,SC2030,SC2031 # scripts stand in quotes; a test is a subshell

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	REC=$BATS_TEST_TMPDIR/rec
}

# The python that has the protobuf library, where that is not the first one, and protoc's classes.
setup_file() {
	for PYTHON in "$PYTHON" /usr/bin/python3; do
		"$PYTHON" -c 'import google.protobuf' 2>/dev/null || continue
		export PYTHON
		protoc --python_out="$BATS_FILE_TMPDIR" -I "$HERE/tests/lib" perfetto-subset.proto
		return
	done
	echo "no python3 with the protobuf library" >&2
	return 1
}

# read_both PFTRACE JSON [LINES SUMMARY]: what timeline.py counts, for each format, to counted.
read_both() {
	PYTHONPATH=$BATS_FILE_TMPDIR "$PYTHON" "$HERE/tests/lib/timeline.py" "$@" >counted || {
		cat counted
		return 1
	}
	cat counted
}

# timelines FILE: of a recording, in both formats, with lines and summary of the same, all compared.
timelines() {
	"$ET" --replay "$1" --format perfetto -o pftrace
	"$ET" --replay "$1" --format chrome -o json
	"$ET" --replay "$1" --format json -o lines
	"$ET" --replay "$1" -c --limit 0 -o summary
	read_both pftrace json lines summary
}

# counts FORMAT WHAT: a number of counted.
counts() {
	sed -nE "s/^$1: (.*, )?([0-9]+) $2(,.*)?$/\2/p" counted
}

# refused MESSAGE [HINT] -- ARGUMENT...: a usage error, and nothing is written.
refused() {
	local rc=0
	printf 'epolltrace: %s\n' "$1" >want
	shift
	while [ "$1" != -- ]; do
		printf '    %s\n' "$1" >>want
		shift
	done
	shift
	timeout 20 "$ET" "$@" >out 2>err 3>&- || rc=$?
	cat out err
	[ "$rc" -eq 2 ] || [ "$rc" -eq 125 ]
	[ ! -s out ]
	diff want err
}

# grown FILE SIZE: it is larger than that.
grown() {
	[ "$(stat -c %s "$1")" -gt "$2" ]
}

@test "what a timeline excludes is refused" {
	for format in perfetto chrome; do
		for option in -c -C --histograms --interval=1s; do
			refused "--format=$format excludes summaries" -- --format $format "$option" -p 1
		done
		refused "--format=$format excludes --snapshot" -- --format $format --snapshot -p 1
		refused "--format=$format excludes --snapshot" -- --format $format --replay x --at 1
		refused "--format=$format with COMMAND must have -o" "-o FILE takes the trace" -- \
			--format $format true
	done
	refused "invalid FORMAT for --format: 'perfett'" -- --format perfett -p 1
}

@test "4999 entries, odd names, losses: both formats can be read, and nest" {
	"$B/unit/timeline-write" perfetto pftrace
	"$B/unit/timeline-write" chrome json
	read_both pftrace json
	[ "$(counts perfetto entries)" -eq 4999 ]
	[ "$(counts chrome entries)" -eq 4999 ]
	[ "$(counts perfetto lost)" -eq 46 ]
	[ "$(counts chrome lost)" -eq 46 ]
	# Each loss says that packets were dropped.
	protoc --decode=subset.Trace -I "$HERE/tests/lib" perfetto-subset.proto <pftrace >text
	[ "$(grep -c '^  previous_packet_dropped: 1$' text)" -eq 2 ]
	# The texts of all names are not kept for ever: the reader has to begin anew.
	[ "$(grep -c '^  sequence_flags: 3$' text)" -ge 2 ]
	grep -Fq 'process_name: "\\1\\200\\\"' text
	[ "$(LC_ALL=C tr -d '\n -~' <json | wc -c)" -eq 0 ]
}

@test "a server under load: waits, turns, entries and counts are those of lines and summary" {
	require_live
	start_echo
	background "$ET" --record "$REC" --format perfetto -o live -p "$SERVER"
	TOOL=$!
	await 10 test -s live
	"$WORKLOADS/echo-load" conns 127.0.0.1 "$PORT" 23
	kill -TERM "$SERVER"
	await 20 ended "$TOOL"
	timelines "$REC"
	cmp live pftrace
	for format in perfetto chrome; do
		[ "$(counts $format entries)" -eq 25 ]
		[ "$(counts $format turns)" -ge 3 ]
		[ "$(counts $format calls)" -ge 26 ]
		[ "$(counts $format delivered)" -ge 47 ]
		[ "$(counts $format lost)" -eq 0 ]
	done
}

@test "the guide's calls of every kind, traced and replayed" {
	require_live
	"$ET" --record "$REC" --format chrome -o live "$WORKLOADS/guide" >guide.out 2>guide.err
	timelines "$REC"
	cmp live json
	made=$(sed -n 's/^guide: all: \([0-9]*\) calls$/\1/p' guide.err)
	[ "$(counts perfetto calls)" -eq "$made" ]
	[ "$(counts chrome calls)" -eq "$made" ]
}

@test "a wait in flight at the end, and one from before the attach" {
	require_live
	start_echo
	background "$ET" --record "$REC" --blocked-after 100ms -o "$TRACE" -p "$SERVER"
	TOOL=$!
	await 10 has_text "$TRACE" '<blocked >'
	await 10 grown "$REC" "$(stat -c %s "$REC")" # by what is read where the rest is cut off
	kill -INT "$TOOL"
	await 20 ended "$TOOL"
	timelines "$REC"
	protoc --decode=subset.Trace -I "$HERE/tests/lib" perfetto-subset.proto <pftrace >text
	grep -Fq 'name: "epoll_wait (unfinished)"' text
	grep -Fq 'name: "began_before_attach"' text
	# Where the recording breaks off, what is open is closed all the same.
	head -c $(($(stat -c %s "$REC") - 7)) "$REC" >broken
	"$ET" --replay broken --format perfetto -o pftrace || true
	"$ET" --replay broken --format chrome -o json || true
	read_both pftrace json
}

@test "losses are marked where they are, and the rest is right" {
	require_live
	steps_start "$ET" --buffer-size 256K --record "$REC" -o "$TRACE"
	TOOL=$DRIVEN
	step "create; eventfd"
	await 10 has_text "$TRACE" epoll_create1
	kill -STOP "$TOOL"
	step "quiet { loop 20011 { wait 3 0 1 } }"
	kill -CONT "$TOOL"
	armed
	tool_ends INT
	timelines "$REC"
	lost=$(sed -n 's/^+++ \([0-9]*\) records lost +++$/\1/p' "$TRACE")
	[ "$lost" -gt 0 ]
	[ "$(counts perfetto lost)" -eq "$lost" ]
	[ "$(counts chrome lost)" -eq "$lost" ]
}

@test "filters choose lines, not what a timeline shows" {
	require_live
	"$ET" --record "$REC" "$WORKLOADS/guide" ctl >guide.out 2>guide.err
	for format in perfetto chrome; do
		"$ET" --replay "$REC" --format $format -o all
		"$ET" --replay "$REC" --format $format -e wait -Z --fd 99 --slower-than 1s -o some
		cmp all some
	done
}

@test "a Perfetto trace is not for a terminal" {
	require_live
	"$ET" --record "$REC" "$WORKLOADS/guide" ctl >guide.out 2>guide.err
	run "$WORKLOADS/launch-pty" "" "$ET" --replay "$REC" --format perfetto
	[ "$status" -eq 1 ]
	[ "${lines[0]%$'\r'}" = "epolltrace: a Perfetto trace is not for a terminal" ]
	[ "${lines[1]%$'\r'}" = "    -o FILE takes it" ]
	"$ET" --replay "$REC" --format perfetto | cmp - <("$ET" --replay "$REC" --format perfetto -o -)
}
