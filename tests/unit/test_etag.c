/* test_etag.c - which answers a client has already. */
#include "api/etag.h"

#include "tests/unit/unit.h"

static struct request r;
static struct header headers[2];
static const struct point at = { 7, 12 };
static const struct str file = STR_INIT("file:///w/t/metadata/00001.json");

static int
set_up(void **state)
{
	(void)state;
	r = (struct request){ .arena = arena_new() };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(r.arena);
	return 0;
}

static void
ask_with(const char *name, const char *first, const char *second)
{
	headers[0] = (struct header){ str_from(name), str_from(first) };
	headers[1] = (struct header){ str_from(name), str_from(second) };
	r.headers = (struct headers){ headers, second != NULL ? 2 : 1 };
}

static bool
is_known(struct str before, struct str after)
{
	struct str etag = etag_of(&r, file, false, at);
	struct str bare = { etag.ptr + 3, etag.len - 4 };
	struct str given = arena_printf(r.arena, STR_FMT STR_FMT STR_FMT,
	    STR_ARG(before), STR_ARG(bare), STR_ARG(after));

	ask_with("if-none-match", arena_cstr(r.arena, given), NULL);
	return etag_is_known(&r, etag);
}

static void
names_the_file_and_what_was_asked(void **state)
{
	static const char *const delegations[] = { "none", "vended-credentials",
		"remote-signing", "Remote-Signing, VENDED-credentials" };
	struct str seen[2 * 4 + 1];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		ask_with("x-iceberg-access-delegation", delegations[i], NULL);
		seen[count++] = etag_of(&r, file, false, at);
		seen[count++] = etag_of(&r, file, true, at);
	}
	seen[count++] =
	    etag_of(&r, STR("file:///w/t/metadata/00002.json"), false, at);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(str_eq(seen[i], seen[k]));
	r.headers.count = 0;
	assert_true(str_eq(etag_of(&r, file, false, at), seen[0]));
}

static void
is_the_same_on_every_node_and_build(void **state)
{
	(void)state;
	assert_true(str_eq(etag_of(&r, file, false, at),
	    STR("W/\"eac8119a0717acd714e2dc6a5adbfc02-all.7.12\"")));
}

static void
takes_every_form_of_if_none_match(void **state)
{
	static const struct {
		struct str before, after;
	} forms[] = {
		{ STR_INIT("W/\""), STR_INIT("\"") },
		{ STR_INIT("\""), STR_INIT("\"") },
		{ STR_INIT(""), STR_INIT("") },
		{ STR_INIT("W/"), STR_INIT("") },
		{ STR_INIT("\"x\", W/\"y,z\",\""), STR_INIT("\"") },
		{ STR_INIT("\"\", \t,, "), STR_INIT(" , \"x\"") },
		{ STR_INIT("\""), STR_INIT("") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		assert_true(is_known(forms[i].before, forms[i].after));
}

static void
takes_nothing_else(void **state)
{
	static const struct {
		struct str before, after;
	} forms[] = {
		{ STR_INIT("\"x"), STR_INIT("\"") },
		{ STR_INIT("\""), STR_INIT("x\"") },
		{ STR_INIT("\"a,"), STR_INIT(",b\"") },
		{ STR_INIT("w"), STR_INIT("") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		assert_false(is_known(forms[i].before, forms[i].after));
	ask_with("If-None-Match", "", "\"");
	assert_false(etag_is_known(&r, etag_of(&r, file, false, at)));
}

static void
takes_a_star_and_a_second_line(void **state)
{
	struct str etag = etag_of(&r, file, false, at);

	(void)state;
	ask_with("If-None-Match", " * ", NULL);
	assert_true(etag_is_known(&r, etag));
	ask_with("If-None-Match", "\"*\"", NULL);
	assert_false(etag_is_known(&r, etag));
	ask_with("If-None-Match", "\"x\"", arena_cstr(r.arena, etag));
	assert_true(etag_is_known(&r, etag));
	ask_with("If-Match", "*", NULL);
	assert_false(etag_is_known(&r, etag));
}

/* Where a pointer stands is told, and makes no other answer of it. */
static void
tells_of_a_position(void **state)
{
	struct str etag = etag_of(&r, file, false, at);
	struct str same = etag_of(&r, file, false, (struct point){ 9, 3 });
	struct str bare = etag_of(&r, file, false, (struct point){ 0 });

	(void)state;
	assert_false(str_eq(etag, same));
	ask_with("If-None-Match", arena_cstr(r.arena, etag),
	    arena_cstr(r.arena, same));
	assert_true(etag_is_known(&r, same));
	assert_true(etag_is_known(&r, bare));
	assert_int_equal(etag_position(&r, 7), 12);
	assert_int_equal(etag_position(&r, 9), 3);
	assert_int_equal(etag_position(&r, 8), 0);
	ask_with("If-None-Match", arena_cstr(r.arena, bare),
	    "\"x.7\", \"x.7.\", \"x.7.9x\", \".7.5\", *");
	assert_int_equal(etag_position(&r, 7), 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_the_file_and_what_was_asked),
		TEST(is_the_same_on_every_node_and_build),
		TEST(takes_every_form_of_if_none_match),
		TEST(takes_nothing_else),
		TEST(takes_a_star_and_a_second_line),
		TEST(tells_of_a_position),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
