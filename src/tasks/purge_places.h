/*
 * purge_places.h - empties the places of an object that was erased, and gives
 * them back.
 *
 * A place is the table's own (catalog/location_owners.h).  One that the server
 * chose has a name that ends in digits of the table's id: all that is in it
 * goes, without following links.  In one that somebody named, or that has
 * passed to another table, nothing is touched.
 */
#ifndef PANGOLIN_PURGE_PLACES_H
#define PANGOLIN_PURGE_PLACES_H

#include "catalog/catalogs.h"
#include "tasks/work.h"

/* Goes on with the places of a row of `purges`, from which each that is done
 * is taken away; *ret_done: none is left. */
MUST_CHECK enum err purge_places_empty(struct work *, const struct catalog *,
    const struct value *row, bool *ret_done);

#endif
