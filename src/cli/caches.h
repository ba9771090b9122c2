/* caches.h - makes the plan of cache.levels: plugins, each with its options. */
#ifndef PANGOLIN_CACHES_H
#define PANGOLIN_CACHES_H

#include "cache/levels.h"
#include "config/settings.h"

/*
 * Called in the parent.  Loads the plugins and checks [cache.options]:
 * ERR_VALIDATION for a level that is named twice and for options of one that is
 * not named.  The caller sets the number of workers.
 */
MUST_CHECK enum err caches_plan(struct arena *, const struct settings *,
    struct levels_plan *ret, struct error *);

#endif
