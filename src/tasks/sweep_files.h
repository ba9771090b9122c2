/*
 * sweep_files.h - the part of the task `sweep` that deletes the files of
 * garbage (catalog/garbage.h) which the marks have left.
 *
 *	a candidate -> doomed: nothing may point to the file any more -> what
 *	it alone reaches is deleted (purge_files.h) -> it is deleted: the row
 *	keeps units away from it, for as long as a request may last that has
 *	read it -> no row
 *
 * Each step is done for a page of rows, so that a page in S3 is one request.  A
 * file that cannot be deleted is told among the results of the task, and its
 * row begins anew, for the next sweep.
 */
#ifndef PANGOLIN_SWEEP_FILES_H
#define PANGOLIN_SWEEP_FILES_H

#include "tasks/purge_files.h"

struct sweep_files {
	struct work *work;
	const struct catalog *catalog;
	int64_t before_us; /* rows from before it are candidates */
	struct purge_files reached;
};

struct sweep_files sweep_files_of(
    struct work *, const struct catalog *, int64_t before_us);

/* A page of candidates; *ret_more: there are others. */
MUST_CHECK enum err sweep_files_delete(struct sweep_files *, bool *ret_more);

/* A page of those that are doomed: a worker that doomed them may have died, or
 * the chunk's time was over.  *ret_found: there are new candidates. */
MUST_CHECK enum err sweep_files_delete_left(
    struct sweep_files *, bool *ret_more, bool *ret_found);

/* A page of rows of files that were deleted long ago. */
MUST_CHECK enum err sweep_files_forget(struct sweep_files *, bool *ret_more);

#endif
