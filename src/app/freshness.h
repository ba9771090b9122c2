/*
 * freshness.h - polls the store before reads are answered from the cache, and
 * tells reads whether they may be (cache/heads.h).
 */
#ifndef PANGOLIN_FRESHNESS_H
#define PANGOLIN_FRESHNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct app;
struct usage;

/* OK: all that anyone had written when this was called is known, or the last
 * poll is young enough (cache.max_age).  See struct freshness of
 * http/server_settings.h. */
MUST_CHECK enum err reads_refresh(struct app *, bool may_block, struct error *);

/* Lets a read that arrived at `came_ns` (clock_mono_ns()) use the caches. */
void reads_may_use(const struct app *, int64_t came_ns, struct usage *);

#endif
