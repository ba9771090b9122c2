/* shared_lock.c - a robust, process-shared pthread mutex. */
#include "shm/shared_lock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

void
shared_lock_init(struct shared_lock *l)
{
	pthread_mutexattr_t attr;

	if (pthread_mutexattr_init(&attr) != 0 ||
	    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) != 0 ||
	    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) != 0 ||
	    pthread_mutex_init(&l->mutex, &attr) != 0)
		abort();
	(void)pthread_mutexattr_destroy(&attr);
}

bool
shared_lock_take(struct shared_lock *l)
{
	int result = pthread_mutex_lock(&l->mutex);

	if (result == EOWNERDEAD) {
		(void)pthread_mutex_consistent(&l->mutex);
		return true;
	}
	if (result != 0)
		abort();
	return false;
}

bool
shared_lock_try(struct shared_lock *l)
{
	int result = pthread_mutex_trylock(&l->mutex);

	if (result == EOWNERDEAD)
		(void)pthread_mutex_consistent(&l->mutex);
	else if (result != 0 && result != EBUSY)
		abort();
	return result != EBUSY;
}

/* ThreadSanitizer of Debian 12 does not see a lock that clocklock took, and
 * takes the unlock for an error: there the clock may be set while we wait. */
#ifdef __SANITIZE_THREAD__
#define LOCK_CLOCK CLOCK_REALTIME
#define lock_at(mutex, at) pthread_mutex_timedlock((mutex), (at))
#else
#define LOCK_CLOCK CLOCK_MONOTONIC
#define lock_at(mutex, at)                                                     \
	pthread_mutex_clocklock((mutex), CLOCK_MONOTONIC, (at))
#endif

static int
lock_until(pthread_mutex_t *mutex, int64_t wait_us)
{
	struct timespec at;
	int64_t until;

	(void)clock_gettime(LOCK_CLOCK, &at);
	until = at.tv_nsec / 1000 + wait_us;
	at.tv_sec += until / CLOCK_SECOND;
	at.tv_nsec = until % CLOCK_SECOND * 1000;
	return lock_at(mutex, &at);
}

bool
shared_lock_wait(struct shared_lock *l, int64_t wait_us, bool *ret_died)
{
	int result = pthread_mutex_trylock(&l->mutex);

	if (result == EBUSY && wait_us > 0)
		result = lock_until(&l->mutex, wait_us);
	*ret_died = result == EOWNERDEAD;
	if (*ret_died)
		(void)pthread_mutex_consistent(&l->mutex);
	else if (result != 0 && result != EBUSY && result != ETIMEDOUT)
		abort();
	return result == 0 || *ret_died;
}

void
shared_lock_drop(struct shared_lock *l)
{
	if (pthread_mutex_unlock(&l->mutex) != 0)
		abort();
}
