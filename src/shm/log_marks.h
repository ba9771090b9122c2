/*
 * log_marks.h - how far this node knows each log, for all its workers.
 *
 * What is kept of a log was right at the position `known`, and nothing above
 * it has changed what is still kept.  Whoever moves the position, or keeps
 * something new, does it under the log's lock.  `life` names what is kept:
 * under another number nothing is.  A new one is given when an owner of the
 * lock dies, and when all is to be forgotten.
 *
 * Only logs that somebody has asked about lately are asked for in the store.
 */
#ifndef PANGOLIN_LOG_MARKS_H
#define PANGOLIN_LOG_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shm/shm.h"

/* Beyond so many logs, or about 800 if their numbers fall badly, nothing is
 * kept of the next one until another has not been used for a minute. */
#define LOG_MARKS_MAX 1024

#define LOG_UNKNOWN (-1) /* the position of a log that was never asked for */

struct log_marks;

struct log_mark {
	int64_t log;
	uint64_t life; /* 0: there is no room for this log */
	int64_t known;
	unsigned slot;
};

/* Parent. */
struct log_marks *log_marks_new(struct shm *);
size_t log_marks_size(void); /* bytes that log_marks_new() takes */

/*
 * What is known of a log, and whether it was so at `since_ns` (clock_mono_ns())
 * or later.  From now on it is asked for.
 */
bool log_mark_find(
    struct log_marks *, int64_t log, int64_t since_ns, struct log_mark *ret);

/* A mark as it is now; false: its place belongs to another log. */
bool log_mark_look(const struct log_marks *, struct log_mark *io);

/* Those to ask for: how many about, and at most `room` of them. */
size_t log_marks_count(const struct log_marks *);
size_t log_marks_awake(struct log_marks *, struct log_mark *ret, size_t room);

/* Take the log's lock, unless the mark is not right any more. */
enum mark_hold { MARK_HELD, MARK_MOVED, MARK_BUSY };
enum mark_hold log_mark_hold(
    struct log_marks *, const struct log_mark *, int64_t wait_us);
void log_mark_release(struct log_marks *, const struct log_mark *);

/* While it is held: known up to there, as of `polled_ns`; or forget all. */
void log_mark_advance(struct log_marks *, const struct log_mark *,
    int64_t known, int64_t polled_ns);
void log_mark_renew(struct log_marks *, const struct log_mark *);

/* When all were asked for, last: clock_mono_ns(). */
void log_marks_asked(struct log_marks *, int64_t begun_ns);
int64_t log_marks_asked_ns(const struct log_marks *);

/* Times that a log found no room, ever. */
int64_t log_marks_refused(const struct log_marks *);

#endif
