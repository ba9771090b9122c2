#include "tasks/heartbeat.h"

#define BEAT_US CLOCK_SECOND
#define CALL_US (2 * CLOCK_SECOND) /* what a beat may wait for the store */

static enum err
look(struct heartbeat *h, struct call *c)
{
	struct task task = *h->work->task;
	bool mine;

	TRY(queue_reload(c, &task, &mine));
	if (!mine || task.wish != TASK_WISH_NONE)
		atomic_store(&h->unwanted, true);
	return OK;
}

/* Without an answer the lease may run out; the next beat tells. */
static void
beat(struct heartbeat *h)
{
	struct error ignored = { 0 };
	struct call call = { .store = h->work->call->store,
		.arena = h->arena,
		.error = &ignored,
		.deadline_us = clock_mono_us() + CALL_US };
	bool mine = true;

	arena_reset(h->arena);
	if (look(h, &call) == OK && !atomic_load(&h->unwanted) &&
	    queue_beat(&call, h->work->task, clock_now_us(), &mine) == OK &&
	    !mine)
		atomic_store(&h->unwanted, true);
}

static void *
thread_main(void *arg)
{
	struct heartbeat *h = arg;
	int64_t at = clock_mono_us();

	(void)pthread_mutex_lock(&h->lock);
	while (!h->ending) {
		struct timespec until;

		at += BEAT_US;
		until = (struct timespec){ .tv_sec = at / CLOCK_SECOND,
			.tv_nsec = at % CLOCK_SECOND * 1000 };
		while (!h->ending && pthread_cond_timedwait(
					 &h->change, &h->lock, &until) == 0)
			continue;
		if (h->ending)
			break;
		(void)pthread_mutex_unlock(&h->lock);
		beat(h);
		at = clock_mono_us();
		(void)pthread_mutex_lock(&h->lock);
	}
	(void)pthread_mutex_unlock(&h->lock);
	return NULL;
}

static int
init_lock(struct heartbeat *h)
{
	pthread_condattr_t attr;
	int failed = pthread_condattr_init(&attr);

	if (failed == 0)
		failed = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (failed == 0)
		failed = pthread_cond_init(&h->change, &attr);
	if (failed == 0)
		failed = pthread_mutex_init(&h->lock, NULL);
	(void)pthread_condattr_destroy(&attr);
	return failed;
}

enum err
heartbeat_start(struct heartbeat *h, struct work *w)
{
	*h = (struct heartbeat){ .work = w, .arena = arena_new() };
	if (init_lock(h) == 0 &&
	    pthread_create(&h->thread, NULL, thread_main, h) == 0)
		return OK;
	arena_free(h->arena);
	return fail(w->call->error, ERR_SLOW_DOWN,
	    "Cannot start a thread that keeps the task's lease");
}

void
heartbeat_stop(struct heartbeat *h)
{
	(void)pthread_mutex_lock(&h->lock);
	h->ending = true;
	(void)pthread_cond_broadcast(&h->change);
	(void)pthread_mutex_unlock(&h->lock);
	(void)pthread_join(h->thread, NULL);
	(void)pthread_mutex_destroy(&h->lock);
	(void)pthread_cond_destroy(&h->change);
	arena_free(h->arena);
}

enum err
heartbeat_look(struct heartbeat *h)
{
	return look(h, h->work->call);
}
