/*
 * later.h - answers a request that a task carries out: 202 with the task's id.
 */
#ifndef PANGOLIN_LATER_H
#define PANGOLIN_LATER_H

#include "catalog/idempotency_keys.h"
#include "http/request.h"
#include "tasks/tasks.h"

/* Whether the query of a request without a body asks for a task by `async`. */
MUST_CHECK enum err later_asked(struct request *, bool *ret);

/* Adds the task, and with it what a repeated request is answered: however often
 * it comes, there is one task.  ERR_SLOW_DOWN: the tenant has no room. */
MUST_CHECK enum err later_submit(
    struct request *, struct call *, const struct task *new);

/* Answers a repeated request; false: the first one had no task. */
bool later_again(struct request *, const struct answer *first);

#endif
