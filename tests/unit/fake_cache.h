/*
 * fake_cache.h - a cache for tests: a few entries in an array, and switches
 * for what may go wrong.  Several can be open, each by its own plugin.
 */
#ifndef PANGOLIN_FAKE_CACHE_H
#define PANGOLIN_FAKE_CACHE_H

#include "cache/levels.h"
#include "tests/unit/unit.h"

#define FAKE_ENTRIES 8

#define FAKE_BYTES 2048

struct fake_entry {
	struct str key, value; /* key.ptr NULL: there is none */
	struct cache_terms terms;
	char bytes[FAKE_BYTES]; /* of both */
};

struct fake {
	struct cache base; /* first: a struct cache * is this struct */
	struct fake_entry at[FAKE_ENTRIES];
	int gets, puts, drops, unpins;
	bool broken;
	uint64_t pin; /* what a get answers */
};

/* Those that were opened, in their order; a test resets the count. */
static struct fake *fake_opened[LEVELS_MAX];
static size_t fake_count;

static struct fake *
fake_of(struct cache *c)
{
	return (struct fake *)c;
}

static struct fake_entry *
fake_find(struct fake *f, struct str key)
{
	for (size_t i = 0; i < FAKE_ENTRIES; i++)
		if (f->at[i].key.ptr != NULL && str_eq(f->at[i].key, key))
			return &f->at[i];
	return NULL;
}

static enum err
fake_answer(const struct fake *f)
{
	return f->broken ? ERR_UNAVAILABLE : OK;
}

static enum err
fake_get(
    struct cache *c, struct arena *a, struct str key, struct cache_found *ret)
{
	struct fake *f = fake_of(c);
	const struct fake_entry *found = fake_find(f, key);

	(void)a;
	f->gets++;
	if (!f->broken && found != NULL)
		*ret = (struct cache_found){ found->value, found->terms.ttl_us,
			f->pin };
	return fake_answer(f);
}

static void
fake_unpin(struct cache *c, uint64_t pin)
{
	assert_int_equal(pin, fake_of(c)->pin);
	fake_of(c)->unpins++;
}

static void
fake_fill(struct fake_entry *at, struct str key, struct str value,
    const struct cache_terms *terms)
{
	assert_true(key.len + value.len <= FAKE_BYTES);
	memcpy(at->bytes, key.ptr, key.len);
	memcpy(at->bytes + key.len, value.ptr, value.len);
	at->key = (struct str){ at->bytes, key.len };
	at->value = (struct str){ at->bytes + key.len, value.len };
	at->terms = *terms;
}

static enum err
fake_put(struct cache *c, struct str key, struct str value,
    const struct cache_terms *terms)
{
	struct fake *f = fake_of(c);
	size_t i = 0;

	f->puts++;
	while (f->at[i].key.ptr != NULL && !str_eq(f->at[i].key, key))
		i++;
	assert_true(i < FAKE_ENTRIES - 1);
	if (!f->broken)
		fake_fill(&f->at[i], key, value, terms);
	return fake_answer(f);
}

static enum err
fake_drop(struct cache *c, struct str key)
{
	struct fake *f = fake_of(c);
	struct fake_entry *found = fake_find(f, key);

	f->drops++;
	if (!f->broken && found != NULL)
		found->key.ptr = NULL;
	return fake_answer(f);
}

static enum err
fake_clear(struct cache *c, int64_t deadline_us)
{
	struct fake *f = fake_of(c);

	(void)deadline_us;
	for (size_t i = 0; i < FAKE_ENTRIES && !f->broken; i++)
		f->at[i].key.ptr = NULL;
	return fake_answer(f);
}

static enum err
fake_stats(struct cache *c, struct cache_stats *ret)
{
	for (size_t i = 0; i < FAKE_ENTRIES; i++)
		ret->entries += fake_of(c)->at[i].key.ptr != NULL;
	return fake_answer(fake_of(c));
}

static enum err
fake_verify(struct cache *c, struct error *e)
{
	if (!fake_of(c)->broken)
		return OK;
	e->code = ERR_INTERNAL;
	return e->code;
}

static enum err
fake_shared_size(const struct plugin_settings *settings, unsigned workers,
    size_t *ret, struct error *e)
{
	(void)settings;
	(void)workers;
	(void)e;
	*ret = sizeof(struct fake);
	return OK;
}

static void
fake_shared_init(
    const struct plugin_settings *settings, const struct cache_shared *shared)
{
	(void)settings;
	assert_int_equal(shared->size, sizeof(struct fake));
}

static enum err fake_open(const struct plugin_settings *settings,
    const struct cache_shared *shared, unsigned worker, struct cache **ret,
    struct error *e);

static void
fake_close(struct cache *c)
{
	(void)c;
}

static const struct cache_ops fake_ops = {
	.shared_size = fake_shared_size,
	.shared_init = fake_shared_init,
	.open = fake_open,
	.close = fake_close,
	.get = fake_get,
	.unpin = fake_unpin,
	.put = fake_put,
	.drop = fake_drop,
	.clear = fake_clear,
	.stats = fake_stats,
	.verify = fake_verify,
};

static enum err
fake_open(const struct plugin_settings *settings,
    const struct cache_shared *shared, unsigned worker, struct cache **ret,
    struct error *e)
{
	struct fake *f = shared->at;

	(void)settings;
	(void)worker;
	(void)e;
	f->base.ops = &fake_ops;
	fake_opened[fake_count++] = f;
	*ret = &f->base;
	return OK;
}

/* In the memory of all workers, and its drops are sure. */
static const struct plugin fake_near = {
	.kind = PLUGIN_CACHE,
	.flags = PLUGIN_READS_DO_NOT_BLOCK | PLUGIN_DROPS_ARE_SURE,
	.name = "near",
	.ops = &fake_ops,
};

/* Behind a network. */
static const struct plugin fake_far = {
	.kind = PLUGIN_CACHE,
	.name = "far",
	.ops = &fake_ops,
};

#endif
