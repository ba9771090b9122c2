/*
 * deleted_catalogs.h - deletes catalogs, and notes which: the task `sweep`
 * removes what else the store has of them (tasks/sweep_deleted.h).
 *
 * A note is written in the unit that deletes the catalog, and goes with the
 * last of its rows.  Catalogs that an earlier release has deleted are looked
 * for once.
 */
#ifndef PANGOLIN_DELETED_CATALOGS_H
#define PANGOLIN_DELETED_CATALOGS_H

#include "record/batch.h"

/* Deletes a catalog: its name is free, and its branches become REF_DELETED. */
MUST_CHECK enum err catalogs_delete(
    struct call *, struct id tenant, struct str name);

/* In the unit that removes the last of what a catalog had. */
void deleted_catalog_forget(struct batch *, struct id catalog);

/* Any catalog that was deleted until then; *ret_any: there is one. */
MUST_CHECK enum err deleted_catalog_find(
    struct call *, int64_t before_us, struct id *ret, bool *ret_any);

/* Goes on looking for those of earlier releases, behind the catalog that the
 * text names (empty: from the first), some at a time; *ret_more: go on. */
MUST_CHECK enum err deleted_catalogs_look(
    struct call *, struct str *io_after, bool *ret_more);

#endif
