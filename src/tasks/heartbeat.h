/*
 * heartbeat.h - keeps the lease of a task whose chunk may last, by a thread of
 * its own, and tells whether the chunk is to end.
 */
#ifndef PANGOLIN_HEARTBEAT_H
#define PANGOLIN_HEARTBEAT_H

#include <pthread.h>
#include <stdatomic.h>

#include "tasks/work.h"

struct heartbeat {
	struct work *work;
	struct arena *arena; /* of the thread's calls */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool ending; /* under lock */
	/* Somebody wants the task paused or cancelled, or another worker has
	 * it: what the chunk writes from here on would not count. */
	_Atomic bool unwanted;
};

/* ERR_SLOW_DOWN: there is no thread now. */
MUST_CHECK enum err heartbeat_start(struct heartbeat *, struct work *);

/* Waits for the thread to end. */
void heartbeat_stop(struct heartbeat *);

/* Asks the store, on the thread of the chunk: what the heartbeat will find out
 * next. */
MUST_CHECK enum err heartbeat_look(struct heartbeat *);

#endif
