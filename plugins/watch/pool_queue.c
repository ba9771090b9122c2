#include "plugins/watch/pool_queue.h"

#include <time.h>

#include "base/clock.h"

void
pool_queue_init(
    struct pool_queue *p, size_t most, const struct store_watch *watch)
{
	pthread_condattr_t monotonic;

	*p = (struct pool_queue){ .most = most };
	p->counts = watch != NULL ? watch->pool : &p->unseen;
	count_add(&p->counts->most, (int64_t)most);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->wake, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
}

void
pool_queue_clear(struct pool_queue *p)
{
	(void)pthread_cond_destroy(&p->wake);
	(void)pthread_mutex_destroy(&p->lock);
}

static bool
wait_for_place(struct pool_queue *p, int64_t until_us)
{
	const struct timespec until = {
		.tv_sec = (time_t)(until_us / CLOCK_SECOND),
		.tv_nsec = (long)(until_us % CLOCK_SECOND) * 1000,
	};
	int late = 0;

	p->waiting++;
	while (p->handed == 0 && late == 0)
		late = pthread_cond_timedwait(&p->wake, &p->lock, &until);
	p->waiting--;
	if (p->handed == 0)
		return false;
	p->handed--;
	return true;
}

bool
pool_queue_enter(struct pool_queue *p, int64_t until_us)
{
	if (p->lent < p->most) {
		p->lent++;
		count_add(&p->counts->lent, 1);
		return true;
	}

	int64_t began = clock_mono_us();
	bool entered;

	count_add(&p->counts->waiting, 1);
	entered = wait_for_place(p, until_us);
	count_add(&p->counts->waiting, -1);
	count_add(&p->counts->waits, 1);
	count_add(&p->counts->wait_us, clock_mono_us() - began);
	if (!entered)
		count_add(&p->counts->timeouts, 1);
	return entered;
}

void
pool_queue_leave(struct pool_queue *p)
{
	if (p->waiting > p->handed) {
		p->handed++;
		(void)pthread_cond_signal(&p->wake);
	} else {
		p->lent--;
		count_add(&p->counts->lent, -1);
	}
}
