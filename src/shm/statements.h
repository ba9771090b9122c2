/*
 * statements.h - collects the store's slow statements, in shared memory.
 *
 * Any thread of any worker adds to it and reads it, under one lock: only slow
 * statements come here.  A worker that dies inside loses what is written.
 */
#ifndef PANGOLIN_STATEMENTS_H
#define PANGOLIN_STATEMENTS_H

#include "base/arena.h"
#include "shm/shm.h"

#define STATEMENTS_MAX 128 /* more are counted, not kept */
#define STATEMENT_NAME 128 /* bytes; longer texts are cut */
#define STATEMENT_PLAN 2400
#define STATEMENT_ADVICE 320

struct statement_run {
	struct str name;
	int64_t duration_us, rows, at_us; /* at_us: UTC */
	struct str plan, advice;          /* ptr NULL: unknown */
};

struct statement_sum {
	struct str name;
	int64_t count;
	int64_t total_us, max_us, last_us; /* durations */
	int64_t rows;                      /* of the last */
	int64_t at_us;                     /* the last; UTC */
	struct str plan, advice;           /* empty: none */
};

struct statements;

struct statements *statements_new(struct shm *);
size_t statements_size(void); /* bytes that statements_new() takes */

/* Whether to read the statement's plan: at the first run of all, the tenth, the
 * hundredth .., so that it is seen again when the store has grown. */
bool statements_want_plan(struct statements *, struct str name);

/* Which parts of this run are new: its plan, its advice. */
struct statement_news {
	bool plan, advice;
};
struct statement_news statements_add(
    struct statements *, const struct statement_run *);

/* The number of slow runs. */
int64_t statements_count(const struct statements *);

/* Copies; the statement that took the most time first. */
struct statement_sum *statements_list(
    struct statements *, struct arena *, size_t *ret_count);

#endif
