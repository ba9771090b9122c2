/*
 * turns.c - a table of places, each in the queue of its key.
 *
 * A change of a place is one store of its state, under the lock, so an owner
 * that dies inside leaves nothing torn.  It may leave a key whose turn nobody
 * holds while others wait: they look for themselves at every tick.
 */
#include "shm/turns.h"

#include <unistd.h>

#include "base/clock.h"
#include "shm/futex.h"
#include "shm/shared_lock.h"

enum turn_state { TURN_FREE, TURN_WAITS, TURN_HELD };

struct turn {
	_Atomic uint32_t state; /* what the owner sleeps on */
	pid_t owner;
	uint64_t key, ticket;
};

struct turns {
	struct shared_lock lock;
	uint64_t tickets;
	_Atomic uint32_t freed; /* moves when a place becomes free */
	struct turn at[TURNS_MAX];
};

size_t
turns_size(void)
{
	return sizeof(struct turns) + 64;
}

struct turns *
turns_new(struct shm *shm)
{
	struct turns *t = SHM_NEW(shm, struct turns, 1);

	shared_lock_init(&t->lock);
	return t;
}

static enum turn_state
state_of(const struct turn *turn)
{
	return (enum turn_state)atomic_load(&turn->state);
}

static void
set_free(struct turns *t, struct turn *turn)
{
	atomic_store(&turn->state, TURN_FREE);
	atomic_fetch_add(&t->freed, 1);
	futex_wake(&t->freed);
}

static void
free_the_dead(struct turns *t)
{
	pid_t self = getpid();

	for (struct turn *p = t->at; p < t->at + TURNS_MAX; p++)
		if (state_of(p) != TURN_FREE && p->owner != self &&
		    process_is_gone(p->owner))
			set_free(t, p);
}

/* When nobody holds the key's turn, who has waited longest gets it. */
static void
grant(struct turns *t, uint64_t key)
{
	struct turn *next = NULL;

	for (struct turn *p = t->at; p < t->at + TURNS_MAX; p++) {
		enum turn_state state = state_of(p);

		if (state == TURN_FREE || p->key != key)
			continue;
		if (state == TURN_HELD)
			return;
		if (next == NULL || p->ticket < next->ticket)
			next = p;
	}
	if (next == NULL)
		return;
	atomic_store(&next->state, TURN_HELD);
	futex_wake(&next->state);
}

/* A place at the end of the key's queue; NULL: there is none. */
static struct turn *
enqueue(struct turns *t, uint64_t key)
{
	struct turn *p = t->at;

	(void)shared_lock_take(&t->lock);
	while (p < t->at + TURNS_MAX && state_of(p) != TURN_FREE)
		p++;
	if (p == t->at + TURNS_MAX) {
		free_the_dead(t);
		shared_lock_drop(&t->lock);
		return NULL;
	}
	p->owner = getpid();
	p->key = key;
	p->ticket = t->tickets++;
	atomic_store(&p->state, TURN_WAITS);
	grant(t, key);
	shared_lock_drop(&t->lock);
	return p;
}

/* At the deadline: false, and the place is free, unless the turn came. */
static bool
leave(struct turns *t, struct turn *turn)
{
	(void)shared_lock_take(&t->lock);

	bool held = state_of(turn) == TURN_HELD;

	if (!held)
		set_free(t, turn);
	shared_lock_drop(&t->lock);
	return held;
}

static void
look_again(struct turns *t, uint64_t key)
{
	(void)shared_lock_take(&t->lock);
	free_the_dead(t);
	grant(t, key);
	shared_lock_drop(&t->lock);
}

struct turn *
turn_take(struct turns *t, uint64_t key, int64_t deadline_us)
{
	uint32_t freed = atomic_load(&t->freed);
	struct turn *turn = enqueue(t, key);

	while (turn == NULL) {
		if (!futex_wait(&t->freed, freed, deadline_us))
			return NULL;
		freed = atomic_load(&t->freed);
		turn = enqueue(t, key);
	}
	while (state_of(turn) != TURN_HELD) {
		if (!futex_wait(&turn->state, TURN_WAITS, deadline_us))
			return leave(t, turn) ? turn : NULL;
		if (state_of(turn) != TURN_HELD)
			look_again(t, key);
	}
	return turn;
}

void
turn_drop(struct turns *t, struct turn *turn)
{
	(void)shared_lock_take(&t->lock);

	uint64_t key = turn->key;

	set_free(t, turn);
	grant(t, key);
	shared_lock_drop(&t->lock);
}

void
turns_sweep(struct turns *t)
{
	(void)shared_lock_take(&t->lock);
	free_the_dead(t);
	for (struct turn *p = t->at; p < t->at + TURNS_MAX; p++)
		if (state_of(p) == TURN_WAITS)
			grant(t, p->key);
	shared_lock_drop(&t->lock);
}

struct turns_counts
turns_count(struct turns *t)
{
	struct turns_counts n = { 0 };

	for (struct turn *p = t->at; p < t->at + TURNS_MAX; p++) {
		n.waiting += state_of(p) == TURN_WAITS;
		n.held += state_of(p) == TURN_HELD;
	}
	return n;
}
