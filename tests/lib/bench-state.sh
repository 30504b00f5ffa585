#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The part of `make bench` about state: how long a scan at it takes, what it costs in memory, and
# the longest delay that it puts on a target which makes one wait after another. Root only.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
ROUNDS=${ROUNDS:-5}
MANY=$B/workloads/many
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
median() { sort -g "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# many_start MODE N: sets many; its stdin is in $hold.
many_start() {
	rm -f "$dir/in" "$dir/many"
	mkfifo "$dir/in"
	nice -n -20 "$MANY" "$1" "$2" <"$dir/in" >"$dir/many" & # so that others take its CPU less
	many=$!
	exec {hold}>"$dir/in"
	until grep -q entries "$dir/many"; do read -rt 0.02 <> <(:); done
}

many_end() {
	exec {hold}>&-
	wait "$many"
}

# Of a process without entries: what starting and ending cost.
printf '\n%-44s %10s %10s\n' "snapshot of" "ms" "KiB"
scan_at() { # TEXT MODE N [OPTION]
	many_start "$2" "$3"
	rm -f "$dir/ms" "$dir/summary"
	for ((round = 0; round < ROUNDS; round++)); do
		start=$(date +%s%N)
		# shellcheck disable=SC2086 # none or one
		"$B/epolltrace" --snapshot ${4:-} --limit 1 -p "$many" >/dev/null 2>&1
		echo $((($(date +%s%N) - start) / 1000000)) >>"$dir/ms"
	done
	# shellcheck disable=SC2086 # none or one
	"$B/epolltrace" -c ${4:-} --limit 1 -o "$dir/summary" -p "$many" 2>/dev/null &
	tool=$!
	until grep -q 'no epoll\|calls in' "$dir/summary" 2>/dev/null || [ ! -d /proc/$tool ]; do
		kib=$(awk '/VmHWM/ { print $2 }' /proc/$tool/status 2>/dev/null)
		((++tries > 60)) && kill -INT $tool
		read -rt 0.05 <> <(:)
	done
	tries=0
	wait $tool
	printf '%-44s %10s %10s\n' "$1" "$(median "$dir/ms")" "$kib"
	many_end
}
tries=0
scan_at "1 entry" files 1
scan_at "1,000 entries, as many files" files 1000
scan_at "10,000 entries, as many files" files 10000
scan_at "1,000 entries, one file on all numbers" numbers 1000
scan_at "10,000 entries, one file on all numbers" numbers 10000
scan_at "100,000 entries, files on 19,000 numbers" numbers 100000
scan_at "100,000 entries, files of six children" forks 100000 --tree
scan_at "10,000 descriptors, nothing watched" idle 10000
echo "goals: 100,000 entries under 1000 ms and at most 300 bytes each in -c over the first row;"
echo "10,000 descriptors under 100 ms over the first row"

# longest: of the waits since the last time, in us.
longest() {
	local had
	had=$(grep -c longest "$dir/many")
	echo >&"$hold"
	until [ "$(grep -c longest "$dir/many")" -gt "$had" ]; do read -rt 0.01 <> <(:); done
	sed -n 's/^longest //p' "$dir/many" | tail -n 1
}

printf '\n%-28s %10s %10s %10s\n' "longest wait, us, medians" "no tool" "attach" "later scan"
for entries in 100 1000 10000; do
	rm -f "$dir"/longest.*
	for ((round = 0; round < ROUNDS; round++)); do
		many_start loop $entries
		longest >/dev/null
		read -rt 1 <> <(:)
		longest >>"$dir/longest.none"
		"$B/epolltrace" -C -Z -e none -o "$dir/trace" -p "$many" &
		tool=$!
		read -rt 1 <> <(:)
		longest >>"$dir/longest.attach"
		# A scan is due two seconds after the attach, and then again.
		read -rt 3 <> <(:)
		longest >>"$dir/longest.later"
		kill -INT $tool
		wait $tool
		many_end
	done
	printf '%-28s %10s %10s %10s\n' "$entries entries" "$(median "$dir/longest.none")" \
		"$(median "$dir/longest.attach")" "$(median "$dir/longest.later")"
done
echo "goal: a later scan under 1000 us more than without"
