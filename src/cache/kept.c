/* kept.c - keys of what is kept: the log, its life, then the store's key. */
#include "cache/kept.h"

#include "base/buf.h"
#include "plugin/usage.h"

/* It is dropped when its log says so; this only bounds what nobody asks for. */
#define KEPT_TTL_US CACHE_FOREVER

/* A log that moves often leaves many texts behind. */
#define TEXT_MAX ((size_t)256 * 1024)

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

/* Keys that are too long are empty, and nothing is kept under them. */
static struct cache_key
key_text(const struct log_mark *mark, const struct key *k, struct key_text *ret)
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
	return c->usage != NULL && c->usage->marks != NULL &&
	       c->usage->levels != NULL;
}

/* A copy: nobody has to say when it is done. */
static struct str
taken(struct call *c, const struct cached *found)
{
	struct str value = found->value;

	if (found->pin != 0)
		value = arena_copy(c->arena, value);
	cache_release(c->usage->levels, found);
	return value;
}

/* False: what is kept of this log may be old, or nothing is. */
static bool
find_mark(struct call *c, int64_t log, struct log_mark *ret)
{
	*ret = (struct log_mark){ .known = LOG_UNKNOWN };
	return keeps(c) &&
	       log_mark_find(c->usage->marks, log, c->usage->since_ns, ret);
}

static void
find(struct call *c, bool known, const struct key *key, struct kept *ret)
{
	struct key_text text;
	struct cached found;

	ret->value = (struct str){ 0 };
	if (!keeps(c))
		return;
	if (known &&
	    cache_get(c->usage->levels, c->arena,
		key_text(&ret->mark, key, &text), false, &found) == CACHE_HIT) {
		ret->value = taken(c, &found);
		c->usage->cache_hits++;
		return;
	}
	c->usage->cache_misses++;
}

void
kept_find(struct call *c, int64_t log, const struct key *key, struct kept *ret)
{
	find(c, find_mark(c, log, &ret->mark), key, ret);
}

void
kept_put(struct call *c, const struct kept *kept, const struct key *key,
    struct str value)
{
	static const struct cache_terms terms = { .ttl_us = KEPT_TTL_US };
	struct key_text text;

	if (!keeps(c) || kept->mark.known == LOG_UNKNOWN)
		return;
	if (log_mark_hold(c->usage->marks, &kept->mark, 0) != MARK_HELD)
		return;
	cache_put(
	    c->usage->levels, key_text(&kept->mark, key, &text), value, &terms);
	log_mark_release(c->usage->marks, &kept->mark);
}

/* ---- texts: their key has the position, and no name of a key begins so */
void
kept_text_find(struct call *c, int64_t log, const char *what, struct str ns,
    struct kept_text *ret)
{
	bool known = find_mark(c, log, &ret->kept.mark);
	struct buf name = buf_in(c->arena);

	buf_add_char(&name, '\1');
	buf_add(&name, str_from(what));
	buf_add_int(&name, ret->kept.mark.known);
	ret->key = (struct key){ SPACE_RELATION, ns, buf_str(&name) };
	find(c, known, &ret->key, &ret->kept);
}

void
kept_text_put(struct call *c, const struct kept_text *t, struct str text)
{
	if (text.len <= TEXT_MAX)
		kept_put(c, &t->kept, &t->key, text);
}

static void
forget(void *levels, const struct log_mark *mark, const struct key *key)
{
	struct key_text text;

	cache_drop(levels, key_text(mark, key, &text));
}

struct tails
kept_tails(struct log_marks *marks, struct levels *levels)
{
	return (struct tails){ marks, forget, levels };
}

/* ---- what never changes */
enum err
fact_find(struct call *c, struct str name, struct cached *ret)
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

void
fact_release(struct call *c, const struct cached *found)
{
	if (found->pin != 0)
		cache_release(c->usage->levels, found);
}

void
fact_put(struct call *c, struct str name, struct str value, int64_t ttl_us)
{
	const struct cache_terms terms = { .ttl_us = ttl_us };

	if (c->usage != NULL && c->usage->levels != NULL)
		cache_put(c->usage->levels, (struct cache_key){ name, true },
		    value, &terms);
}
