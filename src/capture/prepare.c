/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/prepare.h"

#include "../../bpf/control.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Fewer than any use takes: a snapshot takes some 27. */
#define DESCRIPTORS_MIN 20

/* What stands in for the call of a helper becomes the call of the kernel's function. */
static int call_kernel(struct bpf_program *prog, int id)
{
	size_t count = bpf_program__insn_cnt(prog);
	struct bpf_insn *insn = malloc(count * sizeof(*insn));
	int err;

	if (!insn)
		return -ENOMEM;
	memcpy(insn, bpf_program__insns(prog), count * sizeof(*insn));
	for (size_t i = 0; i < count; i++) {
		if (insn[i].code != (BPF_JMP | BPF_CALL) || insn[i].src_reg ||
		    insn[i].imm != ET_CALL_RDONLY_CAST)
			continue;
		insn[i].src_reg = BPF_PSEUDO_KFUNC_CALL;
		insn[i].imm = id;
	}
	err = bpf_program__set_insns(prog, insn, count);
	free(insn);
	return err;
}

static int prepare_calls(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const struct prepare *p = (const struct prepare *)cookie;

	(void)opts;
	return call_kernel(prog, p->ids.rdonly_cast);
}

/* Only now is the type what it is: of such a type libbpf would look up the number itself. */
static int prepare_tracing(struct bpf_program *prog, struct bpf_prog_load_opts *opts,
			   enum bpf_attach_type type, uint32_t id)
{
	int err = id ? bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING) : -ENOENT;

	if (!err)
		err = bpf_program__set_expected_attach_type(prog, type);
	opts->expected_attach_type = type;
	opts->attach_btf_id = id;
	return err;
}

static int prepare_iterator(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const struct prepare *p = (const struct prepare *)cookie;
	bool files = strstr(bpf_program__section_name(prog), "iter/task_file");

	return prepare_tracing(prog, opts, BPF_TRACE_ITER,
			       files ? p->ids.iter_task_file : p->ids.iter_task);
}

static int prepare_typed(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const struct prepare *p = (const struct prepare *)cookie;
	int err = call_kernel(prog, p->ids.rdonly_cast);

	return err ? err : prepare_tracing(prog, opts, BPF_TRACE_RAW_TP, p->ids.trace_sys_exit);
}

/*
 * Can as many descriptors be opened as a load needs at least? 0 or -errno. libbpf does not
 * always say that they ran out: without one for its BTF a map is refused as invalid, and without
 * one for a map of variables it maps a descriptor that it has not.
 */
static int check_descriptors(void)
{
	int fds[DESCRIPTORS_MIN], count = 0, err = 0;

	while (count < DESCRIPTORS_MIN && !err) {
		fds[count] = eventfd(0, EFD_CLOEXEC);
		if (fds[count] < 0)
			err = -errno;
		else
			count++;
	}
	while (count)
		close(fds[--count]);
	return err;
}

int prepare_begin(struct prepare *p)
{
	static const struct {
		const char *section;
		libbpf_prog_prepare_load_fn_t fn;
	} handlers[PREPARE_HANDLERS] = {
		{"tracepoint+", prepare_calls},
		{"iter+", prepare_iterator},
		{"tp_btf+", prepare_typed},
	};
	int err = check_descriptors();

	if (err)
		return err;
	for (p->count = 0; p->count < PREPARE_HANDLERS; p->count++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts);
		int id;

		opts.cookie = (long)p;
		opts.prog_prepare_load_fn = handlers[p->count].fn;
		id = libbpf_register_prog_handler(handlers[p->count].section,
						  BPF_PROG_TYPE_TRACEPOINT, 0, &opts);
		if (id < 0)
			return id;
		p->handlers[p->count] = id;
	}
	return 0;
}

void prepare_end(struct prepare *p)
{
	while (p->count)
		libbpf_unregister_prog_handler(p->handlers[--p->count]);
}
