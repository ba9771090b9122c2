/* test_token_keys.c - keys in the store: made, learned of, and ended. */
#include "identity/token_keys.h"
#include "record/batch.h"
#include "tests/unit/memory_store.h"

/* Two workers of the store. */
static const struct keys *_Atomic here, *_Atomic there;
static struct keys first[2];

static void
start(const struct keys *_Atomic *ret, struct keys *room)
{
	assert_ok(keys_load(&call, room));
	*ret = room;
}

static int
begin(void **state)
{
	(void)open_store(state);
	start(&here, &first[0]);
	start(&there, &first[1]);
	return 0;
}

static void
forget(const struct keys *keys)
{
	while (keys->arena != NULL) {
		const struct keys *before = keys->before;

		arena_free(keys->arena);
		keys = before;
	}
}

static int
end(void **state)
{
	forget(here);
	forget(there);
	return close_store(state);
}

static struct str
token_of(const struct keys *keys)
{
	int64_t now_s = clock_now_us() / CLOCK_SECOND;
	struct claims claims = { .sub = id_v7(),
		.jti = id_v4(),
		.username = STR("ann"),
		.role = ROLE_ROOT,
		.exp = now_s + 60,
		.iat = now_s };

	claims.session = claims.jti;
	claims.auth_time = now_s;
	return token_issue(call.arena, keys, &claims);
}

static enum err
verify(const struct keys *keys, struct str token)
{
	struct claims ignored;

	return token_verify(call.arena, keys, token,
	    clock_now_us() / CLOCK_SECOND, &ignored, &error);
}

/* The key was made a year and some days ago. */
static void
age(const char *name)
{
	struct value key = value_text(str_from(name));
	struct batch b = batch_of(&call);
	enum verdict verdict;
	size_t failed;

	update_set(batch_update(&b, ENTITY_SECRETS, key,
		       (struct test){ SECRET_NAME, TEST_EQ, key }),
	    SECRET_CREATED_US,
	    value_int(clock_now_us() - TOKEN_KEY_REST_US - CLOCK_SECOND));
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

static bool
is_stored(const char *name)
{
	const struct value *row;

	assert_ok(record_find_by_key(
	    &call, ENTITY_SECRETS, value_text(str_from(name)), &row));
	return row != NULL;
}

static void
takes_tokens_of_the_old_key_and_of_the_new(void **state)
{
	struct str old = token_of(here), new;

	(void)state;
	assert_ok(keys_rotate(&call, &here));
	new = token_of(here);
	assert_ok(verify(here, old));
	assert_ok(verify(here, new));
	assert_string_not_equal(here->at[0].kid, here->at[1].kid);

	assert_true(token_may_be_ours(there, new));
	assert_false(token_is_ours(there, new));
	assert_fails(verify(there, new), ERR_NOT_AUTHORIZED, "Invalid token");
	assert_ok(keys_learn(&call, &there));
	assert_ok(verify(there, new));
	assert_ok(verify(there, old));
	assert_memory_equal(there->at, here->at, sizeof(here->at));
}

static void
keeps_what_a_worker_has_beside_the_keys(void **state)
{
	struct token_key stateless = here->stateless;

	(void)state;
	first[0].stateless_s = 300;
	assert_ok(keys_rotate(&call, &here));
	assert_int_equal(here->stateless_s, 300);
	assert_memory_equal(&here->stateless, &stateless, sizeof(stateless));
}

static void
learns_nothing_where_nothing_is_new(void **state)
{
	const struct keys *before = there;

	(void)state;
	assert_ok(keys_learn(&call, &there));
	assert_ptr_equal(there, before);
}

static void
ends_a_key_when_its_tokens_have(void **state)
{
	struct str old = token_of(here);

	(void)state;
	assert_ok(keys_rotate(&call, &here));
	age("jwt-2");
	assert_ok(keys_rotate(&call, &here));
	assert_false(is_stored("jwt"));
	assert_true(is_stored("jwt-2"));
	assert_int_equal(here->count, 2);
	assert_fails(verify(here, old), ERR_NOT_AUTHORIZED, "Invalid token");
}

/* A worker that learns of nothing for a year ends it as well. */
static void
refuses_the_tokens_of_a_key_that_has_ended(void **state)
{
	struct str token = token_of(here);

	(void)state;
	first[0].at[0].until_s = clock_now_us() / CLOCK_SECOND + 60;
	assert_ok(verify(here, token));
	first[0].at[0].until_s -= 61;
	assert_fails(verify(here, token), ERR_NOT_AUTHORIZED, "Invalid token");
}

static void
makes_no_more_keys_than_it_can_hold(void **state)
{
	(void)state;
	for (int i = 1; i < TOKEN_KEYS_MAX; i++)
		assert_ok(keys_rotate(&call, &here));
	assert_fails(keys_rotate(&call, &here), ERR_CONFLICT,
	    "There are 16 keys already whose tokens may be valid: the oldest "
	    "ends a year after the next one was made");
	assert_int_equal(here->count, TOKEN_KEYS_MAX);
	assert_int_equal(here->newest, TOKEN_KEYS_MAX);
}

static void
leaves_the_operators_key_alone(void **state)
{
	const struct keys *_Atomic given;
	struct keys keys;

	(void)state;
	assert_int_equal(
	    keys_of_text(&keys, STR("an operator's secret"), &error), OK);
	given = &keys;
	assert_ok(keys_rotate(&call, &here));
	assert_ok(keys_learn(&call, &given));
	assert_ptr_equal(given, &keys);
	assert_fails(keys_rotate(&call, &given), ERR_CONFLICT,
	    "Tokens are signed with auth.token_secret: the setting rotates "
	    "them");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_tokens_of_the_old_key_and_of_the_new),
		TEST(keeps_what_a_worker_has_beside_the_keys),
		TEST(learns_nothing_where_nothing_is_new),
		TEST(ends_a_key_when_its_tokens_have),
		TEST(refuses_the_tokens_of_a_key_that_has_ended),
		TEST(makes_no_more_keys_than_it_can_hold),
		TEST(leaves_the_operators_key_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
