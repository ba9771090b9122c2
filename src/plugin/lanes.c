/*
 * lanes.c - permits under one mutex.
 *
 * A permit that is given back goes to a thread that waits, else to nobody in
 * particular: the oldest of the others is told, and asks again.
 */
#include "plugin/lanes.h"

#include <time.h>

#include "base/clock.h"

void
lanes_init(struct lanes *lanes, const unsigned permits[LANE_COUNT])
{
	pthread_condattr_t monotonic;

	(void)pthread_mutex_init(&lanes->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	for (int i = 0; i < LANE_COUNT; i++) {
		struct lane_state *l = &lanes->lane[i];

		*l = (struct lane_state){ .free = permits[i] };
		l->last = &l->first;
		(void)pthread_cond_init(&l->freed, &monotonic);
	}
	(void)pthread_condattr_destroy(&monotonic);
}

void
lanes_clear(struct lanes *lanes)
{
	for (int i = 0; i < LANE_COUNT; i++)
		(void)pthread_cond_destroy(&lanes->lane[i].freed);
	(void)pthread_mutex_destroy(&lanes->lock);
}

static void
add_last(struct lane_state *l, struct lane_waiter *w)
{
	w->next = NULL;
	*l->last = w;
	l->last = &w->next;
}

static void
add_first(struct lane_state *l, struct lane_waiter *w)
{
	w->next = l->first;
	if (l->first == NULL)
		l->last = &w->next;
	l->first = w;
}

bool
lanes_wait(struct lanes *lanes, enum lane lane, struct lane_waiter *w)
{
	struct lane_state *l = &lanes->lane[lane];

	(void)pthread_mutex_lock(&lanes->lock);

	bool full = l->free == 0;

	if (full && w->since_us != 0) {
		add_first(l, w);
	} else if (full) {
		w->since_us = clock_mono_us();
		add_last(l, w);
	}
	(void)pthread_mutex_unlock(&lanes->lock);
	return full;
}

static struct lane_waiter *
take_first(struct lane_state *l)
{
	struct lane_waiter *w = l->first;

	if (w == NULL)
		return NULL;
	l->first = w->next;
	if (l->first == NULL)
		l->last = &l->first;
	return w;
}

/* Those of one lane go to `late`. */
static void
expire(struct lane_state *l, int64_t before_us, struct lane_waiter **late)
{
	struct lane_waiter *all = l->first;

	l->first = NULL;
	l->last = &l->first;
	while (all != NULL) {
		struct lane_waiter *w = all;

		all = w->next;
		if (w->since_us >= before_us) {
			add_last(l, w);
		} else {
			w->next = *late;
			*late = w;
		}
	}
}

struct lane_waiter *
lanes_expire(struct lanes *lanes, int64_t before_us)
{
	struct lane_waiter *late = NULL;

	(void)pthread_mutex_lock(&lanes->lock);
	for (int i = 0; i < LANE_COUNT; i++)
		expire(&lanes->lane[i], before_us, &late);
	(void)pthread_mutex_unlock(&lanes->lock);
	return late;
}

/* So many permits come back; somebody is told when there is one. */
static void
give_back(struct lanes *lanes, enum lane lane, unsigned count)
{
	struct lane_state *l = &lanes->lane[lane];
	struct lane_waiter *next = NULL;

	(void)pthread_mutex_lock(&lanes->lock);
	l->free += count;
	if (l->on_threads != 0)
		(void)pthread_cond_signal(&l->freed);
	else if (l->free != 0)
		next = take_first(l);
	(void)pthread_mutex_unlock(&lanes->lock);
	if (next != NULL)
		next->ready(next);
}

void
lanes_tell_next(struct lanes *lanes, enum lane lane)
{
	give_back(lanes, lane, 0);
}

static enum err
would_block(struct call *c)
{
	if (c->usage != NULL)
		c->usage->refused = true;
	return fail(c->error, ERR_WOULD_BLOCK,
	    "The server cannot answer this without waiting.");
}

/* A permit, waited for on this thread until the deadline. */
static bool
wait_on_thread(struct lanes *lanes, struct lane_state *l, int64_t deadline_us)
{
	const struct timespec until = {
		.tv_sec = (time_t)(deadline_us / CLOCK_SECOND),
		.tv_nsec = (long)(deadline_us % CLOCK_SECOND) * 1000,
	};
	int late = 0;

	l->on_threads++;
	while (l->free == 0 && late == 0)
		late = pthread_cond_timedwait(&l->freed, &lanes->lock, &until);
	l->on_threads--;
	return l->free != 0;
}

static enum err
take_permit(struct call *c, enum lane lane, bool stay)
{
	struct lanes *lanes = c->usage->lanes;
	struct lane_state *l = &lanes->lane[lane];

	(void)pthread_mutex_lock(&lanes->lock);

	bool room =
	    l->free != 0 || (stay && wait_on_thread(lanes, l, c->deadline_us));

	if (room)
		l->free--;
	(void)pthread_mutex_unlock(&lanes->lock);
	if (room)
		return OK;
	c->usage->wants = lane;
	return stay ? fail(c->error, ERR_SLOW_DOWN,
			  "The server is busy; try again later.")
		    : would_block(c);
}

static enum err
enter(struct call *c, enum lane lane, bool stay)
{
	struct usage *u = c->usage;
	int64_t now;

	if (u == NULL || u->lanes == NULL)
		return c->nowait && lane == LANE_CPU ? would_block(c) : OK;
	now = clock_mono_us();
	u->entered_us[lane] = now;
	if (!c->nowait)
		return take_permit(c, lane, stay);
	if (lane == LANE_CPU || now - u->begun_us > LOOP_SHARE_US ||
	    (lane == LANE_STORE && !u->lanes->store_is_prompt))
		return would_block(c);
	return OK;
}

enum err
lane_enter(struct call *c, enum lane lane)
{
	bool stay =
	    c->usage != NULL && atomic_load(&c->usage->fate) != FATE_OPEN;

	return enter(c, lane, stay);
}

enum err
lane_enter_write(struct call *c, enum lane lane)
{
	TRY(usage_writes(c));
	return enter(c, lane, true);
}

enum err
lane_leave(struct call *c, enum lane lane, enum err err)
{
	struct usage *u = c->usage;

	if (u == NULL || u->lanes == NULL)
		return err;
	u->spent_us[lane] += clock_mono_us() - u->entered_us[lane];
	if (!c->nowait) {
		give_back(u->lanes, lane, 1);
		return err;
	}
	if (err == ERR_SLOW_DOWN) /* its lock is taken */
		err = ERR_WOULD_BLOCK;
	if (err == ERR_WOULD_BLOCK)
		u->refused = true;
	return err;
}

enum err
cpu_enter(struct call *c, size_t bytes)
{
	return bytes > LOOP_BYTES ? lane_enter(c, LANE_CPU) : OK;
}

void
cpu_leave(struct call *c, size_t bytes)
{
	if (bytes > LOOP_BYTES)
		(void)lane_leave(c, LANE_CPU, OK);
}
