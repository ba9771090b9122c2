#include "tasks/runner.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/background.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/priority.h"
#include "calls/store_call.h"
#include "calls/usage.h"
#include "config/limits.h"
#include "shm/outage.h"
#include "tasks/expiry.h"
#include "tasks/kinds.h"
#include "tasks/last_run.h"
#include "tasks/schedule.h"

#define POLL_US CLOCK_SECOND
#define CALL_US (5 * CLOCK_SECOND) /* what a step may wait for the store */
#define PURGE_EVERY_US (600 * CLOCK_SECOND)
#define SAVE_EVERY_US (60 * CLOCK_SECOND)

struct runner {
	struct runner_settings settings;
	struct arena *arena; /* of the chunk in progress */
	struct usage usage;  /* usage of its calls, with the caches */
	struct error error;
	int64_t
	    purge_us; /* clock_mono_us() of the next look for what is over */
	int64_t schedule_us; /* of the next look for upkeep that is due */
	int64_t save_us;     /* of the next time to save the hottest files */
	bool away;           /* the store did not answer the last time */
	bool failing;        /* it has been logged that tasks wait */
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool woken, stopping, ended; /* under lock */
};

/* ---- between the threads */
static bool
is_stopping(struct runner *r)
{
	(void)pthread_mutex_lock(&r->lock);

	bool stopping = r->stopping;

	(void)pthread_mutex_unlock(&r->lock);
	return stopping;
}

static struct timespec
in_us(int64_t us)
{
	int64_t at = clock_mono_us() + us;

	return (struct timespec){ .tv_sec = at / CLOCK_SECOND,
		.tv_nsec = at % CLOCK_SECOND * 1000 };
}

/* Until it is woken or stopped, or the time is over. */
static void
rest(struct runner *r)
{
	struct timespec until = in_us(POLL_US);

	(void)pthread_mutex_lock(&r->lock);
	while (!r->woken && !r->stopping &&
	       pthread_cond_timedwait(&r->change, &r->lock, &until) == 0)
		continue;
	r->woken = false;
	(void)pthread_mutex_unlock(&r->lock);
}

/* ---- one step of a task */

/* As of a request: what needs more than there ever is must fail, not wait. */
static size_t
ceiling(const struct limits *limits)
{
	int64_t most = limits->request_memory_bytes;
	int64_t room = budget_reservable(&process_budget);

	return (size_t)(most < room ? most : room);
}

static struct call
new_call(struct runner *r)
{
	const struct limits *limits = r->settings.limits;

	arena_reset(r->arena);
	arena_set_ceiling(r->arena, ceiling(limits));
	r->usage = (struct usage){ .levels = r->settings.levels,
		.metadata_bytes = limits->metadata_bytes };
	return (struct call){ .store = r->settings.store,
		.arena = r->arena,
		.error = &r->error,
		.usage = &r->usage,
		.deadline_us = clock_mono_us() + CALL_US };
}

static void
tell_end(const struct task *t, const char *what, struct str why)
{
	char id[ID_TEXT];

	id_format(t->id, id);
	log_line(LEVEL_INFO, "task %s, " STR_FMT ": %s%s" STR_FMT, id,
	    STR_ARG(t->kind), what, why.len != 0 ? ": " : "", STR_ARG(why));
}

static enum err
end_with(
    struct call *c, const struct task *t, enum task_state state, struct str why)
{
	TRY(queue_end(c, t, state, why, clock_now_us()));
	tell_end(t, task_state_name(state).ptr, why);
	return OK;
}

static enum err
end_by_wish(struct call *c, const struct task *t)
{
	return end_with(c, t,
	    t->wish == TASK_WISH_CANCEL ? TASK_CANCELLED : TASK_PAUSED,
	    (struct str){ 0 });
}

/* Failures that say "not now". */
static bool
will_pass(enum err err)
{
	return err == ERR_UNAVAILABLE || err == ERR_SLOW_DOWN ||
	       err == ERR_WOULD_BLOCK || err == ERR_COMMIT_UNKNOWN ||
	       err == ERR_DISK_FULL;
}

static enum err
do_chunk(struct runner *r, struct call *c, const struct task *t)
{
	const struct kind *kind = kind_find(t->kind);
	struct work work = work_begin(c, t);
	int64_t began = clock_mono_us();
	bool written;

	if (t->wish != TASK_WISH_NONE && (kind == NULL || !kind->sees_wishes))
		return end_by_wish(c, t);
	if (kind == NULL)
		return end_with(c, t, TASK_FAILED,
		    STR("This release does not know the kind of task"));

	work.retention_us = r->settings.retention_us;
	work.grace_us = r->settings.grace_us;

	enum err err = kind->chunk(&work);

	if (err != OK && !will_pass(err))
		return end_with(c, t, TASK_FAILED,
		    arena_copy(c->arena, str_from(c->error->message)));
	TRY(err);
	if (t->wish != TASK_WISH_NONE && !work.progress.is_final)
		return end_by_wish(c, t);
	work.progress.worked_us = clock_mono_us() - began;
	c->deadline_us = clock_mono_us() + CALL_US;
	TRY(queue_commit(c, t, &work.progress, clock_now_us(), &written));
	if (written && work.progress.finished)
		tell_end(t, "completed", STR(""));
	return OK;
}

/* The next step reads the task anew, and with it state not written. */
static enum err
step(struct runner *r, struct task *t, bool *ret_more)
{
	struct call call = new_call(r);
	bool mine;

	r->usage.tenant = t->tenant;
	TRY(queue_reload(&call, t, &mine));
	*ret_more = false;
	if (!mine)
		return OK;
	if (is_stopping(r))
		return queue_release(&call, t);
	*ret_more = true;
	return do_chunk(r, &call, t);
}

/* Whether the store answers at all; why not is the runner's error then. */
static bool
store_answers(struct runner *r)
{
	struct call call = new_call(r);
	struct store_stats stats;

	return store_ping(&call, &stats) == OK;
}

static void
report_outage(struct runner *r, bool away)
{
	struct outage *o = r->settings.outage;
	int64_t now = clock_mono_us();
	int64_t took;

	if (away) {
		if (outage_begin(o, r->settings.worker, now))
			log_line(LEVEL_ERROR,
			    "the store does not answer: %s  What the caches "
			    "hold is read on; the rest is refused until it is "
			    "back",
			    r->error.message);
		return;
	}
	took = outage_end(o, r->settings.worker, now);
	if (took >= 0)
		log_line(LEVEL_INFO, "the store answers again, after %lld s",
		    (long long)(took / CLOCK_SECOND));
}

/* Once when something fails, once when it goes on. */
static void
report_as(struct runner *r, enum err err, bool away, const struct error *why)
{
	/* what failed before the store was back is part of the outage */
	bool fails = err != OK && !away && !r->away;

	report_outage(r, away);
	if (fails && !r->failing)
		log_line(LEVEL_WARN, "tasks wait: %s", why->message);
	if (err == OK && r->failing)
		log_line(LEVEL_INFO, "tasks go on");
	r->failing = fails;
	r->away = away;
}

static void
report(struct runner *r, enum err err)
{
	const struct error why = r->error;

	report_as(r, err, err != OK && !store_answers(r), &why);
}

/* Gives the slot to others while what the task needs does not answer.  Of an
 * unknown commit the next step must learn what became of it: a task that is put
 * off can be cancelled, which would say that nothing happened. */
static bool
put_off(struct runner *r, const struct task *t, const struct error *why,
    int64_t pause_us)
{
	struct call call = new_call(r);
	int64_t pause = pause_us == 0 ? POLL_US : 2 * pause_us;
	char id[ID_TEXT];
	bool written;

	if (pause > TASK_PAUSE_MAX)
		pause = TASK_PAUSE_MAX;
	if (queue_put_off(&call, t, str_from(why->message), pause,
		clock_now_us(), &written) != OK)
		return false;
	id_format(t->id, id);
	if (written && pause_us == 0)
		log_line(LEVEL_WARN, "task %s waits and lets others run: %s",
		    id, why->message);
	return written;
}

static void
work_on(struct runner *r, struct task *t)
{
	int64_t pause_us = t->pause_us;
	bool more = true, unknown = false;

	while (more) {
		enum err err = step(r, t, &more);
		const struct error why = r->error;
		bool away = err != OK && !store_answers(r);

		unknown = err != OK && (unknown || err == ERR_COMMIT_UNKNOWN);
		if (err == OK)
			pause_us = 0;
		if (will_pass(err) && !unknown && !away && !is_stopping(r) &&
		    put_off(r, t, &why, pause_us)) {
			err = OK;
			more = false;
		}
		report_as(r, err, away, &why);
		if (err == OK)
			continue;
		if (!will_pass(err) || is_stopping(r))
			return; /* the lease runs out, and it is claimed anew */
		rest(r);
	}
}

/* ---- the hottest files */
static void
warm_up(struct runner *r)
{
	struct arena *a = arena_new();
	struct call call = new_call(r);

	call.arena = a;

	struct hot_list list = last_run_list(&call, r->settings.state_dir);
	size_t n = 0;

	for (; n < list.count && !is_stopping(r); n++) {
		struct call one = new_call(r);

		last_run_warm(&one, list.at[n]);
	}
	if (n != 0)
		log_line(LEVEL_INFO,
		    "the caches know the %zu hottest metadata files of the "
		    "last run",
		    n);
	arena_free(a);
}

static void
save_hottest(struct runner *r)
{
	struct call call = new_call(r);

	last_run_save(&call, r->settings.hot, r->settings.state_dir);
	r->save_us = clock_mono_us() + SAVE_EVERY_US;
}

/* ---- the thread */
static enum err
purge(struct runner *r)
{
	int64_t every = r->settings.answers_us;
	bool more = true;

	if (clock_mono_us() < r->purge_us)
		return OK;
	while (more && !is_stopping(r)) {
		struct call call = new_call(r);

		TRY(expiry_delete(&call, r->settings.history_us, &more));
	}
	if (every > PURGE_EVERY_US)
		every = PURGE_EVERY_US;
	r->purge_us = clock_mono_us() + every;
	return OK;
}

static enum err
schedule(struct runner *r)
{
	int64_t interval = r->settings.upkeep_us;
	struct call call = new_call(r);
	bool more;

	if (clock_mono_us() < r->schedule_us)
		return OK;
	TRY(schedule_upkeep(&call, interval, clock_now_us(), &more));
	if (!more) /* otherwise behind the next task */
		r->schedule_us = clock_mono_us() + schedule_rest(interval);
	return OK;
}

/* True: it had something to do. */
static bool
look_for_work(struct runner *r)
{
	enum err err = schedule(r);
	struct call call = new_call(r);
	struct task t;
	bool any = false;

	if (err == OK)
		err = queue_claim(
		    &call, clock_now_us(), r->settings.at_once, &t, &any);
	report(r, err);
	if (err == OK && any)
		work_on(r, &t);
	else if (err == OK)
		report(r, purge(r));
	return any;
}

static void *
thread_main(void *arg)
{
	struct runner *r = arg;

	priority_lower(NICE_TASKS); /* requests come first */
	if (r->settings.hot != NULL)
		warm_up(r);
	r->save_us = clock_mono_us() + SAVE_EVERY_US;
	while (!is_stopping(r)) {
		if (!look_for_work(r))
			rest(r);
		heap_trim();
		if (r->settings.hot != NULL && clock_mono_us() > r->save_us)
			save_hottest(r);
	}
	if (r->settings.hot != NULL)
		save_hottest(r);
	(void)pthread_mutex_lock(&r->lock);
	r->ended = true;
	(void)pthread_cond_broadcast(&r->change);
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

static int
init_lock(struct runner *r)
{
	pthread_condattr_t attr;
	int failed = pthread_condattr_init(&attr);

	if (failed == 0)
		failed = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (failed == 0)
		failed = pthread_cond_init(&r->change, &attr);
	if (failed == 0)
		failed = pthread_mutex_init(&r->lock, NULL);
	(void)pthread_condattr_destroy(&attr);
	return failed;
}

enum err
runner_start(const struct runner_settings *settings, struct runner **ret,
    struct error *e)
{
	struct runner *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	r->settings = *settings;
	r->arena = arena_new();
	if (init_lock(r) != 0 || background_start(thread_main, r) != 0) {
		arena_free(r->arena);
		free(r);
		return fail(e, ERR_INTERNAL,
		    "Cannot start the thread for tasks; check the limit on "
		    "processes.");
	}
	*ret = r;
	return OK;
}

void
runner_wake(struct runner *r)
{
	if (r == NULL)
		return;
	(void)pthread_mutex_lock(&r->lock);
	r->woken = true;
	(void)pthread_cond_broadcast(&r->change);
	(void)pthread_mutex_unlock(&r->lock);
}

void
runner_stop(struct runner *r, int64_t wait_us)
{
	struct timespec until = in_us(wait_us);

	if (r == NULL)
		return;
	(void)pthread_mutex_lock(&r->lock);
	r->stopping = true;
	(void)pthread_cond_broadcast(&r->change);
	while (!r->ended &&
	       pthread_cond_timedwait(&r->change, &r->lock, &until) == 0)
		continue;
	(void)pthread_mutex_unlock(&r->lock);
}
