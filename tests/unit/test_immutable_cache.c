/* test_immutable_cache.c - threads that miss one file, and who reads it. */
#include "cache/immutable_cache.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "calls/usage.h"
#include "catalog/table_file.h"
#include "tests/unit/fake_cache.h"
#include "tests/unit/scratch.h"

#define CROWD 4

static struct levels *levels;
static struct arena *arena;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t all_have_missed;
static int gets;
static atomic_int failures;

/* The first get of each thread ends when all have begun theirs: so all miss. */
static enum err
crowded_get(
    struct cache *c, struct arena *a, struct str key, struct cache_found *ret)
{
	(void)pthread_mutex_lock(&lock);

	bool is_first = gets++ < CROWD;
	enum err err = fake_get(c, a, key, ret);

	(void)pthread_mutex_unlock(&lock);
	if (is_first)
		(void)pthread_barrier_wait(&all_have_missed);
	return err;
}

static enum err
crowded_put(struct cache *c, struct str key, struct str value,
    const struct cache_terms *terms)
{
	(void)pthread_mutex_lock(&lock);

	enum err err = fake_put(c, key, value, terms);

	(void)pthread_mutex_unlock(&lock);
	return err;
}

static int
set_up(void **state)
{
	static struct cache_ops ops;
	static struct plugin plugin;
	struct levels_plan plan = {
		.level = { { .plugin = &plugin } }, .count = 1, .workers = 1
	};
	struct error e = { 0 };
	struct shm *shm;
	size_t size;

	(void)state;
	ops = fake_ops;
	ops.get = crowded_get;
	ops.put = crowded_put;
	plugin = fake_near;
	plugin.ops = &ops;
	make_scratch();
	arena = arena_new();
	assert_int_equal(levels_size(&plan, &size, &e), OK);
	assert_int_equal(shm_new(size, &shm, &e), OK);
	levels = levels_new(arena, shm, &plan);
	fake_count = 0;
	assert_int_equal(levels_open(levels, NULL, 0, &e), OK);
	gets = 0;
	atomic_store(&failures, 0);
	return pthread_barrier_init(&all_have_missed, NULL, CROWD);
}

static int
tear_down(void **state)
{
	(void)state;
	levels_close(levels);
	arena_free(arena);
	remove_scratch();
	return pthread_barrier_destroy(&all_have_missed);
}

static struct str
location(struct arena *a)
{
	return arena_printf(a, "file://%s/v1.metadata.json", scratch);
}

static void
make_file(void)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/v1.metadata.json", scratch);

	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs("{\"a\":1}", f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void *
read_one(void *unused)
{
	struct usage usage = { .levels = levels };
	struct error error = { 0 };
	struct arena *a = arena_new();
	struct call call = { .arena = a,
		.error = &error,
		.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND,
		.usage = &usage };
	struct str text = { 0 };

	(void)unused;
	if (table_file_text(&call, location(a), &text) != OK ||
	    !str_eq(text, STR("{\"a\":1}")))
		atomic_fetch_add(&failures, 1);
	arena_free(a);
	return NULL;
}

static void
read_together(void)
{
	pthread_t thread[CROWD];

	for (size_t i = 0; i < CROWD; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, read_one, NULL), 0);
	for (size_t i = 0; i < CROWD; i++)
		(void)pthread_join(thread[i], NULL);
}

static void
threads_that_miss_one_file_read_it_once(void **state)
{
	(void)state;
	make_file();
	read_together();
	assert_int_equal(atomic_load(&failures), 0);
	assert_int_equal(fake_opened[0]->puts, 1);
}

static void
nobody_waits_for_a_file_that_cannot_be_read(void **state)
{
	(void)state;
	read_together();
	assert_int_equal(atomic_load(&failures), CROWD);
	assert_int_equal(fake_opened[0]->puts, 0);
	make_file();
	(void)read_one(NULL);
	assert_int_equal(atomic_load(&failures), CROWD);
	assert_int_equal(fake_opened[0]->puts, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    threads_that_miss_one_file_read_it_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    nobody_waits_for_a_file_that_cannot_be_read, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
