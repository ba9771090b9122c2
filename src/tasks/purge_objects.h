/*
 * purge_objects.h - the task `purge`: erases the history of objects that are to
 * be purged now, on all branches of a catalog (catalog/purges.h).
 *
 * Nothing but a sweep deletes files: it comes to those of an erased object
 * when no request can have read of them any more.
 */
#ifndef PANGOLIN_PURGE_OBJECTS_H
#define PANGOLIN_PURGE_OBJECTS_H

#include "catalog/catalogs.h"
#include "tasks/work.h"

MUST_CHECK enum err purge_objects(struct work *);

/* Has an object purged, for a principal (nil: nobody), by a new task. */
MUST_CHECK enum err purge_submit(struct call *, const struct catalog *,
    struct id object, struct id principal, struct id *ret_task);

#endif
