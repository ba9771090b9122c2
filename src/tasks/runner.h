/*
 * runner.h - the thread of a worker that runs tasks, at a low priority.
 *
 * It looks for work when it is woken, and every second.
 */
#ifndef PANGOLIN_RUNNER_H
#define PANGOLIN_RUNNER_H

#include "plugin/store.h"
#include "shm/hot_files.h"

struct outage; /* shm/outage.h */
struct limits; /* config/limits.h */

struct runner_settings {
	struct store *store;
	struct outage *outage; /* of that store; the runner tells of it, as the
				* one that asks the store every second */
	unsigned worker;
	struct levels *levels; /* cache/levels.h; NULL: there are none */
	struct hot_files *hot; /* this worker keeps the list of the hottest
				* files, and reads them at its start; NULL:
				* another does */
	struct str state_dir;  /* where that list is */
	int64_t at_once;       /* tasks of all workers together */
	int64_t history_us;    /* how long finished tasks are kept */
	int64_t answers_us;    /* and answers to an Idempotency-Key */
	int64_t retention_us, grace_us; /* see work.h */
	int64_t upkeep_us;              /* the interval of schedule.h */
	const struct limits *limits;    /* of the memory of a chunk, too */
};

struct runner;

MUST_CHECK enum err runner_start(
    const struct runner_settings *, struct runner **ret, struct error *);

/* Wakes the runner for a new task.  Accepts NULL. */
void runner_wake(struct runner *);

/* Stops after the chunk in progress and releases the task; waits for that no
 * longer than `wait_us`, because the chunk may take longer.  Accepts NULL.  The
 * runner is not freed: its thread may still be inside a library. */
void runner_stop(struct runner *, int64_t wait_us);

#endif
