/*
 * copy.h - the state of a running backup, shared by the files of this folder.
 */
#ifndef PANGOLIN_COPY_H
#define PANGOLIN_COPY_H

#include "backup/backup.h"
#include "record/entities.h"

#define COPY_PAGE 1000
#define LEFT_OUT (-1) /* position: this log is not in the copy */

/* Rows of commits on branch 0, which has no log, have a section of their
 * own. */
#define SECTION_CLAIMS "claims"

struct copy {
	struct call *call; /* its arena lives as long as the copy */
	struct call page;  /* its arena lives as long as a page */
	struct backup_file *to;
	const struct backup_watch *watch;
	int64_t done, total;
	struct rows rows[ENTITY_COUNT]; /* the entities held in memory */
	int64_t *cut;                   /* of each row of refs */
};

/* Calls for the next question to the store, by how long its answer is needed:
 * until the next page, or as long as the copy. */
struct call *copy_new_page(struct copy *);
struct call *copy_in_time(struct copy *);

void copy_moved(struct copy *, int64_t by);
MUST_CHECK enum err copy_row(
    struct copy *, const struct entity *, const struct value *row);

/* The index of a log in rows of refs, which are sorted by its number; `count`:
 * it is not there. */
size_t copy_find_log(const struct rows *refs, int64_t log);

/* ---- copy_logs.c: sections of commits and versions, up to the cut */
MUST_CHECK enum err copy_logs(struct copy *);

/* ---- copy_pages.c: sections of entities that may not fit into memory */
MUST_CHECK enum err copy_results(struct copy *);
MUST_CHECK enum err copy_answers(struct copy *);
MUST_CHECK enum err copy_locations(struct copy *);

#endif
