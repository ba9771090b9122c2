/* audit_refusals.h - writes notes of refused requests into the audit log. */
#ifndef PANGOLIN_AUDIT_REFUSALS_H
#define PANGOLIN_AUDIT_REFUSALS_H

#include "record/audit_notes.h"

/* A batch has so many rows at most, fewer of those whom nobody knows: what
 * strangers send must not fill the store. */
#define REFUSAL_ROWS 50
#define STRANGER_ROWS 4

/* One row for equal refusals, which says how many they were; those beyond the
 * bounds, and those that were `lost` before, are one row without a name. */
MUST_CHECK enum err audit_write_refusals(
    struct call *, const struct refusal_note *, size_t count, int64_t lost);

#endif
