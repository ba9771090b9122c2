/*
 * last_run.h - what was asked for most before a restart is in the caches soon
 * behind it.
 *
 * The list is a file of the state directory, one location a line.  It is a
 * hint: without it, or with a damaged one, the first requests wait a little
 * longer.
 */
#ifndef PANGOLIN_LAST_RUN_H
#define PANGOLIN_LAST_RUN_H

#include "plugin/store.h"
#include "shm/hot_files.h"

#define LAST_RUN_FILE "hot-files"

/* Nothing is written while nothing was asked for. */
void last_run_save(struct call *, struct hot_files *, struct str state_dir);

/* The locations of the list, the hottest first; none where it cannot be read.
 */
struct hot_list last_run_list(struct call *, struct str state_dir);

/* Read one of them into the caches; one that cannot be read is left to whoever
 * loads it. */
void last_run_warm(struct call *, struct str location);

#endif
