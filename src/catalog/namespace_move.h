/*
 * namespace_move.h - moves a namespace to another path, with all below it, in
 * one commit.
 *
 * Objects keep their ids, tables and views their files.
 */
#ifndef PANGOLIN_NAMESPACE_MOVE_H
#define PANGOLIN_NAMESPACE_MOVE_H

#include "catalog/branch.h"

/* The most keys of one commit: each moved entry is written where it was and
 * where it is. */
#define MOVED_KEYS_MAX 50000

/* ERR_NO_SUCH_NAMESPACE for the source or the parent of what it becomes;
 * ERR_ALREADY_EXISTS; ERR_BAD_REQUEST for a place in itself, a path that gets
 * too long, or too much to move at once. */
MUST_CHECK enum err namespace_move(
    struct call *, const struct branch *, struct str from, struct str to);

#endif
