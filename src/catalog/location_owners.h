/*
 * location_owners.h - a location belongs to one table in all catalogs, on every
 * branch and in all history, until the task `sweep` has found it empty.
 *
 * A row of `locations` names the owner of a path.  Two paths overlap when one
 * is at or above the other.  Locations that the server chose never do, so their
 * rows come with the unit that makes the table.  A location that somebody names
 * is claimed before:
 *
 *	read the revision, look above -> insert the row, swap the revision
 *	  -> look below -> the table's unit confirms the row
 *
 * Every unit with a location of the server's expects the revision: it either
 * is there when the claimer looks below, or finds the claimer's row above.  A
 * row that no unit has confirmed has `left_us`; who dies in between leaves such
 * a row, and the sweep takes it away.
 */
#ifndef PANGOLIN_LOCATION_OWNERS_H
#define PANGOLIN_LOCATION_OWNERS_H

#include "catalog/branch.h"
#include "catalog/draft.h"

/* A location that a table wants for its own. */
struct location_wish {
	struct str location;
	struct ident ident; /* of the table; name.ptr NULL: not known */
	struct id object;
	bool is_fresh;  /* the server chose it, for a new id */
	enum err taken; /* the error that an overlap is */
};

/* Rows that were inserted for wishes and that no unit has confirmed. */
struct location_holds {
	struct id *at;
	size_t count;
	int64_t left_us;
};

/* Claims the locations, and adds to the draft what confirms them.  The caller
 * applies the draft, and releases the holds unless it was applied or may have
 * been.  Fails with wish.taken when a location is equal to, inside or around
 * another table's. */
MUST_CHECK enum err location_owners_claim(struct call *, const struct branch *,
    struct draft *, const struct location_wish *, size_t count,
    struct location_holds *ret);

/* Notes in the unit of a drop that the table was dropped, which gives its place
 * back at once while the catalog has never had a second branch or tag. */
MUST_CHECK enum err location_owners_drop(struct call *, const struct branch *,
    struct draft *, const struct version *table);

/* Leaves out the wishes of tables that have their locations already, and that
 * nobody thinks of giving back: for many at once. */
MUST_CHECK enum err location_owners_lacking(struct call *,
    const struct branch *, struct location_wish *, size_t *io_count);

/* Deletes rows that nobody has confirmed meanwhile; when the store is down, the
 * sweep does. */
void location_owners_release(struct call *, const struct location_holds *);

/* Whether a new table could have the location now. */
MUST_CHECK enum err location_owners_check(
    struct call *, const struct branch *, struct str location);

#endif
