/*
 * watermarks.h - shares among the workers how far cached entries are valid.
 *
 * Every log has a head in the store, the position of its last commit; its
 * watermark is the position `known` up to which this node's cached entries are
 * right (cache/heads.h).  A thread that advances a watermark, or caches an
 * entry, holds the log's lock.
 *
 * The number `life` is part of every cache key of the log, so a new life makes
 * all cached entries of the log unreachable.  A watermark gets a new life when
 * an owner of its lock dies, and when all entries are to be evicted.  Only logs
 * that were used lately are polled.
 */
#ifndef PANGOLIN_WATERMARKS_H
#define PANGOLIN_WATERMARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shm/shm.h"

/* Room for so many logs, or about 800 if their numbers collide.  A log without
 * room is not cached until another has not been used for a minute. */
#define WATERMARKS_MAX 1024

#define WATERMARK_UNKNOWN                                                      \
	(-1) /* the position of a log that was never polled                    \
	      */

struct watermarks;

struct watermark {
	int64_t log;
	uint64_t life; /* 0: there is no room for this log */
	int64_t known;
	unsigned slot;
};

/* Parent. */
struct watermarks *watermarks_new(struct shm *);
size_t watermarks_size(void); /* bytes that watermarks_new() takes */

/*
 * The watermark of a log; true: it was polled at `since_ns` (clock_mono_ns())
 * or later.  The log is polled from now on.
 */
bool watermark_find(
    struct watermarks *, int64_t log, int64_t since_ns, struct watermark *ret);

/* The watermark as it is now; false: its place belongs to another log. */
bool watermark_look(const struct watermarks *, struct watermark *io);

/* The logs to poll: about how many, and at most `room` of them. */
size_t watermarks_count(const struct watermarks *);
size_t watermarks_active(
    struct watermarks *, struct watermark *ret, size_t room);

/* Takes the log's lock, unless the watermark has moved. */
enum watermark_state { WATERMARK_HELD, WATERMARK_MOVED, WATERMARK_BUSY };
enum watermark_state watermark_hold(
    struct watermarks *, const struct watermark *, int64_t wait_us);
void watermark_release(struct watermarks *, const struct watermark *);

/* With the lock held: the watermark advances, as of a poll that began at
 * `polled_ns`; or it gets a new life, which evicts everything. */
void watermark_advance(struct watermarks *, const struct watermark *,
    int64_t known, int64_t polled_ns);
void watermark_renew(struct watermarks *, const struct watermark *);

/* When the last poll of all logs began: clock_mono_ns(). */
void watermarks_polled(struct watermarks *, int64_t begun_ns);
int64_t watermarks_polled_ns(const struct watermarks *);

/* How often a log found no room, since the start. */
int64_t watermarks_refused(const struct watermarks *);

#endif
