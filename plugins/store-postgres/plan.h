/* plan.h - reads PostgreSQL's plans. */
#ifndef PANGOLIN_PLAN_H
#define PANGOLIN_PLAN_H

#include "plugin/store.h"

/* The next table, from the lines of *io_rest, that is read from end to end to
 * find some of its rows: by no index, or by one whose first field the
 * condition does not name.  ptr NULL: no more. */
struct str postgres_whole_table(const struct schema *, struct str *io_rest);

/* The first "rows=" of a plan with costs; 0: there is none. */
int64_t postgres_plan_rows(struct str plan);

#endif
