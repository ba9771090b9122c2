/*
 * bulkheads.c - permits under one mutex.
 *
 * A permit that comes back goes to a thread that waits for one.  When more
 * permits are free than threads wait, the oldest request in the queue is told,
 * and tries again.
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

		*l = (struct bulkhead_state){ .free = permits[i] };
		l->last = &l->first;
		(void)pthread_cond_init(&l->freed, &monotonic);
	}
	(void)pthread_condattr_destroy(&monotonic);
}

void
bulkheads_clear(struct bulkheads *bulkheads)
{
	for (int i = 0; i < BULKHEAD_COUNT; i++)
		(void)pthread_cond_destroy(&bulkheads->bulkhead[i].freed);
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

	struct bulkhead_load load = { l->waiting, l->refused };

	l->refused = 0;
	(void)pthread_mutex_unlock(&bulkheads->lock);
	return load;
}

static void
add_last(struct bulkhead_state *l, struct bulkhead_waiter *w)
{
	l->waiting++;
	w->next = NULL;
	*l->last = w;
	l->last = &w->next;
}

static void
add_first(struct bulkhead_state *l, struct bulkhead_waiter *w)
{
	l->waiting++;
	w->next = l->first;
	if (l->first == NULL)
		l->last = &w->next;
	l->first = w;
}

/* BULKHEAD_MEMORY has one permit, which nobody takes: the budget decides. */
static bool
has_room(const struct bulkhead_state *l, enum bulkhead bulkhead,
    const struct bulkhead_waiter *w)
{
	if (bulkhead == BULKHEAD_MEMORY)
		return budget_has_room(&process_budget, (int64_t)w->bytes);
	return l->free != 0;
}

bool
bulkheads_wait(struct bulkheads *bulkheads, enum bulkhead bulkhead,
    struct bulkhead_waiter *w)
{
	struct bulkhead_state *l = &bulkheads->bulkhead[bulkhead];

	(void)pthread_mutex_lock(&bulkheads->lock);

	bool full = !has_room(l, bulkhead, w);

	if (full && w->since_us != 0) {
		add_first(l, w);
	} else if (full) {
		w->since_us = clock_mono_us();
		add_last(l, w);
	}
	(void)pthread_mutex_unlock(&bulkheads->lock);
	return full;
}

static struct bulkhead_waiter *
take_first(struct bulkhead_state *l)
{
	struct bulkhead_waiter *w = l->first;

	if (w == NULL)
		return NULL;
	l->waiting--;
	l->first = w->next;
	if (l->first == NULL)
		l->last = &l->first;
	return w;
}

/* Moves the late waiters of one bulkhead to `late`. */
static void
expire(
    struct bulkhead_state *l, int64_t before_us, struct bulkhead_waiter **late)
{
	struct bulkhead_waiter *all = l->first;

	l->first = NULL;
	l->last = &l->first;
	l->waiting = 0;
	while (all != NULL) {
		struct bulkhead_waiter *w = all;

		all = w->next;
		if (w->since_us >= before_us) {
			add_last(l, w);
		} else {
			w->next = *late;
			*late = w;
		}
	}
}

struct bulkhead_waiter *
bulkheads_expire(struct bulkheads *bulkheads, int64_t before_us)
{
	struct bulkhead_waiter *late = NULL;

	(void)pthread_mutex_lock(&bulkheads->lock);
	for (int i = 0; i < BULKHEAD_COUNT; i++)
		expire(&bulkheads->bulkhead[i], before_us, &late);
	(void)pthread_mutex_unlock(&bulkheads->lock);
	return late;
}

/* Gives so many permits back and tells a waiter when there is one. */
static void
give_back(struct bulkheads *bulkheads, enum bulkhead bulkhead, unsigned count)
{
	struct bulkhead_state *l = &bulkheads->bulkhead[bulkhead];
	struct bulkhead_waiter *next = NULL;

	(void)pthread_mutex_lock(&bulkheads->lock);
	l->free += count;
	if (l->on_threads != 0)
		(void)pthread_cond_signal(&l->freed);
	if (l->first != NULL && l->free > l->on_threads &&
	    has_room(l, bulkhead, l->first))
		next = take_first(l);
	(void)pthread_mutex_unlock(&bulkheads->lock);
	if (next != NULL)
		next->ready(next);
}

void
bulkheads_tell_next(struct bulkheads *bulkheads, enum bulkhead bulkhead)
{
	give_back(bulkheads, bulkhead, 0);
}

static enum err
would_block(struct call *c)
{
	if (c->usage != NULL)
		c->usage->refused = true;
	return fail(c->error, ERR_WOULD_BLOCK,
	    "The server cannot answer this without waiting.");
}

/* Waits for a permit on this thread until the deadline. */
static bool
wait_on_thread(
    struct bulkheads *bulkheads, struct bulkhead_state *l, int64_t deadline_us)
{
	const struct timespec until = {
		.tv_sec = (time_t)(deadline_us / CLOCK_SECOND),
		.tv_nsec = (long)(deadline_us % CLOCK_SECOND) * 1000,
	};
	int late = 0;

	l->on_threads++;
	while (l->free == 0 && late == 0)
		late =
		    pthread_cond_timedwait(&l->freed, &bulkheads->lock, &until);
	l->on_threads--;
	return l->free != 0;
}

/* Whether the queue is too long for this request; one that has been in the
 * queue before is never refused. */
static bool
is_crowded(
    struct bulkhead_state *l, const struct usage *u, enum bulkhead bulkhead)
{
	bool crowded = l->most != 0 && l->waiting >= l->most &&
		       !(u->queued && u->wants == bulkhead);

	l->refused += crowded;
	return crowded;
}

static enum err
take_permit(struct call *c, enum bulkhead bulkhead, bool stay)
{
	struct bulkheads *bulkheads = c->usage->bulkheads;
	struct bulkhead_state *l = &bulkheads->bulkhead[bulkhead];

	(void)pthread_mutex_lock(&bulkheads->lock);

	bool room = l->free != 0 ||
		    (stay && wait_on_thread(bulkheads, l, c->deadline_us));

	bool crowded = !room && !stay && is_crowded(l, c->usage, bulkhead);

	if (room)
		l->free--;
	(void)pthread_mutex_unlock(&bulkheads->lock);
	if (room)
		return OK;
	if (crowded)
		return fail(c->error, ERR_SLOW_DOWN,
		    "Too many such requests are waiting; try again later.");
	c->usage->wants = bulkhead;
	c->usage->queued = true;
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
enter(struct call *c, enum bulkhead bulkhead, bool stay)
{
	struct usage *u = c->usage;
	int64_t now;

	if (u == NULL || u->bulkheads == NULL)
		return c->nowait && is_work(bulkhead) ? would_block(c) : OK;
	now = clock_mono_us();
	u->entered_us[bulkhead] = now;
	if (!c->nowait)
		return take_permit(c, bulkhead, stay);
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
	return enter(c, bulkhead, must_stay(c));
}

enum err
bulkhead_enter_write(struct call *c, enum bulkhead bulkhead)
{
	TRY(usage_writes(c));
	return enter(c, bulkhead, true);
}

enum err
bulkhead_leave(struct call *c, enum bulkhead bulkhead, enum err err)
{
	struct usage *u = c->usage;

	if (u == NULL || u->bulkheads == NULL)
		return err;
	u->spent_us[bulkhead] += clock_mono_us() - u->entered_us[bulkhead];
	if (!c->nowait) {
		give_back(u->bulkheads, bulkhead, 1);
		return err;
	}
	if (err == ERR_SLOW_DOWN) /* the store's lock is taken */
		err = ERR_WOULD_BLOCK;
	if (err == ERR_WOULD_BLOCK)
		u->refused = true;
	return err;
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
	u->wants_bytes = arena_held(c->arena) + bytes;
	return would_block(c);
}
