/* test_room.c - a cache stays within its bytes, and keeps what is asked for. */
#include "suite.h"

#define SMALL ((size_t)3000)

/* Puts so much that nothing of what was there before is left by age. */
static void
fill(struct fixture *f, char *room, uint32_t first, size_t len)
{
	size_t count = 2 * (size_t)stats(f).max_bytes / len;

	for (uint32_t i = 0; i < count; i++) {
		put(f, key_of(f->arena, first + i),
		    make_value(room, len, first + i, 0));
		arena_reset(f->arena);
	}
}

static void
stays_within_its_bytes(struct fixture *f)
{
	static const size_t lengths[] = { 100, 3000, 50000, 700000 };
	char *room = shared_alloc(LARGEST);

	for (uint32_t i = 0; i < COUNT_OF(lengths); i++) {
		fill(f, room, i << 24, lengths[i]);

		const struct cache_stats s = stats(f);

		CHECK(s.bytes <= s.max_bytes);
		CHECK(s.bytes > s.max_bytes * 6 / 10);
		CHECK(s.evictions > 0 && s.refused == 0);
		CHECK(is_whole(f));
	}
	shared_free(room, LARGEST);
}

static void
evicts_the_old_before_the_new(struct fixture *f)
{
	char *room = shared_alloc(LARGEST);
	uint32_t count = (uint32_t)(stats(f).max_bytes / (int64_t)SMALL);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < 2 * count; i++)
		put(f, key_of(f->arena, i), make_value(room, SMALL, i, 0));
	for (uint32_t i = 0; i < count / 2; i++)
		CHECK(get(f, key_of(f->arena, i)).ptr == NULL);
	for (uint32_t i = 2 * count - count / 2; i < 2 * count; i++)
		kept += get(f, key_of(f->arena, i)).ptr != NULL;
	CHECK(kept > count * 4 / 10);
	shared_free(room, LARGEST);
}

/* Ten keys that are asked for all the time survive a flood. */
static void
keeps_what_is_asked_for(struct fixture *f)
{
	char *room = shared_alloc(LARGEST);
	uint32_t count = (uint32_t)(3 * stats(f).max_bytes / (int64_t)SMALL);

	for (uint32_t i = 0; i < 10; i++)
		put(f, key_of(f->arena, i), make_value(room, SMALL, i, 0));
	for (uint32_t i = 10; i < count; i++) {
		struct str key = key_of(f->arena, i % 10);

		CHECK(is_value_of(get(f, key), i % 10));
		put(f, key_of(f->arena, i), make_value(room, SMALL, i, 0));
		arena_reset(f->arena);
	}
	CHECK(stats(f).evictions > 0);
	shared_free(room, LARGEST);
}

static void
makes_room_for_a_large_value_among_small_ones(struct fixture *f)
{
	char *room = shared_alloc(LARGEST);

	fill(f, room, 1000, SMALL);

	const struct cache_stats before = stats(f);

	for (uint32_t i = 0; i < 8; i++) {
		put(f, key_of(f->arena, i), make_value(room, 2 * MIB, i, 0));
		CHECK(is_value_of(get(f, key_of(f->arena, i)), i));
	}

	const struct cache_stats after = stats(f);

	/* what it drives out is not much more than what it needs */
	CHECK((size_t)(after.evictions - before.evictions) * SMALL < 24 * MIB);
	CHECK(after.refused == 0);
	CHECK(is_whole(f));
	shared_free(room, LARGEST);
}

/* Refused is the value, not the call; and the old value must not be found. */
static void
refuses_what_is_too_large(struct fixture *f)
{
	size_t len = (size_t)stats(f).max_bytes + 1;
	char *huge = shared_alloc(len);

	put(f, STR("a"), STR("1"));
	put(f, STR("b"), STR("2"));
	put(f, STR("a"), (struct str){ huge, len });
	CHECK(get(f, STR("a")).ptr == NULL);
	CHECK(str_eq(get(f, STR("b")), STR("2")));
	CHECK(stats(f).refused == 1);
	CHECK(stats(f).entries == 1);
	CHECK(is_whole(f));
	shared_free(huge, len);
}

/* More values are shown at once than a worker can pin: the rest are copies. */
static void
shows_more_values_than_it_can_pin(struct fixture *f)
{
	enum { SHOWN = 600 };
	static struct cache_found found[SHOWN];
	char *room = shared_alloc(LARGEST);

	put(f, STR("a"), make_value(room, 70 * KIB, 1, 1));
	for (size_t i = 0; i < SHOWN; i++) {
		found[i] = (struct cache_found){ 0 };
		CHECK(
		    f->ops->get(f->cache, f->arena, STR("a"), &found[i]) == OK);
	}
	CHECK(stats(f).pins > 0 && stats(f).pins < SHOWN);
	drop(f, STR("a"));
	fill(f, room, 10, 70 * KIB);
	for (size_t i = 0; i < SHOWN; i++) {
		CHECK(found[i].value.ptr != NULL);
		if (found[i].pin != 0) {
			CHECK(is_value_of(found[i].value, 1));
			f->ops->unpin(f->cache, found[i].pin);
		}
	}
	CHECK(stats(f).pins == 0);
	CHECK(is_whole(f));
	shared_free(room, LARGEST);
}

static void
gives_back_all_room(struct fixture *f)
{
	char *room = shared_alloc(LARGEST);

	for (uint32_t i = 0; i < 1000; i++)
		put(f, key_of(f->arena, i), make_value(room, 12 + i * 7, i, 0));
	for (uint32_t i = 0; i < 1000; i++)
		drop(f, key_of(f->arena, i));
	CHECK(stats(f).entries == 0);
	CHECK(stats(f).bytes == 0);
	CHECK(is_whole(f));
	shared_free(room, LARGEST);
}

/* clang-format off */
const struct suite_test room_tests[] = {
	{ "stays within its bytes", stays_within_its_bytes, NEEDS_SHARED },
	{ "evicts the old before the new", evicts_the_old_before_the_new, NEEDS_SHARED },
	{ "keeps what is asked for", keeps_what_is_asked_for, NEEDS_SHARED },
	{ "makes room for a large value among small ones", makes_room_for_a_large_value_among_small_ones, NEEDS_SHARED },
	{ "refuses what is too large", refuses_what_is_too_large, NEEDS_SHARED },
	{ "shows more values than it can pin", shows_more_values_than_it_can_pin, NEEDS_SHARED },
	{ "gives back all room", gives_back_all_room, NEEDS_SHARED },
	{ NULL, NULL, 0 },
};
/* clang-format on */
