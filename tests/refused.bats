#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Calls that a filter of seccomp or a tracer answers in the kernel's place: they pass the tracepoint
# of the return alone.

load helper

setup() {
	require_live
	"$ET" --features | grep -Eq '^calls that seccomp refuses +yes$' ||
		skip "calls that seccomp refuses: needs Linux 5.15"
}

# One of each call, each with an errno of its own.
REFUSED="create; eventfd 1; add 3 4 IN 7
	refuse epoll_create1 24; create; refuse epoll_ctl 22; add 3 4 IN 8; mod 3 4 IN 9; del 3 4
	refuse epoll_pwait 13; pwait 3 0 2; refuse epoll_pwait2 38; pwait2 3 1000 3"

# Those of them that are traced, as they are shown; pointers are P.
refused_lines() {
	cat <<-'EOF'
		epoll_create1(0) = 3<eventpoll#1>
		epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 4<anon_inode:[eventfd]>, {events=EPOLLIN, data=0x7}) = 0
		epoll_create1(0) = -1 EMFILE (Too many open files) <0.000000> (skipped)
		epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 4<anon_inode:[eventfd]>, {events=EPOLLIN, data=0x8}) = -1 EINVAL (Invalid argument) <0.000000> (skipped)
		epoll_ctl(3<eventpoll#1>, EPOLL_CTL_MOD, 4<anon_inode:[eventfd]>, {events=EPOLLIN, data=0x9}) = -1 EINVAL (Invalid argument) <0.000000> (skipped)
		epoll_ctl(3<eventpoll#1>, EPOLL_CTL_DEL, 4<anon_inode:[eventfd]>, NULL) = -1 EINVAL (Invalid argument) <0.000000> (skipped)
		epoll_pwait(3<eventpoll#1>, P, 2, 0, P, 8) = -1 EACCES (Permission denied) <0.000000> (skipped)
		epoll_pwait2(3<eventpoll#1>, P, 3, P, NULL, 8) = -1 ENOSYS (Function not implemented) <0.000000> (skipped)
		+++ exited with 0 +++
		+++ 0 records lost +++
	EOF
}

with_pointers() {
	trace_text | sed -E 's/, 0x[0-9a-f]{6,}/, P/g'
}

@test "each refused call is shown with its errno, as its replay shows it" {
	traced -- "$REFUSED"
	diff <(refused_lines) <(with_pointers)
	"$ET" --record "$BATS_TEST_TMPDIR/r.etr" -- "$STEPS" "$REFUSED" >"$OUT"
	"$ET" --replay "$BATS_TEST_TMPDIR/r.etr" --rules none -o "$TRACE"
	diff <(refused_lines) <(with_pointers)
}

@test "calls that only old architectures have are shown too" {
	[ "$(uname -m)" = x86_64 ] || skip "$(uname -m) has no epoll_wait and epoll_create"
	traced -- "create; refuse epoll_wait 1; wait 3 0 2; refuse epoll_create 24; create0 7"
	with_pointers | grep -Fxq "epoll_wait(3<eventpoll#1>, P, 2, 0) = -1 EPERM (Operation not permitted) <0.000000> (skipped)"
	trace_text | grep -Fxq "epoll_create(7) = -1 EMFILE (Too many open files) <0.000000> (skipped)"
}

@test "the first call of a process, and of a thread, may be refused: it did not begin before" {
	traced -- "refuse epoll_create1 24; create; exec { create; thread { create } }"
	[ "$(trace_text | grep -Fxc "epoll_create1(0) = -1 EMFILE (Too many open files) <0.000000> (skipped)")" -eq 3 ]
}

@test "refused calls of a process that was attached to; a wait that began before is shown as ever" {
	steps_start
	step "create; eventfd; add 3 4 IN 7; pipe"
	step "refuse epoll_ctl 22; thread bg { pwait 3 -1 5; say back }"
	tool_start -p "$DRIVEN"
	until has_text "$TRACE" EPOLL_CTL_DEL; do
		step "del 3 4" # the tool may not be there yet
	done
	step "write 4 8"
	await 10 has_text "$OUT" "say back"
	tool_ends INT
	[ "$(trace_text | grep EPOLL_CTL_DEL | sort -u)" = "epoll_ctl(3<eventpoll#1>, EPOLL_CTL_DEL, 4<anon_inode:[eventfd]>, NULL) = -1 EINVAL (Invalid argument) <0.000000> (skipped)" ]
	grep -Eq 'epoll_pwait\(3<eventpoll#1>, \[\{events=EPOLLIN, data=0x7, fd=4<.*\}\], 5, -1, \[\], 8\) = 1 <>[0-9.]+>$' "$TRACE"
}

@test "summary: refused waits count, with their errno, and take none of the thread's time" {
	traced -c --format json -- "create; eventfd 1; add 3 4 IN 7; pwait 3 0 1
		refuse epoll_pwait2 38; loop 23 { pwait2 3 1000 1 }; pwait 3 50 1; del 3 4; pwait 3 50 1"
	jq -se '.[] | select(.type == "summary") |
		(.calls.epoll_pwait2 == 23) and
		(.errors == [{"instance": 1, "tid": .waits[0].tid, "call": "epoll_pwait2",
			"errno": "ENOSYS", "count": 23}]) and
		(.waits[0] | .waits == 26 and .errors == 23 and .skipped == 23 and
			.blocked.count == 3 and .timeouts == 1 and .ready == 2) and
		(.loops[0] | .turns == 26 and ."in".count == 3 and .away.count == 2)' "$TRACE"
}

@test "JSON says that a call was skipped, and that it has no entry" {
	traced --format json -- "$REFUSED"
	jq -se '[.[] | select(.skipped)] | length == 6 and
		all(.entry_not_seen and .duration_ns == 0 and .ret == -1 and .errno)' "$TRACE"
	jq -se 'all(.[] | select(.skipped | not); .entry_not_seen == null)' "$TRACE"
	"$ET" --json-schema >"$BATS_TEST_TMPDIR/schema"
	"$PYTHON" "$HERE/tests/lib/check-json.py" "$BATS_TEST_TMPDIR/schema" "$TRACE" epoll_pwait2
}

@test "what a supervisor lets succeed is registered nowhere" {
	traced -C -- "create; eventfd 1; eventfd 1; add 3 4 IN 7; answer epoll_ctl 0
		add 3 5 IN 9; del 3 4; pwait 3 0 5"
	trace_text | grep -Fxq "epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 5<anon_inode:[eventfd]>, {events=EPOLLIN, data=0x9}) = 0 <0.000000> (skipped)"
	trace_text | grep -Fxq "epoll_ctl(3<eventpoll#1>, EPOLL_CTL_DEL, 4<anon_inode:[eventfd]>, NULL) = 0 <0.000000> (skipped)"
	trace_text | grep -Fq "[{events=EPOLLIN, data=0x7, fd=4<anon_inode:[eventfd]>}]"
	[ "$(awk '/^INSTANCE +FD/ { on = 1; next } on && /^#/' "$TRACE" | wc -l)" -eq 1 ]
	# A descriptor that is an instance already begins no other one.
	traced -- "create; answer epoll_create1 3; create; create"
	[ "$(trace_text | grep -Fxc "epoll_create1(0) = 3<eventpoll#1> <0.000000> (skipped)")" -eq 2 ]
}

@test "a wait that a supervisor answers gives no events and is no time-out" {
	traced -C --format json -- "create; eventfd 1; add 3 4 IN 7; answer epoll_pwait 1; pwait 3 0 5"
	jq -se '.[] | select(.type == "epoll_pwait") | .ret == 1 and .ready == [] and .skipped' "$TRACE"
	jq -se '.[] | select(.type == "summary") | (.waits[0] | .waits == 1 and .ready == 0 and .skipped == 1)
		and .entries[0].ready == 0' "$TRACE"
}

@test "a call that gives SIGSYS returns its own number, and no events" {
	traced -- "handle SYS; create; eventfd 1; add 3 4 IN 7; trap epoll_pwait; pwait 3 0 2"
	with_pointers | grep -Exq "epoll_pwait\(3<eventpoll#1>, P, 2, 0, \[\], 8\) = [1-9][0-9]* <0.000000> \(skipped\)"
}

@test "lines and --diagnose find the same: epoll_ctl that is refused, in earnest or not" {
	local args=("create; eventfd 1; refuse epoll_ctl 22; add 3 4 IN 7")
	for mode in --rules=all --diagnose; do
		"$ET" "$mode" -o "$TRACE" -- "$STEPS" "${args[@]}" >"$OUT"
		grep -Eq "^error ctl-error: " "$TRACE"
		grep -Fq "EPOLL_CTL_ADD = -1 EINVAL (Invalid argument)" "$TRACE"
	done
	# EPERM means that the file cannot be polled only where the kernel says so.
	args=("create; eventfd 1; refuse epoll_ctl 1; add 3 4 IN 7; pwait 3 2500 1")
	for mode in --rules=all --diagnose; do
		"$ET" "$mode" -o "$TRACE" -- "$STEPS" "${args[@]}" >"$OUT"
		grep -Eq "^note ctl-error: " "$TRACE"
		grep -Fq "the kernel was not asked: a seccomp filter, or a tracer, refused it" "$TRACE"
		run ! grep -q "cannot be polled" "$TRACE"
	done
	# Nothing is registered by what a supervisor answers, by the return alone either.
	"$ET" --diagnose --format json -o "$TRACE" -- "$STEPS" \
		"create; eventfd 1; eventfd 1; add 3 4 IN 7; answer epoll_ctl 0; add 3 5 IN 9" >"$OUT"
	jq -se '.[] | select(.type == "diagnosis") | .entries == 1' "$TRACE"
}

@test "refused calls are instants of a timeline, and end no turn" {
	traced --format chrome -- "create; eventfd 1; add 3 4 IN 7; pwait 3 0 1; refuse epoll_pwait2 38
		pwait2 3 1000 1; refuse epoll_ctl 22; del 3 4"
	jq -e '[.traceEvents[] | select(.cat == "skipped")] |
		map([.name, .ph]) == [["epoll_pwait2", "i"], ["epoll_ctl", "i"]] and
		all(.args.skipped)' "$TRACE"
	jq -e '[.traceEvents[] | select(.name == "turn" and .ph == "B")] | length == 1' "$TRACE"
}

@test "a call that a tracer emulates, or makes of another one" {
	run -0 "$WORKLOADS/sysemu" emulate ||
		skip "$output"
	[ "$output" = "first 0, second 0, registered 0" ]
	"$ET" --rules none -C -o "$TRACE" -- "$WORKLOADS/sysemu" emulate
	trace_text | grep -Fxq "epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 4<anon_inode:[eventfd]>, {events=EPOLLIN, data=0x7}) = 0 <0.000000> (skipped)"
	trace_text | grep -Fxq "epoll_wait(3<eventpoll#1>, [], 1, 0) = 0 <0.000000> (skipped)"
	run ! grep -E "^INSTANCE +FD" "$TRACE"
	"$ET" --rules none -C -o "$TRACE" -- "$WORKLOADS/sysemu" change
	trace_text | grep -Fxq "epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 4<anon_inode:[eventfd]>, {events=EPOLLIN, data=0x7}) = 0"
	run ! grep -q "epoll_wait(" "$TRACE"
}
