/*
 * outage.h - notes which workers cannot reach the store.
 *
 * All workers share one outage, so that the log has one line when it begins and
 * one when it is over.  A worker that dies during an outage is counted until
 * the worker that takes its place says otherwise.
 */
#ifndef PANGOLIN_OUTAGE_H
#define PANGOLIN_OUTAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct outage {
	_Atomic uint64_t workers; /* bit i: worker i, of 64 at most */
	_Atomic int64_t since_us; /* clock_mono_us() of the first */
};

/* Notes that the store is away.  True: this worker is the first to see it. */
bool outage_begin(struct outage *, unsigned worker, int64_t now_us);

/* Notes that the store is back.  For the last worker: how long the outage was;
 * -1: it goes on for others, or there was none. */
int64_t outage_end(struct outage *, unsigned worker, int64_t now_us);

#endif
