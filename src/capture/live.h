/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live.h - records from the running kernel: BPF programs, their ring buffer, scans, the clock.
 *
 * The only part, with its neighbours in capture/, that knows libbpf. Order of use: live_open, then
 * live_arm, then live_attach, then live_begin, then live_read again and again, then live_end, then
 * live_close; for a snapshot there is no live_read. Functions return 0 or -errno and say why in *failure.
 */
#ifndef ET_LIVE_H
#define ET_LIVE_H

#include "base/failure.h"
#include "capture/live_options.h"
#include "event/record.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct live;

/* Loads everything; nothing runs yet. */
int live_open(const struct live_options *opt, struct live **ret_live, struct failure *failure);

/* Attaches the programs. From here on calls of targets are traced. */
int live_arm(struct live *live, struct failure *failure);

/* Called for a process that is left out while the others go on. */
typedef int live_report_fn(const struct failure *f);

/*
 * Makes processes targets, by PID or TID as the user sees them; with tree their living descendants
 * too. Those that cannot be traced are reported; it fails if none is left.
 */
int live_attach(struct live *live, const pid_t *pids, unsigned count, bool tree,
		live_report_fn *report, struct failure *failure);

/* Have the processes that the user named not ended? The same for those that have. */
int live_confirm(struct live *live, live_report_fn *report, struct failure *failure);

/* Delivers the start and what was there before: targets, waits in flight, interest lists. */
int live_begin(struct live *live, const struct record_sink *sink);

/* Becomes readable when much lies in the ring; what lies less long is fetched by live_read. */
int live_fd(const struct live *live);

/*
 * Delivers what has come since the last call, scans if a scan is due, and ends with a tick. If
 * more comes than can be delivered it returns all the same, within a tenth of a second or a scan.
 */
int live_read(struct live *live, const struct record_sink *sink);

/* Scans at once all that the targets have and do, and delivers that. */
int live_refresh(struct live *live, const struct record_sink *sink);

/* Target processes that have not ended. */
long live_targets(const struct live *live);

/*
 * Ends capture, for live_end to follow: at once, if much has not been delivered. To be called
 * by a signal handler.
 */
void live_stop(struct live *live);

/* Records that lie in the ring, and have not been delivered. To be called by a signal handler. */
uint64_t live_backlog(const struct live *live);

/* Ends capture and delivers the rest: what came, what is in flight, losses, the end. */
int live_end(struct live *live, const struct record_sink *sink);

/* Detaches and frees. Takes NULL. Detaching takes the kernel some 70 ms a tracepoint. */
void live_close(struct live *live);

/* Milliseconds after which live_read wants to be called though nothing is readable. */
int live_interval_ms(const struct live *live);

/* Reports what this kernel and these privileges allow: a name and "yes", "no: why", or a figure. */
void live_features(const struct live *live,
		   void (*print)(void *ctx, const char *name, const char *state), void *ctx);

#endif
