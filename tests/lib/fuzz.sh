#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make fuzz`: builds the fuzz targets with clang, AddressSanitizer and UBSan, and lets each run for
# $FUZZ_TIME seconds. What they find is left in $B/found; see tests/fuzz/README.md.
set -u
cd "$(dirname "$0")/../.." || exit
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:quarantine_size_mb=64}
targets=${TARGETS:-decode replay}
failed=0

probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
printf 'int LLVMFuzzerTestOneInput(void);\nint LLVMFuzzerTestOneInput(void) { return 0; }\n' \
	>"$probe/probe.c"
if ! "$CLANG" -fsanitize=fuzzer,address,undefined "$probe/probe.c" -o "$probe/probe" \
	2>"$probe/errors"; then
	cat "$probe/errors" >&2
	echo "$CLANG cannot link libFuzzer: its runtime is missing" >&2
	echo "    apt-get install libclang-rt-14-dev (the number: that of $CLANG)" >&2
	exit 1
fi

"$MAKE" --no-print-directory CC="$CLANG" SANITIZE=fuzzer-no-link,address,undefined B="$B" \
	fuzzers || exit
mkdir -p "$B/found"
"$B/fuzz/seeds" "$B/seeds" || exit

for target in $targets; do
	mkdir -p "$B/corpus/$target"
	# shellcheck disable=SC2086 # words: flags
	"$B/fuzz/fuzz-$target" -max_total_time="$FUZZ_TIME" -max_len=8192 -timeout=10 \
		-rss_limit_mb=1024 -close_fd_mask=2 -print_final_stats=1 \
		-artifact_prefix="$B/found/$target-" ${FUZZ_FLAGS:-} \
		"$B/corpus/$target" "$B/seeds/$target" "tests/fuzz/found/$target" ||
		failed=1
done
exit "$failed"
