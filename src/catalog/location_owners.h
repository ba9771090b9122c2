/*
 * location_owners.h - a location belongs to one table in all catalogs, on every
 * branch and in all history, until the task `sweep` has found it empty.
 *
 * A row of `locations` names the owner of a path.  Two paths overlap when one
 * is at or above the other.  A store cannot test that, so whoever wants a
 * location inserts first, and looks afterwards: of two at least one sees the
 * other.
 *
 *	named:	insert the row -> look above and below -> the table's unit
 *		confirms the row
 *	chosen:	open the directory (location_directories.h), once ->
 *		the table's unit inserts the row
 *
 * A location that the server chose ends in digits of a new id, so nobody has
 * named one at or below it, and the directory keeps away those above.  When a
 * staged table is committed its location is known to others: it is claimed like
 * one that is named, and its row says chosen all the same.  Of two
 * claims that see each other the one with the higher key goes, and the other
 * looks again.  A claim that is never confirmed goes in some minutes.
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
	bool is_fresh;      /* the server chose it just now, for a new id */
	bool is_chosen;     /* the server chose it, when the table was staged */
	enum err taken;     /* the error that an overlap is */
	struct id replaced; /* the table that this one replaces, whose
			     * location may pass to it; nil: none */
};

struct location_hold;
struct location_holds {
	struct location_hold *at;
	size_t count;
};

/* Claims the locations.  Fails with wish.taken when one is equal to, inside or
 * around another table's.  The wishes stay until the holds have been confirmed
 * or released. */
MUST_CHECK enum err location_owners_claim(struct call *, const struct branch *,
    const struct location_wish *, size_t count, struct location_holds *ret);

/* Adds to the table's unit what makes the locations its own. */
void location_owners_confirm(
    const struct branch *, struct draft *, const struct location_holds *);

/* After a unit that was not applied: deletes rows that nobody has confirmed
 * meanwhile.  When the store is down they go in time. */
void location_owners_release(struct call *, const struct location_holds *);

/* Leaves out the wishes of tables that have their locations already, and that
 * nobody thinks of giving back: for many at once. */
MUST_CHECK enum err location_owners_lacking(struct call *,
    const struct branch *, struct location_wish *, size_t *io_count);

/* Whether a new table could have the location now. */
MUST_CHECK enum err location_owners_check(
    struct call *, const struct branch *, struct str location);

#endif
