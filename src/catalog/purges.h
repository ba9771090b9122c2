/*
 * purges.h - purges: dropped tables and views whose files are to be deleted.
 *
 * A drop that asks for it says so in its tombstone: a merge of the drop asks
 * too, and what was brought back and is dropped again does not.  From then on a
 * row follows the object:
 *
 *	the sweep sees such a tombstone -> ASKED
 *	   -- no state that can be named shows it, for the grace -> NOW
 *	POST /api/v1/purge -> NOW -- the task `purge` finds nothing that
 *	   shows it -> ERASING -- it erases its history -> ERASED -- the sweep
 *	   deletes its files -> no row
 *
 * Once the row is NOW nothing brings the object back.
 */
#ifndef PANGOLIN_PURGES_H
#define PANGOLIN_PURGES_H

#include "catalog/branch.h"
#include "catalog/draft.h"
#include "record/batch.h"

/* The numbers are stored. */
enum purge_state {
	PURGE_ASKED = 1,
	PURGE_ERASED,
	PURGE_NOW, /* from here on the task has work */
	PURGE_ERASING
};

/* The body of the tombstone of a drop that asks for a purge, whether a body is
 * one, and the places of the table that it says. */
struct str purge_mark(struct arena *, struct str places);
bool purge_is_marked(const struct version *);
struct str purge_places(struct str body);

/* The key of an object's row. */
struct id purge_id(struct id catalog, struct id object);

/* A new row: the unit fails when there is one. */
void purge_insert(
    struct batch *, struct id catalog, struct id object, enum purge_state);

/* The state of an object's row; 0: there is none. */
MUST_CHECK enum err purge_state_of(
    struct call *, struct id catalog, struct id object, int64_t *ret);

/* ERR_CONFLICT: the object is being purged. */
MUST_CHECK enum err purge_check_none(
    struct call *, struct id catalog, struct id object);

/* The same in the unit that brings the object back. */
void purge_withdraw(struct draft *, struct id catalog, struct id object);

/* Reads when the catalog's history was last erased: versions that are read
 * behind this call are those that were left then. */
MUST_CHECK enum err purge_look(struct call *, struct catalog *io);

/* The unit fails when history has been erased since purge_look(): it may bring
 * back what has no files any more. */
void purge_expect_none_since(struct draft *, const struct catalog *);

#endif
