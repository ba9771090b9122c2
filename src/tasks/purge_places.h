/*
 * purge_places.h - empties the places of an object that was erased, and gives
 * them back.
 *
 * A place is the table's own (catalog/location_owners.h), or that of a table of
 * an earlier release, which nobody else has.  One that the server chose, as its
 * row says (LOCATION_CHOSEN), loses all that is in it, without following links.
 * One that somebody named loses what the table's metadata reaches
 * (purge_files.h), and goes when nothing else is left in it; so does one that
 * has no row, or one of an earlier release.  In one that has passed to another
 * table nothing is touched.
 *
 *	a sweep dooms the place -> nobody puts a metadata file there, nor a
 *	table -> a sweep that began when all earlier requests had ended sees
 *	what had come before the doom -> nothing had: it empties the place
 */
#ifndef PANGOLIN_PURGE_PLACES_H
#define PANGOLIN_PURGE_PLACES_H

#include "catalog/catalogs.h"
#include "tasks/work.h"

/* Whether a row of `purges` has a place that somebody named. */
MUST_CHECK enum err purge_places_any_named(
    struct work *, const struct catalog *, const struct value *row, bool *ret);

/* These places, a line each, as far as they are the object's alone: from now on
 * nothing may use them. */
MUST_CHECK enum err purge_places_named(struct work *, const struct catalog *,
    const struct value *row, struct str *ret);

/* Dooms the places that the server chose, for a later sweep to empty. */
MUST_CHECK enum err purge_places_doom(
    struct work *, const struct catalog *, const struct value *row);

/* The object came back all the same, or something else needs one of its places:
 * they are usable again. */
MUST_CHECK enum err purge_places_keep(
    struct work *, const struct catalog *, const struct value *row);

enum places_state {
	PLACES_DONE,
	PLACES_LEFT, /* the chunk's time is over */
	PLACES_WAIT  /* for a later sweep */
};

/* Goes on with the places of a row of `purges`, from which each that is empty
 * is taken away.  One that the server chose waits unless it was doomed until
 * doomed_us. */
MUST_CHECK enum err purge_places_empty(struct work *, const struct catalog *,
    const struct value *row, int64_t doomed_us, enum places_state *ret);

#endif
