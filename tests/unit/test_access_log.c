/* test_access_log.c - what a request leaves in the log, and what it must not.
 */
#include "ops/access_log.h"

#include "identity/principal.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static const struct route route = { .method = METHOD_GET,
	.path = "/v1/{prefix}/namespaces" };

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct str
members_of(const struct request *r, const struct outcome *o)
{
	struct buf b = buf_in(arena);

	access_log_members(&b, r, o);
	return buf_str(&b);
}

static void
says_who_asked_for_what_and_what_became_of_it(void **state)
{
	const struct principal ann = { .username = STR_INIT("ann"),
		.acts_in = { { 0x12, 0x34 } } };
	const struct request r = { .arena = arena,
		.route = &route,
		.method = METHOD_GET,
		.target = STR_INIT("/v1/sales/namespaces?pageToken=hush"),
		.path = STR_INIT("/v1/sales/namespaces"),
		.query = STR_INIT("pageToken=hush"),
		.peer = STR_INIT("10.0.0.1"),
		.client = STR_INIT("192.0.2.7"),
		.id = "abc-1",
		.principal = &ann };
	const struct outcome o = { 200, 1234, 56 };

	(void)state;
	assert_str(members_of(&r, &o),
	    STR(",\"id\":\"abc-1\",\"method\":\"GET\","
		"\"route\":\"/v1/{prefix}/namespaces\","
		"\"path\":\"/v1/sales/namespaces\",\"status\":200,"
		"\"duration_us\":1234,\"bytes\":56,\"principal\":\"ann\","
		"\"tenant\":\"12340000-0000-0000-0000-000000000000\","
		"\"peer\":\"10.0.0.1\",\"client\":\"192.0.2.7\""));
}

static void
has_null_for_what_was_never_known(void **state)
{
	const struct request r = { .arena = arena,
		.peer = STR_INIT("::1"),
		.client = STR_INIT("::1") };
	const struct outcome o = { 400, 0, 9 };

	(void)state;
	assert_str(members_of(&r, &o),
	    STR(",\"id\":\"\",\"method\":\"\",\"route\":null,\"path\":null,"
		"\"status\":400,\"duration_us\":0,\"bytes\":9,"
		"\"principal\":null,\"tenant\":null,\"peer\":\"::1\","
		"\"client\":\"::1\""));
}

static void
writes_no_byte_of_a_path_that_is_not_text(void **state)
{
	const struct request r = { .arena = arena,
		.method = METHOD_POST,
		.path = STR_INIT("/a\xFF\n\"b") };
	const struct outcome o = { 404, 1, 2 };

	(void)state;
	assert_non_null(strstr(
	    arena_cstr(arena, members_of(&r, &o)), "\"path\":\"/a?\?\\\"b\""));
}

static void
cuts_what_would_not_leave_in_one_write(void **state)
{
	static char path[16384];
	const struct request r = { .arena = arena,
		.path = { path, sizeof(path) } };
	const struct outcome o = { 404, 1, 2 };

	(void)state;
	memset(path, '"', sizeof(path));
	assert_true(members_of(&r, &o).len < 3000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_who_asked_for_what_and_what_became_of_it),
		cmocka_unit_test(has_null_for_what_was_never_known),
		cmocka_unit_test(writes_no_byte_of_a_path_that_is_not_text),
		cmocka_unit_test(cuts_what_would_not_leave_in_one_write),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
