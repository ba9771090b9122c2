/* kinds.h - the table of the kinds of tasks. */
#ifndef PANGOLIN_KINDS_H
#define PANGOLIN_KINDS_H

#include "tasks/work.h"

struct kind {
	const char *name; /* as in the API */
	/* A failure ends the task, with its message; but one that says "not
	 * now" is tried again. */
	enum err (*chunk)(struct work *);
	const char *help;
	const char *asked_by; /* the request that makes such a task; NULL:
			       * POST /api/v1/tasks */
	/* A chunk is begun although the task is to be paused or cancelled:
	 * an owner that was killed may have done it already. */
	bool sees_wishes;
};

extern const struct kind kinds[]; /* a NULL name ends */

/* NULL: there is no such kind. */
const struct kind *kind_find(struct str name);

#endif
