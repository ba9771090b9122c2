/*
 * futex.h - sleeps on a word of shared memory, and tells whether a process
 * lives.
 *
 * A sleeper never relies on being woken: the process that should wake it may
 * have been killed.  It looks again after FUTEX_TICK_US at the latest.
 */
#ifndef PANGOLIN_FUTEX_H
#define PANGOLIN_FUTEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FUTEX_TICK_US ((int64_t)10000)

/* Sleeps while the word is `value`: until woken, until the deadline, for a tick
 * at most.  False: the deadline (clock_mono_us()) has passed. */
bool futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline_us);

void futex_wake(_Atomic uint32_t *word);

/* Whether no process has this number any more.  A new process that got the
 * number keeps what the dead one left until it ends itself. */
bool process_is_gone(pid_t);

#endif
