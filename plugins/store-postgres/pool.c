#include "pool.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

#define NAP_MIN_US (20 * CLOCK_MS)
#define NAP_MAX_US (250 * CLOCK_MS)

void
pool_open(struct pool *p, const struct options *o)
{
	pthread_condattr_t monotonic;

	*p = (struct pool){ .options = o };
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->wake, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
}

static void
close_all(struct conn *list)
{
	while (list != NULL) {
		struct conn *c = list;

		list = c->next;
		conn_close(c);
	}
}

void
pool_close(struct pool *p)
{
	close_all(p->idle);
	(void)pthread_cond_destroy(&p->wake);
	(void)pthread_mutex_destroy(&p->lock);
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* A place among the `max`: free, or handed over by who had it. */
static bool
enter(struct pool *p, int64_t deadline_us)
{
	const struct timespec until = {
		.tv_sec = (time_t)(deadline_us / CLOCK_SECOND),
		.tv_nsec = (long)(deadline_us % CLOCK_SECOND) * 1000,
	};
	int late = 0;

	if (p->lent < p->options->max) {
		p->lent++;
		return true;
	}
	p->waiting++;
	while (p->handed == 0 && late == 0)
		late = pthread_cond_timedwait(&p->wake, &p->lock, &until);
	p->waiting--;
	if (p->handed == 0)
		return false;
	p->handed--;
	return true;
}

static void
leave(struct pool *p)
{
	if (p->waiting > p->handed) {
		p->handed++;
		(void)pthread_cond_signal(&p->wake);
	} else {
		p->lent--;
	}
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
	(*ret)->retire_us = retire_at(p->options);
	return OK;
}

static struct conn *
take_idle(struct pool *p)
{
	struct conn *c = p->idle;

	if (c != NULL) {
		p->idle = c->next;
		p->idle_count--;
	}
	return c;
}

enum err
pool_borrow(struct pool *p, int64_t deadline_us, bool write, struct conn **ret,
    struct error *e)
{
	int64_t now = clock_mono_us();
	struct conn *c = NULL;
	bool entered;
	enum err err;

	(void)pthread_mutex_lock(&p->lock);
	entered = enter(p, least(deadline_us, now + p->options->acquire_us));
	if (entered)
		c = take_idle(p);
	(void)pthread_mutex_unlock(&p->lock);
	if (!entered)
		return fail(e, write ? ERR_SLOW_DOWN : ERR_UNAVAILABLE,
		    "All connections to the store are in use.");
	while (c != NULL && !conn_is_open(c)) {
		conn_close(c);
		(void)pthread_mutex_lock(&p->lock);
		c = take_idle(p);
		(void)pthread_mutex_unlock(&p->lock);
	}
	if (c == NULL) {
		err = connect_anew(p, deadline_us, &c, e);
		if (err != OK) {
			(void)pthread_mutex_lock(&p->lock);
			leave(p);
			(void)pthread_mutex_unlock(&p->lock);
			return fail(e, err,
			    "The store's server cannot be reached now.");
		}
	}
	*ret = c;
	return OK;
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
	p->idle_count = kept;
	return old;
}

void
pool_give_back(struct pool *p, struct conn *c)
{
	int64_t now = clock_mono_us();
	struct conn *old;

	conn_settle(c);
	if (c->broken || now >= c->retire_us) {
		conn_close(c);
		c = NULL;
	}
	(void)pthread_mutex_lock(&p->lock);
	if (c != NULL) {
		c->idle_since_us = now;
		c->next = p->idle;
		p->idle = c;
		p->idle_count++;
	}
	old = take_old(p, now);
	leave(p);
	(void)pthread_mutex_unlock(&p->lock);
	close_all(old);
}
