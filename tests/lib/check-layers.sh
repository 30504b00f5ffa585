#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Includes run in one direction; ARCHITECTURE.md says which. Every other include is an error.
cd "${1:-$(dirname "$0")/../..}" || exit 1
declare -A may=([base]="base" [event]="base event" [model]="base event model"
	[rules]="base event model rules" [report]="base event model rules report"
	[sinks]="base event model rules report sinks"
	[capture]="base event capture" [recording]="base event recording"
	[cli]="base event cli" ["et-echo"]="mistakes.h")
bad=0
while IFS=: read -r file _ line; do
	layer=${file#src/} layer=${layer%%/*} to=${line#*\"} to=${to%%\"*}
	# What a layer is asked for is plain data in a header of its own, so that cli fills it in.
	[[ $to == *_options.h && ($layer == cli || $file == *_options.h) ]] && continue
	[[ $file == *_options.h && $to != @(base/*|event/event.h) ]] &&
		echo "$file is plain data and may not include $to" && bad=1 && continue
	case " ${may[$layer]:-} " in *" ${to%%/*} "*) continue ;; esac
	[[ $layer == *.* && $to != */bpf/* ]] && continue # main and pipeline: everything but the wire
	[[ $to == ../../bpf/wire.h && $file == src/@(capture/*|recording/*|event/decode*) ]] && continue
	[[ $to == @(*.skel.h|../../bpf/control.h) && $layer == capture ]] && continue
	[[ $to == server.c && $file == src/et-echo/mistakes.c ]] && continue # whose header says why
	[[ $to == ../../bpf/call_list.h && $file == src/base/calls.h ]] && continue
	[[ $to == syscall_names.inc && $layer == base ]] && continue
	echo "$file may not include $to" && bad=1
done < <(grep -n '#include "' src/*.[ch] src/*/*.[ch] src/*/*/*.[ch])
grep -n '#include <bpf/' src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] | grep -v ^src/capture/ && bad=1
exit "$bad"
