#!/usr/bin/env zsh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# typed.zsh COMMAND...: runs an interactive shell on a terminal of its own, and types what comes on
# stdin into it, each line once the prompt "READY> " is there; <TAB> is the key. Prints what the
# terminal shows, until the shell ends: the last line must see to that.
zmodload zsh/zpty || exit

zpty shell "$@" || exit
while zpty -r shell shown '*READY> '; do
	print -rn -- $shown
	IFS= read -r line && zpty -w shell ${line//<TAB>/$'\t'}
done
print -rn -- $shown
