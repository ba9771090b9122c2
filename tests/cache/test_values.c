/* test_values.c - what is put is found, until it is dropped or too old. */
#include <pthread.h>

#include "suite.h"

static void
finds_nothing_that_was_not_put(struct fixture *f)
{
	CHECK(get(f, STR("a")).ptr == NULL);
	put(f, STR("a"), STR("1"));
	CHECK(get(f, STR("A")).ptr == NULL);
	CHECK(get(f, STR("a ")).ptr == NULL);
	CHECK(get(f, STR("")).ptr == NULL);
	CHECK(is_whole(f));
}

static void
finds_what_was_put(struct fixture *f)
{
	static const size_t lengths[] = { 12, 13, 63, 64, 65, 3000, 64 * KIB,
		64 * KIB + 1, 300000, 2 * MIB };
	char *room = arena_alloc(f->arena, 1, LARGEST);
	bool taken[COUNT_OF(lengths)];

	for (uint32_t i = 0; i < COUNT_OF(lengths); i++) {
		struct str value = make_value(room, lengths[i], i, 0);
		int64_t refused = stats(f).refused;

		put(f, key_of(f->arena, i), value);
		taken[i] = stats(f).refused == refused;
	}
	for (uint32_t i = 0; i < COUNT_OF(lengths); i++) {
		struct str value = get(f, key_of(f->arena, i));

		CHECK(taken[i] || lengths[i] > MIB);
		CHECK(taken[i] == (value.ptr != NULL));
		CHECK(!taken[i] ||
		      (value.len == lengths[i] && is_value_of(value, i)));
	}
	CHECK(is_whole(f));
}

static void
tells_an_empty_value_from_none(struct fixture *f)
{
	put(f, STR("a"), STR(""));

	struct str value = get(f, STR("a"));

	CHECK(value.ptr != NULL && value.len == 0);
	CHECK(is_whole(f));
}

static void
takes_any_bytes_for_a_key(struct fixture *f)
{
	char longest[CACHE_KEY_MAX], almost[CACHE_KEY_MAX];

	memset(longest, 'x', sizeof(longest));
	memset(almost, 'x', sizeof(almost));
	almost[CACHE_KEY_MAX - 1] = 'y';
	put(f, STR("a\0b"), STR("1"));
	put(f, STR("a\0c"), STR("2"));
	put(f, STR("\r\n"), STR("3"));
	put(f, (struct str){ longest, sizeof(longest) }, STR("4"));
	CHECK(str_eq(get(f, STR("a\0b")), STR("1")));
	CHECK(str_eq(get(f, STR("a\0c")), STR("2")));
	CHECK(str_eq(get(f, STR("\r\n")), STR("3")));
	CHECK(
	    str_eq(get(f, (struct str){ longest, sizeof(longest) }), STR("4")));
	CHECK(get(f, STR("a")).ptr == NULL);
	CHECK(get(f, (struct str){ almost, sizeof(almost) }).ptr == NULL);
	CHECK(is_whole(f));
}

static void
replaces_a_value(struct fixture *f)
{
	char *room = arena_alloc(f->arena, 1, LARGEST);

	put(f, STR("a"), STR("1"));
	put(f, STR("a"), make_value(room, 5000, 7, 1));
	CHECK(is_value_of(get(f, STR("a")), 7));
	put(f, STR("a"), STR("3"));
	CHECK(str_eq(get(f, STR("a")), STR("3")));
	CHECK(holds(f, 1));
	CHECK(is_whole(f));
}

static void
forgets_what_is_dropped_and_nothing_else(struct fixture *f)
{
	put(f, STR("a"), STR("1"));
	put(f, STR("b"), STR("2"));
	drop(f, STR("a"));
	drop(f, STR("never put"));
	CHECK(get(f, STR("a")).ptr == NULL);
	CHECK(str_eq(get(f, STR("b")), STR("2")));
	put(f, STR("a"), STR("3"));
	CHECK(str_eq(get(f, STR("a")), STR("3")));
	CHECK(is_whole(f));
}

static void
forgets_all_when_it_is_cleared(struct fixture *f)
{
	struct cache_found found = { 0 };
	char *room = arena_alloc(f->arena, 1, LARGEST);

	put(f, STR("shown"), make_value(room, 700 * KIB, 1, 1));
	CHECK(f->ops->get(f->cache, f->arena, STR("shown"), &found) == OK);
	for (uint32_t i = 0; i < 3000; i++)
		put(f, key_of(f->arena, i), STR("1"));
	clear(f);
	CHECK(get(f, STR("shown")).ptr == NULL);
	for (uint32_t i = 0; i < 3000; i++)
		CHECK(get(f, key_of(f->arena, i)).ptr == NULL);
	CHECK(is_value_of(found.value, 1));
	CHECK(holds(f, 0));
	if (found.pin != 0)
		f->ops->unpin(f->cache, found.pin);
	put(f, STR("a"), STR("2"));
	CHECK(str_eq(get(f, STR("a")), STR("2")));
	CHECK(is_whole(f));
}

static void
tells_what_is_left_to_live(struct fixture *f)
{
	struct cache_found found = { 0 };

	put_for(f, STR("a"), STR("1"), 100 * CLOCK_SECOND);
	CHECK(f->ops->get(f->cache, f->arena, STR("a"), &found) == OK);
	CHECK(found.ttl_us > 50 * CLOCK_SECOND);
	CHECK(found.ttl_us <= 100 * CLOCK_SECOND);
	put_for(f, STR("a"), STR("2"), CACHE_FOREVER);
	CHECK(f->ops->get(f->cache, f->arena, STR("a"), &found) == OK);
	CHECK(found.ttl_us == CACHE_FOREVER);
	put_for(f, STR("a"), STR("3"), CACHE_FOREVER - 1);
	CHECK(str_eq(get(f, STR("a")), STR("3")));
}

static void
forgets_what_is_too_old(struct fixture *f)
{
	int64_t start = clock_mono_us();

	put_for(f, STR("a"), STR("1"), 20 * CLOCK_MS);
	put(f, STR("b"), STR("2"));
	while (get(f, STR("a")).ptr != NULL)
		CHECK(clock_mono_us() < start + 5 * CLOCK_SECOND);
	CHECK(clock_mono_us() >= start + 10 * CLOCK_MS);
	CHECK(str_eq(get(f, STR("b")), STR("2")));
	CHECK(holds(f, 1));
	CHECK(is_whole(f));
}

/* Shown in place or copied: the bytes stay. */
static void
keeps_a_value_that_is_being_read(struct fixture *f)
{
	char *room = arena_alloc(f->arena, 1, LARGEST);
	struct cache_found found = { 0 };

	put(f, STR("a"), make_value(room, 700 * KIB, 1, 1));
	CHECK(f->ops->get(f->cache, f->arena, STR("a"), &found) == OK);
	CHECK(is_value_of(found.value, 1));
	put(f, STR("a"), make_value(room, 700 * KIB, 2, 1));
	drop(f, STR("a"));
	for (uint32_t i = 0; i < 400; i++)
		put(f, key_of(f->arena, i), make_value(room, 700 * KIB, i, 2));
	CHECK(is_value_of(found.value, 1));
	CHECK(get(f, STR("a")).ptr == NULL);
	CHECK(is_whole(f));
	if (found.pin != 0)
		f->ops->unpin(f->cache, found.pin);
	CHECK(stats(f).pins == 0);
	CHECK(is_whole(f));
}

/* ---- several threads of one worker */
#define THREADS 4
#define TURNS 4000

struct thread_of {
	struct fixture fixture;
	uint32_t seed;
	pthread_t thread;
};

/* A cache may be too busy to answer in time, but then it says so. */
static void
take_turn(struct fixture *f, char *room, uint32_t *seed)
{
	const struct cache_terms terms = { .ttl_us = CLOCK_SECOND };
	uint32_t key = random_next(seed) % 50;
	struct str name = key_of(f->arena, key);
	struct cache_found found = { 0 };
	enum err err = OK;

	switch (random_next(seed) % 4) {
	case 0:
		err = f->ops->put(f->cache, name,
		    make_value(room, 12 + random_next(seed) % 9000, key, 0),
		    &terms);
		break;
	case 1:
		err = f->ops->drop(f->cache, name);
		break;
	default:
		err = f->ops->get(f->cache, f->arena, name, &found);
		CHECK(found.value.ptr == NULL || is_value_of(found.value, key));
	}
	CHECK(err == OK || err == ERR_UNAVAILABLE);
	arena_reset(f->arena);
}

static void *
take_turns(void *with)
{
	struct thread_of *t = with;
	struct arena *a = arena_new();
	char *room = arena_alloc(a, 1, 16 * KIB);

	t->fixture.arena = arena_new();
	for (int i = 0; i < TURNS; i++)
		take_turn(&t->fixture, room, &t->seed);
	arena_free(t->fixture.arena);
	arena_free(a);
	return NULL;
}

static void
serves_many_threads_at_once(struct fixture *f)
{
	struct thread_of t[THREADS];

	for (uint32_t i = 0; i < THREADS; i++) {
		t[i] = (struct thread_of){ *f, i + 1, 0 };
		CHECK(
		    pthread_create(&t[i].thread, NULL, take_turns, &t[i]) == 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		(void)pthread_join(t[i].thread, NULL);
	CHECK(stats(f).pins == 0);
	CHECK(is_whole(f));
}

/* clang-format off */
const struct suite_test value_tests[] = {
	{ "finds nothing that was not put", finds_nothing_that_was_not_put, 0 },
	{ "finds what was put", finds_what_was_put, 0 },
	{ "tells an empty value from none", tells_an_empty_value_from_none, 0 },
	{ "takes any bytes for a key", takes_any_bytes_for_a_key, 0 },
	{ "replaces a value", replaces_a_value, 0 },
	{ "forgets what is dropped and nothing else", forgets_what_is_dropped_and_nothing_else, 0 },
	{ "forgets all when it is cleared", forgets_all_when_it_is_cleared, 0 },
	{ "tells what is left to live", tells_what_is_left_to_live, 0 },
	{ "forgets what is too old", forgets_what_is_too_old, 0 },
	{ "keeps a value that is being read", keeps_a_value_that_is_being_read, 0 },
	{ "serves many threads at once", serves_many_threads_at_once, 0 },
	{ NULL, NULL, 0 },
};
/* clang-format on */
