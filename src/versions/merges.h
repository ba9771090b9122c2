/*
 * merges.h - merges one branch into another, at once or by an operation that
 * people complete.
 *
 * The source is read at one position.  The target's keys must be as they were
 * read when the unit is applied; if they are not, the merge is planned again.
 * Content, second parent and the operation's state are one unit: a kill in
 * between leaves all of them or none.
 */
#ifndef PANGOLIN_MERGES_H
#define PANGOLIN_MERGES_H

#include "catalog/branch.h"
#include "versions/merge_operations.h"
#include "versions/merge_tables.h"

struct merge_ask {
	struct str source;  /* a branch, tag, or commit of one: see refs.h */
	struct str target;  /* a branch */
	struct str message; /* ptr NULL: made from the names */
	bool squash;        /* the commit does not name its second parent */
	struct id asked_by;
	/* The newest commits that both sides must have; nil: any. */
	struct id expected_source, expected_target;
	const struct merge_watch *watch; /* NULL: it is no task */
};

/* Plans the merge and writes nothing.  ERR_NO_SUCH_REF, ERR_BAD_REQUEST;
 * ERR_CONFLICT: a side has another commit than the expected one. */
MUST_CHECK enum err merges_preview(struct call *, const struct branch *in,
    const struct merge_ask *, struct merge_operation *ret,
    struct merge_plan *ret_plan);

/*
 * Merges, or stores an operation with what is in the way: ret->status is
 * STATUS_COMPLETED or STATUS_CONFLICTED.  Where there is nothing new it is
 * completed with the target's head, and revision 0: it is not stored.
 * `in` is any branch of the catalog, with the writer.
 */
MUST_CHECK enum err merges_start(struct call *, const struct branch *in,
    const struct merge_ask *, struct merge_operation *ret);

/* `io` brings the id.  ERR_BAD_REQUEST: conflicts are not resolved.
 * STATUS_CONFLICTED in io: a branch has moved, and there are new ones.  What
 * was completed before is told again.  `watch` NULL: it is no task. */
MUST_CHECK enum err merges_complete(struct call *, const struct branch *in,
    const struct merge_watch *watch, struct merge_operation *io);

/* ERR_BAD_REQUEST: conflicts are not resolved, or it was aborted. */
MUST_CHECK enum err merges_check_ready(
    struct call *, const struct merge_operation *);

/* ERR_CONFLICT: it was completed. */
MUST_CHECK enum err merges_abort(struct call *, struct merge_operation *io);

#endif
