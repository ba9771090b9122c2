/* test_place.c - how the place of a warehouse is written, and made. */
#include "catalog/place.h"
#include "tests/unit/scratch.h"

static struct arena *arena;
static struct error error;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new();
	make_scratch();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	remove_scratch();
	arena_free(arena);
	return 0;
}

static void
writes_every_spelling_the_same_way(void **state)
{
	static const char *const spellings[] = { "/srv/wh", "/srv/wh///",
		"file:/srv/wh", "file:///srv/wh", "file:///srv/wh/",
		"file://localhost/srv/wh" };
	struct str root;

	(void)state;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		assert_int_equal(
		    place_parse(arena, str_from(spellings[i]), &root, &error),
		    OK);
		assert_str(root, STR("file:///srv/wh"));
	}
}

static void
reads_lists_of_places(void **state)
{
	struct places places;

	(void)state;
	assert_int_equal(places_parse(arena, STR(" /srv/a/ ,, file:/mnt/b"),
			     &places, &error),
	    OK);
	assert_int_equal(places.count, 2);
	assert_str(places.at[1], STR("file:///mnt/b"));
	assert_true(places_hold(places, STR("file:/srv/a/t")));
	assert_false(places_hold(places, STR("file:///srv/a")));
	assert_false(places_hold(places, STR("file:///srv/ab/t")));
	assert_int_equal(
	    places_parse(arena, (struct str){ 0 }, &places, &error), OK);
	assert_int_equal(places.count, 0);
	assert_int_equal(
	    places_parse(arena, STR("/srv/a,s3://b/c"), &places, &error),
	    ERR_BAD_REQUEST);
}

static void
refuses_what_is_no_place(void **state)
{
	static const char *const bad[] = { "", "srv", "./srv", "/",
		"file:", "file:///", "file:srv", "file://host/srv",
		"//host/srv", "/srv/../etc", "/srv/./x", "/srv//x", "/srv/a\nb",
		"/srv?x", "s3://bucket", "s3://bucket/prefix", "abfss://c@a/x",
		"gs://b", "http://x/y" };
	struct str root;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (place_parse(arena, str_from(bad[i]), &root, &error) !=
		    ERR_BAD_REQUEST)
			fail_msg("accepted \"%s\"", bad[i]);
}

static void
sees_overlaps_by_whole_segments(void **state)
{
	struct str a = STR("file:///srv/a");

	(void)state;
	assert_true(place_overlaps(a, a));
	assert_true(place_overlaps(a, STR("file:///srv/a/b")));
	assert_true(place_overlaps(STR("file:///srv/a/b"), a));
	assert_false(place_overlaps(a, STR("file:///srv/ab")));
	assert_false(place_overlaps(a, STR("file:///srv/b")));
}

static void
makes_directories_that_keep_their_group(void **state)
{
	struct str root = arena_printf(arena, "file://%s/a/b/c", scratch);
	mode_t old = umask(007);
	struct stat st;

	(void)state;

	enum err first = place_prepare(root, &error);
	enum err again = place_prepare(root, &error);

	(void)umask(old);
	assert_int_equal(first, OK);
	assert_int_equal(again, OK);
	assert_int_equal(stat(str_skip(root, 7).ptr, &st), 0);
	assert_int_equal(st.st_mode & 07777, 02770);
}

static void
keeps_the_group_out_where_the_umask_does(void **state)
{
	struct str root = arena_printf(arena, "file://%s/d", scratch);
	mode_t old = umask(022);
	enum err err = place_prepare(root, &error);
	struct stat st;

	(void)state;
	(void)umask(old);
	assert_int_equal(err, OK);
	assert_int_equal(stat(str_skip(root, 7).ptr, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
}

static void
names_the_path_and_the_cure(void **state)
{
	struct str root = arena_printf(arena, "file://%s/file", scratch);
	struct str below = arena_printf(arena, STR_FMT "/x", STR_ARG(root));
	FILE *f = fopen(str_skip(root, 7).ptr, "w");

	(void)state;
	assert_non_null(f);
	(void)fclose(f);
	assert_int_equal(place_prepare(root, &error), ERR_BAD_REQUEST);
	assert_non_null(strstr(error.message, "Not a directory"));
	assert_non_null(strstr(error.message, str_skip(root, 7).ptr));
	assert_non_null(strstr(error.message, "install -d -m 2770"));
	assert_int_equal(place_prepare(below, &error), ERR_BAD_REQUEST);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

static void
keeps_tenants_out_of_the_servers_own_directory(void **state)
{
	static const struct place_rules rules = { .state_dir = STR_INIT(
						      "/var/lib/pangolin") };
	static const struct {
		const char *root;
		bool allowed;
	} cases[] = {
		{ "file:///srv/tables", true },
		{ "file:///var/lib/pangolin-tables", true },
		{ "file:///var/lib/pangolin/warehouse", true },
		{ "file:///var/lib/pangolin/warehouse/acme", true },
		{ "file:///var/lib/pangolin/other", false },
		{ "file:///var/lib/pangolin", false },
		{ "file:///var/lib", false },
		{ "file:///var/lib/pangolin/warehouses", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum err err = place_allowed(&rules, "storage_config/root",
		    str_from(cases[i].root), &error);

		if ((err == OK) != cases[i].allowed)
			fail_msg("%s", cases[i].root);
	}
}

static void
keeps_to_the_roots_that_are_listed(void **state)
{
	static const struct str roots[] = { STR_INIT("file:///srv/a"),
		STR_INIT("file:///srv/b/") };
	static const struct place_rules rules = {
		.state_dir = STR_INIT("/var/lib/pangolin"),
		.roots = roots,
		.root_count = 2,
	};

	(void)state;
	assert_int_equal(place_allowed(&rules, "storage_config/root",
			     STR("file:///srv/a"), &error),
	    OK);
	assert_int_equal(place_allowed(&rules, "storage_config/root",
			     STR("file:///srv/b/c"), &error),
	    OK);
	assert_int_equal(place_allowed(&rules, "storage_config/root",
			     STR("file:///srv/ab"), &error),
	    ERR_BAD_REQUEST);
	assert_int_equal(place_allowed(&rules, "storage_config/root",
			     STR("file:///var/lib/pangolin/x"), &error),
	    ERR_BAD_REQUEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_every_spelling_the_same_way),
		TEST(reads_lists_of_places),
		TEST(refuses_what_is_no_place),
		TEST(sees_overlaps_by_whole_segments),
		TEST(makes_directories_that_keep_their_group),
		TEST(keeps_the_group_out_where_the_umask_does),
		TEST(names_the_path_and_the_cure),
		cmocka_unit_test(
		    keeps_tenants_out_of_the_servers_own_directory),
		cmocka_unit_test(keeps_to_the_roots_that_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
