/*
 * merge_sides.h - the files that a side of a merge has of some of its
 * snapshots, and their paths.
 *
 * For merge_append.c only.
 */
#ifndef PANGOLIN_MERGE_SIDES_H
#define PANGOLIN_MERGE_SIDES_H

#include "iceberg/merge_inside.h"
#include "iceberg/snapshot_files.h"

struct side {
	struct merging *m;
	struct snapshot_files files;
	const struct history *history;
	struct int_map ids; /* of its snapshots */
	bool failed;        /* there was a conflict */
};

/* The snapshots that `other` does not have. */
struct side side_of(struct merging *, const struct metadata *,
    const struct history *, const struct history *other);

typedef enum err side_visit(void *self, struct side *,
    const struct manifest_reader *, const struct manifest_entry *);

/* All entries of these snapshots that are live in the newest, unless there is
 * a conflict: a snapshot has done more than append. */
MUST_CHECK enum err side_each(struct side *, side_visit *, void *self);

/* A conflict about a file. */
enum err side_refuse(struct side *, const char *message, struct str path);

/* ---- paths */
struct known_path {
	struct str path;
	bool seen;
};

struct paths {
	struct arena *arena;
	struct str_map map; /* struct known_path */
	struct known_path **at;
	size_t count, room;
};

struct paths paths_in(struct arena *);

/* False: it is there already.  The path is copied. */
bool path_add(struct paths *, struct str);

/* True, and it has been seen: it is one of them. */
bool path_see(struct paths *, struct str);

/* A conflict, if a side does not have all that the base had: it went back, or
 * chose another side in an earlier merge. */
MUST_CHECK bool paths_are_seen(
    struct merging *, const struct paths *base, const char *message);

#endif
