# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# helper.bash - what the bats tests share. Loaded with `load helper`.

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
B=${B:-build}
case $B in
/*) ;;
*) B=$HERE/$B ;;
esac
ET=${ET:-$B/epolltrace}
ET_ECHO=${ET_ECHO:-$B/et-echo}
WORKLOADS=${WORKLOADS:-$B/workloads}

# Where tracing is not possible a live test is skipped, with the tool's own reason; where
# REQUIRE_LIVE=1, as in CI, that is a failure.
require_live() {
	local why
	why=$("$ET" --features 2>&1 >/dev/null) && return 0
	if [ "${REQUIRE_LIVE:-0}" = 1 ]; then
		echo "live test cannot run: $why" >&2
		return 1
	fi
	skip "$why"
}

# await SECONDS COMMAND...: until the command succeeds; fails where it has not by then.
await() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		if ((SECONDS > until)); then
			echo "await: gave up on: $*" >&2
			return 1
		fi
		read -rt 0.02 <> <(:) || true # a pause without a process
	done
}

# background COMMAND...: starts it; its number is in $! and it is ended after the test.
background() {
	"$@" 3>&- &
	BACKGROUND+=($!)
}

# Ends what background has started, by number.
end_background() {
	local pid
	for pid in "${BACKGROUND[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	BACKGROUND=()
}

# Starts et-echo on a free port; PORT and SERVER are set.
start_echo() {
	local out=$BATS_TEST_TMPDIR/echo.out
	"$ET_ECHO" -p 0 "$@" >"$out" 3>&- &
	SERVER=$!
	BACKGROUND+=("$SERVER")
	await 10 grep -q listening "$out"
	PORT=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$out")
}

# has_line FILE REGEX: a whole line matches.
has_line() {
	grep -Exq -- "$2" "$1"
}

teardown() {
	end_background
}
