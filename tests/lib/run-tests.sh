#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs unit tests and bats tests, and ends with one line that counts their results. Tests that are
# named on the command line or in $TESTS are run alone.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
passed=0 failed=0 skipped=0

for unit in tests/unit/*.c; do
	[ -e "$unit" ] || continue
	name=$(basename "$unit" .c)
	if "$B/unit/$name"; then
		echo "ok unit $name"
		passed=$((passed + 1))
	else
		echo "not ok unit $name"
		failed=$((failed + 1))
	fi
done

# Inputs of the fuzz targets: those that are generated, and those that have found something.
seeds=$(mktemp -d)
"$B/fuzz/seeds" "$seeds"
for target in "$seeds"/*; do
	name=$(basename "$target")
	if "$B/fuzz/files-$name" "$target" "tests/fuzz/found/$name"; then
		echo "ok fuzz $name"
		passed=$((passed + 1))
	else
		echo "not ok fuzz $name"
		failed=$((failed + 1))
	fi
done
rm -rf "$seeds"

# Those that take longest begin first, so that nothing waits for them at the end. The scenes of rules
# have their times: what compiles begins when they have been played.
LONGEST="rules badinput launch attach process build identity state guide recording"

# Up to $JOBS files at a time, one more than there are processors because tests mostly wait; each with
# a log of its own. A file's results are printed when it ends.
# shellcheck disable=SC2086 # words
files=${TESTS:-$(printf 'tests/%s.bats\n' $LONGEST && ls tests/*.bats)}
JOBS=${JOBS:-$(($(nproc) + 1))}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
log=$logs/all
export B logs
# Signals are sent here, also where this runs under nohup, or in the background, and they are ignored.
one_file() {
	local TIMEFORMAT='%0R s, %0U+%0S s of processor' took
	took=$({ time env --default-signal bats --tap "$1" >"$logs/${1//\//_}" 2>&1; } 2>&1)
	echo "# $1: $took"
	flock "$logs" cat "$logs/${1//\//_}"
}
export -f one_file
# shellcheck disable=SC2086,SC2016 # a list of files; the inner shell's
printf '%s\n' $files | awk '!seen[$0]++' | xargs -P "$JOBS" -I{} bash -c 'one_file "$1"' bash {} | tee "$log"
count() {
	grep -cE "$1" "$log"
}
skipped=$((skipped + $(count '^ok .*# skip')))
failed=$((failed + $(count '^not ok ')))
passed=$((passed + $(count '^ok ') - $(count '^ok .*# skip')))
planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log" | awk '{ n += $1 } END { print n }')
ran=$(count '^(not )?ok ')
if [ "${planned:-0}" -ne "$ran" ]; then
	echo "bats planned ${planned:-0} tests and ran $ran" >&2
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
