/* levels.c - asks the levels in order, and keeps away from those that fail. */
#include "cache/levels.h"

#include <stdalign.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "cache/flights.h"

/* The circuit breaker: after so many failures in a row a worker leaves a level
 * alone, then tries it with one call, and rests twice as long if that fails
 * too. */
#define FAILURES_MAX 3
#define REST_US CLOCK_SECOND
#define REST_MAX_US (32 * CLOCK_SECOND)

/* One worker's counts of one level, in shared memory. */
struct row {
	alignas(64) _Atomic int64_t hits;
	_Atomic int64_t misses, puts, drops, errors;
	_Atomic int64_t failures;    /* in a row */
	_Atomic int64_t rests_until; /* clock_mono_us(); 0: it does not rest */
};

struct level {
	struct level_plan plan;
	const struct cache_ops *ops;
	struct cache_shared shared;
	struct row *rows; /* one for each worker */

	/* of this worker */
	struct row *row;
	struct cache *cache;
};

/* One worker's counts of all levels. */
struct answers {
	alignas(64) _Atomic int64_t hits;
	_Atomic int64_t misses;
};

struct levels {
	struct level at[LEVELS_MAX];
	size_t count;
	unsigned workers;
	struct answers *answers; /* one for each worker */
	struct answers *own;     /* this one's */
	struct flights *flights; /* of this worker */
};

static void
count(_Atomic int64_t *n)
{
	(void)atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
}

static int64_t
look(_Atomic int64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

/* ---- parent */
enum err
levels_size(struct levels_plan *plan, size_t *ret, struct error *e)
{
	size_t sum = plan->count == 0
			 ? 0
			 : shm_size(sizeof(struct answers), plan->workers);

	for (size_t i = 0; i < plan->count; i++) {
		struct level_plan *level = &plan->level[i];
		const struct cache_ops *ops = level->plugin->ops;

		TRY(ops->shared_size(
		    &level->settings, plan->workers, &level->shared, e));
		sum += shm_size(level->shared, 1);
		sum += shm_size(sizeof(struct row), plan->workers);
	}
	*ret = sum;
	return OK;
}

static void
level_init(struct level *l, struct shm *shm, unsigned workers)
{
	size_t size = l->plan.shared;

	l->ops = l->plan.plugin->ops;
	l->rows = SHM_NEW(shm, struct row, workers);
	l->shared = (struct cache_shared){ .size = size, .workers = workers };
	if (size == 0)
		return;
	l->shared.at = shm_alloc(shm, size, 1);
	l->ops->shared_init(&l->plan.settings, &l->shared);
}

struct levels *
levels_new(struct arena *a, struct shm *shm, const struct levels_plan *plan)
{
	if (plan->count == 0)
		return NULL;

	struct levels *levels = ARENA_NEW(a, struct levels, 1);

	levels->count = plan->count;
	levels->workers = plan->workers;
	levels->answers = SHM_NEW(shm, struct answers, plan->workers);
	for (size_t i = 0; i < plan->count; i++) {
		levels->at[i].plan = plan->level[i];
		level_init(&levels->at[i], shm, plan->workers);
	}
	return levels;
}

/* ---- worker */
enum err
levels_open(struct levels *levels, const struct cache_records *records,
    unsigned worker, struct error *e)
{
	if (levels == NULL)
		return OK;
	levels->flights = flights_open();
	levels->own = &levels->answers[worker];
	for (size_t i = 0; i < levels->count; i++) {
		struct level *l = &levels->at[i];
		struct cache_shared shared = l->shared;

		shared.records = records;
		l->row = &l->rows[worker];
		atomic_store(&l->row->failures, 0);
		atomic_store(&l->row->rests_until, 0);
		TRY(l->ops->open(
		    &l->plan.settings, &shared, worker, &l->cache, e));
	}
	return OK;
}

void
levels_close(struct levels *levels)
{
	if (levels == NULL)
		return;
	for (size_t i = 0; i < levels->count; i++)
		if (levels->at[i].cache != NULL)
			levels->at[i].ops->close(levels->at[i].cache);
	flights_close(levels->flights);
}

/* ---- one level */
static bool
drops_are_sure(const struct level *l)
{
	return (l->plan.plugin->flags & PLUGIN_DROPS_ARE_SURE) != 0;
}

static bool
blocks(const struct level *l)
{
	return (l->plan.plugin->flags & PLUGIN_READS_DO_NOT_BLOCK) == 0;
}

static bool
keeps(const struct level *l, struct cache_key key)
{
	return key.fixed || drops_are_sure(l);
}

/* Of many threads that find a rest over, one tries the level first. */
static bool
rests(struct level *l)
{
	int64_t until = look(&l->row->rests_until);

	if (until == 0)
		return false;

	int64_t now = clock_mono_us();

	return now < until || !atomic_compare_exchange_strong(
				  &l->row->rests_until, &until, now + REST_US);
}

static int64_t
rest_after(int64_t failures)
{
	int64_t rest = REST_US;

	for (; failures > FAILURES_MAX && rest < REST_MAX_US; failures--)
		rest *= 2;
	return rest;
}

/* Notes how a call ended; true when it worked. */
static bool
worked(struct level *l, enum err err)
{
	if (err == OK) {
		if (look(&l->row->failures) != 0) {
			atomic_store(&l->row->failures, 0);
			atomic_store(&l->row->rests_until, 0);
		}
		return true;
	}
	count(&l->row->errors);

	int64_t failures = atomic_fetch_add(&l->row->failures, 1) + 1;

	if (failures >= FAILURES_MAX)
		atomic_store(&l->row->rests_until,
		    clock_mono_us() + rest_after(failures));
	return false;
}

/* ---- all of them */
static bool
is_key(struct cache_key key)
{
	return key.text.len != 0 && key.text.len <= CACHE_KEY_MAX;
}

/* Only fixed values are promoted.  A value that may change is put into its
 * levels once; a later put could come after its drop. */
static void
promote(struct levels *levels, unsigned missed, struct cache_key key,
    const struct cached *found)
{
	const struct cache_terms terms = { .ttl_us = found->ttl_us };

	for (size_t i = 0; key.fixed && i < found->level; i++) {
		struct level *l = &levels->at[i];

		if ((missed & 1u << i) == 0)
			continue;
		count(&l->row->puts);
		(void)worked(
		    l, l->ops->put(l->cache, key.text, found->value, &terms));
	}
}

static void
count_misses(struct levels *levels, unsigned missed)
{
	for (size_t i = 0; i < levels->count; i++)
		if ((missed & 1u << i) != 0)
			count(&levels->at[i].row->misses);
}

static bool
find(struct level *l, struct arena *a, struct cache_key key, bool *asked,
    struct cached *ret)
{
	struct cache_found found = { 0 };

	*asked = worked(l, l->ops->get(l->cache, a, key.text, &found));
	if (!*asked || found.value.ptr == NULL)
		return false;
	count(&l->row->hits);
	ret->value = found.value;
	ret->ttl_us = found.ttl_us;
	ret->pin = found.pin;
	return true;
}

enum cache_answer
cache_get(struct levels *levels, struct arena *a, struct cache_key key,
    bool may_block, struct cached *ret)
{
	unsigned missed = 0;

	*ret = (struct cached){ 0 };
	if (levels == NULL || !is_key(key))
		return CACHE_MISS;
	for (size_t i = 0; i < levels->count; i++) {
		struct level *l = &levels->at[i];
		bool asked = false;

		if (!keeps(l, key) || rests(l))
			continue;
		if (blocks(l) && !may_block)
			return CACHE_WOULD_BLOCK;
		if (find(l, a, key, &asked, ret)) {
			ret->level = i;
			count(&levels->own->hits);
			count_misses(levels, missed);
			promote(levels, missed, key, ret);
			return CACHE_HIT;
		}
		missed |= (unsigned)asked << i;
	}
	count(&levels->own->misses);
	count_misses(levels, missed);
	return CACHE_MISS;
}

void
cache_release(struct levels *levels, const struct cached *c)
{
	if (c->pin == 0)
		return;

	struct level *l = &levels->at[c->level];

	l->ops->unpin(l->cache, c->pin);
}

void
cache_put(struct levels *levels, struct cache_key key, struct str value,
    const struct cache_terms *terms)
{
	if (levels == NULL || !is_key(key) || terms->ttl_us <= 0)
		return;
	for (size_t i = 0; i < levels->count; i++) {
		struct level *l = &levels->at[i];

		if (!keeps(l, key) || rests(l))
			continue;
		count(&l->row->puts);
		(void)worked(l, l->ops->put(l->cache, key.text, value, terms));
	}
}

/* A level whose drops are sure takes drops even while it rests. */
static bool
is_to_drop(struct level *l, struct cache_key key)
{
	return drops_are_sure(l) || (keeps(l, key) && !rests(l));
}

void
cache_drop(struct levels *levels, struct cache_key key)
{
	if (levels == NULL || !is_key(key))
		return;
	for (size_t i = 0; i < levels->count; i++) {
		struct level *l = &levels->at[i];

		if (!is_to_drop(l, key))
			continue;
		count(&l->row->drops);
		(void)worked(l, l->ops->drop(l->cache, key.text));
	}
}

static bool
is_named(const struct level *l, struct str name)
{
	return name.ptr == NULL || str_eq(name, str_from(l->plan.plugin->name));
}

bool
levels_have(const struct levels *levels, struct str name)
{
	for (size_t i = 0; i < levels_count(levels); i++)
		if (is_named(&levels->at[i], name))
			return true;
	return name.ptr == NULL;
}

enum err
levels_clear(struct levels *levels, struct str name, int64_t deadline_us,
    struct error *e)
{
	/* The last first: a hit there would fill those above it again. */
	for (size_t i = levels_count(levels); i > 0; i--) {
		struct level *l = &levels->at[i - 1];

		if (is_named(l, name) &&
		    !worked(l, l->ops->clear(l->cache, deadline_us)))
			return fail(e, ERR_UNAVAILABLE,
			    "The cache level %s could not be cleared",
			    l->plan.plugin->name);
	}
	return OK;
}

struct cache_load
cache_load_begin(struct levels *levels, struct cache_key key)
{
	return (struct cache_load){
		.landed = levels == NULL
			      ? 0
			      : flights_landed(levels->flights, key.text),
	};
}

bool
cache_load(struct levels *levels, struct cache_key key, int64_t deadline_us,
    struct cache_load *load)
{
	return levels == NULL || flight_begin(levels->flights, key.text,
				     load->landed, deadline_us, &load->number);
}

void
cache_loaded(struct levels *levels, const struct cache_load *load)
{
	if (levels != NULL)
		flight_end(levels->flights, load->number);
}

/* ---- statistics */
size_t
levels_count(const struct levels *levels)
{
	return levels == NULL ? 0 : levels->count;
}

struct cache_totals
levels_totals(struct levels *levels)
{
	struct cache_totals sum = { 0 };

	for (unsigned i = 0; levels != NULL && i < levels->workers; i++) {
		sum.hits += look(&levels->answers[i].hits);
		sum.misses += look(&levels->answers[i].misses);
	}
	return sum;
}

static void
add_row(struct level_stats *s, struct row *row, int64_t now)
{
	s->hits += look(&row->hits);
	s->misses += look(&row->misses);
	s->puts += look(&row->puts);
	s->drops += look(&row->drops);
	s->errors += look(&row->errors);
	s->resting += look(&row->rests_until) > now;
}

void
level_stats(struct levels *levels, size_t level, struct level_stats *ret)
{
	struct level *l = &levels->at[level];
	int64_t now = clock_mono_us();

	*ret = (struct level_stats){ .name = l->plan.plugin->name };
	for (unsigned i = 0; i < levels->workers; i++)
		add_row(ret, &l->rows[i], now);
	if (!rests(l) && !worked(l, l->ops->stats(l->cache, &ret->holds)))
		ret->holds = (struct cache_stats){ 0 };
}

enum err
level_verify(struct levels *levels, size_t level, struct error *e)
{
	struct level *l = &levels->at[level];

	return l->ops->verify(l->cache, e);
}
