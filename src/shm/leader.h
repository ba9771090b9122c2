/*
 * leader.h - elects one leader among the workers, with fencing tokens.
 *
 * A token is a number that only grows, together with the process that holds it.
 * A leader that dies or falls silent (slots.h) is deposed by a process that
 * waits for it.  A silent leader may wake up and not know: its token makes
 * shared memory refuse what it does, and until it has resigned it is a zombie,
 * because it may still be on its way to the store.
 */
#ifndef PANGOLIN_LEADER_H
#define PANGOLIN_LEADER_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "shm/slots.h"

/* With so many zombies no leader is deposed any more. */
#define LEADER_ZOMBIES 8

struct leader {
	alignas(64) _Atomic uint64_t token;
	_Atomic uint64_t zombie[LEADER_ZOMBIES]; /* 0: there is none */
	struct slots slots;
};

/* Called by the parent, in zeroed shared memory. */
void leader_init(struct leader *, struct slots);

/* Becomes leader until it resigns: its token; 0: another process leads. */
uint64_t leader_try(struct leader *);
/* The same in place of a leader that is dead or silent. */
uint64_t leader_depose(struct leader *);
void leader_resign(struct leader *, uint64_t token);

/* The holder of the token has not been deposed. */
bool leader_holds(const struct leader *, uint64_t token);
/* The same, for the time at which everything before this call was read. */
bool leader_held(struct leader *, uint64_t token);

/* There is no leader, or its process is gone. */
bool leader_is_gone(const struct leader *);

/* A deposed leader may still be at work. */
bool leader_has_zombies(struct leader *);

#endif
