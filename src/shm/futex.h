/*
 * futex.h - waiting on a word of shared memory, and whether its owner lives.
 *
 * A waiter never trusts that it will be woken: who should have done so may
 * have been killed.  It looks again after FUTEX_TICK_US at the latest.
 */
#ifndef PANGOLIN_FUTEX_H
#define PANGOLIN_FUTEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FUTEX_TICK_US ((int64_t)10000)

/* Sleep while the word is `value`: until woken, until the deadline, for a tick
 * at most.  False: the deadline (clock_mono_us()) has passed. */
bool futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline_us);

void futex_wake(_Atomic uint32_t *word);

/* No process has this number any more.  One that took the number over keeps
 * what the dead one left until it ends itself. */
bool process_is_gone(pid_t);

#endif
