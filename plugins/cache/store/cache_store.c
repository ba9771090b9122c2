/*
 * cache_store.c - caches values in the catalog's own store, which outlives the
 * servers and is shared by all nodes.
 *
 * A value is written behind the request, by one thread of each worker.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/amount.h"
#include "rows.h"

#define MAX_BYTES_MIN MIB
#define MAX_BYTES_MAX (1024 * GIB)

struct store_cache {
	struct cache base; /* first: a struct cache * is this struct */
	struct cache_records records;
	int64_t max_bytes;
	struct ring ring;
	pthread_t writer;
	_Atomic int64_t refused, evictions;
};

static struct store_cache *
store_cache_of(struct cache *c)
{
	return (struct store_cache *)c;
}

/* ---- parent */
static enum err
max_bytes_of(
    const struct plugin_settings *settings, int64_t *ret, struct error *e)
{
	if (!amount_parse(settings->value[0], amount_sizes, ret) &&
	    !amount_parse(settings->value[0], amount_plain, ret))
		return fail(e, ERR_VALIDATION,
		    "cache.options.store.max_bytes must be a size like "
		    "\"1GiB\"");
	if (*ret < MAX_BYTES_MIN || *ret > MAX_BYTES_MAX)
		return fail(e, ERR_VALIDATION,
		    "cache.options.store.max_bytes must be from 1MiB to "
		    "1024GiB");
	return OK;
}

static enum err
store_shared_size(const struct plugin_settings *settings, unsigned workers,
    size_t *ret, struct error *e)
{
	int64_t ignored;

	(void)workers;
	TRY(max_bytes_of(settings, &ignored, e));
	*ret = 0;
	return OK;
}

static void
store_shared_init(
    const struct plugin_settings *settings, const struct cache_shared *shared)
{
	(void)settings;
	(void)shared;
}

/* ---- the thread behind the requests */
/* A tenth more goes than must, so that not each unit is followed by another. */
static enum err
write_fills(struct store_cache *s, const struct fill *fill, size_t count,
    int64_t *ret_evicted)
{
	int64_t sum = 0;

	TRY(rows_write(&s->records, fill, count, &sum));
	if (sum <= s->max_bytes)
		return OK;
	return rows_evict(&s->records, s->max_bytes / 10 * 9, ret_evicted);
}

static void *
write_all(void *with)
{
	struct store_cache *s = with;
	struct fill fill[UNIT_FILLS];
	size_t count;

	while ((count = ring_take(&s->ring, fill)) != 0) {
		int64_t evicted = 0;

		if (write_fills(s, fill, count, &evicted) != OK)
			atomic_fetch_add(&s->refused, (int64_t)count);
		atomic_fetch_add(&s->evictions, evicted);
		ring_written(&s->ring);
	}
	return NULL;
}

/* ---- worker */
static enum err store_open(const struct plugin_settings *settings,
    const struct cache_shared *shared, unsigned worker, struct cache **ret,
    struct error *e);

static void
store_close(struct cache *c)
{
	struct store_cache *s = store_cache_of(c);

	ring_end(&s->ring);
	(void)pthread_join(s->writer, NULL);
	ring_clear(&s->ring);
	free(s);
}

/* ---- get */
static int64_t
left_to_live(int64_t expires_us)
{
	return expires_us == CACHE_FOREVER ? CACHE_FOREVER
					   : expires_us - clock_now_us();
}

static void
note_use(struct store_cache *s, const char *name, int64_t used_us)
{
	struct fill use = { 0 };

	if (clock_now_us() - used_us < DAY)
		return;
	memcpy(use.name, name, NAME_LEN);
	(void)ring_add(&s->ring, &use);
}

static enum err
store_get(
    struct cache *c, struct arena *a, struct str key, struct cache_found *ret)
{
	struct store_cache *s = store_cache_of(c);
	struct row_found row = { 0 };
	char name[NAME_LEN];

	name_of(key, name);
	if (!ring_find(&s->ring, a, name, &row.packed, &row.expires_us)) {
		TRY(rows_find(a, &s->records, name, &row));
		if (row.packed.ptr != NULL)
			note_use(s, name, row.used_us);
	}

	int64_t ttl_us = left_to_live(row.expires_us);

	if (row.packed.ptr != NULL && ttl_us > 0 &&
	    unpack(a, row.packed, &ret->value))
		ret->ttl_us = ttl_us;
	return OK;
}

static void
store_unpin(struct cache *c, uint64_t pin)
{
	(void)c;
	(void)pin; /* values are copies: nothing was pinned */
}

/* ---- put, drop, clear */
static enum err
store_drop(struct cache *c, struct str key)
{
	struct store_cache *s = store_cache_of(c);
	char name[NAME_LEN];

	name_of(key, name);
	ring_forget(&s->ring, name);
	return rows_delete(&s->records, name);
}

/* Values never change: what is there of a key whose value is not taken is the
 * same. */
static enum err
store_put(struct cache *c, struct str key, struct str value,
    const struct cache_terms *terms)
{
	struct store_cache *s = store_cache_of(c);
	int64_t now = clock_now_us();
	struct fill fill = { .expires_us = terms->ttl_us < CACHE_FOREVER - now
					       ? now + terms->ttl_us
					       : CACHE_FOREVER };

	if (!pack(value, &fill.packed, &fill.len)) {
		atomic_fetch_add(&s->refused, 1);
		return OK;
	}
	name_of(key, fill.name);
	if (!ring_add(&s->ring, &fill)) {
		free(fill.packed);
		atomic_fetch_add(&s->refused, 1);
	}
	return OK;
}

static enum err
store_clear(struct cache *c, int64_t deadline_us)
{
	struct store_cache *s = store_cache_of(c);

	ring_forget(&s->ring, NULL);
	return rows_delete_all(&s->records, deadline_us);
}

/* ---- what it holds */
static enum err
store_stats(struct cache *c, struct cache_stats *ret)
{
	struct store_cache *s = store_cache_of(c);

	*ret = (struct cache_stats){ .max_bytes = s->max_bytes,
		.evictions = atomic_load(&s->evictions),
		.refused = atomic_load(&s->refused) };
	return rows_stats(&s->records, &ret->entries, &ret->bytes);
}

static enum err
store_verify(struct cache *c, struct error *e)
{
	int64_t entries, bytes;

	if (rows_stats(&store_cache_of(c)->records, &entries, &bytes) != OK)
		return fail(e, ERR_UNAVAILABLE, "The store does not answer.");
	return OK;
}

static const struct cache_ops ops = {
	.shared_size = store_shared_size,
	.shared_init = store_shared_init,
	.open = store_open,
	.close = store_close,
	.get = store_get,
	.unpin = store_unpin,
	.put = store_put,
	.drop = store_drop,
	.clear = store_clear,
	.stats = store_stats,
	.verify = store_verify,
};

static enum err
store_open(const struct plugin_settings *settings,
    const struct cache_shared *shared, unsigned worker, struct cache **ret,
    struct error *e)
{
	struct store_cache *s = calloc(1, sizeof(*s));

	(void)worker;
	if (s == NULL || shared->records == NULL ||
	    max_bytes_of(settings, &s->max_bytes, e) != OK) {
		free(s);
		return fail(e, ERR_UNAVAILABLE, "The cache has no store.");
	}
	s->base.ops = &ops;
	s->records = *shared->records;
	ring_init(&s->ring);
	if (pthread_create(&s->writer, NULL, write_all, s) != 0) {
		ring_clear(&s->ring);
		free(s);
		return fail(e, ERR_UNAVAILABLE, "The cache has no thread.");
	}
	*ret = &s->base;
	return OK;
}

PLUGIN_EXPORT const struct plugin *
pangolin_plugin(void)
{
	static const struct plugin_option options[] = {
		{ "max_bytes", "1GiB", false,
		    "Packed values in the store, of all nodes." },
		{ NULL, NULL, false, NULL },
	};
	static const char *const libraries[] = { NULL };
	static const struct plugin self = {
		.abi = PLUGIN_ABI,
		.kind = PLUGIN_CACHE,
		.ops_size = sizeof(ops),
		.name = "store",
		.about = "In the catalog's own store, for all nodes.",
		.libraries = libraries,
		.ops = &ops,
		.options = options,
	};

	return &self;
}
