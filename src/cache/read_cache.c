/* read_cache.c - a cache key is the log, its life, then the store's key. */
#include "cache/read_cache.h"

#include "base/buf.h"
#include "calls/usage.h"

/* heads_poll() evicts entries; this only bounds those that nobody asks for. */
#define READ_CACHE_TTL_US CACHE_FOREVER

#define FIXED_BYTES (sizeof(int64_t) + sizeof(uint64_t) + 3)

struct key_text {
	char bytes[CACHE_KEY_MAX];
	size_t len;
};

static void
add(struct key_text *t, const void *bytes, size_t len)
{
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

/* A key that is too long becomes empty, and nothing is cached under it. */
static struct cache_key
key_text(
    const struct watermark *mark, const struct key *k, struct key_text *ret)
{
	const uint8_t head[3] = { (uint8_t)k->space, (uint8_t)(k->ns.len >> 8),
		(uint8_t)k->ns.len };

	ret->len = 0;
	if (FIXED_BYTES + k->ns.len + k->name.len <= CACHE_KEY_MAX) {
		add(ret, &mark->log, sizeof(mark->log));
		add(ret, &mark->life, sizeof(mark->life));
		add(ret, head, sizeof(head));
		if (k->ns.len != 0)
			add(ret, k->ns.ptr, k->ns.len);
		add(ret, k->name.ptr, k->name.len);
	}
	return (struct cache_key){ { ret->bytes, ret->len }, false };
}

static bool
keeps(const struct call *c)
{
	return c->usage != NULL && c->usage->watermarks != NULL &&
	       c->usage->levels != NULL;
}

/* The value as a copy in the arena, so that nothing stays pinned. */
static struct str
taken(struct call *c, const struct cached *found)
{
	struct str value = found->value;

	if (found->pin != 0)
		value = arena_copy(c->arena, value);
	cache_release(c->usage->levels, found);
	return value;
}

/* False: cached entries of this log may be stale, or there is no cache. */
static bool
find_mark(struct call *c, int64_t log, struct watermark *ret)
{
	*ret = (struct watermark){ .known = WATERMARK_UNKNOWN };
	return keeps(c) && watermark_find(c->usage->watermarks, log,
			       c->usage->since_ns, ret);
}

/* ret_pin NULL: a copy. */
static void
find(struct call *c, bool known, const struct key *key, struct cached_read *ret,
    struct cached *ret_pin)
{
	struct key_text text;
	struct cached found;

	ret->value = (struct str){ 0 };
	if (!keeps(c))
		return;
	if (known &&
	    cache_get(c->usage->levels, c->arena,
		key_text(&ret->mark, key, &text), false, &found) == CACHE_HIT) {
		if (ret_pin != NULL)
			*ret_pin = found;
		ret->value = ret_pin != NULL ? found.value : taken(c, &found);
		c->usage->cache_hits++;
		return;
	}
	c->usage->cache_misses++;
}

void
read_cache_find(
    struct call *c, int64_t log, const struct key *key, struct cached_read *ret)
{
	find(c, find_mark(c, log, &ret->mark), key, ret, NULL);
}

void
read_cache_put(struct call *c, const struct cached_read *read,
    const struct key *key, struct str value)
{
	static const struct cache_terms terms = { .ttl_us = READ_CACHE_TTL_US };
	struct key_text text;

	if (!keeps(c) || read->mark.known == WATERMARK_UNKNOWN)
		return;
	if (watermark_hold(c->usage->watermarks, &read->mark, 0) !=
	    WATERMARK_HELD)
		return;
	cache_put(
	    c->usage->levels, key_text(&read->mark, key, &text), value, &terms);
	watermark_release(c->usage->watermarks, &read->mark);
}

/* ---- texts: their key has the position; names of the store never begin so */
static void
find_text(struct call *c, int64_t log, const char *what, struct str ns,
    struct cached_text *ret, struct cached *ret_pin)
{
	bool known = find_mark(c, log, &ret->read.mark);
	struct buf name = buf_in(c->arena);

	buf_add_char(&name, '\1');
	buf_add(&name, str_from(what));
	buf_add_int(&name, ret->read.mark.known);
	ret->key = (struct key){ SPACE_RELATION, ns, buf_str(&name) };
	find(c, known, &ret->key, &ret->read, ret_pin);
}

void
read_cache_find_text(struct call *c, int64_t log, const char *what,
    struct str ns, struct cached_text *ret)
{
	find_text(c, log, what, ns, ret, NULL);
}

void
read_cache_find_in_place(struct call *c, int64_t log, const char *what,
    struct str ns, struct cached_text *ret, struct cached *ret_pin)
{
	find_text(c, log, what, ns, ret, ret_pin);
}

void
read_cache_put_text(
    struct call *c, const struct cached_text *t, struct str text)
{
	if (text.len <= READ_CACHE_TEXT_MAX)
		read_cache_put(c, &t->read, &t->key, text);
}

static void
forget(void *levels, const struct watermark *mark, const struct key *key)
{
	struct key_text text;

	cache_drop(levels, key_text(mark, key, &text));
}

struct heads
read_cache_heads(struct watermarks *watermarks, struct levels *levels)
{
	return (struct heads){ watermarks, forget, levels };
}
