#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Prints the manual's sections on the rules, from what `epolltrace --explain` says. With --write they
# are put into man/epolltrace.8, between the two marks.
set -eu
cd "$(dirname "$0")/../.."
ET=${ET:-${B:-build}/epolltrace}

# What --explain says of each rule, after a line with its name.
explain_all() {
	local rule rules
	rules=$("$ET" --completion bash | sed -n 's/^	RULE) .*-W .\(.*\). -- .*/\1/p')
	for rule in $rules; do
		echo "rule: $rule"
		"$ET" --explain "$rule"
	done
}

# Sentences on lines of their own, as mdoc wants it.
sections() {
	explain_all | awk '
		function flush() {
			if (text == "")
				return
			gsub(/\\/, "\\e", text)
			gsub(/\. /, ".\n", text)
			print text
			text = ""
		}
		function end_rule() {
			if (rule)
				text = text "."
			flush()
		}
		/^rule: / {
			end_rule()
			rule = $2
			print ".Ss " rule
			next
		}
		index($0, rule ": ") == 1 {
			sub(/^[^:]*: /, "")
			if ($1 !~ /_/) # a function is not capitalized
				$0 = toupper(substr($0, 1, 1)) substr($0, 2)
			text = $0 "."
			flush()
			next
		}
		/^(Evidence|What it is not|Fix)$/ {
			flush()
			print ".Pp\n.Em " $0 ":"
			next
		}
		{
			sub(/^ +/, "")
			text = text (text != "" && $0 != "" ? " " : "") $0
		}
		END { end_rule() }' | sed 's/^\([.'"'"']\)\([^PES]\)/\\\&\1\2/'
}

if [ "${1:-}" != --write ]; then
	sections
	exit
fi
sections >man/rules.tmp
awk '/^\.\\" rules: end/ { on = 0 }
	!on { print }
	/^\.\\" rules: begin/ { on = 1; while ((getline line < "man/rules.tmp") > 0) print line }' \
	man/epolltrace.8 >man/page.tmp
mv man/page.tmp man/epolltrace.8
rm man/rules.tmp
