#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What distros.sh runs within one release: the README's two commands, the checks and a static build, all
# without a warning; where REDUCED=1, the build, the demo, unit tests and three files of live tests.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/lib/tally.sh
export REQUIRE_LIVE=1 DEVELOPER=1

# Warnings of the compilers are errors; the linkers' are not.
unwarned() { # COMMAND...
	local log status
	log=$(mktemp)
	"$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	if grep -i 'warning:' "$log"; then
		echo "that was not built without a warning"
		status=1
	fi
	rm -f "$log"
	return "$status"
}

static_build() {
	unwarned make STATIC=1 B=build.static all || return
	ldd build.static/epolltrace 2>&1 | grep 'not a dynamic executable' || return
	build.static/epolltrace --features || return
	rm -rf build.static
}

tally make deps
tally unwarned make all workloads units fuzz-files
tally bash tests/lib/check-demo.sh make demo
if [ "${REDUCED:-0}" = 1 ]; then
	tally env TESTS="tests/rules.bats tests/guide.bats tests/attach.bats" make test
else
	tally make test
	tally make check
	tally static_build
fi
tallied
