/*
 * purge_files.h - deletes what the metadata file of a purged table reaches,
 * before the file itself goes: data and delete files, manifests and their
 * lists, statistics, inside the places that somebody named for the table.
 *
 * What is reached goes from the end: the files of a manifest, then it; the
 * manifests of a list, then it; the lists, then the metadata file.  So what is
 * there says how far it has come, and after a kill it goes on with what is
 * left.  Files of the metadata log become garbage like it.  A manifest that is
 * missing is taken for deleted; one that cannot be read is told among the
 * results of the task and deleted, and its files stay.
 */
#ifndef PANGOLIN_PURGE_FILES_H
#define PANGOLIN_PURGE_FILES_H

#include "catalog/catalogs.h"
#include "tasks/work.h"

struct purge_files {
	struct work *work;
	const struct catalog *catalog;
	int64_t before_us; /* purges that were erased until then are due */
	bool has_more;     /* files of metadata logs are garbage now */
};

/* Of each row of `garbage` the purge of its object, NULL: there is none, or it
 * has not been decided. */
MUST_CHECK enum err purge_files_find(struct purge_files *,
    const struct value *const *garbage, size_t count,
    const struct value **ret_purges);

/* Whether the file of a row waits for the purge of its object: the row is made
 * younger then. */
MUST_CHECK enum err purge_files_wait(struct purge_files *,
    const struct value *garbage, const struct value *purge, bool *ret);

/* Deletes what it reaches; *ret_done: nothing is left, the file may go. */
MUST_CHECK enum err purge_files_delete(struct purge_files *,
    const struct value *garbage, const struct value *purge, bool *ret_done);

#endif
