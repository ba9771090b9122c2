/*
 * rows.h - the rows of the entity `cached`, and one more that has the sum of
 * their bytes.
 *
 * Each unit that adds or deletes rows expects the sum that it has read and
 * writes the new one, so the sum is right whatever other nodes write; a unit
 * that came too late reads again.
 */
#ifndef PANGOLIN_ROWS_H
#define PANGOLIN_ROWS_H

#include "plugin/cache.h"
#include "ring.h"

struct row_found {
	struct str packed; /* ptr NULL: there is none */
	int64_t expires_us, used_us;
};

MUST_CHECK enum err rows_find(struct arena *, const struct cache_records *,
    const char *name, struct row_found *ret);

/* Two fills are never of one name. */
MUST_CHECK enum err rows_write(const struct cache_records *,
    const struct fill *, size_t count, int64_t *ret_sum);

/* Deletes the longest unused until the sum is at most `most`. */
MUST_CHECK enum err rows_evict(
    const struct cache_records *, int64_t most, int64_t *ret_count);
MUST_CHECK enum err rows_delete(const struct cache_records *, const char *name);
MUST_CHECK enum err rows_delete_all(
    const struct cache_records *, int64_t deadline_us);

MUST_CHECK enum err rows_stats(
    const struct cache_records *, int64_t *ret_entries, int64_t *ret_bytes);

#endif
