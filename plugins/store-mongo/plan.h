/* plan.h - reads MongoDB's answer to explain. */
#ifndef PANGOLIN_PLAN_H
#define PANGOLIN_PLAN_H

#include <bson/bson.h>

#include "base/buf.h"

/* Adds the stages of the plan that won, from the last to the first to run:
 * "SORT < FETCH < IXSCAN users_by_name".  Filters and bounds, which have the
 * values of the call, are left out.  True: a collection is read from end to
 * end to find some of its documents, by no index or by all of one. */
bool mongo_plan_read(const bson_t *explained, struct buf *plan);

#endif
