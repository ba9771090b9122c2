/*
 * ticket_lock.c - a table of tickets, each in the queue of its key.
 *
 * A change of a ticket is one store of its state, under the table's lock, so an
 * owner that dies inside leaves nothing torn.  It may leave a key that nobody
 * holds while others wait: waiting threads look for themselves at every tick.
 */
#include "shm/ticket_lock.h"

#include <unistd.h>

#include "base/clock.h"
#include "shm/futex.h"
#include "shm/shared_lock.h"

enum ticket_state {
	TICKET_FREE,
	TICKET_WAITS,
	TICKET_HELD,
	TICKET_LOST /* its holder was overtaken and has not dropped it yet */
};

struct ticket {
	_Atomic uint32_t state; /* what the owner sleeps on */
	pid_t owner;
	uint64_t key, number;
};

struct ticket_locks {
	struct shared_lock lock;
	struct slots slots;
	uint64_t last_number;
	_Atomic uint32_t freed; /* changes when a ticket becomes free */
	struct ticket at[TICKETS_MAX];
};

size_t
ticket_locks_size(void)
{
	return sizeof(struct ticket_locks) + 64;
}

struct ticket_locks *
ticket_locks_new(struct shm *shm, struct slots slots)
{
	struct ticket_locks *t = SHM_NEW(shm, struct ticket_locks, 1);

	t->slots = slots;
	shared_lock_init(&t->lock);
	return t;
}

static enum ticket_state
state_of(const struct ticket *ticket)
{
	return (enum ticket_state)atomic_load(&ticket->state);
}

static void
set_free(struct ticket_locks *t, struct ticket *ticket)
{
	atomic_store(&ticket->state, TICKET_FREE);
	atomic_fetch_add(&t->freed, 1);
	futex_wake(&t->freed);
}

static void
free_the_dead(struct ticket_locks *t)
{
	pid_t self = getpid();

	for (struct ticket *p = t->at; p < t->at + TICKETS_MAX; p++)
		if (state_of(p) != TICKET_FREE && p->owner != self &&
		    process_is_gone(p->owner))
			set_free(t, p);
}

static void
overtake_the_silent(struct ticket_locks *t, uint64_t key)
{
	int64_t now = clock_mono_us();

	for (struct ticket *p = t->at; p < t->at + TICKETS_MAX; p++)
		if (state_of(p) == TICKET_HELD && p->key == key &&
		    slots_silent(t->slots, p->owner, now))
			atomic_store(&p->state, TICKET_LOST);
}

/* When nobody holds the key's lock, the oldest waiting ticket gets it. */
static void
grant(struct ticket_locks *t, uint64_t key)
{
	struct ticket *next = NULL;

	for (struct ticket *p = t->at; p < t->at + TICKETS_MAX; p++) {
		enum ticket_state state = state_of(p);

		if (state == TICKET_FREE || state == TICKET_LOST ||
		    p->key != key)
			continue;
		if (state == TICKET_HELD)
			return;
		if (next == NULL || p->number < next->number)
			next = p;
	}
	if (next == NULL)
		return;
	atomic_store(&next->state, TICKET_HELD);
	futex_wake(&next->state);
}

/* A ticket at the end of the key's queue.  NULL: there is none free, or it is
 * not the first in the queue and the caller will not wait. */
static struct ticket *
enqueue(struct ticket_locks *t, uint64_t key, bool waits)
{
	struct ticket *p = t->at;

	(void)shared_lock_take(&t->lock);
	while (p < t->at + TICKETS_MAX && state_of(p) != TICKET_FREE)
		p++;
	if (p == t->at + TICKETS_MAX) {
		free_the_dead(t);
		shared_lock_drop(&t->lock);
		return NULL;
	}
	p->owner = getpid();
	p->key = key;
	p->number = t->last_number++;
	atomic_store(&p->state, TICKET_WAITS);
	grant(t, key);
	if (!waits && state_of(p) != TICKET_HELD) {
		atomic_store(&p->state, TICKET_FREE); /* nobody has seen it */
		p = NULL;
	}
	shared_lock_drop(&t->lock);
	return p;
}

struct ticket *
ticket_try(struct ticket_locks *t, uint64_t key)
{
	return enqueue(t, key, false);
}

/* At the deadline: false, and the ticket is freed, unless it was just
 * granted. */
static bool
leave(struct ticket_locks *t, struct ticket *ticket)
{
	(void)shared_lock_take(&t->lock);

	bool held = state_of(ticket) == TICKET_HELD;

	if (!held)
		set_free(t, ticket);
	shared_lock_drop(&t->lock);
	return held;
}

/* A ticket that was granted and overtaken while its owner slept waits anew, at
 * its old place in the queue. */
static void
look_again(struct ticket_locks *t, struct ticket *ticket)
{
	(void)shared_lock_take(&t->lock);
	if (state_of(ticket) == TICKET_LOST)
		atomic_store(&ticket->state, TICKET_WAITS);
	free_the_dead(t);
	overtake_the_silent(t, ticket->key);
	grant(t, ticket->key);
	shared_lock_drop(&t->lock);
}

struct ticket *
ticket_take(struct ticket_locks *t, uint64_t key, int64_t deadline_us)
{
	uint32_t freed = atomic_load(&t->freed);
	struct ticket *ticket = enqueue(t, key, true);

	while (ticket == NULL) {
		if (!futex_wait(&t->freed, freed, deadline_us))
			return NULL;
		freed = atomic_load(&t->freed);
		ticket = enqueue(t, key, true);
	}
	while (state_of(ticket) != TICKET_HELD) {
		if (!futex_wait(&ticket->state, TICKET_WAITS, deadline_us))
			return leave(t, ticket) ? ticket : NULL;
		if (state_of(ticket) != TICKET_HELD)
			look_again(t, ticket);
	}
	return ticket;
}

void
ticket_drop(struct ticket_locks *t, struct ticket *ticket)
{
	(void)shared_lock_take(&t->lock);

	uint64_t key = ticket->key;

	set_free(t, ticket);
	grant(t, key);
	shared_lock_drop(&t->lock);
}

void
ticket_locks_sweep(struct ticket_locks *t)
{
	(void)shared_lock_take(&t->lock);
	free_the_dead(t);
	for (struct ticket *p = t->at; p < t->at + TICKETS_MAX; p++)
		if (state_of(p) == TICKET_WAITS)
			grant(t, p->key);
	shared_lock_drop(&t->lock);
}

struct ticket_lock_counts
ticket_locks_count(struct ticket_locks *t)
{
	struct ticket_lock_counts n = { 0 };

	for (struct ticket *p = t->at; p < t->at + TICKETS_MAX; p++) {
		n.waiting += state_of(p) == TICKET_WAITS;
		n.held +=
		    state_of(p) == TICKET_HELD || state_of(p) == TICKET_LOST;
	}
	return n;
}
