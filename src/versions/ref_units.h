/*
 * ref_units.h - the units that make branches and tags: the position they begin
 * at, what must hold when they are stored, and the rows.
 *
 * Rows of refs are written on the control log of the tenant, so every node sees
 * the change.  The unit takes the id of an Idempotency-Key, and a repeated
 * request finds its commit there.
 */
#ifndef PANGOLIN_REF_UNITS_H
#define PANGOLIN_REF_UNITS_H

#include "catalog/idempotency_keys.h"
#include "catalog/refs.h"

/* The author of a change of refs, and the request that asked for it. */
struct ref_author {
	struct id id;                /* of the principal; nil: nobody */
	struct str name;             /* the author of the commit */
	struct str message;          /* ptr NULL: what is done says it */
	struct idempotency_key *key; /* NULL: the request has none */
};

/* Where a branch or tag begins. */
struct fork_point {
	struct commit_mark mark;
	struct ref holder; /* the branch whose log the position is on */
	struct ref pin;    /* a ref that holds the position, if the branch is
			    * deleted; id 0: the branch is live */
};

/* The newest commit that a spec shows.  A branch without commits of its own
 * that has a base image begins at its position 0, any other is skipped.
 * ERR_CONFLICT for what only a deleted branch shows. */
MUST_CHECK enum err fork_point_of(struct call *, const struct catalog *,
    const struct ref_spec *, struct fork_point *ret);

/* The same of any commit of the catalog. */
MUST_CHECK enum err fork_point_of_commit(struct call *, const struct catalog *,
    struct id commit, struct fork_point *ret);

/* A fork point that was found may have gone meanwhile: the same errors, and
 * ERR_NO_SUCH_REF when it was pruned. */
MUST_CHECK enum err fork_point_check(
    struct call *, const struct catalog *, const struct fork_point *);

/* The catalog is shared (catalogs.h) from this unit on.  It fails unless the
 * catalog is there and the position will not go: the
 * branch lives and is not pruned so far, or the pin still stands. */
void fork_point_expect(
    struct batch *, const struct catalog *, const struct fork_point *);

/* VERDICT_APPLIED, or VERDICT_CONFLICT with the write that failed.
 * ERR_ANSWERED: an earlier request with the key had made the unit. */
MUST_CHECK enum err ref_unit_apply(struct batch *, const struct catalog *,
    struct str name, const struct ref_author *, enum verdict *ret);

/* ERR_ALREADY_EXISTS when a branch or tag has the name. */
MUST_CHECK enum err ref_name_is_free(
    struct call *, const struct catalog *, struct str name);

/* The ref that a unit wrote, by the position of its commit on the control log.
 * ERR_NOT_FOUND: it is not there any more. */
MUST_CHECK enum err ref_of_unit(struct call *, const struct catalog *,
    struct point commit, struct ref *ret);

#endif
