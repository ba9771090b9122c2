/*
 * buckets.h - token buckets: how many requests a principal may send, for all
 * workers together.
 *
 * A bucket holds as many tokens as the limit and fills up evenly in a window;
 * each request takes one.  What is stored is when it will be full again, so a
 * bucket that is full is the same as none, and its place is free.
 *
 * There is room for BUCKETS_MAX, in groups of eight, each with a lock, so they
 * are exact over workers.  A new bucket takes a free place of its group, else
 * that of the fullest.
 */
#ifndef PANGOLIN_BUCKETS_H
#define PANGOLIN_BUCKETS_H

#include <stdbool.h>

#include "base/str.h"
#include "shm/shm.h"

#define BUCKETS_MAX 8192

struct buckets;

struct buckets *buckets_new(struct shm *);
size_t buckets_size(void); /* bytes that buckets_new() takes */

/* The number of a bucket, by a secret hash. */
uint64_t buckets_key(const struct buckets *, char kind, struct str who);

struct bucket_rule {
	int64_t limit, window_us;
};

/* Takes a token.  False: there is none, or the lock of the group cannot be had;
 * *ret_wait_us: until there is one.  Times are of clock_mono_ns(). */
bool buckets_take(struct buckets *, uint64_t key, const struct bucket_rule *,
    int64_t now_ns, int64_t *ret_wait_us);

#endif
