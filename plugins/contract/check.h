/*
 * check.h - checks the arguments of a call against the schema.
 *
 * A broken promise of the host is ERR_BAD_REQUEST for the whole call, so the
 * code behind these checks need not look again.  Data that an engine would
 * refuse (NUL, malformed UTF-8, long keys) only makes its unit INVALID, and all
 * engines refuse the same.
 */
#ifndef PANGOLIN_CHECK_H
#define PANGOLIN_CHECK_H

#include "plugin/store.h"

#define KEY_BYTES_MAX 1024 /* texts of one key together */

/* ERR_SLOW_DOWN when the deadline is over. */
MUST_CHECK enum err check_deadline(const struct call *);

/* The shape itself, at migrate() and open(). */
MUST_CHECK enum err check_schema(const struct schema *, struct error *);

/* The unique index of commits on their id alone; INDEX_KEY: there is none,
 * which check_schema() refuses. */
uint16_t schema_commit_by_id(const struct schema *);

MUST_CHECK enum err check_keys(const struct schema *, uint16_t entity,
    const struct value *const *keys, size_t count, struct error *);
MUST_CHECK enum err check_scan(
    const struct schema *, const struct scan *, struct error *);
MUST_CHECK enum err check_walk(const struct schema *, const struct scan *,
    uint16_t parent, struct error *);
MUST_CHECK enum err check_fold(
    const struct chain *, int64_t to, uint32_t limit, struct error *);
MUST_CHECK enum err check_prune(struct point above, const int64_t *pins,
    size_t count, uint32_t limit, struct error *);
MUST_CHECK enum err check_erase(
    struct point above, struct id object, uint32_t limit, struct error *);
MUST_CHECK enum err check_changes(
    struct point above, uint32_t limit, struct error *);
/* Data that an engine would refuse is ERR_BAD_REQUEST here, too. */
MUST_CHECK enum err check_history(const struct schema *, int64_t branch,
    const struct history *, struct error *);
MUST_CHECK enum err check_units(const struct schema *, int64_t branch,
    const struct unit *, size_t count, struct error *);
MUST_CHECK enum err check_chain(
    const struct chain *, uint32_t limit, struct error *);

/* Whether the data of a unit may be stored. */
bool unit_is_storable(const struct schema *, const struct unit *);

/* The verdict of a branch's row (NULL: there is none) on a unit: VERDICT_GONE,
 * VERDICT_PROTECTED, or VERDICT_NONE: the unit may be judged. */
enum verdict branch_verdict(const struct value *ref, const struct unit *);

/* Whether a write changes whether a branch takes units: the key of its row
 * names the branch. */
bool closes_branch(
    const struct schema *, const struct entity *, const struct write *);

/* Whether a unit may share a transaction in which no step waits for another's
 * answer: it leaves an id, and each of its writes is of one row, by its key,
 * that says nothing to the logs. */
bool unit_may_join(const struct unit *);

#endif
