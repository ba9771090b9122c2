/*
 * shared_lock.h - a mutex in shared memory that survives the death of its
 * owner.
 *
 * A worker may die with the lock held.  The next owner is told, once, and
 * empties what the lock protects: it is never repaired.
 */
#ifndef PANGOLIN_SHARED_LOCK_H
#define PANGOLIN_SHARED_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct shared_lock {
	pthread_mutex_t mutex;
};

/* Called by the parent, in shared memory, before it forks. */
void shared_lock_init(struct shared_lock *);

/* Takes the lock.  True: the last owner died with it; what it protects may be
 * torn. */
bool shared_lock_take(struct shared_lock *);
/* Takes the lock within a time; false: another has it still.  0: does not
 * wait. */
bool shared_lock_wait(struct shared_lock *, int64_t wait_us, bool *ret_died);
/* Takes the lock if it is free.  It does not tell whether an owner died. */
bool shared_lock_try(struct shared_lock *);
void shared_lock_drop(struct shared_lock *);

#endif
