/*
 * cache_memory.c - entries in memory that all workers of a node share.
 *
 * What one worker puts the others find, and what one drops is gone for all.
 */
#include <stdlib.h>

#include "base/amount.h"
#include "hash.h"
#include "shard.h"
#include "verify.h"

#define MAX_BYTES_MIN MIB
#define MAX_BYTES_MAX (1024 * GIB)

static struct memory *
memory_of(struct cache *c)
{
	return (struct memory *)c;
}

/* ---- parent */
static enum err
max_bytes_of(
    const struct plugin_settings *settings, size_t *ret, struct error *e)
{
	struct str text = settings->value[0];
	int64_t bytes;

	if (!amount_parse(text, amount_sizes, &bytes) &&
	    !amount_parse(text, amount_plain, &bytes))
		return fail(e, ERR_VALIDATION,
		    "cache.options.memory.max_bytes must be a size like "
		    "\"128MiB\"");
	if (bytes < MAX_BYTES_MIN || bytes > MAX_BYTES_MAX)
		return fail(e, ERR_VALIDATION,
		    "cache.options.memory.max_bytes must be from 1MiB to "
		    "1024GiB");
	*ret = (size_t)bytes;
	return OK;
}

static enum err
memory_shared_size(const struct plugin_settings *settings, unsigned workers,
    size_t *ret, struct error *e)
{
	size_t max_bytes = 0;

	TRY(max_bytes_of(settings, &max_bytes, e));
	*ret = layout_of(max_bytes, workers).size;
	return OK;
}

static void
memory_shared_init(
    const struct plugin_settings *settings, const struct cache_shared *shared)
{
	const struct layout layout = layout_of(shared->size, shared->workers);

	(void)settings;
	shared_prepare(shared->at, &layout);
}

/* ---- worker */
static enum err memory_open(const struct plugin_settings *settings,
    const struct cache_shared *shared, unsigned worker, struct cache **ret,
    struct error *e);

static void
memory_close(struct cache *c)
{
	pins_drop_all(memory_of(c)->own);
	free(c);
}

/* Bits of the hash that do not choose the bucket. */
static struct shard *
shard_of(struct memory *m, uint64_t hash)
{
	return &m->shard[hash >> 32 & (m->shared->layout.shards - 1)];
}

static struct wanted
wanted_of(const struct memory *m, struct str key)
{
	return (struct wanted){ key, hash_key(m->shared->seed, key) };
}

/* ---- get */
static int64_t
left_to_live(const struct block *b)
{
	return b->expires_us == CACHE_FOREVER ? CACHE_FOREVER
					      : b->expires_us - clock_mono_us();
}

/* Inside the shard: false when all places for pins are taken. */
static bool
pin(struct memory *m, struct shard *s, struct block *b, uint64_t *ret)
{
	enum pin_span span = b->value_len <= COPY_MAX ? PIN_BRIEF : PIN_LONG;

	*ret = pin_take(m->own, span, s->number, block_offset(s, b));
	if (*ret == 0)
		return false;
	b->shown = 1;
	return true;
}

/* Inside, when the block is there; left on return. */
static void
show(struct memory *m, struct shard *s, struct block *b, struct arena *a,
    struct cache_found *ret)
{
	struct str value = block_value(b);
	int64_t ttl_us = left_to_live(b);
	uint64_t number = 0;

	b->used = 1;
	if (!pin(m, s, b, &number)) {
		value = arena_copy(a, value);
		shard_leave(s);
	} else if (value.len > COPY_MAX) {
		shard_leave(s);
		ret->pin = number;
	} else {
		shard_leave(s);
		value = arena_copy(a, value);
		pin_drop(m->own, number);
	}
	ret->value = value;
	ret->ttl_us = ttl_us > 0 ? ttl_us : 1;
}

static enum err
memory_get(
    struct cache *c, struct arena *a, struct str key, struct cache_found *ret)
{
	struct memory *m = memory_of(c);
	const struct wanted w = wanted_of(m, key);
	struct shard *s = shard_of(m, w.hash);

	if (!shard_enter(m, s, GET_WAIT_US))
		return ERR_UNAVAILABLE;

	struct block *b = shard_find(m, s, &w);

	if (b == NULL)
		shard_leave(s);
	else
		show(m, s, b, a, ret);
	return OK;
}

static void
memory_unpin(struct cache *c, uint64_t number)
{
	pin_drop(memory_of(c)->own, number);
}

/* ---- put */
static size_t
granules_for(size_t key_len, size_t value_len)
{
	size_t bytes = sizeof(struct block) + key_len + value_len;

	return (bytes + GRANULE - 1) / GRANULE;
}

/* Nobody else looks at what is written here. */
static void
fill(struct block *b, const struct wanted *w, struct str value,
    const struct cache_terms *terms)
{
	int64_t now = clock_mono_us();

	b->used = 0;
	b->key_len = (uint32_t)w->key.len;
	b->value_len = (uint32_t)value.len;
	b->hash = w->hash;
	b->checksum = hash_sum(value);
	b->expires_us = terms->ttl_us < CACHE_FOREVER - now
			    ? now + terms->ttl_us
			    : CACHE_FOREVER;
	memcpy(b->bytes, w->key.ptr, w->key.len);
	if (value.len != 0)
		memcpy(b->bytes + w->key.len, value.ptr, value.len);
}

/* A value that is not taken: its key has none. */
static enum err
refuse(struct memory *m, struct shard *s, const struct wanted *w)
{
	struct block *old = shard_find(m, s, w);

	if (old != NULL)
		shard_unlink(m, s, old);
	(void)atomic_fetch_add_explicit(
	    &s->state->refused, 1, memory_order_relaxed);
	shard_leave(s);
	return OK;
}

static enum err
memory_put(struct cache *c, struct str key, struct str value,
    const struct cache_terms *terms)
{
	struct memory *m = memory_of(c);
	const struct wanted w = wanted_of(m, key);
	struct shard *s = shard_of(m, w.hash);
	size_t granules = granules_for(key.len, value.len);
	uint64_t number = 0;

	if (!shard_enter(m, s, PUT_WAIT_US))
		return ERR_UNAVAILABLE;

	/* half a shard, so that no value drives out all the others */
	struct block *b =
	    granules > s->granules / 2
		? NULL
		: shard_reserve(m, s, (uint32_t)granules, &number);

	if (b == NULL)
		return refuse(m, s, &w);
	shard_leave(s);
	fill(b, &w, value, terms);

	if (!shard_enter(m, s, PUT_WAIT_US)) {
		pin_drop(m->own, number);
		return ERR_UNAVAILABLE;
	}
	pin_drop(m->own, number);
	shard_link(m, s, b);
	shard_leave(s);
	return OK;
}

/* ---- drop */
static enum err
memory_drop(struct cache *c, struct str key)
{
	struct memory *m = memory_of(c);
	const struct wanted w = wanted_of(m, key);
	struct shard *s = shard_of(m, w.hash);

	if (!shard_enter(m, s, DROP_WAIT_US)) {
		shard_distrust(s);
		return OK;
	}

	struct block *b = shard_find(m, s, &w);

	if (b != NULL)
		shard_unlink(m, s, b);
	shard_leave(s);
	return OK;
}

static enum err
memory_clear(struct cache *c, int64_t deadline_us)
{
	struct memory *m = memory_of(c);

	(void)deadline_us; /* no shard is waited for longer than for a drop */
	for (uint32_t i = 0; i < m->shared->layout.shards; i++) {
		struct shard *s = &m->shard[i];

		if (!shard_enter(m, s, DROP_WAIT_US)) {
			shard_distrust(s);
			continue;
		}
		shard_clear(m, s);
		shard_leave(s);
	}
	return OK;
}

/* ---- what it holds */
static int64_t
look(_Atomic int64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

static enum err
memory_stats(struct cache *c, struct cache_stats *ret)
{
	struct memory *m = memory_of(c);
	const struct layout *l = &m->shared->layout;

	*ret = (struct cache_stats){
		.max_bytes = (int64_t)l->size,
		.pins = pins_count(m->pins, l->workers),
	};
	for (uint32_t i = 0; i < l->shards; i++) {
		struct shard_state *s = m->shard[i].state;

		ret->entries += look(&s->entries);
		ret->bytes += look(&s->bytes);
		ret->evictions += look(&s->evictions);
		ret->refused += look(&s->refused);
		ret->emptied += look(&s->emptied);
	}
	return OK;
}

static enum err
memory_verify(struct cache *c, struct error *e)
{
	struct memory *m = memory_of(c);

	for (uint32_t i = 0; i < m->shared->layout.shards; i++)
		TRY(shard_verify(m, &m->shard[i], e));
	return OK;
}

static const struct cache_ops ops = {
	.shared_size = memory_shared_size,
	.shared_init = memory_shared_init,
	.open = memory_open,
	.close = memory_close,
	.get = memory_get,
	.unpin = memory_unpin,
	.put = memory_put,
	.drop = memory_drop,
	.clear = memory_clear,
	.stats = memory_stats,
	.verify = memory_verify,
};

static enum err
memory_open(const struct plugin_settings *settings,
    const struct cache_shared *shared, unsigned worker, struct cache **ret,
    struct error *e)
{
	struct memory *m = calloc(1, sizeof(*m));

	(void)settings;
	if (m == NULL)
		return fail(e, ERR_UNAVAILABLE, "The cache has no memory.");
	m->base.ops = &ops;
	memory_attach(m, shared->at, worker);
	pins_drop_all(m->own);
	*ret = &m->base;
	return OK;
}

PLUGIN_EXPORT const struct plugin *
pangolin_plugin(void)
{
	static const struct plugin_option options[] = {
		{ "max_bytes", "128MiB", false,
		    "Memory for entries, shared by all workers of a node." },
		{ NULL, NULL, false, NULL },
	};
	static const char *const libraries[] = { NULL };
	static const struct plugin self = {
		.abi = PLUGIN_ABI,
		.kind = PLUGIN_CACHE,
		.flags = PLUGIN_READS_DO_NOT_BLOCK | PLUGIN_DROPS_ARE_SURE,
		.ops_size = sizeof(ops),
		.name = "memory",
		.about = "In memory that the workers of a node share.",
		.libraries = libraries,
		.ops = &ops,
		.options = options,
	};

	return &self;
}
