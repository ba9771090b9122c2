/* audit_requests.h - writes notes of requests into the audit log. */
#ifndef PANGOLIN_AUDIT_REQUESTS_H
#define PANGOLIN_AUDIT_REQUESTS_H

#include "record/audit_notes.h"

/* A batch has so many rows of refusals at most, fewer of those whom nobody
 * knows: what strangers send must not fill the store. */
#define REFUSAL_ROWS 50
#define STRANGER_ROWS 4

/* One row for equal requests, which says how many they were; those beyond the
 * bounds, and those that were `lost` before, are one row without a name. */
MUST_CHECK enum err audit_write_requests(
    struct call *, const struct request_note *, size_t count, int64_t lost);

#endif
