/*
 * log.h - writes log lines on standard output, as JSON or text (log_text.h).
 *
 *     {"time":"...","level":"info","pid":123,"message":"..."}
 *
 * Only main.c, cli/, http/, tasks/ and ops/ log; everything else returns its
 * errors.
 *
 * No thread waits for standard output.  A worker's lines go through a ring and
 * a thread (log_ring.h); before log_start(), and in the parent, which makes no
 * thread, a line is written at once, or dropped when that would wait.  Not for
 * signal handlers.
 */
#ifndef PANGOLIN_LOG_H
#define PANGOLIN_LOG_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/error.h"

enum log_level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };

/* Lines below this level are not written; LEVEL_INFO at the start. */
void log_set_level(enum log_level);

enum log_format { LOG_AUTO, LOG_JSON, LOG_TEXT };

/* Before there are threads and other processes; JSON at the start.  LOG_AUTO:
 * text when standard output is a terminal. */
void log_set_format(enum log_format);
bool log_is_text(void);

/* Once in a process, which does not fork afterwards; `drops` counts the lines
 * that standard output did not take.  exit() waits a second for the rest. */
MUST_CHECK enum err log_start(_Atomic int64_t *drops, struct error *);

/* Before _exit(): waits until all is written, but not longer than this. */
void log_flush(int64_t wait_us);

void log_line(enum log_level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A line with members of its own: begin, append ",\"name\":value", end.  The
 * caller has asked log_wants(); beyond 4096 bytes it is dropped. */
bool log_wants(enum log_level);
void log_begin(struct buf *, enum log_level, struct str message);
void log_end(struct buf *);

#endif
