/*
 * retention.h - how long a catalog's history is kept readable, and how often
 * what is older is cleared away: its properties "history.retention" and
 * "history.upkeep_interval", or the settings of these names.
 */
#ifndef PANGOLIN_RETENTION_H
#define PANGOLIN_RETENTION_H

#include "catalog/catalogs.h"

#define RETENTION_PROPERTY STR("history.retention")
#define UPKEEP_PROPERTY STR("history.upkeep_interval")

/* Microseconds. */
MUST_CHECK enum err retention_of(
    struct call *, const struct catalog *, int64_t setting_us, int64_t *ret);

/* Microseconds; 0: never. */
MUST_CHECK enum err upkeep_interval_of(
    struct pairs properties, int64_t setting_us, int64_t *ret, struct error *);

/* ERR_BAD_REQUEST: one of the properties is no time such as "30d", or the
 * interval is so short that the store would do nothing else. */
MUST_CHECK enum err retention_check(struct pairs properties, struct error *);

#endif
