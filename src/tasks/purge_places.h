/*
 * purge_places.h - empties the places of an object that was erased, and gives
 * them back.
 *
 * A place is the table's own (catalog/location_owners.h), or that of a table of
 * an earlier release, which nobody else has.  One that the server chose has a
 * name that ends in digits of the table's id: all that is in it goes, without
 * following links.  One that somebody named loses what the table's metadata
 * reaches (purge_files.h), and goes when nothing else is left in it.  In one
 * that has passed to another table nothing is touched.
 */
#ifndef PANGOLIN_PURGE_PLACES_H
#define PANGOLIN_PURGE_PLACES_H

#include "catalog/catalogs.h"
#include "tasks/work.h"

/* Whether a row of `purges` has a place that somebody named. */
bool purge_places_any_named(
    struct work *, const struct catalog *, const struct value *row);

/* These places, a line each, as far as they are the object's alone: from now on
 * nothing may use them. */
MUST_CHECK enum err purge_places_named(struct work *, const struct catalog *,
    const struct value *row, struct str *ret);

/* The object came back all the same: its places are usable again. */
MUST_CHECK enum err purge_places_keep(
    struct work *, const struct catalog *, const struct value *row);

/* Goes on with the places of a row of `purges`, from which each that is empty
 * is taken away; *ret_done: none is left to do. */
MUST_CHECK enum err purge_places_empty(struct work *, const struct catalog *,
    const struct value *row, bool *ret_done);

#endif
