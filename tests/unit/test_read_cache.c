/* test_read_cache.c - rows and versions that are kept, and forgotten in time.
 */
#include "cache/read_cache.h"

#include "cache/record_cache.h"
#include "cache/version_cache.h"
#include "calls/usage.h"
#include "catalog/catalogs.h"
#include "identity/claims.h"
#include "tests/unit/fake_cache.h"
#include "tests/unit/people.h"

static struct usage usage;
static struct call reading; /* as `call`, for a request */
static struct heads heads;

static struct levels *levels; /* some tests take them out of `usage` */

static int
begin(void **state)
{
	struct levels_plan plan = {
		.level = { { .plugin = &fake_near } }, .count = 1, .workers = 1
	};
	struct shm *shm;
	size_t size;

	(void)open_store_with_people(state);
	assert_ok(levels_size(&plan, &size, &error));
	assert_ok(shm_new(size + watermarks_size() + 256, &shm, &error));
	usage = (struct usage){ 0 };
	levels = levels_new(call.arena, shm, &plan);
	usage.levels = levels;
	usage.watermarks = watermarks_new(shm);
	fake_count = 0;
	assert_ok(levels_open(levels, NULL, 0, &error));
	heads = read_cache_heads(usage.watermarks, usage.levels);
	reading = call;
	reading.usage = &usage;
	return 0;
}

static int
end(void **state)
{
	levels_close(levels);
	return close_store(state);
}

/* A request comes, and what has changed is asked for. */
static void
come(void)
{
	usage.since_ns = clock_mono_ns();
	while (clock_mono_ns() <= usage.since_ns)
		;
	assert_ok(heads_poll(&heads, &call));
	usage.cache_hits = usage.cache_misses = 0;
}

static const struct value *
user_row(struct id id)
{
	const struct control_ref ref = {
		.kind = CONTROL_USER, .tenant = acme, .id = id
	};
	const struct value *row;

	come();
	assert_ok(record_cache_find(&reading, &ref, &row));
	return row;
}

/* ---- tests */
static void
a_row_is_read_once_and_then_kept(void **state)
{
	(void)state;
	assert_non_null(user_row(bob.id)); /* the log is entered */
	assert_non_null(user_row(bob.id)); /* and known from now on */
	assert_int_equal(usage.cache_misses, 1);

	const struct value *row = user_row(bob.id);

	assert_int_equal(usage.cache_hits, 1);
	assert_int_equal(usage.cache_misses, 0);
	assert_true(str_eq(row[USER_USERNAME].as.s, STR("bob")));
	assert_true(id_eq(row[USER_TENANT].as.id, acme));
}

static void
a_deleted_user_is_not_answered_from_what_is_kept(void **state)
{
	bool settled;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_non_null(user_row(bob.id));
	assert_int_equal(usage.cache_hits, 1);
	assert_ok(users_delete(&call, &admin, bob.id, &settled));
	assert_null(user_row(bob.id));
	assert_null(user_row(bob.id));
	assert_int_equal(usage.cache_hits, 1);
}

static void
what_is_missing_is_kept_until_it_is_made(void **state)
{
	struct catalog new = { .tenant = acme, .name = STR("sales") }, found;

	(void)state;
	for (int i = 0; i < 3; i++) {
		come();
		assert_int_equal(
		    catalogs_get(&reading, acme, STR("sales"), &found),
		    ERR_NO_SUCH_WAREHOUSE);
	}
	assert_int_equal(usage.cache_hits, 1);
	assert_ok(catalogs_create(&call, &new, &new));
	come();
	assert_ok(catalogs_get(&reading, acme, STR("sales"), &found));
	assert_true(found.main_branch == new.main_branch);
}

static void
a_change_of_one_thing_leaves_the_others(void **state)
{
	struct principal eve = new_person("eve", acme, ROLE_TENANT_USER);
	bool settled;

	(void)state;
	for (int i = 0; i < 2; i++) {
		(void)user_row(bob.id);
		(void)user_row(eve.id);
	}
	assert_ok(users_delete(&call, &admin, eve.id, &settled));
	assert_non_null(user_row(bob.id));
	assert_int_equal(usage.cache_hits, 1);
}

static void
who_came_after_the_asking_asks_the_store(void **state)
{
	bool settled;
	const struct control_ref ref = {
		.kind = CONTROL_USER, .tenant = acme, .id = bob.id
	};
	const struct value *row;

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)user_row(bob.id);
	assert_ok(users_delete(&call, &admin, bob.id, &settled));

	/* who may be answered what is older is */
	usage.since_ns = clock_mono_ns() - 60 * CLOCK_SECOND * 1000;
	assert_ok(record_cache_find(&reading, &ref, &row));
	assert_non_null(row);
	usage.since_ns = clock_mono_ns();
	assert_ok(record_cache_find(&reading, &ref, &row));
	assert_null(row);
}

static struct version
entry(int64_t log, struct key key)
{
	struct point head = { log, INT64_MAX };
	struct version read;

	come();
	assert_ok(version_cache_read(
	    &reading, log, (struct chain){ &head, 1 }, &key, 1, &read));
	return read;
}

static void
a_version_is_kept_as_it_is_stored(void **state)
{
	struct catalog new = { .tenant = acme, .name = STR("sales") };
	struct key key = { SPACE_RELATION,
		STR("a\x1f"
		    "b"),
		STR("t") };
	struct version put = { .key = key,
		.kind = 2,
		.object = id_v4(),
		.location = STR("file:///x"),
		.body = STR("") };
	struct unit unit = { .id = id_v7(), .puts = &put, .put_count = 1 };

	(void)state;
	assert_ok(catalogs_create(&call, &new, &new));
	for (int i = 0; i < 3; i++)
		assert_int_equal(entry(new.main_branch, key).kind, 0);
	assert_int_equal(usage.cache_hits, 1);
	assert_ok(store_apply(&call, new.main_branch, &unit, 1));

	struct version read = entry(new.main_branch, key);
	struct version again = entry(new.main_branch, key);

	assert_int_equal(usage.cache_hits, 1);
	for (int i = 0; i < 2; i++, read = again) {
		assert_int_equal(read.kind, 2);
		assert_int_equal(read.at.branch, new.main_branch);
		assert_int_equal(read.at.seq, 1);
		assert_int_equal(read.origin.branch, new.main_branch);
		assert_int_equal(read.origin.seq, 1);
		assert_false(read.deleted);
		assert_true(id_eq(read.object, put.object));
		assert_true(str_eq(read.location, put.location));
		assert_non_null(read.body.ptr);
		assert_int_equal(read.body.len, 0);
		assert_true(str_eq(read.key.ns, key.ns));
	}
}

/* A list as long as nothing on its log has changed. */
static void
a_text_is_kept_until_its_log_moves(void **state)
{
	int64_t log = control_log(acme);
	struct principal eve;
	struct cached_text text;
	bool settled;

	(void)state;
	for (int i = 0; i < 3; i++) {
		come();
		read_cache_find_text(&reading, log, "list", STR("ns"), &text);
		if (text.read.value.ptr == NULL)
			read_cache_put_text(&reading, &text, STR("[1]"));
	}
	assert_true(str_eq(text.read.value, STR("[1]")));
	read_cache_find_text(&reading, log, "list", STR("other"), &text);
	assert_null(text.read.value.ptr);
	read_cache_find_text(&reading, log, "views", STR("ns"), &text);
	assert_null(text.read.value.ptr);
	eve = new_person("eve", acme, ROLE_TENANT_USER);
	come();
	read_cache_find_text(&reading, log, "list", STR("ns"), &text);
	assert_null(text.read.value.ptr);

	/* what was read before a change is not kept behind it */
	assert_ok(users_delete(&call, &admin, eve.id, &settled));
	come();
	read_cache_put_text(&reading, &text, STR("[2]"));
	read_cache_find_text(&reading, log, "list", STR("ns"), &text);
	assert_null(text.read.value.ptr);
}

static void
a_token_is_verified_once(void **state)
{
	uint8_t secret[TOKEN_KEY_BYTES] = { 1 };
	struct claims claims = { .sub = bob.id,
		.jti = id_v4(),
		.session = id_v4(),
		.tenant_id = acme,
		.username = STR("bob"),
		.role = ROLE_TENANT_USER,
		.exp = clock_now_us() / CLOCK_SECOND + 60 };
	struct keys keys;

	(void)state;
	keys_init(&keys, secret, 1);

	struct str token = token_issue(call.arena, &keys, &claims);
	struct str wrong = arena_copy(call.arena, token);
	struct claims read;

	for (int i = 0; i < 2; i++) {
		read = (struct claims){ 0 };
		assert_ok(claims_of(&reading, &keys, token, &read));
		assert_true(id_eq(read.sub, bob.id));
		assert_true(id_eq(read.session, claims.session));
		assert_true(id_eq(read.tenant_id, acme));
		assert_int_equal(read.role, ROLE_TENANT_USER);
		assert_int_equal(read.exp, claims.exp);
	}
	assert_int_equal(usage.cache_hits, 1);

	/* a stateless one is not kept at all */
	keys.stateless_s = 300;
	claims.stateless = true;
	claims.iat = claims.exp - 60;

	struct str stateless = token_issue(call.arena, &keys, &claims);

	for (int i = 0; i < 2; i++)
		assert_ok(claims_of(&reading, &keys, stateless, &read));
	assert_int_equal(usage.cache_hits, 1);
	((char *)(uintptr_t)wrong.ptr)[wrong.len - 1] ^= 1;
	assert_int_equal(
	    claims_of(&reading, &keys, wrong, &read), ERR_NOT_AUTHORIZED);
	claims.stateless = false;
	claims.exp -= 120;
	token = token_issue(call.arena, &keys, &claims);
	assert_int_equal(
	    claims_of(&reading, &keys, token, &read), ERR_NOT_AUTHORIZED);
}

static void
without_caches_everything_is_read(void **state)
{
	const struct control_ref ref = {
		.kind = CONTROL_USER, .tenant = acme, .id = bob.id
	};
	const struct value *row;

	(void)state;
	usage.levels = NULL;
	usage.watermarks = NULL;
	assert_ok(record_cache_find(&reading, &ref, &row));
	assert_non_null(row);
	assert_ok(record_cache_find(&call, &ref, &row));
	assert_non_null(row);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_row_is_read_once_and_then_kept),
		TEST(a_deleted_user_is_not_answered_from_what_is_kept),
		TEST(what_is_missing_is_kept_until_it_is_made),
		TEST(a_change_of_one_thing_leaves_the_others),
		TEST(who_came_after_the_asking_asks_the_store),
		TEST(a_version_is_kept_as_it_is_stored),
		TEST(a_text_is_kept_until_its_log_moves),
		TEST(a_token_is_verified_once),
		TEST(without_caches_everything_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
