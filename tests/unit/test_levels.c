/* test_levels.c - caches behind one another, also broken ones. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "cache/flights.h"
#include "tests/unit/fake_cache.h"

#define KEY(literal) ((struct cache_key){ STR(literal), false })
#define FIXED(literal) ((struct cache_key){ STR(literal), true })

static const struct cache_terms minute = { .ttl_us = 60 * CLOCK_SECOND };

struct fixture {
	struct arena *arena;
	struct levels *levels;
	struct fake *near, *far; /* near is asked first */
};

static struct fixture
levels_of_two(void)
{
	struct levels_plan plan = { .level = { { .plugin = &fake_near },
					{ .plugin = &fake_far } },
		.count = 2,
		.workers = 1 };
	struct fixture f = { .arena = arena_new() };
	struct error e = { 0 };
	struct shm *shm;
	size_t size = 0;

	assert_int_equal(levels_size(&plan, &size, &e), OK);
	assert_int_equal(shm_new(size, &shm, &e), OK);
	f.levels = levels_new(f.arena, shm, &plan);
	fake_count = 0;
	assert_int_equal(levels_open(f.levels, NULL, 0, &e), OK);
	assert_int_equal(fake_count, 2);
	f.near = fake_opened[0];
	f.far = fake_opened[1];
	return f;
}

static void
done(struct fixture *f)
{
	levels_close(f->levels);
	arena_free(f->arena);
}

static enum cache_answer
get(struct fixture *f, struct cache_key key, struct cached *ret)
{
	return cache_get(f->levels, f->arena, key, true, ret);
}

static struct level_stats
stats_of(struct fixture *f, size_t level)
{
	struct level_stats stats;

	level_stats(f->levels, level, &stats);
	return stats;
}

static void
is_a_miss_and_no_more_without_levels(void **state)
{
	struct arena *a = arena_new();
	struct levels_plan none = { .workers = 4 };
	struct cache_load load = { 0 };
	struct cached c;
	struct error e;
	size_t size = 1;

	(void)state;
	assert_int_equal(levels_size(&none, &size, &e), OK);
	assert_int_equal(size, 0);

	struct levels *l = levels_new(a, NULL, &none);

	assert_null(l);
	assert_int_equal(levels_open(l, NULL, 0, &e), OK);
	assert_int_equal(cache_get(l, a, KEY("a"), false, &c), CACHE_MISS);
	cache_release(l, &c);
	cache_put(l, KEY("a"), STR("1"), &minute);
	cache_drop(l, KEY("a"));
	assert_true(cache_load(l, KEY("a"), INT64_MAX, &load));
	cache_loaded(l, &load);
	assert_int_equal(levels_count(l), 0);
	assert_int_equal(levels_totals(l).misses, 0);
	levels_close(l);
	arena_free(a);
}

static void
puts_what_never_changes_into_all_levels(void **state)
{
	struct fixture f = levels_of_two();

	(void)state;
	cache_put(f.levels, FIXED("a"), STR("1"), &minute);
	cache_put(f.levels, KEY("b"), STR("2"), &minute);
	assert_non_null(fake_find(f.near, STR("a")));
	assert_non_null(fake_find(f.near, STR("b")));
	assert_non_null(fake_find(f.far, STR("a")));
	assert_null(fake_find(f.far, STR("b")));
	done(&f);
}

static void
does_not_ask_a_level_for_what_it_never_keeps(void **state)
{
	struct fixture f = levels_of_two();
	struct cached c;

	(void)state;
	assert_int_equal(get(&f, KEY("a"), &c), CACHE_MISS);
	assert_int_equal(f.near->gets, 1);
	assert_int_equal(f.far->gets, 0);
	done(&f);
}

static void
promotes_a_hit_with_what_it_has_left_to_live(void **state)
{
	struct fixture f = levels_of_two();
	const struct cache_terms second = { .ttl_us = CLOCK_SECOND };
	struct cached c;

	(void)state;
	(void)fake_put(&f.far->base, STR("a"), STR("1"), &second);
	assert_int_equal(get(&f, FIXED("a"), &c), CACHE_HIT);
	assert_str(c.value, STR("1"));
	assert_int_equal(c.ttl_us, CLOCK_SECOND);

	const struct fake_entry *near = fake_find(f.near, STR("a"));

	assert_non_null(near);
	assert_int_equal(near->terms.ttl_us, CLOCK_SECOND);
	assert_int_equal(get(&f, FIXED("a"), &c), CACHE_HIT);
	assert_int_equal(f.far->gets, 1);
	done(&f);
}

static void
does_not_block_on_the_loop(void **state)
{
	struct fixture f = levels_of_two();
	struct cached c;

	(void)state;
	assert_int_equal(cache_get(f.levels, f.arena, FIXED("a"), false, &c),
	    CACHE_WOULD_BLOCK);
	assert_int_equal(f.far->gets, 0);
	assert_int_equal(stats_of(&f, 0).misses, 0);
	assert_int_equal(
	    cache_get(f.levels, f.arena, KEY("a"), false, &c), CACHE_MISS);
	cache_put(f.levels, FIXED("a"), STR("1"), &minute);
	assert_int_equal(
	    cache_get(f.levels, f.arena, FIXED("a"), false, &c), CACHE_HIT);
	done(&f);
}

static void
drops_keys(void **state)
{
	struct fixture f = levels_of_two();
	struct cached c;

	(void)state;
	cache_put(f.levels, FIXED("a"), STR("1"), &minute);
	cache_put(f.levels, KEY("b"), STR("2"), &minute);
	cache_drop(f.levels, FIXED("a"));
	assert_int_equal(get(&f, FIXED("a"), &c), CACHE_MISS);
	cache_drop(f.levels, KEY("b"));
	assert_int_equal(get(&f, KEY("b"), &c), CACHE_MISS);
	done(&f);
}

static void
clears_one_level_or_all(void **state)
{
	struct fixture f = levels_of_two();
	const struct str all = { 0 };
	struct error e = { 0 };

	(void)state;
	cache_put(f.levels, FIXED("a"), STR("1"), &minute);
	assert_int_equal(levels_clear(f.levels, STR("near"), 0, &e), OK);
	assert_null(fake_find(f.near, STR("a")));
	assert_non_null(fake_find(f.far, STR("a")));
	assert_true(levels_have(f.levels, STR("near")));
	assert_false(levels_have(f.levels, STR("no")));
	f.far->broken = true;
	assert_int_equal(levels_clear(f.levels, all, 0, &e), ERR_UNAVAILABLE);
	f.far->broken = false;
	assert_int_equal(levels_clear(f.levels, all, 0, &e), OK);
	assert_null(fake_find(f.far, STR("a")));
	done(&f);
}

static void
releases_where_it_was_found(void **state)
{
	struct fixture f = levels_of_two();
	struct cached c;

	(void)state;
	f.far->pin = 7;
	(void)fake_put(&f.far->base, STR("a"), STR("1"), &minute);
	assert_int_equal(get(&f, FIXED("a"), &c), CACHE_HIT);
	cache_release(f.levels, &c);
	assert_int_equal(f.far->unpins, 1);
	assert_int_equal(get(&f, FIXED("a"), &c), CACHE_HIT);
	cache_release(f.levels, &c);
	assert_int_equal(f.near->unpins, 0);
	done(&f);
}

static void
takes_a_level_that_fails_for_a_miss_and_lets_it_rest(void **state)
{
	struct fixture f = levels_of_two();
	struct cached c;

	(void)state;
	f.far->broken = true;
	for (int i = 0; i < 10; i++)
		assert_int_equal(get(&f, FIXED("a"), &c), CACHE_MISS);
	assert_int_equal(f.far->gets, 3);
	assert_int_equal(f.near->gets, 10);
	assert_int_equal(
	    cache_get(f.levels, f.arena, FIXED("a"), false, &c), CACHE_MISS);

	const struct level_stats far = stats_of(&f, 1);

	assert_int_equal(far.errors, 3);
	assert_int_equal(far.misses, 0);
	assert_int_equal(far.resting, 1);
	assert_int_equal(stats_of(&f, 0).resting, 0);
	done(&f);
}

static void
drops_from_a_sure_level_even_while_it_rests(void **state)
{
	struct fixture f = levels_of_two();
	struct cached c;

	(void)state;
	cache_put(f.levels, KEY("a"), STR("1"), &minute);
	f.near->broken = true;
	for (int i = 0; i < 4; i++)
		assert_int_equal(get(&f, KEY("a"), &c), CACHE_MISS);
	assert_int_equal(stats_of(&f, 0).resting, 1);
	f.near->broken = false;
	cache_drop(f.levels, KEY("a"));
	assert_null(fake_find(f.near, STR("a")));
	assert_int_equal(stats_of(&f, 0).resting, 0);
	done(&f);
}

static void
refuses_keys_and_terms_that_are_out_of_bounds(void **state)
{
	struct fixture f = levels_of_two();
	char name[CACHE_KEY_MAX + 1] = { 0 };
	const struct cache_terms over = { 0 };
	struct cache_key key = { { name, sizeof(name) }, true };
	struct cached c;

	(void)state;
	cache_put(f.levels, key, STR("1"), &minute);
	assert_int_equal(get(&f, key, &c), CACHE_MISS);
	cache_put(f.levels, KEY(""), STR("1"), &minute);
	cache_put(f.levels, KEY("a"), STR("1"), &over);
	assert_int_equal(f.near->puts, 0);
	assert_int_equal(f.near->gets, 0);
	key.text.len--;
	cache_put(f.levels, key, STR("1"), &minute);
	assert_int_equal(get(&f, key, &c), CACHE_HIT);
	done(&f);
}

static void
counts_what_was_asked(void **state)
{
	struct fixture f = levels_of_two();
	struct cached c;

	(void)state;
	assert_int_equal(get(&f, FIXED("a"), &c), CACHE_MISS);
	cache_put(f.levels, FIXED("a"), STR("1"), &minute);
	assert_int_equal(get(&f, FIXED("a"), &c), CACHE_HIT);
	assert_int_equal(get(&f, KEY("b"), &c), CACHE_MISS);
	cache_drop(f.levels, FIXED("a"));

	const struct level_stats near = stats_of(&f, 0);
	const struct level_stats far = stats_of(&f, 1);

	const struct cache_totals totals = levels_totals(f.levels);

	assert_int_equal(totals.hits, 1);
	assert_int_equal(totals.misses, 2);
	assert_int_equal(near.hits, 1);
	assert_int_equal(near.misses, 2);
	assert_int_equal(near.puts, 1);
	assert_int_equal(near.drops, 1);
	assert_int_equal(near.holds.entries, 0);
	assert_int_equal(far.hits, 0);
	assert_int_equal(far.misses, 1);
	done(&f);
}

static void
tells_which_level_is_broken(void **state)
{
	struct fixture f = levels_of_two();
	struct error e = { 0 };

	(void)state;
	f.far->broken = true;
	assert_int_equal(level_verify(f.levels, 0, &e), OK);
	assert_int_equal(level_verify(f.levels, 1, &e), ERR_INTERNAL);
	done(&f);
}

/* ---- one loads for many */
#define CROWD 4

static bool
load_one(struct levels *levels, struct cache_key key, int64_t deadline_us,
    struct cache_load *ret)
{
	*ret = cache_load_begin(levels, key);
	return cache_load(levels, key, deadline_us, ret);
}

struct crowd {
	struct levels *levels;
	atomic_int loading, most, spared;
};

static void *
load_in_turn(void *with)
{
	struct crowd *crowd = with;
	struct cache_load load;

	if (!load_one(crowd->levels, KEY("a"), INT64_MAX, &load)) {
		atomic_fetch_add(&crowd->spared, 1);
		return NULL;
	}

	int loading = atomic_fetch_add(&crowd->loading, 1) + 1;

	if (loading > atomic_load(&crowd->most))
		atomic_store(&crowd->most, loading);
	(void)sched_yield();
	atomic_fetch_sub(&crowd->loading, 1);
	cache_loaded(crowd->levels, &load);
	return NULL;
}

static void
load_together(struct crowd *crowd)
{
	pthread_t thread[CROWD];
	struct cache_load first;

	assert_true(load_one(crowd->levels, KEY("a"), INT64_MAX, &first));
	for (size_t i = 0; i < CROWD; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, load_in_turn, crowd), 0);
	(void)sched_yield();
	assert_int_equal(atomic_load(&crowd->loading), 0);
	cache_loaded(crowd->levels, &first);
	for (size_t i = 0; i < CROWD; i++)
		(void)pthread_join(thread[i], NULL);
}

/* Whether a thread comes before or behind the landing is up to the scheduler:
 * the test goes on until it has seen one come before. */
static void
lets_one_thread_load_for_those_who_come_meanwhile(void **state)
{
	struct fixture f = levels_of_two();
	struct crowd crowd = { .levels = f.levels };
	struct cache_load other;

	(void)state;
	while (atomic_load(&crowd.spared) == 0)
		load_together(&crowd);
	assert_true(atomic_load(&crowd.most) <= 1);
	assert_true(load_one(f.levels, KEY("a"), INT64_MAX, &other));
	assert_true(load_one(f.levels, KEY("b"), INT64_MAX, &other));
	done(&f);
}

/* Who missed before another loaded is told, however late it comes. */
static void
tells_who_comes_behind_the_landing(void **state)
{
	struct fixture f = levels_of_two();
	struct cache_load first, late = cache_load_begin(f.levels, KEY("a"));

	(void)state;
	assert_true(load_one(f.levels, KEY("a"), INT64_MAX, &first));
	cache_loaded(f.levels, &first);
	assert_false(cache_load(f.levels, KEY("a"), INT64_MAX, &late));
	assert_int_not_equal(late.number, 0);
	cache_loaded(f.levels, &late);
	assert_true(load_one(f.levels, KEY("a"), INT64_MAX, &late));
	done(&f);
}

static void
waits_no_longer_than_the_deadline(void **state)
{
	struct fixture f = levels_of_two();
	struct cache_load first, second;

	(void)state;
	assert_true(load_one(f.levels, KEY("a"), INT64_MAX, &first));
	assert_true(
	    load_one(f.levels, KEY("a"), clock_mono_us() + 1000, &second));
	assert_int_equal(second.number, 0);
	cache_loaded(f.levels, &second);
	assert_true(load_one(f.levels, KEY("a"), clock_mono_us(), &second));
	assert_int_equal(second.number, 0);
	cache_loaded(f.levels, &first);
	assert_true(load_one(f.levels, KEY("a"), clock_mono_us(), &second));
	assert_int_not_equal(second.number, 0);
	done(&f);
}

static void
loads_by_itself_when_there_is_no_room(void **state)
{
	struct flights *f = flights_open();
	uint64_t number = 0;
	char name[] = { 'a', '\0' };

	(void)state;
	for (int i = 0; i < FLIGHTS_MAX; i++, name[0]++) {
		assert_true(
		    flight_begin(f, str_from(name), 0, INT64_MAX, &number));
		assert_int_equal(number, i + 1);
	}
	assert_true(flight_begin(f, STR("one more"), 0, INT64_MAX, &number));
	assert_int_equal(number, 0);
	flights_close(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_a_miss_and_no_more_without_levels),
		cmocka_unit_test(puts_what_never_changes_into_all_levels),
		cmocka_unit_test(does_not_ask_a_level_for_what_it_never_keeps),
		cmocka_unit_test(promotes_a_hit_with_what_it_has_left_to_live),
		cmocka_unit_test(does_not_block_on_the_loop),
		cmocka_unit_test(drops_keys),
		cmocka_unit_test(clears_one_level_or_all),
		cmocka_unit_test(releases_where_it_was_found),
		cmocka_unit_test(
		    takes_a_level_that_fails_for_a_miss_and_lets_it_rest),
		cmocka_unit_test(drops_from_a_sure_level_even_while_it_rests),
		cmocka_unit_test(refuses_keys_and_terms_that_are_out_of_bounds),
		cmocka_unit_test(counts_what_was_asked),
		cmocka_unit_test(tells_which_level_is_broken),
		cmocka_unit_test(
		    lets_one_thread_load_for_those_who_come_meanwhile),
		cmocka_unit_test(tells_who_comes_behind_the_landing),
		cmocka_unit_test(waits_no_longer_than_the_deadline),
		cmocka_unit_test(loads_by_itself_when_there_is_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
