/*
 * table_location.h - where a table keeps its files: member `location` of its
 * metadata file, which is read once.
 */
#ifndef PANGOLIN_TABLE_LOCATION_H
#define PANGOLIN_TABLE_LOCATION_H

#include "catalog/branch.h"

/* The location that a metadata file names, in the call's arena. */
MUST_CHECK enum err table_location(
    struct call *, struct str metadata_file, struct str *ret);

#endif
