/*
 * location_directories.h - the directories in which the server places tables:
 * nobody may name a location that is at or above one.
 *
 * The row of a directory is inserted first; then its server looks for locations
 * at or above it that somebody has named, and confirms the row when there is
 * none.  The claim of such a location looks for directories behind its own
 * insertion, so one of the two sees the other.  A row that is confirmed goes
 * with its catalog only, so each worker remembers those that it has seen.
 */
#ifndef PANGOLIN_LOCATION_DIRECTORIES_H
#define PANGOLIN_LOCATION_DIRECTORIES_H

#include "catalog/branch.h"

/* Makes sure that the directory above a path that the server chose has a
 * confirmed row.  *ret_holder: the row of a location at or above it, which
 * forbids that; NULL: it has. */
MUST_CHECK enum err location_directory_open(struct call *,
    const struct branch *, struct str path, const struct value **ret_holder);

/* Whether this process has seen the directory above a path open: nobody has
 * named a location above the path.  False: not known. */
bool location_directory_is_known(struct id catalog, struct str path);

#endif
