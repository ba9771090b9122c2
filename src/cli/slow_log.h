/*
 * slow_log.h - logs slow statements of the store: a line of the log and a row
 * of shm/statements.h for each, with advice where a plan deserves it.
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

/* Called in a worker; what it borrows lives as long as the worker. */
struct slow_log slow_log_of(
    struct statements *, struct pool_counts *, const int64_t *slow_us);

/* One sentence of advice; ptr NULL: the plan is good, or unknown. */
struct str slow_log_advice(struct arena *, const struct slow_statement *);

#endif
