#include "cache/immutable_cache.h"

#include "calls/bulkheads.h"

enum err
immutable_cache_find(struct call *c, struct str name, struct cached *ret)
{
	const struct cache_key key = { name, true };

	*ret = (struct cached){ 0 };
	if (c->usage == NULL || c->usage->levels == NULL)
		return OK;
	switch (cache_get(c->usage->levels, c->arena, key, !c->nowait, ret)) {
	case CACHE_HIT:
		c->usage->cache_hits++;
		return OK;
	case CACHE_MISS:
		c->usage->cache_misses++;
		return OK;
	case CACHE_WOULD_BLOCK:
		break;
	}
	return usage_would_block(c, "A cache must be waited for");
}

/* On the event loop nobody waits, and a small file is read by who misses it. */
static bool
shares_loads(const struct call *c)
{
	return c->usage != NULL && c->usage->levels != NULL && !c->nowait;
}

/* False: another thread has loaded it since the beginning. */
static enum err
wait_to_load(struct call *c, struct cache_key key, struct cache_load *io,
    bool *ret_first)
{
	TRY(bulkhead_enter(c, BULKHEAD_LOAD));
	*ret_first = cache_load(c->usage->levels, key, c->deadline_us, io);
	return bulkhead_leave(c, BULKHEAD_LOAD, OK);
}

enum err
immutable_cache_find_or_load(struct call *c, struct str name,
    struct cached *ret, struct cache_load *ret_load)
{
	const struct cache_key key = { name, true };
	bool first = true;
	enum err err;

	*ret_load = (struct cache_load){ 0 };
	if (!shares_loads(c))
		return immutable_cache_find(c, name, ret);
	*ret_load = cache_load_begin(c->usage->levels, key);
	TRY(immutable_cache_find(c, name, ret));
	if (ret->value.ptr != NULL)
		return OK;
	TRY(wait_to_load(c, key, ret_load, &first));
	if (first)
		return OK;
	err = immutable_cache_find(c, name, ret);
	if (err != OK) {
		immutable_cache_loaded(c, ret_load);
		*ret_load = (struct cache_load){ 0 };
	}
	return err;
}

void
immutable_cache_loaded(struct call *c, const struct cache_load *load)
{
	if (load->number != 0)
		cache_loaded(c->usage->levels, load);
}

void
immutable_cache_release(struct call *c, const struct cached *found)
{
	if (found->pin != 0)
		cache_release(c->usage->levels, found);
}

void
immutable_cache_put(
    struct call *c, struct str name, struct str value, int64_t ttl_us)
{
	const struct cache_terms terms = { .ttl_us = ttl_us };

	if (c->usage != NULL && c->usage->levels != NULL)
		cache_put(c->usage->levels, (struct cache_key){ name, true },
		    value, &terms);
}
