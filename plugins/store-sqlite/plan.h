/* plan.h - reads a line of EXPLAIN QUERY PLAN. */
#ifndef PANGOLIN_PLAN_H
#define PANGOLIN_PLAN_H

#include "base/str.h"

/* The table that is read from end to end to find some of its rows: "SCAN t",
 * also in the order of an index.  Empty: another line, or an index that holds
 * all that is wanted, which is how rows are counted. */
struct str sqlite_scanned_table(struct str line);

#endif
