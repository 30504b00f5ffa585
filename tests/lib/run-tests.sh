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

files=${TESTS:-$(echo tests/*.bats)}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export B
# shellcheck disable=SC2086 # a list of files
bats --tap $files | tee "$log"
count() {
	grep -cE "$1" "$log"
}
skipped=$((skipped + $(count '^ok .*# skip')))
failed=$((failed + $(count '^not ok ')))
passed=$((passed + $(count '^ok ') - $(count '^ok .*# skip')))
planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log" | head -n 1)
ran=$(count '^(not )?ok ')
if [ "${planned:-0}" -ne "$ran" ]; then
	echo "bats planned ${planned:-0} tests and ran $ran" >&2
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
