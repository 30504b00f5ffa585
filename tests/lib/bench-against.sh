#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make bench AGAINST=FOLDER`: this build against that of another commit, FOLDER/epolltrace, in one
# run on one machine. Rounds are interleaved; each compares the two with each other, so that what
# counts is the median of the rounds' ratios, with the quartiles beside it. Root only.
#
#	git worktree add ../before COMMIT && make -C ../before
#	make bench AGAINST=../before/build
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
AGAINST=${AGAINST:?"bench: a folder with the other build"}
ROUNDS=${ROUNDS:-25}
CALLS=${CALLS:-300007}
W=$B/workloads/waitloop
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

if [ "$(id -u)" -ne 0 ]; then
	echo "bench: run as root" >&2
	exit 1
fi

# Nanoseconds a call, of the target itself.
lines() { "$1" -o "$dir/lines" "$W" "$CALLS" | head -n 1; }
summary() { "$1" -c -o "$dir/summary" "$W" "$CALLS" | head -n 1; }
diagnose() { "$1" --diagnose -o "$dir/diagnosis" "$W" "$CALLS" | head -n 1; }
recording() { "$1" --record "$dir/recording" "$W" "$CALLS" | head -n 1; }
plain() { "$W" "$CALLS" | head -n 1; }

# Microseconds of the clock from the start to the first instruction of COMMAND.
armed() {
	local start end
	start=$(date +%s%N)
	end=$("$1" -o /dev/null -- date +%s%N 2>/dev/null)
	echo $(((end - start) / 1000))
}

# Peak memory in KiB of the tool itself, its ring included.
memory() {
	"$1" -o /dev/null "$W" "$CALLS" >/dev/null &
	local tool=$!
	while [ -d /proc/$tool ]; do
		awk '/VmHWM/ { print $2 }' /proc/$tool/status 2>/dev/null
		read -rt 0.02 <> <(:)
	done | sort -n | tail -n 1
	wait $tool
}

# Milliseconds of processor time. Each build reads a recording of its own.
replay() { # TOOL RECORDING FORMAT
	local TIMEFORMAT='%U %S'
	{ time "$1" --replay "$2" --format "$3" -o /dev/null; } 2>&1 |
		awk '{ print ($1 + $2) * 1000 }'
}

# pair NAME COMMAND...: runs COMMAND with both, each first in every second round.
pair() {
	local name=$1 before after
	shift
	if ((round % 2)); then
		before=$("$@" old)
		after=$("$@" new)
	else
		after=$("$@" new)
		before=$("$@" old)
	fi
	echo "$before $after $floor" >>"$dir/$name.pairs"
}
declare -A tool=([old]=$AGAINST/epolltrace [new]=$B/epolltrace)
with() { "$1" "${tool[$2]}"; }
with_recording() { replay "${tool[$2]}" "$dir/$2.recording" "$1"; }

for which in old new; do
	"${tool[$which]}" --record "$dir/$which.recording" "$W" 3000017 >/dev/null || exit
done
for ((round = 0; round < ROUNDS; round++)); do
	for what in lines summary diagnose recording; do
		floor=$(plain)
		pair $what with $what
	done
	floor=0
	for what in armed memory; do
		pair $what with $what
	done
	for format in text json perfetto; do
		pair "replay-$format" with_recording $format
	done
done

printf '%d rounds, %s calls; nanoseconds are those that a call takes more than untraced\n\n' \
	"$ROUNDS" "$CALLS"
printf '%-16s %-6s %12s %12s   %s\n' "" unit before after 'ratio (quartiles)'
row() { # NAME UNIT
	awk -v name="$1" -v unit="$2" '
	function sorted(v, n,   i, j, t) {
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && v[j] < v[j - 1]; j--) {
				t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
			}
	}
	{ b[NR] = $1 - $3; a[NR] = $2 - $3; r[NR] = a[NR] / b[NR] }
	END {
		sorted(a, NR); sorted(b, NR); sorted(r, NR)
		mid = int((NR + 1) / 2)
		printf "%-16s %-6s %12.0f %12.0f   %.3f (%.3f-%.3f)\n", name, unit, b[mid], a[mid],
			r[mid], r[int((NR + 3) / 4)], r[int((3 * NR + 3) / 4)]
	}' "$dir/$1.pairs"
}
for what in lines summary diagnose recording; do row $what ns; done
row armed us
row memory KiB
for format in text json perfetto; do row "replay-$format" ms; done
