#include "pool.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

#define NAP_MIN_US (20 * CLOCK_MS)
#define NAP_MAX_US (250 * CLOCK_MS)

void
pool_open(
    struct pool *p, const struct options *o, const struct store_watch *watch)
{
	*p = (struct pool){ .options = o };
	pool_queue_init(&p->queue, o->max, watch);
}

static void
close_one(struct pool *p, struct conn *c)
{
	count_add(&p->queue.counts->closed, 1);
	conn_close(c);
}

static void
close_all(struct pool *p, struct conn *list)
{
	while (list != NULL) {
		struct conn *c = list;

		list = c->next;
		close_one(p, c);
	}
}

void
pool_close(struct pool *p)
{
	close_all(p, p->idle);
	pool_queue_clear(&p->queue);
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* A lifetime of its own for each, so that they are not all renewed at once. */
static int64_t
retire_at(const struct options *o)
{
	int64_t now = clock_mono_us();

	return now + o->lifetime_us * (90 + now % 21) / 100;
}

/* A server that is about to start is tried until the time-out. */
static enum err
connect_anew(
    struct pool *p, int64_t deadline_us, struct conn **ret, struct error *e)
{
	int64_t until =
	    least(deadline_us, clock_mono_us() + p->options->connect_us);
	int64_t nap = NAP_MIN_US;
	enum err err;

	while ((err = conn_open(p->options, until, ret, e)) != OK) {
		int64_t left = until - clock_mono_us();

		if (left <= nap)
			return err;
		(void)nanosleep(
		    &(struct timespec){ .tv_nsec = nap * 1000 }, NULL);
		nap = least(nap * 2, NAP_MAX_US);
	}
	count_add(&p->queue.counts->opened, 1);
	(*ret)->retire_us = retire_at(p->options);
	return OK;
}

/* With the lock held. */
static struct conn *
take_idle(struct pool *p)
{
	struct conn *c = p->idle;

	if (c != NULL) {
		p->idle = c->next;
		count_add(&p->queue.counts->idle, -1);
	}
	return c;
}

static struct conn *
take_open(struct pool *p)
{
	struct conn *c;

	for (;;) {
		(void)pthread_mutex_lock(&p->queue.lock);
		c = take_idle(p);
		(void)pthread_mutex_unlock(&p->queue.lock);
		if (c == NULL || conn_is_open(c))
			return c;
		close_one(p, c);
	}
}

static bool
enter(struct pool *p, int64_t until_us)
{
	bool entered;

	(void)pthread_mutex_lock(&p->queue.lock);
	entered = pool_queue_enter(&p->queue, until_us);
	(void)pthread_mutex_unlock(&p->queue.lock);
	return entered;
}

enum err
pool_borrow(struct pool *p, int64_t deadline_us, bool write, struct conn **ret,
    struct error *e)
{
	int64_t until = clock_mono_us() + p->options->acquire_us;
	struct conn *c;
	enum err err;

	if (!enter(p, least(deadline_us, until)))
		return fail(e, write ? ERR_SLOW_DOWN : ERR_UNAVAILABLE,
		    "All connections to the store are in use.");
	c = take_open(p);
	if (c != NULL) {
		*ret = c;
		return OK;
	}
	err = connect_anew(p, deadline_us, ret, e);
	if (err == OK)
		return OK;
	count_add(&p->queue.counts->failed, 1);
	(void)pthread_mutex_lock(&p->queue.lock);
	pool_queue_leave(&p->queue);
	(void)pthread_mutex_unlock(&p->queue.lock);
	return fail(e, err, "The store's server cannot be reached now.");
}

/* Those behind the first `min` that were idle for too long, cut off. */
static struct conn *
take_old(struct pool *p, int64_t now)
{
	struct conn **at = &p->idle, *old;
	size_t kept = 0;

	while (*at != NULL &&
	       (kept < p->options->min ||
		   (*at)->idle_since_us + p->options->idle_us > now)) {
		at = &(*at)->next;
		kept++;
	}
	old = *at;
	*at = NULL;
	for (struct conn *c = old; c != NULL; c = c->next)
		count_add(&p->queue.counts->idle, -1);
	return old;
}

void
pool_give_back(struct pool *p, struct conn *c)
{
	int64_t now = clock_mono_us();
	struct conn *old;

	conn_settle(c);
	if (c->broken)
		count_add(&p->queue.counts->failed, 1);
	if (c->broken || now >= c->retire_us) {
		close_one(p, c);
		c = NULL;
	}
	(void)pthread_mutex_lock(&p->queue.lock);
	if (c != NULL) {
		c->idle_since_us = now;
		c->next = p->idle;
		p->idle = c;
		count_add(&p->queue.counts->idle, 1);
	}
	old = take_old(p, now);
	pool_queue_leave(&p->queue);
	(void)pthread_mutex_unlock(&p->queue.lock);
	close_all(p, old);
}
