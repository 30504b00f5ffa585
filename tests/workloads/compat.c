/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * compat: a 32-bit program that needs no 32-bit C library: it makes its system calls itself.
 * Writes "ready" and waits for the end of its standard input. For x86.
 */
#if defined(__i386__)

#define NR_EXIT	 1
#define NR_READ	 3
#define NR_WRITE 4
#define NR_ALARM 27
#define LIFE_S	 60

void _start(void);

static long call(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}

void _start(void)
{
	static const char ready[] = "ready\n";
	char line[64];

	call(NR_ALARM, LIFE_S, 0, 0);
	if (call(NR_WRITE, 1, (long)ready, sizeof(ready) - 1) != sizeof(ready) - 1)
		call(NR_EXIT, 1, 0, 0);
	while (call(NR_READ, 0, (long)line, sizeof(line)) > 0)
		;
	call(NR_EXIT, 0, 0, 0);
	for (;;)
		;
}

#else
#error "built with -m32 on x86 only"
#endif
