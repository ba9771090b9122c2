/* test_warehouse_root.c - how the root of a warehouse is written, and made. */
#include "base/buf.h"
#include "catalog/warehouse_root.h"
#include "object/beneath.h"
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
		    root_parse(arena, str_from(spellings[i]), &root, &error),
		    OK);
		assert_str(root, STR("file:///srv/wh"));
	}
}

static void
writes_every_spelling_of_s3_the_same_way(void **state)
{
	static const char *const spellings[] = { "s3://lake/wh",
		"s3://lake/wh/", "s3a://lake/wh", "s3n://lake/wh//" };
	struct str root;

	(void)state;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		assert_int_equal(
		    root_parse(arena, str_from(spellings[i]), &root, &error),
		    OK);
		assert_str(root, STR("s3://lake/wh"));
	}
}

static void
reads_lists_of_roots(void **state)
{
	struct roots roots;

	(void)state;
	assert_int_equal(
	    roots_parse(arena, STR(" /srv/a/ ,, file:/mnt/b"), &roots, &error),
	    OK);
	assert_int_equal(roots.count, 2);
	assert_str(roots.at[1], STR("file:///mnt/b"));
	assert_true(roots_hold(roots, STR("file:/srv/a/t")));
	assert_false(roots_hold(roots, STR("file:///srv/a")));
	assert_false(roots_hold(roots, STR("file:///srv/ab/t")));
	assert_int_equal(
	    roots_parse(arena, (struct str){ 0 }, &roots, &error), OK);
	assert_int_equal(roots.count, 0);
	assert_int_equal(
	    roots_parse(arena, STR("/srv/a,gs://b/c"), &roots, &error),
	    ERR_BAD_REQUEST);
}

static void
refuses_what_is_no_root(void **state)
{
	static const char *const bad[] = { "", "srv", "./srv", "/",
		"file:", "file:///", "file:srv", "file://host/srv",
		"//host/srv", "/srv/../etc", "/srv/./x", "/srv//x", "/srv/a\nb",
		"/srv?x", "/srv/%2e%2E/etc", "/srv/..\\etc", "/srv/a ", "s3://",
		"s3:bucket", "s3://bucket/../x", "s3://b/prefix", "s3:///srv/x",
		"abfss://c@a/x", "gs://b", "http://x/y" };
	struct str root;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (root_parse(arena, str_from(bad[i]), &root, &error) !=
		    ERR_BAD_REQUEST)
			fail_msg("accepted \"%s\"", bad[i]);
}

static bool
overlap(const char *a, const char *b)
{
	struct root_identity id;

	assert_int_equal(root_identify(str_from(a), &id, &error), OK);
	return root_overlaps(&id, str_from(b));
}

static void
sees_overlaps_by_whole_segments(void **state)
{
	(void)state;
	assert_true(overlap("file:///srv/a", "file:///srv/a"));
	assert_true(overlap("file:///srv/a", "file:///srv/a/b"));
	assert_true(overlap("file:///srv/a/b", "file:///srv/a"));
	assert_false(overlap("file:///srv/a", "file:///srv/ab"));
	assert_false(overlap("file:///srv/a", "file:///srv/b"));
	assert_true(overlap("s3://lake/a", "s3://lake/a/b"));
	assert_true(overlap("s3://lake/a", "s3://lake"));
	assert_false(overlap("s3://lake/a", "s3://lake/ab"));
	assert_false(overlap("s3://lake/a", "s3://pond/a"));
	assert_false(overlap("s3://lake/a", "file:////lake/a"));
	assert_false(overlap("file:///srv/a", "s3://srv/a"));
}

static const char *
below(const char *name)
{
	return arena_printf(arena, "file://%s/%s", scratch, name).ptr;
}

static void
link_named(const char *to, const char *name)
{
	const char *path = below(name) + strlen("file://");

	assert_int_equal(symlink(to, path), 0);
	assert_true(beneath_add(str_from(path)));
}

static void
make(const char *name)
{
	assert_int_equal(root_prepare(str_from(below(name)), &error), OK);
}

/* The operator has other names for a directory; a bind mount is told from its
 * source no better than a link. */
static void
sees_overlaps_of_directories_under_other_names(void **state)
{
	static const struct {
		const char *a, *b;
		bool overlap;
	} cases[] = {
		{ "alias", "real", true },
		{ "alias/x", "real/x", true },
		{ "alias/x/y", "real/x", true },
		{ "alias/x", "real/x/y", true },
		{ "alias/none/y", "real/none", true },
		{ "alias/none", "real/none/y", true },
		{ "alias", "real/none/y", true },
		{ "inner", "real", true },
		{ "inner/none", "real", true },
		{ "inner/none", "real/x/none", true },
		{ "alias/none", "real/nonesuch", false },
		{ "alias/x", "real/y", false },
		{ "inner", "real/y", false },
		{ "inner/none", "real/none", false },
	};

	(void)state;
	make("real/x");
	link_named("real", "alias");
	link_named("real/x", "inner");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *a = below(cases[i].a), *b = below(cases[i].b);

		if (overlap(a, b) != cases[i].overlap ||
		    overlap(b, a) != cases[i].overlap)
			fail_msg("%s and %s", a, b);
	}
}

static void
has_no_root_behind_a_link(void **state)
{
	(void)state;
	make("real/x");
	assert_int_equal(
	    symlink("x", str_skip(str_from(below("real/link")), 7).ptr), 0);
	assert_int_equal(root_prepare(str_from(below("real/link")), &error),
	    ERR_BAD_REQUEST);
	assert_int_equal(root_prepare(str_from(below("real/link/y")), &error),
	    ERR_BAD_REQUEST);
}

static void
has_no_root_that_is_too_deep(void **state)
{
	struct root_identity id;
	struct buf deep = buf_in(arena);

	(void)state;
	buf_add(&deep, STR("d"));
	for (int i = 0; i < 2 * ROOT_DEPTH; i++)
		buf_add(&deep, STR("/d"));

	const char *name =
	    arena_printf(arena, "%.*s", STR_ARG(buf_str(&deep))).ptr;

	make(name);
	assert_int_equal(
	    root_identify(str_from(below(name)), &id, &error), ERR_BAD_REQUEST);
}

static void
makes_directories_that_keep_their_group(void **state)
{
	struct str root = arena_printf(arena, "file://%s/a/b/c", scratch);
	mode_t old = umask(007);
	struct stat st;

	(void)state;

	enum err first = root_prepare(root, &error);
	enum err again = root_prepare(root, &error);

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
	enum err err = root_prepare(root, &error);
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
	assert_int_equal(root_prepare(root, &error), ERR_BAD_REQUEST);
	assert_non_null(strstr(error.message, "Not a directory"));
	assert_non_null(strstr(error.message, str_skip(root, 7).ptr));
	assert_non_null(strstr(error.message, "install -d -m 2770"));
	assert_int_equal(root_prepare(below, &error), ERR_BAD_REQUEST);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

static enum err
allowed(const struct root_rules *rules, const char *root)
{
	struct root_identity id;

	assert_int_equal(root_identify(str_from(root), &id, &error), OK);
	return root_allowed(rules, "storage_config/root", &id, &error);
}

static void
keeps_tenants_out_of_the_servers_own_directory(void **state)
{
	static const struct str anywhere = STR_INIT(ROOT_ANY);
	static const struct root_rules rules = { .state_dir = STR_INIT(
						     "/var/lib/pangolin"),
		.roots = &anywhere,
		.root_count = 1 };
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
		enum err err = allowed(&rules, cases[i].root);

		if ((err == OK) != cases[i].allowed)
			fail_msg("%s", cases[i].root);
	}
}

static void
keeps_to_the_roots_that_are_listed(void **state)
{
	static const struct str roots[] = { STR_INIT("file:///srv/a"),
		STR_INIT("file:///srv/b") };
	static const struct root_rules rules = {
		.state_dir = STR_INIT("/var/lib/pangolin"),
		.roots = roots,
		.root_count = 2,
	};

	(void)state;
	assert_int_equal(allowed(&rules, "file:///srv/a"), OK);
	assert_int_equal(allowed(&rules, "file:///srv/b/c"), OK);
	assert_int_equal(allowed(&rules, "file:///srv/ab"), ERR_BAD_REQUEST);
	assert_int_equal(
	    allowed(&rules, "file:///var/lib/pangolin/x"), ERR_BAD_REQUEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_every_spelling_the_same_way),
		TEST(writes_every_spelling_of_s3_the_same_way),
		TEST(reads_lists_of_roots),
		TEST(refuses_what_is_no_root),
		TEST(sees_overlaps_by_whole_segments),
		TEST(sees_overlaps_of_directories_under_other_names),
		TEST(has_no_root_behind_a_link),
		TEST(has_no_root_that_is_too_deep),
		TEST(makes_directories_that_keep_their_group),
		TEST(keeps_the_group_out_where_the_umask_does),
		TEST(names_the_path_and_the_cure),
		cmocka_unit_test(
		    keeps_tenants_out_of_the_servers_own_directory),
		cmocka_unit_test(keeps_to_the_roots_that_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
