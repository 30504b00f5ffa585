#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Machine output: real output against the schema that the tool prints, and against the lines.

load helper

setup() {
	require_live
	cd "$BATS_TEST_TMPDIR" || return
	"$ET" --json-schema >schema
}

# valid FILE [TYPE...]: all its lines are of the schema, and each type is there.
valid() {
	/usr/bin/python3 "$HERE/tests/lib/check-json.py" schema "$@"
}

# some FILTER [FILE]: it is true of a line.
some() {
	jq -se "any(.[]; $1)" "${2:-out.json}"
}

@test "every call of the guide: each line is of the schema and says what the text says" {
	timeout 60 "$ET" --record rec --format json -o out.json "$WORKLOADS/guide" >out 2>err 3>&-
	valid out.json epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait exited
	"$ET" --replay rec -ttt >out.text
	# Call by call: thread, name, result, errno, duration in microseconds.
	jq -r 'select(.duration_ns != null and .type != "end") |
		"\(.tid) \(.type) \(.ret) \(.errno // "-") \(.duration_ns / 1000 | floor)"' \
		out.json >a
	sed -nE 's/^([0-9]+) +[0-9.]+ (epoll_[a-z0-9]+)\(.*\) = (-?[0-9]+)(<[^>]*>)?( E[A-Z]+)?.* <>?([0-9]+)\.([0-9]+)>.*$/\1 \2 \3\5 \6\7/p' \
		out.text | awk '{ if (NF == 4) print $1, $2, $3, "-", $4 + 0; else print $1, $2, $3, $4, $5 + 0 }' >b
	[ "$(wc -l <a)" -ge 500 ]
	diff a b
	# What was registered, and what was ready.
	jq -r 'select(.type == "epoll_ctl" and .events) |
		"\(.op) \(.fd)<\(.file)> \(.events | join("|")) \(.data)"' out.json >a
	sed -nE 's/.* epoll_ctl\([^,]*, ([A-Z_]+), ([0-9]+)(<.*>), \{events=([^,]*), data=([^}]*)\}.*/\1 \2\3 \4 \5/p' \
		out.text >b
	grep -v ' 0x[0-9a-f]* ' b | grep -v '/\*' | sed 's/ 0 / /' | head -n 100 >b.some
	[ -s b.some ]
	while read -r op fd events data; do
		grep -Fq "$op $fd $events ${data/#0x0/0}" a || {
			echo "missing: $op $fd $events $data"
			false
		}
	done < <(grep -E ' EPOLL[A-Z|]+ 0x' b.some)
	jq -r 'select(.ready) | .ready[] | "\(.fd // "?") \(.events | join("|")) \(.data)"' out.json >a
	grep -E '^[^(]*wait' out.text | grep -oE '\{events=[^}]*\}' | sed -nE 's/\{events=([^,]*), data=([^,]*), fd=(\?|[0-9]+(<[^|]*>)?)\}/\3 \1 \2/p' |
		sed -E 's/<.*> / /; s/ 0$/ 0x0/' | sort >b
	sed 's/ 0$/ 0x0/' a | sort | grep -v '^?' >a.known
	comm -23 <(grep -v '^?' b | sort) a.known >missing
	cat missing
	[ ! -s missing ]
}

@test "the kind of a file and a socket's two ends are members that say what its text says" {
	timeout 60 "$ET" --format json -o out.json "$WORKLOADS/guide" >out 2>err 3>&-
	valid out.json epoll_ctl epoll_wait
	jq -c '.. | objects | select(.file)' out.json >files
	# Where there is a text there is a kind, and only internet and unix sockets have ends.
	jq -se 'all(.[]; .kind) and
		all(.[] | select(.local or .peer); .kind == "inet" or .kind == "unix")' files
	# The text says the same, in the notation of strace.
	cat >ends.jq <<-'END'
		def at: if .address | contains(":") then "[\(.address)]:\(.port)"
			else "\(.address):\(.port)" end;
		def bound: if .path then ",\"\(.path)\"" elif .abstract then ",@\"\(.abstract)\""
			else "" end;
		def ends(f): "\(.local | f)\(if .peer then "->\(.peer | f)" else "" end)";
		if .kind == "inet" then ends(at) else "\(ends(.inode))\(.local | bound)" end |
			":[\(.)]"
	END
	jq -c 'select(.local)' files >sockets
	jq -r -f ends.jq sockets >ends
	jq -r .file sockets >texts
	paste texts ends | awk -F '\t' '
		substr($1, length($1) - length($2) + 1) != $2 { print; wrong = 1 }
		END { exit wrong }'
	jq -se 'def both(k): map(select(.kind == k and .peer)) | length >= 2;
		both("inet") and both("unix") and
		any(.[]; .local.path) and any(.[]; .local.abstract)' sockets
	# A connection has both ends in its registration and where it is ready.
	some '.type == "epoll_ctl" and .kind == "inet" and .local and .peer'
	some '(.ready // []) | any(.[]; .kind)'
	jq -se 'all(.[] | select(.file | startswith("pipe:")); .kind == "pipe")' files
	jq -se 'all(.[] | select(.file | startswith("eventpoll#")); .kind == "epoll")' files
	jq -se 'any(.[]; .deleted) and all(.[]; (.deleted // false) == (.file | endswith("(deleted)")))' \
		files
	# The same of what epfd is in place of an instance.
	jq -se 'map(select(.epfile)) | all(.[]; .epkind) and any(.[]; .epkind == "anon")' out.json
}

@test "what a finding is about, and what a thread is blocked in, is data as well" {
	timeout 60 "$ET" --stall 100ms --format json -o out.json "$WORKLOADS/misuse" 2000 lost-edge-tcp \
		>out 2>err 3>&-
	valid out.json finding
	jq -se 'map(select(.type == "finding" and .rule == "lost-edge")) | length >= 1 and
		all(.[]; .kind == "inet" and
			.file == "TCP:[127.0.0.1:\(.local.port)->127.0.0.1:\(.peer.port)]")' out.json
	steps_start
	step "create; socketpair; thread bg { read 4 1 }"
	reader_blocked() {
		"$ET" --format json --snapshot -p "$DRIVEN" >out.json
		some '.type == "thread" and .call == "read" and .fd == 4 and .kind == "unix"'
	}
	await 10 reader_blocked
	valid out.json thread
	jq -se 'all(.[] | select(.type == "thread" and .file); .kind)' out.json
}

@test "epoll_pwait2: its time-out and signal set" {
	timeout 60 "$ET" --format json -o out.json "$WORKLOADS/guide" >out 2>err 3>&-
	! grep -q epoll_pwait2 out || valid out.json epoll_pwait2
	some '.type == "epoll_pwait" and (.sigmask // [] | index("SIGUSR1"))' ||
		some '.type == "epoll_pwait" and (.sigmask // [] | length) > 0'
}

@test "blocked waits, unfinished ones, and a process that is killed" {
	steps_start
	step "create; eventfd; add 3 4 IN 4"
	background "$ET" --format json --blocked-after 50ms -o out.json -p "$DRIVEN"
	TOOL=$!
	armed_json() {
		step "wait 999 0 1"
		grep -q '"errno":"EBADF"' out.json
	}
	await 10 armed_json
	echo "wait 3 -1 7" >&"$STEPS_IN"
	# The target is quiet now; what is written reaches the file without its end.
	await 10 has_text out.json '"type":"blocked"'
	some '.type == "header" and .version == 1'
	kill -KILL "$DRIVEN"
	wait "$TOOL"
	valid out.json blocked unfinished exited
	some '.type == "blocked" and .epfd == 3 and .instance == 1 and .timeout_ns == -1 and
		.blocked_ns >= 50000000 and .call == "epoll_wait" and .comm == "steps"'
	some '.type == "exited" and .signal == "SIGKILL" and .core_dumped == false'
}

@test "a line reaches a reader while the target is quiet" {
	steps_start
	step "create; eventfd; add 3 4 IN 4"
	mkfifo pipe
	# shellcheck disable=SC2016 # the shell within has these
	background sh -c 'exec "$0" --format json --blocked-after 1h -p "$1" >pipe' "$ET" "$DRIVEN"
	exec {LINES}<pipe
	IFS= read -rt 20 header <&"$LINES"
	jq -e '.type == "header"' <<<"$header"
	step "wait 3 0 1"
	# No more calls: the line must come by itself.
	IFS= read -rt 20 line <&"$LINES"
	jq -e '.type == "epoll_wait" and .ret == 0 and .ready == []' <<<"$line"
}

@test "summaries, their intervals and histograms, and snapshots" {
	timeout 60 "$ET" --record rec -c --histograms --format json -o out.json "$WORKLOADS/guide" \
		>out 2>err 3>&-
	valid out.json summary
	some '.type == "summary" and
		(.loops[0] | .in.count > 200 and (.in_histogram | map(.count) | add) == .in.count)'
	"$ET" --replay rec -c --limit 0 >text
	# Entries: the same ones in the same order, with the same counts.
	jq -r 'select(.type == "summary") | .entries[] |
		"#\(.instance) \(.fd) \(.adds) \(.mods) \(.dels) \(.ready)"' out.json >a
	awk '/^INSTANCE +FD/ { on = 1; next } /^and|^$/ { on = 0 } on { print $1, $2, $3, $4, $5, $6 }' text >b
	[ -s b ]
	cmp a b
	some '.type == "end" and .events > 500 and .lost == 0'
	"$ET" --replay rec --interval 10ms --format json >out.json
	valid out.json summary
	"$ET" --replay rec --snapshot --format json >out.json
	valid out.json
	start_echo
	"$ET" --snapshot --format json -p "$SERVER" >out.json
	valid out.json instance
	some ".type == \"instance\" and .waiters[0].tid == $SERVER and (.entries | length) == 2 and
		.entries[0].nonblock"
}

@test "losses: each gap, and all in the end" {
	timeout 60 "$ET" --buffer-size 4K --format json -o out.json "$WORKLOADS/waitloop" 20011 \
		>out 2>err 3>&- || true
	valid out.json >counts
	[ "$(jq -s 'map(select(.type == "lost").records) | add' out.json)" -eq \
		"$(jq 'select(.type == "end").lost' out.json)" ]
	[ "$(jq 'select(.type == "end") | .events + .lost' out.json)" -ge 20011 ]
}

@test "names from the target are ASCII and valid JSON, whatever their bytes" {
	printf 'x' >$'file\001\377"\\\n\xc3\xa4'
	cp "$STEPS" $'st"\\\n\xff'
	timeout 20 "$ET" --format json -o out.json ./$'st"\\\n\xff' \
		"create; open $PWD/"$'file\001\377"\\\n\xc3\xa4'"; add 3 4 IN 4" >out 2>err 3>&- || true
	valid out.json epoll_create1
	[ "$(LC_ALL=C grep -c '[^ -~]' out.json)" -eq 0 ]
	jq -r 'select(.type == "epoll_create1").comm' out.json >comm.out
	[ "$(cat comm.out)" = 'st\"\\\n\377' ]
}
