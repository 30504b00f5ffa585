/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/turns.h"

#include "model/progress.h"

#include <sys/epoll.h>

#define MS 1000000LL

/*
 * Polls in a row, less than a millisecond apart, after a wait that ended by its time-out: what is left
 * of the time has been rounded down to 0.
 */
#define BURST_MIN 3

static void count_burst(struct thread_turns *t, const struct event *wait)
{
	int64_t timeout_ns = wait->wait.args.timeout_ns;

	if (wait->call.ret || wait->wait.sampled) { /* what came in between is not known */
		t->timed_out = false;
	} else if (timeout_ns) {
		t->timed_out = timeout_ns > 0;
		t->burst = 0;
	} else if (t->timed_out && wait->time_ns - t->returned_ns < (uint64_t)MS) {
		if (++t->burst == BURST_MIN) {
			t->bursts++;
			t->now.bursts++;
		}
		if (t->burst > t->burst_max)
			t->burst_max = t->burst;
	} else {
		t->timed_out = false;
	}
	t->returned_ns = wait->time_ns + wait->call.duration_ns;
}

void turns_count_wait(struct thread_turns *t, const struct event *wait)
{
	int64_t timeout_ns = wait->wait.args.timeout_ns;
	uint64_t times = 1ULL + wait->wait.others;
	struct waits *w = &t->now;

	count_burst(t, wait);
	w->count += times;
	if (wait->call.ret)
		return;
	w->empty += times;
	if (!timeout_ns)
		w->polls += times;
	if (timeout_ns >= MS && timeout_ns <= 10 * MS)
		w->short_empty += times;
}

void turns_deliver(struct entry_turns *t, uint32_t tid, uint32_t events, uint64_t times,
		   uint64_t heaviest)
{
	struct deliveries *d = &t->now;

	t->tid = tid;
	d->count += times;
	d->any |= events;
	if (heaviest > d->heaviest)
		d->heaviest = heaviest;
	if (events & (EPOLLIN | EPOLLRDNORM))
		d->with_input += times;
	if (events & (EPOLLOUT | EPOLLWRNORM))
		d->with_output += times;
	if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		d->with_end += times;
}

void turns_scan_thread(struct thread_turns *t, const struct thread_event *ev, uint64_t time_ns)
{
	if (t->scanned_ns && time_ns > t->scanned_ns) {
		t->ns = time_ns - t->scanned_ns;
		t->last = t->now;
		t->last_cpu_ns = ev->cpu_ns - t->cpu_ns;
		t->last_queued_ns = ev->queued_ns - t->queued_ns;
		t->last_reads = ev->reads - t->reads;
		t->last_writes = ev->writes - t->writes;
	}
	t->now = (struct waits){0};
	t->scanned_ns = time_ns;
	t->cpu_ns = ev->cpu_ns;
	t->queued_ns = ev->queued_ns;
	t->reads = ev->reads;
	t->writes = ev->writes;
	t->counts_io = ev->counts_io;
}

/* What has been done to the file since the scan before; a call that reads the end of file is none. */
static void compare(struct entry_turns *t, const struct pending *p, const struct io_event *io)
{
	t->read_known = io || (p->has_taken && t->pending.has_taken);
	t->write_known = io || (p->has_given && t->pending.has_given);
	t->was_taken = p->has_taken && pending_was_taken(&t->pending, p);
	t->was_read = t->was_taken || (io && io->in.calls - io->in.zeros != t->reads - t->ends);
	t->was_written = (p->has_given && t->pending.has_given && p->given != t->pending.given) ||
			 (io && io->out.calls != t->writes);
}

void turns_scan_entry(struct entry_turns *t, const struct pending *p, const struct io_event *io,
		      uint64_t time_ns)
{
	if (t->scanned_ns && time_ns > t->scanned_ns) {
		t->ns = time_ns - t->scanned_ns;
		t->last = t->now;
		compare(t, p, io);
	}
	t->now = (struct deliveries){0};
	t->scanned_ns = time_ns;
	t->pending = *p;
	t->reads = io ? io->in.calls : 0;
	t->ends = io ? io->in.zeros : 0;
	t->writes = io ? io->out.calls : 0;
}
