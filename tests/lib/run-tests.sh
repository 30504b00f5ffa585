#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs unit tests and bats tests, and ends with one line that counts their results. Of the bats tests,
# $TESTS names the files to run.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}

# result STATUS NAME: a line of TAP.
result() {
	[ "$1" -eq 0 ] || printf 'not '
	echo "ok $2"
}

# The unit programs, and the inputs of the fuzz targets: those that are generated, and those that have
# found something.
units() {
	local unit name seeds targets
	seeds=$(mktemp -d)
	"$B/fuzz/seeds" "$seeds"
	targets=("$seeds"/*)
	set -- tests/unit/*.c
	echo "1..$(($# + ${#targets[@]}))"
	for unit; do
		name=$(basename "$unit" .c)
		"$B/unit/$name"
		result $? "unit $name"
	done
	for name in "${targets[@]##*/}"; do
		"$B/fuzz/files-$name" "$seeds/$name" "tests/fuzz/found/$name"
		result $? "fuzz $name"
	done
	rm -rf "$seeds"
}

# Those that take longest begin first, so that nothing waits for them at the end. The scenes of rules
# have their times: what spins and what compiles begins when they have been played, and those that wait
# for most of the time go with them.
LONGEST="rules badinput launch attach spins process build guide recording identity echo state completion \
	lifetime json man uring timeline summary refused wide stop"

# Up to $JOBS files at a time, two more than there are processors because tests often wait;
# each with a log of its own. A file's results are printed when it ends. The unit tests are as one file.
# shellcheck disable=SC2086 # words
files=${TESTS:-$(printf 'tests/%s.bats\n' $LONGEST && echo units && ls tests/*.bats)}
JOBS=${JOBS:-$(($(nproc) + 2))}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
log=$logs/all
# python3 may be a script that looks for the one to run, with twenty processes: it is asked once.
PYTHON=${PYTHON:-$(python3 -c 'import sys; print(sys.executable)')}
export B logs PYTHON LIVE_ANSWER=$logs/live
# Signals are sent here, also where this runs under nohup, or in the background, and they are ignored.
one_file() {
	local TIMEFORMAT='%0R s, %0U+%0S s of processor' took own=$logs/${1//\//_}
	if [ "$1" = units ]; then
		took=$({ time units >"$own" 2>&1; } 2>&1)
	else
		took=$({ time env --default-signal bats --tap "$1" >"$own" 2>&1; } 2>&1)
	fi
	echo "# $1: $took"
	flock "$logs" cat "$own"
}
export -f one_file units result
# shellcheck disable=SC2086,SC2016 # a list of files; the inner shell's
printf '%s\n' $files units | awk '!seen[$0]++' | xargs -P "$JOBS" -I{} bash -c 'one_file "$1"' bash {} | tee "$log"
count() {
	grep -cE "$1" "$log"
}
skipped=$(count '^ok .*# skip')
failed=$(count '^not ok ')
passed=$(($(count '^ok ') - skipped))
planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log" | awk '{ n += $1 } END { print n }')
ran=$(count '^(not )?ok ')
if [ "${planned:-0}" -ne "$ran" ]; then
	echo "${planned:-0} tests were planned and $ran have run" >&2
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
