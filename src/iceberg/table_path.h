/*
 * table_path.h - makes a location of a path in a table's metadata and the
 * table's location; no other code does.
 */
#ifndef PANGOLIN_TABLE_PATH_H
#define PANGOLIN_TABLE_PATH_H

#include "base/arena.h"

/* A path with a scheme, or from the root, is a location; any other is below
 * the table's. */
struct str table_path(struct arena *, struct str table, struct str path);

#endif
