/*
 * rates.h - counts of failed sign-ins in the store, which all nodes charge
 * where rate.shared is on.
 *
 * A count is a row whose id is a hash of what is counted.  Each charge is a
 * guarded addition, so of any number at once, on any nodes, no more are
 * charged than the limit.  Times are UTC: the clocks of the nodes must agree.
 * Rows that say nothing any more are deleted by tasks/expiry.h.
 */
#ifndef PANGOLIN_RATES_H
#define PANGOLIN_RATES_H

#include "plugin/store.h"

/* The id of a count. */
struct id rates_id(char kind, struct str name);

/* One failed sign-in may follow another up to the limit in a window, from the
 * first; when it is reached there is a pause, which counts from the first too,
 * and grows as that of shm/attempts.h. */
struct rates_rule {
	int64_t limit, window_us, longest_us;
};

/* Charges one; *ret_begun_us tells its window.  *ret_wait_us is 0, or how long
 * there is no room, and nothing was charged then. */
MUST_CHECK enum err rates_charge(struct call *, struct id,
    const struct rates_rule *, int64_t *ret_begun_us, int64_t *ret_wait_us);

/* Takes one back, unless its window is over. */
MUST_CHECK enum err rates_give_back(struct call *, struct id, int64_t begun_us);

/* Forgets a count. */
MUST_CHECK enum err rates_forget(struct call *, struct id);

/* Deletes a page of counts that say nothing any more. */
MUST_CHECK enum err rates_expire(struct call *, int64_t now_us, bool *ret_more);

#endif
