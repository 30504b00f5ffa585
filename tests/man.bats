#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The manual says what the tool does: every option, and examples that print what they show.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

MAN=$HERE/man/epolltrace.8

# The option table, as --help prints it: long names, one a line.
long_options() {
	"$ET" --help | sed -nE 's/^  (-., |    )--([a-z-]+).*/\2/p'
}

@test "every option of the table is in the manual, with its letter" {
	count=0
	while read -r name; do
		grep -Eq "^\.It.*Fl -$name( |$)" "$MAN" || { echo "missing: --$name"; false; }
		count=$((count + 1))
	done < <(long_options)
	[ "$count" -ge 28 ]
	while read -r letter name; do
		grep -Eq "^\.It Fl ${letter#-}( | Ar [A-Z]+ ), Fl -$name( |$)" "$MAN" ||
			grep -Eq "^\.It Fl ${letter#-} , Fl -$name( |$)" "$MAN" ||
			{ echo "missing: $letter --$name"; false; }
	done < <("$ET" --help | sed -n 's/^  \(-[a-zA-Z]\), --\([a-z-]*\).*/\1 \2/p')
}

@test "every option in the manual is in the table" {
	long_options >known
	while read -r name; do
		grep -qx -- "$name" known || { echo "unknown: --$name"; false; }
	done < <(grep '^\.It' "$MAN" | grep -oE 'Fl -[a-z][a-z-]+' | sed 's/^Fl -//' | sort -u)
}

@test "options stand under the headings of --help, in its order" {
	"$ET" --help | sed -nE 's/^([A-Z].*):$/\1/p; s/^  (-., |    )--([a-z-]+).*/\2/p' >help
	sed -n '/^\.Sh OPTIONS/,/^\.Sh FIELDS/p' "$MAN" |
		sed -nE 's/^\.Ss (.*)/\1/p; s/^\.It .*Fl -([a-z-]+).*/\1/p' >manual
	[ "$(grep -c '^[A-Z]' help)" -ge 7 ]
	diff help manual
}

@test "each rule has its section, with the text of --explain" {
	"$HERE/tests/lib/rules-mdoc.sh" >sections
	diff <(sed -n '/^\.\\" rules: begin/,/^\.\\" rules: end/p' "$MAN" | sed '1d;$d') sections
	[ "$(grep -c '^\.Ss [a-z-]*$' sections)" -eq 36 ]
	"$ET" --explain lost-edge | grep -q '^Evidence$'
	[ "$("$ET" --explain lost-edge | head -n 1)" = \
		"lost-edge: edge-triggered input was delivered and not all of it taken" ]
	run "$ET" --explain nonesuch
	[ "$status" -eq 2 ]
	"$ET" --explain=lost-edge | diff - <("$ET" --explain lost-edge)
	# Without a rule, all of them: what --explain says of each in its first line.
	"$ET" --explain >all
	[ "$(wc -l <all)" -eq 36 ]
	while read -r rule title; do
		"$ET" --explain "$rule" >one
		read -r first <one
		[ "$first" = "$rule: $title" ]
	done <all
	"$ET" --explain -q | diff - all
	"$ET" -q --explain -- lost-edge | diff - all
}

# example NAME: the lines of an example, its command first.
example() {
	awk -v want="$1" '
		$0 == ".\\\" example: " want { found = 1 }
		found && /^\.Ed/ { exit }
		found && body { print }
		found && /^\.Bd/ { body = 1 }' "$MAN" | sed 's/^\\&$//'
}

# What differs from run to run: numbers of threads, times, pointers, ports, durations.
mask() {
	sed -E -e 's/^[0-9]+ +[0-9:.]+ /TID TIME /' -e 's/0x[0-9a-f]{6,}/PTR/g' \
		-e 's/<[0-9]+\.[0-9]{6}>/<DURATION>/' -e 's/blocked [0-9.]+ s/blocked S s/' \
		-e 's/(thread|process) [0-9]+/\1 N/' -e 's/ in [0-9.]+ (ms|s),/ in TIME,/' \
		-e 's/[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}/TIME/g' \
		-e 's/^(#[0-9]+ +)[0-9]+( +[0-9]+ +[0-9]+ +[0-9.]+)/\1TID\2/' \
		-e 's/^ *[0-9]+( +[0-9]+ +[0-9]+\.[0-9] +[-0-9.%]+ +[0-9.]+ )/TID\1/' \
		-e 's/ +[0-9]+ -> [0-9]+ +:/ LOW -> HIGH :/' \
		-e 's/[0-9.]+ (ns|us|ms|s)\b/DURATION/g' \
		-e 's/ ([0-9]+\.[1-9]|[1-9][0-9]*\.0) / RATE /g' -e 's/ +/ /g'
}

# An example's command prints what the manual shows. stderr counts, in whatever order it came.
same_example() {
	local command
	example "$1" >shown
	command=$(sed -n '1s/^# //p' shown)
	[ -n "$command" ]
	# Without descriptors that bats has open, so that the numbers are those of a shell.
	PATH=$(dirname "$ET"):$(dirname "$ET_ECHO"):$PATH bash -c '
		for fd in 3 4 5 6 7 8 9; do eval "exec $fd>&-"; done
		eval "$1"' bash "$command" >printed 2>&1 || true
	diff <(tail -n +2 shown | mask | sort) <(mask <printed | sort)
	[ "$(wc -l <printed)" -ge 4 ]
}

@test "example: launch" {
	require_live
	cd "$BATS_TEST_TMPDIR"
	same_example launch
}

@test "example: only registrations" {
	require_live
	cd "$BATS_TEST_TMPDIR"
	same_example ctl
}

@test "example: the summary" {
	require_live
	cd "$BATS_TEST_TMPDIR"
	same_example summary
}

@test "example: summaries by interval" {
	require_live
	cd "$BATS_TEST_TMPDIR"
	same_example interval
}

@test "example: histograms" {
	require_live
	cd "$BATS_TEST_TMPDIR"
	same_example histograms
}

@test "example: a process that uses no epoll" {
	require_live
	cd "$BATS_TEST_TMPDIR"
	same_example silent
}

# jq_example NAME: the one line of such an example, as a shell takes it.
jq_example() {
	grep -Fx -A 1 ".\\\" example: $1" "$MAN" | tail -n 1 |
		sed 's/^\.Dl \$ //' | unquoted
}

# What roff writes otherwise.
unquoted() {
	sed 's/\\(dq/"/g; s/\\(rs/\\/g'
}

@test "examples: jq" {
	require_live
	command -v jq >/dev/null || skip "needs jq"
	cd "$BATS_TEST_TMPDIR"
	example jq | unquoted >shown
	command=$(sed -n '1s/^# //p' shown)
	PATH=$(dirname "$ET"):$(dirname "$ET_ECHO"):$PATH bash -c "$command" >printed 2>err 3>&- || true
	diff <(tail -n +2 shown) printed
	"$ET" --record rec -- "$WORKLOADS/guide" >/dev/null 2>err 3>&- || true
	"$ET" --replay rec --format json >trace.json
	[ "$(bash -c "$(jq_example "jq slowest")" | jq -s 'length')" -eq 3 ]
	bash -c "$(jq_example "jq ready")" | jq -e 'length > 10 and all(.[]; .ready > 0)'
	start_echo
	"$ET" --snapshot --format json -p "$SERVER" >snapshot.json
	bash -c "$(jq_example "jq waiters")" | jq -e ".tid == $SERVER and .blocked_ns > 0"
}

@test "messages of DIAGNOSTICS are messages of the tool" {
	count=0
	cat "$HERE"/src/*.[ch] "$HERE"/src/*/*.[ch] "$HERE"/src/*/*/*.[ch] >sources
	sed -n '/^\.Sh DIAGNOSTICS/,/^\.Sh SEE ALSO/s/^\.It //p' "$MAN" >messages
	# The fixed words before the first that stands for something.
	while read -r words; do
		has_text sources "${words#N }" || { echo "no such message: $words"; false; }
		count=$((count + 1))
	done < <(sed -E "s/ (N|to N|FILE|tracepoint|'[A-Z]+'|\.\.\.|CALL).*//; s/:.*//" messages)
	[ "$count" -ge 14 ]
}

# Numbers, times, addresses and ports, in words of the same width, so that columns count.
mask_snapshot() {
	sed -E -e 's/^[0-9:.]{15}  /TIME  /' -e 's/ of [0-9]+ \(/ of PID (/' \
		-e 's/^ *[0-9]+ +[0-9]+ (et-echo .*)(  )[0-9.]+ (ns|us|ms|s) ago/PID TID \1\2AGO/' \
		-e 's/0x[0-9a-f]{12}/PTR/' -e 's/:[0-9]+(->127.0.0.1:[0-9]+)?\]/:PORT]/'
}

hangs() {
	"$ET" --snapshot -p "$SERVER" >printed && grep -q ' 500 unread' printed &&
		grep -q '1 thread waits' printed
}

@test "example: snapshot" {
	require_live
	cd "$BATS_TEST_TMPDIR"
	# Without descriptors that bats has open, so that the numbers are those of a shell.
	(
		for fd in 3 4 5 6 7 8 9; do eval "exec $fd>&-"; done
		exec "$ET_ECHO" -p 0 --break lost-edge >echo.out
	) &
	SERVER=$!
	BACKGROUND+=("$SERVER")
	await 10 has_text echo.out listening
	PORT=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' echo.out)
	exec {client}<>"/dev/tcp/127.0.0.1/$PORT"
	head -c 1000 /dev/zero >&"$client"
	await 10 hangs
	example snapshot >shown
	diff <(tail -n +2 shown | mask_snapshot) <(mask_snapshot <printed)
}
