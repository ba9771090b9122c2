/* submit.h - units, until it is decided what became of them. */
#ifndef PANGOLIN_SUBMIT_H
#define PANGOLIN_SUBMIT_H

#include "plugin/store.h"

/*
 * store_apply().  Once an answer was lost, which *io_doubtful tells and says
 * from then on, no error decides: it would be that of another submission, so
 * they are submitted again.  ERR_COMMIT_UNKNOWN: the deadline came first.
 */
MUST_CHECK enum err submit(struct call *, int64_t branch, struct unit *,
    size_t count, bool *io_doubtful);

#endif
