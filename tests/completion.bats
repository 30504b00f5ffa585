#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Completion: the scripts have every option, and complete in a real bash and a real zsh.
# shellcheck disable=SC2016 # scripts stand in quotes

load helper

BASH_SCRIPT=$B/completions/epolltrace.bash
ZSH_SCRIPT=$B/completions/_epolltrace

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# LETTER-OR--- NAME ARGUMENT-OR--- HELP of every option, as --help prints them.
options() {
	"$ET" --help | sed -nE 's/^  (-., |    )--([a-z-]+)(\[?=([A-Z]+)\]?)? +(.*)/\1 \2 \4- \5/p' |
		sed -E 's/^-(.), /\1/; s/^ +/- /; s/([A-Z])- /\1 /'
}

# offers WORD...: what bash offers where the last one is being completed. Without COMP_LINE, or
# with LINE as that, the cursor at its end.
offers() {
	LINE=${LINE-} bash --norc --noprofile -c '
		source "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE=$LINE COMP_POINT=${#LINE}
		_epolltrace
		((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"
	' bash "$BASH_SCRIPT" epolltrace "$@" 2>offers.err
	[ ! -s offers.err ] || { cat offers.err; return 1; }
}

# offered "WORD..." WORD...: these and no others, in whatever order. One process each time, the shell
# that offers.
offered() {
	local want have word
	read -ra want <<<"$1"
	shift
	offers "$@" >have
	mapfile -t have <have
	echo "$*: wanted: ${want[*]}; offered: ${have[*]}"
	[ "${#have[@]}" -eq "${#want[@]}" ]
	for word in "${want[@]}"; do
		[[ " ${have[*]} " == *" $word "* ]]
	done
	for word in "${have[@]}"; do
		[[ " ${want[*]} " == *" $word "* ]]
	done
}

# text_of FILE: leaves it in TEXT, with a newline before it, so that each line has two.
text_of() {
	IFS= read -rd '' TEXT <"$1" || true
	TEXT=$'\n'$TEXT
}

# is_line_of TEXT LINE
is_line_of() {
	[[ $1 == *$'\n'"$2"$'\n'* ]]
}

@test "both scripts are those that the tool prints, and parse" {
	diff "$BASH_SCRIPT" <("$ET" --completion bash)
	diff "$ZSH_SCRIPT" <("$ET" --completion=zsh)
	bash -n "$BASH_SCRIPT"
	zsh -n "$ZSH_SCRIPT"
	shellcheck "$BASH_SCRIPT"
	run -2 "$ET" --completion fish
	[ "$output" = "epolltrace: invalid SHELL for --completion: 'fish'" ]
	# Also where something else is wrong with the line: it is not read.
	"$ET" -zZ --tree --completion bash | diff - "$BASH_SCRIPT"
}

@test "every option of the table is in both scripts, with its argument and its help" {
	count=0
	offers - >all
	text_of all
	all_text=$TEXT
	text_of "$BASH_SCRIPT"
	script=$TEXT
	sed "s/'\\\\''/'/g" "$ZSH_SCRIPT" >zsh_rows # quotes are written '\'' there
	while read -r letter name arg help; do
		echo "$letter $name $arg $help"
		is_line_of "$all_text" "--$name"
		forms=--$name
		if [ "$letter" != - ]; then
			is_line_of "$all_text" "-$letter"
			forms="-$letter | --$name"
		fi
		[ "$arg" = - ] || is_line_of "$script" "	$forms) takes=$arg ;;"
		grep -F "[$help]" zsh_rows >row
		text_of row
		case $letter$arg in
		--) [[ $TEXT == *"--${name}["* ]] ;;
		-*) [[ $TEXT == *"--${name}=["*"]:$arg:"* || $TEXT == *"--${name}=["*"]::$arg:"* ]] ;;
		?-) [[ $TEXT == *"{-$letter,--$name}'["* ]] ;;
		*) [[ $TEXT == *"{-$letter+,--$name=}'["*"]:$arg:"* ]] ;;
		esac
		count=$((count + 1))
	done < <(options)
	[ "$count" -ge 34 ]
	# And nothing else is.
	[ "$(grep -c '^--' all)" -eq "$count" ]
	[ "$(grep -c '^-[^-]' all)" -eq "$(options | grep -c '^[^-]')" ]
}

@test "bash: options" {
	offered --snapshot --sn
	offered "--summary --summary-only" --sum
	offered "--fail-on --fd --features --follow-forks --format --failed-only" --f
	offered --tree -c -p 1 --tre
	offered --tree -o --snapshot --tre
	offered "" --nonesuch
	offered -z -z
	# No command goes with -p: options are all that may follow.
	diff <(offers -p 1 "") <(offers -)
}

@test "bash: words" {
	offered "create ctl" -e c
	offered create -e cr
	offered "epoll_ctl" --trace epoll_ct
	offered "wait,create" -e wait,cr
	offered "!wait" -e '!wa'
	offered "trace=wait" -e trace=wa
	offered "-cewait" -cewa
	offered "auto always never" --color ""
	offered never --color n
	offered "text json perfetto chrome" --format ""
	offered "bash zsh" --completion ""
	offered "lost-edge lost-eof" --explain lost-e
	offered never --col n
	offered "" --color nonesuch
	# If bash splits words, it wants what follows the last =.
	offered "auto always never" --color =
	offered never --color = n
	offered "create,ctl" --trace = create,ct
	offered "wait" -e trace = wa
	LINE='epolltrace --color=n' offered never --color = n
	LINE='epolltrace --color=' offered "auto always never" --color =
	LINE="epolltrace -e '!wa" offered '!wait' -e "'!wa"
	# It does not where = is not in COMP_WORDBREAKS.
	offered --color=never --color=n
}

@test "bash: only what stands before the cursor" {
	LINE="epolltrace --sn" offered --snapshot --snout
}

@test "bash: files, users, processes, and nothing for numbers" {
	mkdir dir
	touch "dir/one file" dir/other
	diff <(offers --out dir/o | sort) <(printf 'dir/one file\ndir/other\n')
	diff <(offers -o dir/on) <(echo 'dir/one file')
	diff <(offers --output = dir/on) <(echo 'dir/one file')
	diff <(offers -codir/ot) <(echo '-codir/other')
	touch a:b
	offered b -o a : ""
	LINE='epolltrace -o a:' offered b -o a :
	offered nobody -u nobod
	offers -p "" >pids
	grep -qx "$$" pids
	run ! grep -qv '^[0-9]*$' pids
	offers -p "1,$$" | grep -qx "1,$$"
	offers "-p$$" | grep -qx -- "-p$$"
	offers --attach = "$$" | grep -qx "$$"
	for option in --limit --max-ready --interval --slower-than --blocked-after --buffer-size --fd \
		--epfd; do
		offered "" "$option" ""
		offered "" "$option" = ""
	done
}

@test "bash: COMMAND, and what follows it is COMMAND's" {
	mkdir bin
	for name in a-command-of-ours a-command-too; do
		printf '#!/bin/sh\n' >bin/$name
	done
	chmod +x bin/*
	PATH=$PWD/bin:$PATH
	offered "a-command-of-ours a-command-too" a-command-
	offered "a-command-of-ours" -o file a-command-of
	offered "a-command-of-ours" -c -- a-command-of
	offered "a-command-of-ours" --output = file a-command-of
	LINE="epolltrace --output=file a-command-of" \
		offered "a-command-of-ours" --output = file a-command-of
	# - is no option.
	offered "bin" - bi
	offered "" a-command-too --sn
	offered "" -c a-command-too --sn
	offered "" -- a-command-too --sn
	offered "" -- --sn
	offered "bin" a-command-too -e bi
	offered "bin" a-command-too -o bi
}

@test "bash: with the package bash-completion, COMMAND's own completion" {
	bash --norc --noprofile -c '
		source "$1"
		_command_offset() { echo "from ${COMP_WORDS[$1]}, word $1"; }
		try() {
			COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
			_epolltrace
		}
		try epolltrace -o file ls -l
		try epolltrace --color = never -- ls -l
		try epolltrace -cofile ls
		_comp_command_offset() { echo "new: ${COMP_WORDS[$1]}"; }
		try epolltrace -e wait ls -l
	' bash "$BASH_SCRIPT" >called
	diff - called <<-END
		from ls, word 3
		from ls, word 5
		from ls, word 2
		new: ls
	END
}

# typed SHELL [ARGUMENT...] <LINES: types them into it, in a folder with some files. Whatever
# runs writes to called: epolltrace is a function that prints its arguments.
typed() {
	mkdir -p dir bin
	touch "dir/one file" dir/other
	printf '#!/bin/sh\necho "command: $*" >>called\n' >bin/a-command-of-ours
	chmod +x bin/a-command-of-ours
	: >called
	TERM=dumb PATH=$PWD/bin:$PATH timeout 60 zsh -f "$HERE/tests/lib/typed.zsh" "$@" 3>&-
	sed 's/> $/>/' called
}

LINES_TYPED='epolltrace --sn<TAB>-p 1
epolltrace --color n<TAB>
epolltrace --color=al<TAB>
epolltrace -e epoll_ct<TAB>
epolltrace --trace=wait,cr<TAB>
epolltrace --format js<TAB>
epolltrace --out<TAB> dir/on<TAB>
epolltrace --output=dir/ot<TAB>
epolltrace -codir/ot<TAB>
epolltrace -u nobod<TAB>
epolltrace --limit <TAB>7
epolltrace -o x a-command-o<TAB>dir/ot<TAB>
epolltrace -- a-command-o<TAB>--sn<TAB>
epolltrace a-command-o<TAB>-e cr<TAB>
exit'

LINES_CALLED='<--snapshot><-p><1>
<--color><never>
<--color=always>
<-e><epoll_ctl>
<--trace=wait,create>
<--format><json>
<--output><dir/one file>
<--output=dir/other>
<-codir/other>
<-u><nobody>
<--limit><7>
<-o><x><a-command-of-ours><dir/other>
<--><a-command-of-ours><--sn>
<a-command-of-ours><-e><cr>'

@test "bash: keys typed" {
	cat >rc <<-END
		PS1='READY> '
		source '$BASH_SCRIPT'
		epolltrace() {
			printf '<%s>' "\$@" >>called
			echo >>called
		}
	END
	typed bash --noprofile --rcfile rc -i <<<"$LINES_TYPED"
	diff - called <<<"$LINES_CALLED"
}

# What an interactive zsh that completes runs first.
zshrc() {
	cat >.zshrc <<-END
		PS1='READY> '
		setopt no_prompt_sp no_prompt_cr no_auto_list no_beep
		fpath=('${ZSH_SCRIPT%/*}' \$fpath)
		autoload -Uz compinit
		compinit -u -d ./dump
		# Processes with known numbers.
		_pids() { compadd "\$@" - 4711 4712 5000 }
		epolltrace() {
			printf '<%s>' "\$@" >>called
			echo >>called
		}
	END
}

@test "zsh: keys typed" {
	zshrc
	cat >lines <<-END
		epolltrace -p 50<TAB>
		epolltrace --attach=1,50<TAB>
		epolltrace -p 1 a-command-o<TAB>
		epolltrace -p 1 -p 50<TAB>
		$LINES_TYPED
	END
	ZDOTDIR=$PWD typed zsh -d -i <lines
	diff - called <<-END
		<-p><5000>
		<--attach=1,5000>
		<-p><1><a-command-o>
		<-p><1><-p><5000>
		$LINES_CALLED
	END
}

@test "zsh: every option and word is listed, with the help" {
	zshrc
	echo 'setopt auto_list; COLUMNS=200 LINES=200 LISTMAX=1000' >>.zshrc
	ZDOTDIR=$PWD typed zsh -d -i >shown <<-END
		epolltrace -<TAB>V
		epolltrace -e <TAB>all
		epolltrace -p <TAB>1
		exit
	END
	tr -d '\r' <shown >listed
	count=0
	while read -r letter name arg help; do
		echo "$letter $name $arg $help"
		# Options with one help stand in one line.
		grep -F -- "-- $help" listed >row
		text_of row
		[[ $TEXT == *"--$name"[$' \n']* ]]
		[[ $letter == - || $TEXT == *" -$letter "* ]]
		count=$((count + 1))
	done < <(options)
	[ "$count" -ge 34 ]
	for word in all none create ctl wait epoll_{create,create1,ctl,wait,pwait,pwait2} 4711 4712; do
		grep -Eq "^(.* )?$word( .*)?$" listed
	done
	diff - called <<-END
		<-V>
		<-e><all>
		<-p><1>
	END
}
