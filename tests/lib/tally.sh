# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Adds up what several commands report; sourced.
passed=0 failed=0 skipped=0

# tally COMMAND...: runs it and counts what its last line of the form "N passed, N failed, N skipped"
# says; where it prints none, it counts as one test that passed or failed by its status.
tally() {
	local status output counts p f s
	output=$(mktemp)
	"$@" 2>&1 | tee "$output"
	status=${PIPESTATUS[0]}
	counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$output" | tail -n 1)
	rm -f "$output"
	if [ -z "$counts" ]; then
		counts="$((status == 0)) passed, $((status != 0)) failed, 0 skipped"
	fi
	read -r p _ f _ s _ <<<"$counts"
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
	fi
	[ "$f" -eq 0 ] || echo "FAILED: $*"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# The sum, as such a line again; fails if something did.
tallied() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
