/*
 * chosen_places.h - the names of the places that the server chooses for tables,
 * and by which it knows them again.
 *
 * Such a name ends in digits: a MAC of the table's id and of what stands before
 * them, in its catalog, under a key of the store.  A table that is staged gets
 * id and place, and no row; the commit that makes it names both, and the digits
 * say whether the server gave them to each other.
 */
#ifndef PANGOLIN_CHOSEN_PLACES_H
#define PANGOLIN_CHOSEN_PLACES_H

#include "calls/store_call.h"

/* The name with digits behind it.  The first call of a process reads the key,
 * which is made if there is none. */
MUST_CHECK enum err chosen_place_name(struct call *, struct id catalog,
    struct id object, struct str name, struct str *ret);

/* Whether the server has chosen the location for the table. */
MUST_CHECK enum err chosen_place_is(struct call *, struct id catalog,
    struct id object, struct str location, bool *ret);

#endif
