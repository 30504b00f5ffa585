#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The part of `make bench` about replay: the CPU time that each format takes to write a recording of
# a loop, and how that compares with text, so that it can be compared between machines. Rounds are
# interleaved, and the fastest of each format counts: all else that runs only adds. Root only, for
# the recording; RECORDING=FILE measures one that exists.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
ROUNDS=${ROUNDS:-5}
CALLS=${CALLS:-1000003}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
formats=(text json perfetto chrome)

if [ -z "${RECORDING:-}" ]; then
	RECORDING=$dir/recording
	"$B/epolltrace" --record "$RECORDING" "$B/workloads/waitloop" "$CALLS" >"$dir/ns" || exit
fi

# cpu FORMAT: the seconds of CPU time that a replay takes.
cpu() {
	local TIMEFORMAT='%U %S'
	{ time "$B/epolltrace" --replay "$RECORDING" --format "$1" -o /dev/null; } 2>"$dir/time"
	awk '{ print $1 + $2 }' "$dir/time"
}

for ((round = 0; round < ROUNDS; round++)); do
	for format in "${formats[@]}"; do
		cpu "$format" >>"$dir/$format"
	done
done

printf '\n%-44s %10s %10s\n' "replay, CPU time" "s" "of text's"
least() { sort -g "$dir/$1" | head -n 1; }
text=$(least text)
for format in "${formats[@]}"; do
	awk -v format="$format" -v s="$(least "$format")" -v text="$text" \
		'BEGIN { printf "%-44s %10.2f %10.2f\n", "--format " format, s, text ? s / text : 0 }'
done
