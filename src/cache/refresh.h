/*
 * refresh.h - before requests are answered from what is kept: has it changed?
 */
#ifndef PANGOLIN_REFRESH_H
#define PANGOLIN_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct app;
struct usage;

/* OK: what anyone had written when this was called is known, or what was known
 * is young enough (cache.max_age).  See struct freshness of http/server.h. */
MUST_CHECK enum err reads_refresh(struct app *, bool may_block, struct error *);

/* A read that came at `came_ns` (clock_mono_ns()) may be answered from what is
 * kept; others are not told where that is. */
void reads_may_use(const struct app *, int64_t came_ns, struct usage *);

#endif
