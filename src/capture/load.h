/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * load.h - which BPF programs are loaded, and with which settings: by what the kernel takes.
 */
#ifndef ET_LOAD_H
#define ET_LOAD_H

#include "capture/live.h"
#include "capture/prepare.h"
#include "../../bpf/control.h"
#include "calls.skel.h"
#include "maps.skel.h"
#include "scans.skel.h"
#include "uring.skel.h"

#include <bpf/libbpf.h>

#define BPF_OBJECTS 3

struct programs {
	int tracefs;
	/* What the kernel has, until a load fails for it. */
	bool has_pt_regs, has_prepare_exec, has_typed_reads, has_file_iterator;
	bool has_io_uring_events; /* the tracepoints are there */
	bool has_io_uring;	  /* and begin and end of its operations are traced */
	struct maps_bpf *maps;	  /* shared by the others */
	struct calls_bpf *calls;  /* NULL: not asked for, or the kernel refuses it */
	struct scans_bpf *scans;
	struct uring_bpf *uring;
	struct bpf_object *objects[BPF_OBJECTS]; /* those of them with programs, loaded */
	unsigned object_count;
	struct et_settings settings;
	struct prepare prepare;
	struct et_shared *shared; /* the memory of all */
};

/* Opens and loads the programs; what the kernel refuses is left out if possible. */
int programs_load(struct programs *p, const struct live_options *opt);

/* Unloads them; links are destroyed before. */
void programs_unload(struct programs *p);

#endif
