/*
 * hot_files.h - estimates which metadata files all workers read most.
 *
 * The estimate costs next to nothing: a thread that finds the lock taken does
 * not count, and a file that is seldom read loses its place to another.
 */
#ifndef PANGOLIN_HOT_FILES_H
#define PANGOLIN_HOT_FILES_H

#include "base/arena.h"
#include "shm/shm.h"

#define HOT_FILES_MAX 512
#define HOT_LOCATION_MAX 480 /* longer ones are not counted */

struct hot_files;

struct hot_list {
	struct str *at; /* most read first */
	size_t count;
};

/* Made in shared memory by the parent. */
struct hot_files *hot_files_new(struct shm *);
size_t hot_files_size(void); /* bytes that hot_files_new() takes */

/* Counts one read.  It never waits; accepts NULL. */
void hot_files_note(struct hot_files *, struct str location);

struct hot_list hot_files_list(struct hot_files *, struct arena *);

#endif
