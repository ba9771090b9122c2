/* audit_requests.h - writes notes of requests into the audit log. */
#ifndef PANGOLIN_AUDIT_REQUESTS_H
#define PANGOLIN_AUDIT_REQUESTS_H

#include "record/audit_notes.h"

/* The rows of refusals that half a second may still have, fewer of those whom
 * nobody knows: what strangers send must not fill the store. */
struct refusal_room {
	int refusals, strangers;
};
#define REFUSAL_ROOM ((struct refusal_room){ 50, 4 })

/* One row for equal requests, which says how many they were; those beyond the
 * room are added to *io_lost. */
MUST_CHECK enum err audit_write_requests(struct call *,
    const struct request_note *, size_t count, struct refusal_room *io_room,
    int64_t *io_lost);

/* One row without a name for refusals that were lost. */
MUST_CHECK enum err audit_write_lost(struct call *, int64_t lost);

#endif
