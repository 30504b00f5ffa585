#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# check-demo.sh COMMAND...: runs COMMAND, which is `make demo` or begins with other goals, shows what it
# prints, and looks for each part's result by the lines that matter. Names what is missing, and fails.
set -u
output=$(mktemp)
trap 'rm -f "$output" "$output.part"' EXIT
"$@" 2>&1 | tee "$output"
bad=$((PIPESTATUS[0] != 0))

# part TITLE NEXT-TITLE REGEX...: within that part some line matches each.
part() {
	local title=$1 next=$2 regex
	shift 2
	sed -n "/^== $title/,/^== $next/p" "$output" >"$output.part"
	for regex in "$@"; do
		grep -Eq -- "$regex" "$output.part" || {
			echo "the demo's part '$title' lacks: $regex"
			bad=1
		}
	done
}

part "A correct edge-triggered server" "The guide" \
	'^23 connections echoed$' \
	'epoll_ctl\(5<eventpoll#1>, EPOLL_CTL_ADD, [0-9]+<TCP:\[127\.0\.0\.1:[0-9]+->127\.0\.0\.1:[0-9]+\]>, \{events=EPOLLIN\|' \
	'epoll_wait\(5<eventpoll#1>, \[\{events=EPOLLIN, .*fd=[0-9]+<TCP:.*\) = [0-9]+ <' \
	'^[0-9]+ calls in .*, 0 records lost: ' \
	'^gone: [0-9]+ <TCP>: [0-9]+ ADD, '
part "The guide's five steps" "A server" \
	'EPOLL_CTL_ADD, [0-9]+<pipe:\[[0-9]+\]>, \{events=EPOLLIN\|EPOLLET, ' \
	'epoll_wait\(.*, \[\{events=EPOLLIN, data=0x[0-9a-f]+, fd=[0-9]+<pipe:.*\], 1, -1\) = 1 <' \
	'epoll_wait\(.*, <blocked [0-9.]+ s \.\.\.>$' \
	' ! lost-edge \[error\] [0-9]+<pipe:' \
	'^ +1000 bytes unread, EPOLLET, not on the ready list; no read for ' \
	'^1 finding: 1 error$'
part "A server that has hung" "" \
	'! lost-edge \(one look\): 1000 unread, ' \
	'^1 finding: 1 error$' \
	'^error lost-edge: ' \
	'^ +1000 bytes unread, EPOLLET, not on the ready list; no read for ' \
	'^not checked: stale-batch \(needs --io\)$'
exit $bad
