/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/completion.h"

#include "cli/option_table.h"

#include <stdio.h>
#include <string.h>

/*
 * How a shell lists what an argument may be, if that is not just some words. Arguments that have
 * neither this nor words are numbers of a kind, and nothing is offered for them.
 */
struct lister {
	const char *arg;
	const char *bash; /* prints what begins with $want, after $head; NULL: the words */
	const char *zsh;
};

static const struct lister listers[] = {
	{"FILE", "compgen -f -- \"$want\"", "_files"},
	{"USER", "compgen -u -- \"$want\"", "_users"},
	{"PID", "compgen -P \"$head\" -W \"$(_epolltrace_pids)\" -- \"$want\"", "_sequence _pids"},
	{"SET", NULL, "_epolltrace_calls"},
	{"RULES", NULL, "_epolltrace_rules"},
};

#define LISTERS (sizeof(listers) / sizeof(listers[0]))

static const struct lister *find_lister(const char *arg)
{
	for (unsigned i = 0; i < LISTERS; i++)
		if (!strcmp(listers[i].arg, arg))
			return &listers[i];
	return NULL;
}

/* The words of an argument, with blanks between. */
static void print_words(const char *arg)
{
	const char *between = "";

	for (const struct option_word *w = option_words; w->arg; w++) {
		if (strcmp(w->arg, arg))
			continue;
		printf("%s%s", between, w->text);
		between = " ";
	}
}

static bool has_words(const char *arg)
{
	for (const struct option_word *w = option_words; w->arg; w++)
		if (!strcmp(w->arg, arg))
			return true;
	return false;
}

/* Is this the first option that takes its argument? Each argument is explained once. */
static bool first_with_arg(const struct option_row *row)
{
	const struct option_row *r = option_rows;

	while (!r->arg || strcmp(r->arg, row->arg))
		r++;
	return r == row;
}

static const char bash_words[] =
	"# Bash has split words at = and the like. Puts them together again: words, and for each\n"
	"# where it starts in COMP_WORDS. held is the part of the last one that bash leaves "
	"alone.\n"
	"_epolltrace_words() {\n"
	"	local line=${COMP_LINE:0:${COMP_POINT:-0}} word part was_part='' i\n"
	"	for ((i = 0; i <= COMP_CWORD; i++)); do\n"
	"		word=${COMP_WORDS[i]} part=''\n"
	"		if [[ $word && -z ${word//[=:@]/} ]]; then\n"
	"			part=yes\n"
	"		fi\n"
	"		if ((i > 0)) && [[ $line != [[:space:]]* && $part$was_part ]]; then\n"
	"			held=${words[${#words[@]} - 1]}\n"
	"			unset \"words[${#words[@]}-1]\"\n"
	"		else\n"
	"			held=''\n"
	"			starts+=(\"$i\")\n"
	"		fi\n"
	"		if ((i == COMP_CWORD)); then\n"
	"			if [[ $COMP_LINE ]]; then # no more than stands before the cursor\n"
	"				word=${line#\"${line%%[![:space:]]*}\"}\n"
	"			fi\n"
	"			word=${word#[\\'\\\"]}\n"
	"			words+=(\"$held$word\")\n"
	"			if [[ $part ]]; then\n"
	"				held+=$word\n"
	"			fi\n"
	"		else\n"
	"			words+=(\"$held$word\")\n"
	"		fi\n"
	"		line=${line#*\"$word\"} was_part=$part\n"
	"	done\n"
	"}\n"
	"\n";

static const char bash_option[] =
	"# takes is the argument of the option in $1. inside is what stands before it in the same\n"
	"# word, empty where the argument is the next word.\n"
	"_epolltrace_option() {\n"
	"	local name=${1%%=*} full i\n"
	"	takes='' inside=''\n"
	"	if [[ $1 == --* ]]; then\n"
	"		if [[ \" $options \" != *\" $name \"* ]]; then # shortened\n"
	"			mapfile -t full < <(compgen -W \"$options\" -- \"$name\")\n"
	"			if ((${#full[@]} == 1)); then\n"
	"				name=${full[0]}\n"
	"			fi\n"
	"		fi\n"
	"		_epolltrace_argument \"$name\"\n"
	"		if [[ $1 == *=* ]]; then\n"
	"			inside=${1%%=*}=\n"
	"		fi\n"
	"		return\n"
	"	fi\n"
	"	for ((i = 1; i < ${#1}; i++)); do\n"
	"		_epolltrace_argument \"-${1:i:1}\"\n"
	"		if [[ $takes ]]; then\n"
	"			if ((i + 1 < ${#1})); then\n"
	"				inside=${1:0:i + 1}\n"
	"			fi\n"
	"			return\n"
	"		fi\n"
	"	done\n"
	"}\n"
	"\n";

static const char bash_command[] =
	"# What stands from word $1 on is a command with its own completion.\n"
	"_epolltrace_command() {\n"
	"	if declare -F _comp_command_offset >/dev/null; then\n"
	"		_comp_command_offset \"${starts[$1]}\"\n"
	"	elif declare -F _command_offset >/dev/null; then\n"
	"		_command_offset \"${starts[$1]}\"\n"
	"	elif (($1 == ${#words[@]} - 1)); then\n"
	"		compopt -o default 2>/dev/null\n"
	"		mapfile -t COMPREPLY < <(compgen -c -- \"${words[$1]}\")\n"
	"	else\n"
	"		_epolltrace_offer FILE \"${words[${#words[@]} - 1]}\"\n"
	"	fi\n"
	"}\n"
	"\n"
	"# Offers what may stand for the argument $1 and begins with $2, after $3.\n"
	"_epolltrace_offer() {\n"
	"	if [[ $1 == FILE ]]; then\n"
	"		compopt -o filenames -o default 2>/dev/null\n"
	"	fi\n"
	"	mapfile -t COMPREPLY < <(_epolltrace_values \"$1\" \"$2\")\n"
	"	COMPREPLY=(\"${COMPREPLY[@]/#/${3:-}}\")\n"
	"	COMPREPLY=(\"${COMPREPLY[@]#\"$held\"}\")\n"
	"}\n"
	"\n";

static const char bash_main[] =
	"	local IFS=$' \\t\\n' words=() starts=() held='' takes='' inside='' attached='' "
	"last i\n"
	"	COMPREPLY=()\n"
	"	_epolltrace_words\n"
	"	last=$((${#words[@]} - 1))\n"
	"	for ((i = 1; i < last; i++)); do\n"
	"		if [[ $takes ]]; then # this is it\n"
	"			takes=''\n"
	"			continue\n"
	"		fi\n"
	"		if [[ ${words[i]} == -- ]]; then\n"
	"			_epolltrace_command $((i + 1))\n"
	"			return\n"
	"		fi\n"
	"		if [[ ${words[i]} != -?* ]]; then\n"
	"			_epolltrace_command \"$i\"\n"
	"			return\n"
	"		fi\n"
	"		_epolltrace_option \"${words[i]}\"\n"
	"		if [[ $takes == PID ]]; then\n"
	"			attached=yes\n"
	"		fi\n"
	"		if [[ $inside ]]; then\n"
	"			takes=''\n"
	"		fi\n"
	"	done\n"
	"	if [[ $takes ]]; then\n"
	"		_epolltrace_offer \"$takes\" \"${words[last]}\"\n"
	"		return\n"
	"	fi\n"
	"	if [[ ${words[last]} == -* ]]; then\n"
	"		_epolltrace_option \"${words[last]}\"\n"
	"	fi\n"
	"	if [[ $inside && ${words[last]} == -* ]]; then\n"
	"		_epolltrace_offer \"$takes\" \"${words[last]#\"$inside\"}\" \"$inside\"\n"
	"	elif [[ $attached || ${words[last]} == -* ]]; then # no command goes with -p\n"
	"		mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"${words[last]}\")\n"
	"	else\n"
	"		_epolltrace_command \"$last\"\n"
	"	fi\n"
	"}\n"
	"\n"
	"complete -F _epolltrace epolltrace\n";

static void print_bash_arguments(void)
{
	puts("# takes is the argument of the option $1, empty where it has none.\n"
	     "_epolltrace_argument() {\n"
	     "	case $1 in");
	for (const struct option_row *r = option_rows; r->name; r++) {
		if (!r->arg)
			continue;
		putchar('\t');
		if (r->letter)
			printf("-%c | ", r->letter);
		printf("--%s) takes=%s ;;\n", r->name, r->arg);
	}
	puts("	*) takes='' ;;\n"
	     "	esac\n"
	     "}\n");
}

static void print_bash_values(void)
{
	puts("_epolltrace_pids() {\n"
	     "	local pids\n"
	     "	mapfile -t pids < <(compgen -G '/proc/[0-9]*')\n"
	     "	echo \"${pids[@]#/proc/}\"\n"
	     "}\n"
	     "\n"
	     "# Prints what may stand for the argument $1 and begins with $2: of a list, its last "
	     "one.\n"
	     "_epolltrace_values() {\n"
	     "	local head='' want\n"
	     "	case $1 in\n"
	     "	PID | SET | RULES) head=${2%\"${2##*[,!=]}\"} ;;\n"
	     "	esac\n"
	     "	want=${2#\"$head\"}\n"
	     "	case $1 in");
	for (const struct option_row *r = option_rows; r->name; r++) {
		const struct lister *l = r->arg ? find_lister(r->arg) : NULL;

		if (!r->arg || !first_with_arg(r))
			continue;
		if (l && l->bash) {
			printf("	%s) %s ;;\n", r->arg, l->bash);
		} else if (has_words(r->arg)) {
			printf("	%s) compgen -P \"$head\" -W '", r->arg);
			print_words(r->arg);
			puts("' -- \"$want\" ;;");
		}
	}
	puts("	esac\n"
	     "}\n");
}

static void print_bash(void)
{
	puts("# shellcheck shell=bash\n"
	     "# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause\n"
	     "# Printed by epolltrace --completion bash.\n");
	print_bash_arguments();
	print_bash_values();
	fputs(bash_words, stdout);
	fputs(bash_option, stdout);
	fputs(bash_command, stdout);
	fputs("_epolltrace() {\n"
	      "	local options='",
	      stdout);
	for (const struct option_row *r = option_rows; r->name; r++) {
		if (r->letter)
			printf("-%c ", r->letter);
		printf("--%s%s", r->name, r[1].name ? " " : "'\n");
	}
	fputs(bash_main, stdout);
}

/* What is left out of the offer once the option is there, and whether it may be there again. */
static void print_zsh_excludes(const struct option_row *r)
{
	if (r->action) /* it prints something and exits: nothing may follow */
		printf("'(- : *)");
	else if (r->letter == 'p')
		printf("'(: *)*"); /* no COMMAND goes with it */
	else if (!strcmp(r->name, "replay"))
		printf("'(-p --attach : *)");
	else if (r->letter == 't' || r->letter == 'y')
		printf("'*"); /* -tt, -yy */
	else if (r->letter)
		printf("'(-%c --%s)", r->letter, r->name);
	else
		putchar('\'');
}

/* Of a text in single quotes and brackets. */
static void print_zsh_help(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			printf("'\\'");
		else if (strchr("\\[]", *text))
			putchar('\\');
		putchar(*text);
	}
}

static void print_zsh_argument(const struct option_row *r)
{
	const char *arg = r->arg;
	const struct lister *l = find_lister(arg);

	printf("%s:%s:", r->optional ? ":" : "", arg);
	if (l) {
		printf("%s", l->zsh);
	} else if (has_words(arg)) {
		putchar('(');
		print_words(arg);
		putchar(')');
	} else {
		putchar(' ');
	}
}

static void print_zsh_option(const struct option_row *r)
{
	printf("	");
	print_zsh_excludes(r);
	if (r->letter)
		printf("'{-%c%s,--%s%s}'", r->letter, r->arg ? "+" : "", r->name,
		       r->arg ? "=" : "");
	else
		printf("--%s%s", r->name, r->arg ? "=" : "");
	putchar('[');
	print_zsh_help(r->help);
	putchar(']');
	if (r->arg)
		print_zsh_argument(r);
	puts("' \\");
}

static void print_zsh(void)
{
	puts("#compdef epolltrace\n"
	     "# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause\n"
	     "# Printed by epolltrace --completion zsh.\n"
	     "\n"
	     "_epolltrace_calls() {\n"
	     "	compset -P 'trace='\n"
	     "	compset -P '(\\\\|)!'");
	printf("	_sequence \"$@\" compadd - ");
	print_words("SET");
	printf("\n"
	       "}\n"
	       "\n"
	       "_epolltrace_rules() {\n"
	       "	compset -P '(\\\\|)!'\n"
	       "	_sequence \"$@\" compadd - ");
	print_words("RULES");
	puts("\n"
	     "}\n"
	     "\n"
	     "# Options after COMMAND are COMMAND's.\n"
	     "_arguments -s -S -A '-*' \\");
	for (const struct option_row *r = option_rows; r->name; r++)
		print_zsh_option(r);
	puts("	'(-):COMMAND: _command_names -e' \\\n"
	     "	'*::ARG:_normal'");
}

void completion_print(enum shell shell)
{
	if (shell == SHELL_BASH)
		print_bash();
	else
		print_zsh();
}
