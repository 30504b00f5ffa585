/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of signals as strace has them: the kernel's numbering, not the C library's. */
#include "event/names.h"

#define FIRST_RT 32 /* SIGRTMIN of the kernel; the C library keeps the first two for itself */
#define SIGNALS	 64

static const char *const signal_names[FIRST_RT] = {
	NULL,	"HUP",	"INT",	"QUIT", "ILL",	  "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
	"SEGV", "USR2", "PIPE", "ALRM", "TERM",	  "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
	"TTOU", "URG",	"XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS",
};

static void short_name(struct buf *b, int sig)
{
	if (sig > 0 && sig < FIRST_RT)
		buf_str(b, signal_names[sig]);
	else if (sig == FIRST_RT)
		buf_str(b, "RTMIN");
	else if (sig > FIRST_RT && sig <= SIGNALS)
		buf_printf(b, "RT_%d", sig - FIRST_RT);
	else
		buf_printf(b, "%d", sig);
}

void name_signal(struct buf *b, int sig)
{
	buf_str(b, "SIG");
	short_name(b, sig);
}

void name_sigset(struct buf *b, uint64_t set)
{
	bool inverted = __builtin_popcountll(set) >= SIGNALS * 2 / 3;
	const char *sep = "";

	buf_str(b, inverted ? "~[" : "[");
	for (int sig = 1; sig <= SIGNALS; sig++) {
		bool in = set >> (sig - 1) & 1;

		if (in == inverted)
			continue;
		buf_str(b, sep);
		short_name(b, sig);
		sep = " ";
	}
	buf_char(b, ']');
}
