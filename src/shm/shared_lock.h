/*
 * shared_lock.h - a mutex in shared memory that outlives its owner.
 *
 * A worker may die with the lock held.  The next one to take it is told, once,
 * and empties what the lock protects: it is never repaired.
 */
#ifndef PANGOLIN_SHARED_LOCK_H
#define PANGOLIN_SHARED_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct shared_lock {
	pthread_mutex_t mutex;
};

/* In shared memory, by the parent, before it forks. */
void shared_lock_init(struct shared_lock *);

/* True: the last owner died inside; what is protected may be torn. */
bool shared_lock_take(struct shared_lock *);
/* The same within a time; false: somebody has it still.  0: do not wait. */
bool shared_lock_wait(struct shared_lock *, int64_t wait_us, bool *ret_died);
/* False: somebody has it.  Whether an owner died inside is not told. */
bool shared_lock_try(struct shared_lock *);
void shared_lock_drop(struct shared_lock *);

#endif
