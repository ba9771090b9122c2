/*
 * schedule.h - the schedule of upkeep: queues `prune`, `sweep` and `fold` for
 * each catalog, once in an interval.
 *
 * A catalog's row says when it is due.  All workers of all nodes look, and one
 * of them moves that time on, in the unit that inserts the tasks: they are
 * queued once.  A catalog is first due at a part of the interval that its id
 * draws, so a thousand catalogs are spread over it.
 */
#ifndef PANGOLIN_SCHEDULE_H
#define PANGOLIN_SCHEDULE_H

#include "catalog/catalogs.h"

/* How long a worker rests between two looks: a part of the interval, and at
 * most a minute. */
int64_t schedule_rest(int64_t interval_us);

/* Queues what is due at `now_us` (clock_now_us()), for a few catalogs, unless
 * many tasks wait already.  `interval_us` is the setting, 0 for never; a
 * catalog's property wins.  *ret_more: there may be more that is due. */
MUST_CHECK enum err schedule_upkeep(
    struct call *, int64_t interval_us, int64_t now_us, bool *ret_more);

#endif
