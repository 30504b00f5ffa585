# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# normalise.sh: brings traces into the form in which tests/workloads/guide.c prints its calls, so
# that diff can compare them. To be sourced; bash and POSIX awk only.
#
#   normalise_epolltrace   a trace of epolltrace, stdin to stdout
#   normalise_strace       what "strace -f -tt -T -yy -v" wrote, the same way
#   annotations            of either trace: "FD<NAME>" for the file of each epoll_ctl, in order

# Shared by all: awk functions. A name can hold anything but < and > (which are escaped in paths;
# "->" and <char 1:3> are not names' doing) and an unquoted quotation mark.
normalise_functions='
# Position after the annotation that opens at S[at] = "<"; 0 if it never closes.
function annotation_end(s, at,    depth, quoted, c, n) {
	n = length(s)
	for (; at <= n; at++) {
		c = substr(s, at, 1)
		if (c == "\\")
			at++
		else if (c == "\"")
			quoted = !quoted
		else if (quoted)
			continue
		else if (c == "-" && substr(s, at, 2) == "->")
			at++
		else if (c == "<")
			depth++
		else if (c == ">" && --depth == 0)
			return substr(s, at + 1, 9) == "(deleted)" ? at + 10 : at + 1
	}
	return 0
}

# S without what stands in <> after numbers.
function bare(s,    out, end) {
	out = ""
	while (match(s, /[0-9]</)) {
		end = annotation_end(s, RSTART + 1)
		if (!end)
			break
		out = out substr(s, 1, RSTART)
		s = substr(s, end)
	}
	return out s
}

# The line without TID and time. A trace to a terminal has [pid N] in front.
function payload(s) {
	sub(/^\[pid +[0-9]+\] +/, "", s)
	sub(/^[0-9]+ +/, "", s)
	sub(/^[0-9][0-9]:[0-9:.]+ +/, "", s)
	return s
}

# Without the duration, and with one blank before the result.
function result_only(s) {
	sub(/ <>?[0-9]+\.[0-9]+>$/, "", s)
	if (match(s, /\) += (-1 E[A-Z0-9]+ \([^()]*\)|-?[0-9]+|\?.*)$/)) {
		head = substr(s, 1, RSTART)
		tail = substr(s, RSTART + 1)
		sub(/^ +/, " ", tail)
		s = head tail
	}
	return s
}

# A number of up to 20 digits in hexadecimal, by long division: a double holds only 53 bits.
function hex(dec,    out, rest, quotient, i, digit) {
	if (dec == "0")
		return "0"
	while (dec != "") {
		rest = 0
		quotient = ""
		for (i = 1; i <= length(dec); i++) {
			rest = rest * 10 + substr(dec, i, 1)
			digit = int(rest / 16)
			rest %= 16
			if (quotient != "" || digit)
				quotient = quotient digit
		}
		out = substr("0123456789abcdef", rest + 1, 1) out
		dec = quotient
	}
	return "0x" out
}

# Since 6.13 strace shows of an eventfd its count, of a signalfd its signals, instead of the kind.
function by_kind(file) {
	sub(/<\{eventfd-count=0x[0-9a-f]+, eventfd-id=[0-9]+, eventfd-semaphore=[01]\}>$/,
	    "<anon_inode:[eventfd]>", file)
	sub(/<signalfd:\[[A-Z0-9 +]*\]>$/, "<anon_inode:[signalfd]>", file)
	return file
}

# data={u32=X, u64=Y} as strace before 7 has it, into data=0xY.
function one_data(s,    out, field) {
	out = ""
	while (match(s, /data=\{u32=[0-9]+, u64=[0-9]+\}/)) {
		field = substr(s, RSTART, RLENGTH - 1)
		sub(/.*=/, "", field)
		out = out substr(s, 1, RSTART - 1) "data=" hex(field)
		s = substr(s, RSTART + RLENGTH)
	}
	return out s
}
'

normalise_epolltrace() {
	LC_ALL=C awk "$normalise_functions"'
	{
		s = bare(payload($0))
		if (s ~ /^(\+\+\+|---) / || s ~ /<(unfinished|blocked [^<]*) ?\.\.\.>$/)
			next
		gsub(/, fd=[0-9?|]+\}/, "}", s)
		print result_only(s)
	}'
}

# Calls that another thread interrupts come in two lines, which are joined where the second stands.
normalise_strace() {
	LC_ALL=C awk "$normalise_functions"'
	{
		match($0, /[0-9]+/)
		tid = substr($0, RSTART, RLENGTH)
		s = bare(payload($0))
		if (s ~ /^(\+\+\+|---) /)
			next
		if (sub(/ ?<unfinished \.\.\.>$/, "", s)) {
			begun[tid] = s
			next
		}
		if (sub(/^<\.\.\. [a-z0-9_]+ resumed> ?/, "", s)) {
			s = begun[tid] s
			delete begun[tid]
		}
		print result_only(one_data(s))
	}'
}

annotations() {
	LC_ALL=C awk "$normalise_functions"'
	{
		s = payload($0)
		if (s !~ /^epoll_ctl\(/ || !match(s, /^epoll_ctl\(-?[0-9]+/))
			next
		at = RLENGTH + 1
		if (substr(s, at, 1) == "<")
			at = annotation_end(s, at)
		s = substr(s, at)
		if (!match(s, /^, [^,]+, -?[0-9]+/))
			next
		at = RLENGTH + 1
		end = substr(s, at, 1) == "<" ? annotation_end(s, at) : at
		match(s, /^, [^,]+, /)
		print by_kind(substr(s, RLENGTH + 1, end - RLENGTH - 1))
	}'
}
