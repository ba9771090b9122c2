/*
 * sweep_catalog.h - the task that deletes metadata files which no version of a
 * catalog points to any more.
 *
 * Candidates are the rows of garbage (catalog/garbage.h) that are older than
 * the grace when the task begins.  First all versions of all branches are
 * looked through, also of other catalogs whose places meet this one's, and rows
 * of files that one points to are taken away.  Then what is left is doomed, row
 * by row, and deleted.  A version that goes meanwhile makes its file's row
 * young again, and so no candidate; a version that comes has its file from one
 * that was there, or from a client, whose unit fails when the file is doomed.
 */
#ifndef PANGOLIN_SWEEP_CATALOG_H
#define PANGOLIN_SWEEP_CATALOG_H

#include "tasks/work.h"

/* A chunk of the kind "sweep". */
MUST_CHECK enum err sweep_catalog(struct work *);

#endif
