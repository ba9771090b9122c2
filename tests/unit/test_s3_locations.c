/* test_s3_locations.c - which locations name a place in S3, and what is asked
 * of it where nobody may wait. */
#include "object/object.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct error error;
static struct call call = { .error = &error };

static int
begin(void **state)
{
	(void)state;
	arena = arena_new();
	call.arena = arena;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
refuses_places_in_s3_that_climb_or_hide(void **state)
{
	static const char *const bad[] = { "s3:", "s3:/bucket/a", "s3://",
		"s3:///a", "s3://b/a", "s3://bu cket/a", "s3://b%2fcket/a",
		"s3://user@bucket/a", "s3://bucket:80/a", "s3://bucket/../b",
		"s3://bucket/a/../../b", "s3://bucket/a//b", "s3://bucket/a/",
		"s3://bucket//a", "s3://bucket/./a", "s3://bucket/a/%2e%2e/b",
		"s3://bucket/a/%2E%2e%2fb", "s3://bucket/a\\..\\b",
		"s3://bucket/a?versionId=1", "s3://bucket/a#b", "s3://bucket/ ",
		"s3a://..", "s3n://bucket/a/..", "S3://bucket/a",
		"s3x://bucket/a" };
	static const char *const good[] = { "s3://bucket", "s3://bucket/a",
		"s3a://bucket/a/b c", "s3n://buc-ket.x/dt=2026-01-01/%zz" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (object_location_check(str_from(bad[i]), &error) !=
		    ERR_BAD_REQUEST)
			fail_msg("accepted \"%s\"", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (object_location_check(str_from(good[i]), &error) != OK)
			fail_msg("%s: %s", good[i], error.message);
}

/* A path of S3 has its bucket, and is no path of a file: claims never meet. */
static void
gives_paths_back_as_locations(void **state)
{
	static const char *const cases[][3] = {
		{ "s3://bucket/a/b", "//bucket/a/b", "s3://bucket/a/b" },
		{ "s3a://bucket/a/", "//bucket/a", "s3://bucket/a" },
		{ "s3n://bucket", "//bucket", "s3://bucket" },
		{ "file:/bucket/a/b", "/bucket/a/b", "file:///bucket/a/b" },
		{ "file:////bucket/a", "/bucket/a", "file:///bucket/a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str path = object_path(str_from(cases[i][0]));

		assert_str(path, str_from(cases[i][1]));
		assert_str(
		    object_location_at(arena, path), str_from(cases[i][2]));
	}
}

/* Not even to say that nobody knows the bucket. */
static void
asks_no_bucket_on_the_loop(void **state)
{
	const struct str location = STR("s3://bucket/a");
	struct call loop = call;
	struct str back;
	size_t most = 1;
	bool is;

	(void)state;
	loop.nowait = true;
	assert_int_equal(object_read(&loop, location, &back), ERR_WOULD_BLOCK);
	assert_int_equal(object_exists(&loop, location, &is), ERR_WOULD_BLOCK);
	assert_int_equal(
	    object_create(&loop, location, STR("")), ERR_WOULD_BLOCK);
	assert_int_equal(object_delete(&loop, location), ERR_WOULD_BLOCK);
	assert_int_equal(
	    object_clear(&loop, location, &most, &is), ERR_WOULD_BLOCK);
	assert_int_equal(object_seems_there(&loop, location, &is), OK);
	assert_true(is);
	assert_int_equal(object_read(&call, location, &back), ERR_UNAVAILABLE);
	assert_non_null(strstr(error.message, "s3://bucket/a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_places_in_s3_that_climb_or_hide),
		cmocka_unit_test(gives_paths_back_as_locations),
		cmocka_unit_test(asks_no_bucket_on_the_loop),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
