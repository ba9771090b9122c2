/*
 * warm_cache.h - the task that reads a catalog's metadata files into the
 * caches.
 */
#ifndef PANGOLIN_WARM_CACHE_H
#define PANGOLIN_WARM_CACHE_H

#include "tasks/work.h"

/* A chunk of the kind "warm_cache". */
MUST_CHECK enum err warm_cache(struct work *);

#endif
