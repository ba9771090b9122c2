/*
 * log_ring.h - a ring of log lines, written by a thread of its own.
 *
 * The descriptor may take no lines for a while, and no other thread waits for
 * it.  A line that finds the ring full is dropped and counted; once the
 * descriptor takes lines again, one line tells how many are missing.
 */
#ifndef PANGOLIN_LOG_RING_H
#define PANGOLIN_LOG_RING_H

#include <limits.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/error.h"

#define LOG_RING_BYTES ((size_t)256 * 1024)

/* A write of so many bytes is whole or does not happen, even into a pipe that
 * several processes write to (pipe(7)): their lines do not mix. */
#define LOG_LINE_MAX ((size_t)PIPE_BUF)

struct log_ring;

/* The line that tells of `count` missing ones. */
typedef struct str log_gap_line(struct arena *, int64_t count);

/* Starts the thread, with all signals blocked.  Every line that is dropped is
 * added to `drops` too. */
MUST_CHECK enum err log_ring_new(int fd, log_gap_line *gap_line,
    _Atomic int64_t *drops, struct log_ring **ret, struct error *);

/* A line with its newline, at most LOG_LINE_MAX bytes; any thread. */
void log_ring_add(struct log_ring *, struct str line);

/* Waits until all is written, but not longer than this. */
void log_ring_flush(struct log_ring *, int64_t wait_us);

/* Writes `n` bytes, waiting for as long as it takes; false: never will be. */
bool log_write_all(int fd, const char *at, size_t n);

#endif
