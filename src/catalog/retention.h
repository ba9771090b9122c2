/*
 * retention.h - the time for which a catalog's history is kept readable: its
 * property "history.retention", or the setting of that name.
 */
#ifndef PANGOLIN_RETENTION_H
#define PANGOLIN_RETENTION_H

#include "catalog/catalogs.h"

#define RETENTION_PROPERTY STR("history.retention")

/* Microseconds. */
MUST_CHECK enum err retention_of(
    struct call *, const struct catalog *, int64_t setting_us, int64_t *ret);

/* ERR_BAD_REQUEST: the property is there and no time such as "30d". */
MUST_CHECK enum err retention_check(struct pairs properties, struct error *);

#endif
