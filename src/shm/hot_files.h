/*
 * hot_files.h - which metadata files are asked for most, by all workers.
 *
 * A guess that costs next to nothing: whoever finds the lock taken does not
 * count, and a file that is asked for seldom loses its place to another.
 */
#ifndef PANGOLIN_HOT_FILES_H
#define PANGOLIN_HOT_FILES_H

#include "base/arena.h"
#include "shm/shm.h"

#define HOT_FILES_MAX 512
#define HOT_LOCATION_MAX 480 /* longer ones are not counted */

struct hot_files;

struct hot_list {
	struct str *at; /* the most asked for first */
	size_t count;
};

/* In shared memory, by the parent. */
struct hot_files *hot_files_new(struct shm *);
size_t hot_files_size(void); /* bytes that hot_files_new() takes */

/* One request more.  Never waits; accepts NULL. */
void hot_files_note(struct hot_files *, struct str location);

struct hot_list hot_files_list(struct hot_files *, struct arena *);

#endif
