#include "shard.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

/* ---- a block's content */
struct str
block_key(const struct block *b)
{
	return (struct str){ b->bytes, b->key_len };
}

struct str
block_value(const struct block *b)
{
	struct str key = block_key(b);

	return (struct str){ key.ptr + key.len, b->value_len };
}

static void
add(_Atomic int64_t *count, int64_t n)
{
	(void)atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}

/* ---- in and out */
static void
empty(struct shard *s)
{
	memset(
	    s->bucket, 0, ((size_t)s->bucket_mask + 1) * sizeof(s->bucket[0]));
	s->state->linked = (struct list){ 0 };
	s->state->waiting = (struct list){ 0 };
	atomic_store(&s->state->entries, 0);
	atomic_store(&s->state->bytes, 0);
	heap_init(s);
}

void
shard_init(struct shard *s)
{
	pthread_mutexattr_t attr;

	if (pthread_mutexattr_init(&attr) != 0 ||
	    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) != 0 ||
	    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) != 0 ||
	    pthread_mutex_init(&s->state->lock, &attr) != 0)
		abort();
	(void)pthread_mutexattr_destroy(&attr);
	heap_init(
	    s); /* all else is zero, and pages that stay so cost nothing */
}

/* EBUSY: not within that time.  The thread inside is done sooner than a thread
 * that sleeps is woken, unless it has lost its processor: it gets this one. */
static int
lock_within(pthread_mutex_t *lock, int64_t wait_us)
{
	int result = pthread_mutex_trylock(lock);

	if (result != EBUSY)
		return result;

	int64_t until_us = clock_mono_us() + wait_us;

	do {
		(void)sched_yield();
		result = pthread_mutex_trylock(lock);
	} while (result == EBUSY && clock_mono_us() < until_us);
	return result;
}

static bool
lock(struct shard *s, int64_t wait_us)
{
	int result = lock_within(&s->state->lock, wait_us);

	if (result == EBUSY)
		return false;
	if (result == EOWNERDEAD) {
		shard_distrust(s);
		(void)pthread_mutex_consistent(&s->state->lock);
	} else if (result != 0) {
		abort();
	}
	return true;
}

bool
shard_enter(struct memory *m, struct shard *s, int64_t wait_us)
{
	if (!lock(s, wait_us))
		return false;
	if (!atomic_load(&s->state->distrusted))
		return true;
	if (pins_name(
		m->pins, m->shared->layout.workers, s->number, NO_BLOCK)) {
		shard_leave(s);
		return false;
	}
	empty(s);
	add(&s->state->emptied, 1);
	atomic_store(&s->state->distrusted, false);
	return true;
}

void
shard_leave(struct shard *s)
{
	if (pthread_mutex_unlock(&s->state->lock) != 0)
		abort();
}

void
shard_distrust(struct shard *s)
{
	atomic_store(&s->state->distrusted, true);
}

/* ---- blocks and their lists */
static bool
is_pinned(struct memory *m, struct shard *s, struct block *b)
{
	if (!b->shown)
		return false;
	b->shown = pins_name(
	    m->pins, m->shared->layout.workers, s->number, block_offset(s, b));
	return b->shown;
}

static struct block *
give(struct shard *s, struct block *b)
{
	add(&s->state->bytes, -(int64_t)(b->size * GRANULE));
	return heap_give(s, b);
}

static struct block *
take(struct shard *s, uint32_t granules)
{
	struct block *b = heap_take(s, granules);

	if (b != NULL)
		add(&s->state->bytes, (int64_t)(b->size * GRANULE));
	return b;
}

/* Free what nobody reads or writes any more. */
static void
sweep(struct memory *m, struct shard *s)
{
	uint32_t at = s->state->waiting.first;

	while (at != NO_BLOCK) {
		struct block *b = block_at(s, at);

		at = b->next;
		if (is_pinned(m, s, b))
			continue;
		list_remove(s, &s->state->waiting, b);
		(void)give(s, b);
	}
}

static void
unchain(struct shard *s, struct block *b)
{
	_Atomic uint32_t *bucket = &s->bucket[b->hash & s->bucket_mask];
	uint32_t at = block_offset(s, b);

	if (atomic_load(bucket) == at) {
		atomic_store(bucket, b->chain);
		return;
	}

	struct block *other = block_at(s, atomic_load(bucket));

	while (other->chain != at)
		other = block_at(s, other->chain);
	other->chain = b->chain;
}

/* The free block it is part of then; NULL: it is pinned and waits. */
static struct block *
unlink_block(struct memory *m, struct shard *s, struct block *b)
{
	unchain(s, b);
	list_remove(s, &s->state->linked, b);
	add(&s->state->entries, -1);
	if (!is_pinned(m, s, b))
		return give(s, b);
	b->state = BLOCK_DROPPED;
	list_add(s, &s->state->waiting, b);
	return NULL;
}

void
shard_unlink(struct memory *m, struct shard *s, struct block *b)
{
	(void)unlink_block(m, s, b);
}

void
shard_clear(struct memory *m, struct shard *s)
{
	while (s->state->linked.last != NO_BLOCK)
		shard_unlink(m, s, block_at(s, s->state->linked.last));
}

/* ---- entries */
static bool
is_stale(const struct block *b)
{
	return b->expires_us != CACHE_FOREVER &&
	       b->expires_us <= clock_mono_us();
}

static struct block *
find_key(struct shard *s, const struct wanted *w)
{
	uint32_t at = atomic_load_explicit(
	    &s->bucket[w->hash & s->bucket_mask], memory_order_relaxed);

	while (at != NO_BLOCK) {
		struct block *b = block_at(s, at);

		if (b->hash == w->hash && str_eq(block_key(b), w->key))
			return b;
		at = b->chain;
	}
	return NULL;
}

struct block *
shard_find(struct memory *m, struct shard *s, const struct wanted *w)
{
	struct block *b = find_key(s, w);

	if (b != NULL && is_stale(b)) {
		shard_unlink(m, s, b);
		return NULL;
	}
	return b;
}

void
shard_link(struct memory *m, struct shard *s, struct block *b)
{
	const struct wanted w = { block_key(b), b->hash };
	struct block *old = find_key(s, &w);
	_Atomic uint32_t *bucket = &s->bucket[b->hash & s->bucket_mask];

	if (old != NULL)
		shard_unlink(m, s, old);
	list_remove(s, &s->state->waiting, b);
	list_add(s, &s->state->linked, b);
	b->state = BLOCK_LINKED;
	b->shown = 0;
	b->chain = atomic_load(bucket);
	add(&s->state->entries, 1);
	atomic_store(bucket, block_offset(s, b));
}

/* ---- room */

/* The oldest that was not found since it was last looked at; NULL: all that
 * there are stay. */
static struct block *
choose_victim(struct memory *m, struct shard *s)
{
	struct list *l = &s->state->linked;
	uint32_t first_spared = NO_BLOCK;

	while (l->last != NO_BLOCK && l->last != first_spared) {
		struct block *b = block_at(s, l->last);
		bool used = b->used && !is_stale(b);

		if (!used && !is_pinned(m, s, b))
			return b;
		list_remove(s, l, b);
		list_add(s, l, b);
		if (!used && first_spared == NO_BLOCK)
			first_spared = block_offset(s, b);
		b->used = 0;
	}
	return NULL;
}

static bool
may_go(struct memory *m, struct shard *s, struct block *b)
{
	return b != NULL && b->state == BLOCK_LINKED && !is_pinned(m, s, b);
}

static struct block *
evict(struct memory *m, struct shard *s, struct block *b)
{
	add(&s->state->evictions, 1);
	return unlink_block(m, s, b);
}

/* The place of the victim grows over its neighbours until it is large enough,
 * or until none of them may go. */
static void
make_room(
    struct memory *m, struct shard *s, struct block *victim, uint32_t granules)
{
	struct block *hole = evict(m, s, victim);

	while (hole->size < granules) {
		struct block *next = block_after(s, hole);

		if (!may_go(m, s, next))
			next = block_before(s, hole);
		if (!may_go(m, s, next))
			return;
		hole = evict(m, s, next);
	}
}

static struct block *
find_room(struct memory *m, struct shard *s, uint32_t granules)
{
	struct block *room = take(s, granules);

	while (room == NULL) {
		struct block *victim = choose_victim(m, s);

		if (victim == NULL)
			return NULL;
		make_room(m, s, victim, granules);
		room = take(s, granules);
	}
	return room;
}

struct block *
shard_reserve(
    struct memory *m, struct shard *s, uint32_t granules, uint64_t *ret_pin)
{
	sweep(m, s);

	struct block *b = find_room(m, s, granules);

	if (b == NULL)
		return NULL;

	uint64_t pin =
	    pin_take(m->own, PIN_BRIEF, s->number, block_offset(s, b));

	if (pin == 0) {
		(void)give(s, b);
		return NULL;
	}
	b->state = BLOCK_FILLING;
	b->shown = true;
	list_add(s, &s->state->waiting, b);
	*ret_pin = pin;
	return b;
}
