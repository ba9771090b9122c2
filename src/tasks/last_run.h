/*
 * last_run.h - warms the caches after a restart with the files that were read
 * most before it.
 *
 * The list is a file of the state directory, one tenant and location a line.
 * It is a hint: without it, or with a damaged one, the first requests wait a
 * little longer.
 */
#ifndef PANGOLIN_LAST_RUN_H
#define PANGOLIN_LAST_RUN_H

#include "plugin/store.h"
#include "shm/hot_files.h"

#define LAST_RUN_FILE "hot-files"

/* Counts a read of a file of the call's tenant. */
void last_run_note(
    const struct call *, struct hot_files *, struct str location);

/* Writes the list; an empty one is not written. */
void last_run_save(struct call *, struct hot_files *, struct str state_dir);

/* The lines of the list, the hottest first; none where it cannot be read. */
struct hot_list last_run_list(struct call *, struct str state_dir);

/* Reads the file of a line into the caches, in a call that has a usage; a file
 * that cannot be read is left alone. */
void last_run_warm(struct call *, struct str line);

#endif
