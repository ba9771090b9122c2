/*
 * location_claims.h - no table may live inside another's directory on one
 * branch; location_owners.h says the same for all branches and catalogs.
 *
 * A claim is an entry in the branch's log, keyed by a directory's path.
 * Creating or moving a table claims its directory and passes every parent, with
 * expectations on each, so two overlapping claims conflict in the store and
 * only one of them commits.  Reads never look at claims.
 *
 * The entry of a table lists its claims in `body`, one per line.  A table keeps
 * the claims of places it has moved away from, where its older files still are,
 * until it is dropped.  A claim names the table that made it, for messages
 * only.  Views claim nothing: they have only metadata files, with names of
 * their own.
 */
#ifndef PANGOLIN_LOCATION_CLAIMS_H
#define PANGOLIN_LOCATION_CLAIMS_H

#include "catalog/branch.h"
#include "catalog/draft.h"

struct location_move {
	struct str location; /* where the table will be */
	struct ident ident;
	struct id object;
	struct str own; /* the claims that the table has */
	bool replaces;  /* `own` is of the table that had the name before */
	enum err taken; /* the error that an overlap is */
};

/* Adds to the draft the claims that the move needs; none when the table has the
 * location already.  Fails with move.taken when the location is equal to,
 * inside or around another table's. */
MUST_CHECK enum err location_claims_move(struct call *, const struct branch *,
    struct draft *, const struct location_move *, struct str *ret_own);

/* Is the location at or below one of these claims? */
bool location_claims_cover(struct str own, struct str location);

/* The claims of places that the catalog, of catalogs_get(), still has: others
 * may be another tenant's by now. */
struct str location_claims_held(
    struct arena *, const struct catalog *, struct str own);

/* The name of a table as the entry of its claim holds it, and back; false: it
 * is none. */
struct str location_owner_text(struct arena *, struct ident);
bool location_owner_ident(struct str text, struct ident *ret);

/* Deletes the claims of a table. */
void location_claims_release(struct draft *, struct str own);

/* The path of the directory that a path is in; empty: none. */
struct str location_parent(struct str path);

/* The key of a path's claim; the keys of these claims and of the directories
 * above them. */
struct key location_claim_key(struct arena *, struct str path);
struct claim_keys {
	struct key *at;
	size_t count;
};
struct claim_keys location_claims_keys(struct arena *, struct str own);

/* Whether a new table could have the location now: the answer that
 * location_claims_move() would give. */
MUST_CHECK enum err location_claims_check(
    struct call *, const struct branch *, struct str location);

#endif
