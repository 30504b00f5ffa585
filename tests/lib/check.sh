#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make check`: formatting, headers, layers, licences, manuals, scripts, static analysis. Needs no
# root. CC and CPPFLAGS come from the Makefile. Runs every check and fails if one did.
set -u
cd "$(dirname "$0")/../.." || exit
failed=0

mapfile -t sources < <(ls bpf/*.[ch] src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] tests/workloads/*.[ch] \
	tests/unit/*.[ch] tests/fuzz/*.[ch] 2>/dev/null)
mapfile -t scripts < <(ls tests/*.bash tests/*.bats tests/lib/*.sh tests/healthy/*.sh .ci/run)

step() {
	local name=$1
	shift
	if "$@"; then
		printf '  ok      %s\n' "$name"
	else
		printf '  FAILED  %s\n' "$name"
		failed=1
	fi
}

# Releases of clang-format differ in what they make of one style; this is the one that counts.
FORMATTER=14
formatter_is_ours() {
	clang-format --version | grep -q "version $FORMATTER\."
}

formatting() {
	clang-format --dry-run -Werror "${sources[@]}"
}

# A name that begins with a dash is an option to whatever is run on all files.
tracked_names() {
	local names

	git rev-parse --is-inside-work-tree >/dev/null 2>&1 || return 0 # an archive: nothing is tracked
	names=$(git ls-files --full-name :/ | grep -E '(^|/)"?-')
	[ -z "$names" ] || {
		echo "tracked, and taken for an option:"
		echo "$names"
		return 1
	}
}

# Every header of ours compiles alone. The others of bpf/ are BPF's.
headers() {
	local h bad=0
	for h in src/*.h src/*/*.h src/*/*/*.h bpf/wire.h bpf/control.h; do
		# shellcheck disable=SC2086 # words
		eval "$CC" $CPPFLAGS -std=gnu11 -Wall -Wextra -fsyntax-only -x c "$h" || bad=1
	done
	return "$bad"
}

licences() {
	local f bad=0
	for f in "${sources[@]}" "${scripts[@]}" Makefile man/*; do
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause' || {
			echo "$f: no SPDX line"
			bad=1
		}
	done
	return "$bad"
}

manuals() {
	local page bad=0
	for page in man/*.[18]; do
		mandoc -T lint -W warning "$page" || bad=1
	done
	return "$bad"
}

analysis() {
	cppcheck -j "$(nproc)" --quiet --error-exitcode=1 --std=c11 \
		--enable=warning,performance,portability \
		--inline-suppr --suppress=missingIncludeSystem --suppress=nullPointerRedundantCheck \
		--suppress=nullPointerOutOfMemory --suppress=normalCheckLevelMaxBranches \
		-D_GNU_SOURCE -Isrc -I"$B" src/*.c src/*/*.c src/*/*/*.c
}

if formatter_is_ours; then
	step "clang-format" formatting
else
	printf '  skipped clang-format: the style is that of release %s\n' "$FORMATTER"
fi
step "headers compile alone" headers
step "layers" bash tests/lib/check-layers.sh
step "no circles" python3 tests/lib/check-circles.py "$B"
step "licences" licences
step "tracked names" tracked_names
step "mandoc -T lint" manuals
step "shellcheck" shellcheck -s bash -x -e SC1091,SC2034,SC2154,SC2030,SC2031,SC2317,SC2329 "${scripts[@]}"
step "cppcheck" analysis
exit "$failed"
