/*
 * bulkheads.c - permits under one mutex.
 *
 * A permit that comes back is handed to the first thread that waits and whose
 * share has room.  When there is none, a request in the queue is told, and
 * tries again.
 */
#include "calls/bulkheads.h"

#include <time.h>

#include "base/clock.h"

void
bulkheads_init(
    struct bulkheads *bulkheads, const unsigned permits[BULKHEAD_COUNT])
{
	pthread_condattr_t monotonic;

	(void)pthread_mutex_init(&bulkheads->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	for (int i = 0; i < BULKHEAD_COUNT; i++) {
		struct bulkhead_state *l = &bulkheads->bulkhead[i];

		l->threads = NULL;
		l->most = 0;
		l->refused = 0;
		shares_init(&l->shares, permits[i]);
		(void)pthread_cond_init(&l->handed, &monotonic);
	}
	(void)pthread_condattr_destroy(&monotonic);
}

void
bulkheads_clear(struct bulkheads *bulkheads)
{
	for (int i = 0; i < BULKHEAD_COUNT; i++)
		(void)pthread_cond_destroy(&bulkheads->bulkhead[i].handed);
	(void)pthread_mutex_destroy(&bulkheads->lock);
}

void
bulkheads_bound(
    struct bulkheads *bulkheads, enum bulkhead bulkhead, unsigned most)
{
	(void)pthread_mutex_lock(&bulkheads->lock);
	bulkheads->bulkhead[bulkhead].most = most;
	(void)pthread_mutex_unlock(&bulkheads->lock);
}

struct bulkhead_load
bulkheads_load(struct bulkheads *bulkheads, enum bulkhead bulkhead)
{
	struct bulkhead_state *l = &bulkheads->bulkhead[bulkhead];

	(void)pthread_mutex_lock(&bulkheads->lock);

	struct bulkhead_load load = { l->shares.waiting, l->refused };

	l->refused = 0;
	(void)pthread_mutex_unlock(&bulkheads->lock);
	return load;
}

/* Tenants name the servers of S3 and those that are probed; a request that
 * writes, that waits for a ticket or for a file may wait for one of them. */
static bool
is_shared(enum bulkhead bulkhead)
{
	return bulkhead == BULKHEAD_S3 || bulkhead == BULKHEAD_PROBE ||
	       bulkhead == BULKHEAD_WRITE || bulkhead == BULKHEAD_TICKET ||
	       bulkhead == BULKHEAD_LOAD;
}

static struct share_key
key_of(const struct usage *u, enum bulkhead bulkhead, uint64_t bucket)
{
	struct share_key key = { .bucket = 0 };

	if (is_shared(bulkhead))
		key.tenant = u->tenant;
	if (bulkhead == BULKHEAD_S3)
		key.bucket = bucket;
	return key;
}

/* BULKHEAD_MEMORY has one permit, which nobody takes: the budget decides. */
static bool
has_memory(enum bulkhead bulkhead, const struct bulkhead_waiter *w)
{
	return bulkhead != BULKHEAD_MEMORY ||
	       budget_has_room(&process_budget, (int64_t)w->bytes);
}

bool
bulkheads_wait(const struct usage *u, struct bulkhead_waiter *w)
{
	struct bulkheads *bulkheads = u->bulkheads;
	struct bulkhead_state *l = &bulkheads->bulkhead[u->wants];
	struct share_key key = key_of(u, u->wants, u->wants_part);

	(void)pthread_mutex_lock(&bulkheads->lock);

	bool full =
	    !shares_have_room(&l->shares, key) || !has_memory(u->wants, w);

	if (full) {
		shares_add(&l->shares, key, w);
		if (w->since_us == 0)
			w->since_us = clock_mono_us();
	}
	(void)pthread_mutex_unlock(&bulkheads->lock);
	return full;
}

struct bulkhead_waiter *
bulkheads_expire(struct bulkheads *bulkheads, int64_t before_us)
{
	struct bulkhead_waiter *late = NULL;

	(void)pthread_mutex_lock(&bulkheads->lock);
	for (int i = 0; i < BULKHEAD_COUNT; i++)
		shares_expire(&bulkheads->bulkhead[i].shares, before_us, &late);
	(void)pthread_mutex_unlock(&bulkheads->lock);
	return late;
}

/* ---- permits that come back */

static void
hand_to_threads(struct bulkhead_state *l)
{
	struct bulkhead_thread **at = &l->threads;
	bool any = false;

	while (*at != NULL && l->shares.free != 0) {
		struct bulkhead_thread *t = *at;

		if (!shares_have_room(&l->shares, t->key)) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		shares_hold(&l->shares, t->key);
		t->has_permit = any = true;
	}
	if (any)
		(void)pthread_cond_broadcast(&l->handed);
}

/* The waiters to tell, linked by `next`: one, as if it had the permit, and one
 * more.  A permit that comes back may make room in two shares, that of the
 * tenant for another bucket, and that of the bucket for another tenant. */
static struct bulkhead_waiter *
choose(struct bulkhead_state *l, enum bulkhead bulkhead)
{
	struct share *share = shares_next(&l->shares);
	struct bulkhead_waiter *w;

	if (share == NULL || !has_memory(bulkhead, share->first))
		return NULL;

	struct share_key key = share->key;

	w = shares_take(&l->shares, share);
	w->next = NULL;
	shares_hold(&l->shares, key);
	share = shares_next(&l->shares);
	if (share != NULL) {
		w->next = shares_take(&l->shares, share);
		w->next->next = NULL;
	}
	shares_drop(&l->shares, key);
	return w;
}

static void
tell(struct bulkhead_waiter *w)
{
	while (w != NULL) {
		struct bulkhead_waiter *next = w->next;

		w->ready(w);
		w = next;
	}
}

static void
give_back(struct bulkheads *bulkheads, enum bulkhead bulkhead,
    const struct share_key *held)
{
	struct bulkhead_state *l = &bulkheads->bulkhead[bulkhead];
	struct bulkhead_waiter *told;

	(void)pthread_mutex_lock(&bulkheads->lock);
	if (held != NULL)
		shares_drop(&l->shares, *held);
	hand_to_threads(l);
	told = choose(l, bulkhead);
	(void)pthread_mutex_unlock(&bulkheads->lock);
	tell(told);
}

void
bulkheads_tell_next(struct bulkheads *bulkheads, enum bulkhead bulkhead)
{
	give_back(bulkheads, bulkhead, NULL);
}

/* ---- permits that are taken */

static enum err
would_block(struct call *c)
{
	if (c->usage != NULL)
		c->usage->refused = true;
	return fail(c->error, ERR_WOULD_BLOCK,
	    "The server cannot answer this without waiting.");
}

/* Waits on this thread until it is handed a permit, or the deadline. */
static bool
wait_on_thread(struct bulkheads *bulkheads, struct bulkhead_state *l,
    struct share_key key, int64_t deadline_us)
{
	const struct timespec until = {
		.tv_sec = (time_t)(deadline_us / CLOCK_SECOND),
		.tv_nsec = (long)(deadline_us % CLOCK_SECOND) * 1000,
	};
	struct bulkhead_thread self = { .key = key }, **at = &l->threads;
	int late = 0;

	while (*at != NULL)
		at = &(*at)->next;
	*at = &self;
	while (!self.has_permit && late == 0)
		late = pthread_cond_timedwait(
		    &l->handed, &bulkheads->lock, &until);
	if (self.has_permit)
		return true;
	for (at = &l->threads; *at != &self;)
		at = &(*at)->next;
	*at = self.next;
	return false;
}

/* Whether the queue is too long for this request; one that has been in the
 * queue before is never refused. */
static bool
is_crowded(
    struct bulkhead_state *l, const struct usage *u, enum bulkhead bulkhead)
{
	bool crowded = l->most != 0 && l->shares.waiting >= l->most &&
		       !(u->queued && u->wants == bulkhead);

	l->refused += crowded;
	return crowded;
}

/* True: the call has a permit. */
static bool
take_room(struct bulkheads *bulkheads, struct bulkhead_state *l,
    struct share_key key, bool stay, int64_t deadline_us)
{
	if (shares_have_room(&l->shares, key)) {
		shares_hold(&l->shares, key);
		return true;
	}
	return stay && wait_on_thread(bulkheads, l, key, deadline_us);
}

static enum err
take_permit(struct call *c, enum bulkhead bulkhead, uint64_t bucket, bool stay)
{
	struct usage *u = c->usage;
	struct bulkheads *bulkheads = u->bulkheads;
	struct bulkhead_state *l = &bulkheads->bulkhead[bulkhead];
	struct share_key key = key_of(u, bulkhead, bucket);

	(void)pthread_mutex_lock(&bulkheads->lock);
	if (is_shared(bulkhead))
		shares_ask(&l->shares, key, u->entered_us[bulkhead]);

	bool room = take_room(bulkheads, l, key, stay, c->deadline_us);
	bool crowded = !room && !stay && is_crowded(l, u, bulkhead);

	(void)pthread_mutex_unlock(&bulkheads->lock);
	if (room)
		return OK;
	if (crowded)
		return fail(c->error, ERR_SLOW_DOWN,
		    "Too many such requests are waiting; try again later.");
	u->wants = bulkhead;
	u->wants_part = bucket;
	u->queued = true;
	return stay ? fail(c->error, ERR_SLOW_DOWN,
			  "The server is busy; try again later.")
		    : would_block(c);
}

/* Whether the permits are for the processor. */
static bool
is_work(enum bulkhead bulkhead)
{
	return bulkhead == BULKHEAD_CPU || bulkhead == BULKHEAD_PASSWORD;
}

static enum err
enter(struct call *c, enum bulkhead bulkhead, uint64_t bucket, bool stay)
{
	struct usage *u = c->usage;
	int64_t now;

	if (u == NULL || u->bulkheads == NULL)
		return c->nowait && is_work(bulkhead) ? would_block(c) : OK;
	now = clock_mono_us();
	u->entered_us[bulkhead] = now;
	if (!c->nowait)
		return take_permit(c, bulkhead, bucket, stay);
	if (is_work(bulkhead) || now - u->begun_us > LOOP_SHARE_US ||
	    (bulkhead == BULKHEAD_STORE && !u->bulkheads->store_is_prompt))
		return would_block(c);
	return OK;
}

static bool
must_stay(const struct call *c)
{
	return c->usage != NULL && atomic_load(&c->usage->fate) != FATE_OPEN;
}

enum err
bulkhead_enter(struct call *c, enum bulkhead bulkhead)
{
	TRY(arena_check(c->arena, c->error));
	return enter(c, bulkhead, 0, must_stay(c));
}

enum err
bucket_enter(struct call *c, uint64_t bucket)
{
	TRY(arena_check(c->arena, c->error));
	return enter(c, BULKHEAD_S3, bucket, must_stay(c));
}

enum err
bulkhead_enter_write(struct call *c, enum bulkhead bulkhead)
{
	TRY(usage_writes(c));
	return enter(c, bulkhead, 0, true);
}

enum err
bucket_enter_write(struct call *c, uint64_t bucket)
{
	TRY(usage_writes(c));
	return enter(c, BULKHEAD_S3, bucket, true);
}

static enum err
leave(struct call *c, enum bulkhead bulkhead, uint64_t bucket, enum err err)
{
	struct usage *u = c->usage;
	struct share_key key;

	if (u == NULL || u->bulkheads == NULL)
		return err;
	u->spent_us[bulkhead] += clock_mono_us() - u->entered_us[bulkhead];
	if (!c->nowait) {
		key = key_of(u, bulkhead, bucket);
		give_back(u->bulkheads, bulkhead, &key);
		return err;
	}
	if (err == ERR_SLOW_DOWN) /* the store's lock is taken */
		err = ERR_WOULD_BLOCK;
	if (err == ERR_WOULD_BLOCK)
		u->refused = true;
	return err;
}

enum err
bulkhead_leave(struct call *c, enum bulkhead bulkhead, enum err err)
{
	return leave(c, bulkhead, 0, err);
}

enum err
bucket_leave(struct call *c, uint64_t bucket, enum err err)
{
	return leave(c, BULKHEAD_S3, bucket, err);
}

enum err
cpu_enter(struct call *c, size_t bytes)
{
	return bytes > LOOP_BYTES ? bulkhead_enter(c, BULKHEAD_CPU) : OK;
}

void
cpu_leave(struct call *c, size_t bytes)
{
	if (bytes > LOOP_BYTES)
		(void)bulkhead_leave(c, BULKHEAD_CPU, OK);
}

/* ---- memory */

/* The most that one request may hold and reserve: one that wanted all memory
 * could wait for ever. */
static size_t
most_for_one(void)
{
	int64_t limit = budget_limit(&process_budget);

	return limit == 0 ? SIZE_MAX / 2 : (size_t)limit / 4 * 3;
}

static size_t
room_for(const struct arena *a)
{
	size_t held = arena_held(a), most = most_for_one();
	size_t left = most > held ? most - held : 0, room = arena_room(a);

	return left < room ? left : room;
}

enum err
memory_enter(struct call *c, size_t bytes)
{
	struct usage *u = c->usage;

	TRY(arena_check(c->arena, c->error));
	if (bytes <= LOOP_BYTES)
		return OK;
	if (bytes > room_for(c->arena))
		bytes = room_for(c->arena);
	if (arena_reserve(c->arena, bytes))
		return OK;
	if (u == NULL || u->bulkheads == NULL || must_stay(c))
		return fail(c->error, ERR_SLOW_DOWN,
		    "The server has no memory for this now; try again later.");
	u->wants = BULKHEAD_MEMORY;
	u->wants_part = arena_held(c->arena) + bytes;
	return would_block(c);
}
