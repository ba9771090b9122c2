/*
 * submit.h - submits units to the store again and again, until their fate is
 * known.
 */
#ifndef PANGOLIN_SUBMIT_H
#define PANGOLIN_SUBMIT_H

#include "plugin/store.h"

/*
 * As store_apply(), until the answer is known.  Once an answer was lost, which
 * *io_doubtful tells from then on, an error decides nothing, because it may be
 * that of another submission: the units are submitted again.
 * ERR_COMMIT_UNKNOWN: the deadline came first.
 */
MUST_CHECK enum err submit(struct call *, int64_t branch, struct unit *,
    size_t count, bool *io_doubtful);

#endif
