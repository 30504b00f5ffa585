#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Entries leave the model when the kernel drops them, and not before: after every step the table of
# the summary is what fdinfo has. Half of each story happens before the attach.

load helper

setup() {
	require_live
	cd "$BATS_TEST_TMPDIR" || return
}

# The last whole summary: "FD EVENTS", events as a number, with those that the kernel adds.
table_now() {
	awk 'function bits(names,   n, i, sum, part) {
			n = split(names, part, "|")
			for (i = 1; i <= n; i++)
				sum += value[part[i]]
			return sum + value["EPOLLERR"] + value["EPOLLHUP"]
		}
		BEGIN {
			value["EPOLLIN"] = 1; value["EPOLLPRI"] = 2; value["EPOLLOUT"] = 4
			value["EPOLLERR"] = 8; value["EPOLLHUP"] = 16; value["EPOLLRDHUP"] = 8192
			value["EPOLLONESHOT"] = 1073741824; value["EPOLLET"] = 2147483648
		}
		/ calls in / { whole = now; now = ""; on = 0 }
		/^INSTANCE +FD / { on = 1; next }
		/^$/ { on = 0 }
		on && /^#1 / && !/\(gone\)$/ { now = now $2 " " sprintf("%.0f", bits($9)) "\n" }
		END { printf "%s", whole }' "$TRACE" | sort
}

# What the driven steps have read of fdinfo last, in the same form.
fdinfo_now() {
	local words rest
	words=$(grep -E ' fdinfo [0-9]+ = ' "$OUT" | tail -n 1)
	rest=${words#*= }
	for entry in ${rest#* }; do
		[[ $entry == *:*:* ]] || continue
		IFS=: read -r fd events _ <<<"$entry"
		echo "$fd $((events))"
	done | sort
}

# The table has become what fdinfo was, of which the driven steps read no more meanwhile.
agrees() {
	diff want <(table_now) >difference
}

await_agreement() {
	fdinfo_now >want
	await 40 agrees
}

# after TEXT: lets the steps act; what the summary shows then is what fdinfo has.
after() {
	step "$1"
	step "fdinfo ${EP:-3}"
	await_agreement || {
		cat difference "$OUT"
		tail -n 20 "$TRACE"
		false
	}
}

follow() {
	tool_start -c --interval 50ms --limit 0 "$@" -p "$DRIVEN"
	await 10 has_text "$TRACE" 'calls in'
}

# The child that was forked last.
child() {
	sed -nE 's/^[0-9]+ fork bg .*= ([0-9]+)$/\1/p' "$OUT" | tail -n 1
}

@test "close, dup and close, the last of several numbers" {
	steps_start
	step "create; pipe; pipe; add 3 4 IN 4; add 3 6 IN|ET 6; dup 4"
	follow
	after "wait 3 0 7"
	after "close 6"
	after "close 4"
	after "pipe; add 3 4 IN 44; close 9"
	after "close 8"
	after "close 4"
	after "close_range 5 20"
	tool_ends INT
}

@test "dup2 over a watched number" {
	steps_start
	step "create; pipe; pipe; add 3 4 IN 4; add 3 6 IN 6"
	follow
	after "dup2 5 4"
	after "dup 6"
	after "dup2 7 6"
	after "dup2 8 4; add 3 4 IN 44"
	after "dup2 5 8"
	after "dup2 5 4"
	tool_ends INT
}

@test "dup2 and dup3 that fail close nothing" {
	steps_start
	step "create; pipe; add 3 4 IN 4"
	follow
	after "dup2 99 4"
	after "dup2 4 4"
	tool_ends INT
}

@test "fork: what parent and child close, and the child's end" {
	steps_start
	step "create; pipe; pipe; add 3 4 IN 4; add 3 6 IN 6"
	follow
	after "fork { close 4; close 6; create; pipe; add 3 4 IN|ET 44 }"
	after "fork { pipe; add 3 8 IN 8; fdinfo 3 }"
	after "fork bg { pause }; close 4; close 6"
	kill -KILL "$(child)"
	after "reap"
	tool_ends INT
}

@test "SCM_RIGHTS: closed while under way, received, closed" {
	steps_start
	step "create; socketpair; pipe; add 3 6 IN 6"
	follow
	after "send 4 6"
	after "close 6"
	after "recv 5"
	after "close 6"
	after "pipe; add 3 6 IN 66; send 4 6; fork { recv 5 }"
	after "close 6"
	tool_ends INT
}

# looked N: scans of descriptors have come N times more.
looked() {
	[ "$(grep -c 'calls in' "$TRACE")" -ge "$1" ]
}

@test "SCM_RIGHTS: under way while scans pass, then gone with its sockets" {
	steps_start
	step "create; socketpair; pipe; add 3 6 IN 6"
	follow
	step "send 4 6; close 6; write 7 1"
	# Three seconds of intervals: at least one scan, each two seconds.
	await 20 looked $(($(grep -c 'calls in' "$TRACE") + 60))
	after "wait 3 0 7"
	grep -q '^#1 .* EPOLLIN <pipe:' "$TRACE"
	after "close 4; close 5"
	tool_ends INT
}

@test "exec with and without CLOEXEC, exit of a thread" {
	steps_start
	step "create; pipe CLOEXEC; pipe; add 3 4 IN 4; add 3 6 IN 6; thread { wait 3 0 7 }"
	follow
	after "wait 3 0 7"
	echo "exec { fdinfo 3; say executed; - }" >&"$STEPS_IN"
	await 10 has_text "$OUT" 'say executed = 0'
	await_agreement
	after "wait 3 0 7"
	after "pipe; add 3 4 IN 44"
	tool_ends INT
}

@test "a number used again at once, many times" {
	steps_start
	step "create; pipe; add 3 4 IN 4"
	follow
	after "quiet { loop 101 { close 4; close 5; pipe; add 3 4 IN|ET 44 } }"
	after "quiet { loop 101 { del 3 4; add 3 4 IN 444; close 5; close 4; eventfd 1; add 3 4 IN|ET 4; close 4; pipe; add 3 4 IN 7 } }"
	tool_ends INT
}

@test "a number of a batch that is closed and used again before the next wait" {
	steps_start
	step "create; pipe; pipe; add 3 4 IN 4; add 3 6 IN 6; write 5 1; write 7 1"
	follow
	# Both are in the batch; while it is worked on 6 becomes another file's number, with its data.
	after "wait 3 0 7; close 6; close 7; pipe; add 3 6 IN|ET 6; write 7 1"
	grep -Eq 'wait 3 0 7 = 2 ' "$OUT"
	after "wait 3 0 7; read 4 1; del 3 6; add 3 6 OUT 6"
	tool_ends INT
}

@test "closed last by a process that is not traced: gone at the next scan" {
	steps_start
	step "create; pipe; add 3 4 IN 4; fork bg { pause }"
	follow --no-follow
	after "wait 3 0 7"
	step "close 4"
	kill -KILL "$(child)"
	after "reap"
	tool_ends INT
}

@test "an instance that is closed takes its entries along" {
	steps_start
	step "create; pipe; add 3 4 IN 4; dup 3; close 3"
	EP=6 follow
	EP=6 after "wait 6 0 7; add 6 5 OUT 5"
	step "close 6"
	await 10 grep -Eq '^#1 .*\(gone\)$' "$TRACE"
	step "create; add 3 4 IN|ET 44"
	tool_ends INT
	grep -Eq '^#2 +4 .* EPOLLIN\|EPOLLET ' "$TRACE"
}
