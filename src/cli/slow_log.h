/*
 * slow_log.h - what the store tells of slow statements: a line of the log and
 * a row of shm/statements.h for each, with advice where a plan deserves it.
 */
#ifndef PANGOLIN_SLOW_LOG_H
#define PANGOLIN_SLOW_LOG_H

#include "plugin/store.h"
#include "shm/statements.h"

/* Fewer rows than this may be read from end to end. */
#define ADVICE_ROWS 1000

struct slow_log {
	struct store_watch base; /* first */
	struct statements *statements;
};

/* In a worker; what it borrows lives as long as the worker. */
struct slow_log slow_log_of(
    struct statements *, struct pool_counts *, const int64_t *slow_us);

/* One sentence; ptr NULL: the plan is well, or was not looked at. */
struct str slow_log_advice(struct arena *, const struct slow_statement *);

#endif
