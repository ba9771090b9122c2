/* test_sessions.c - sessions, their tokens, and all the ways they end. */
#include "identity/service_users.h"
#include "identity/sessions.h"
#include "identity/sign_in.h"
#include "identity/token_keys.h"
#include "tests/unit/people.h"

#define REVOKED "Token has been revoked"

static const struct session_times minute = { 60, 3600 }, hour = { 3600, 3600 };
static struct store_ops read_only;
static struct revocations *ended;
static struct keys keys;

static int
begin(void **state)
{
	struct shm *shm;
	(void)open_store_with_people(state);
	assert_ok(keys_load(&call, &keys));
	assert_ok(shm_new(revocations_size(), &shm, &error));
	ended = revocations_new(shm);
	keys.stateless_s = 300;
	keys.ended = ended;
	return 0;
}

static enum err
refuse_writes(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	(void)branch, (void)units, (void)count;
	return (fail)(c->error, ERR_DISK_FULL, "The disk is full");
}

static void
take_writes(bool yes)
{
	static const struct store_ops *usual;

	if (yes) {
		call.store->ops = usual;
		return;
	}
	usual = call.store->ops;
	read_only = *usual;
	read_only.apply = refuse_writes;
	call.store->ops = &read_only;
}

static struct session
open_for(const struct principal *p, const struct session_times *times)
{
	struct session session;

	assert_ok(session_open(&call, &keys, p, times, &session));
	return session;
}

static struct str
token_of(const struct principal *p)
{
	return open_for(p, &minute).token;
}

static enum err
come_with(struct str token, struct principal *ret)
{
	return sign_in_bearer(&call, &keys, token, ret);
}

static void
assert_comes_in(struct str token)
{
	struct principal got;

	assert_ok(come_with(token, &got));
}

static void
assert_revoked(struct str token)
{
	struct principal got;

	assert_fails(come_with(token, &got), ERR_NOT_AUTHORIZED, REVOKED);
}

static enum err
exchange(
    struct str token, const struct session_times *times, struct session *ret)
{
	struct principal who;
	struct claims claims;

	TRY(sign_in_token(&call, &keys, token, &who, &claims));
	return session_refresh(&call, &keys, &who, &claims, times, ret);
}

static struct claims
claims_in(struct str token)
{
	struct claims claims;

	assert_true(token_read(call.arena, &keys, token, &claims));
	return claims;
}

static struct str
signed_again(const struct claims *claims)
{
	return token_issue(call.arena, &keys, claims);
}

/* ---- the end of a session */
static void
an_ended_session_is_refused(void **state)
{
	struct session one, two;
	struct principal got;

	(void)state;
	assert_ok(session_open(&call, &keys, &bob, &minute, &one));
	assert_ok(session_open(&call, &keys, &bob, &minute, &two));
	assert_ok(sign_in_bearer(&call, &keys, one.token, &got));
	assert_fails(session_end(&call, &keys, &stranger, one.id),
	    ERR_NOT_FOUND, "Token not found");
	assert_ok(session_end(&call, &keys, &got, one.id));
	assert_fails(sign_in_bearer(&call, &keys, one.token, &got),
	    ERR_NOT_AUTHORIZED, "Token has been revoked");
	assert_fails(session_end(&call, &keys, &bob, one.id), ERR_NOT_FOUND,
	    "Token not found");
	assert_ok(sign_in_bearer(&call, &keys, two.token, &got));
	assert_ok(session_end(&call, &keys, &admin, two.id));
	assert_fails(sign_in_bearer(&call, &keys, two.token, &got),
	    ERR_NOT_AUTHORIZED, "Token has been revoked");
}

static void
a_new_password_ends_all_sessions_but_its_own(void **state)
{
	struct user_change change = { .password = STR("a better horse"),
		.active = -1 };
	struct str elsewhere = token_of(&bob), own = token_of(&bob);
	struct login login = { STR("bob"), change.password, { { 0 } } };
	struct principal got, again;
	bool settled;

	(void)state;
	assert_ok(sign_in_bearer(&call, &keys, own, &got));
	change.current = PASSWORD;
	assert_ok(users_update(&call, &got, bob.id, &change, &settled));
	assert_ok(sign_in_bearer(&call, &keys, own, &got));
	assert_fails(sign_in_bearer(&call, &keys, elsewhere, &got),
	    ERR_NOT_AUTHORIZED, "Token has been revoked");
	assert_ok(sign_in_password(&call, &login, &again));
	assert_comes_in(token_of(&again));
	assert_ok(users_update(&call, &admin, bob.id, &change, &settled));
	assert_fails(sign_in_bearer(&call, &keys, own, &got),
	    ERR_NOT_AUTHORIZED, "Token has been revoked");
}

static void
sessions_are_listed_until_they_have_expired(void **state)
{
	struct session_list found;
	struct session one, two;
	bool more = true;

	(void)state;
	assert_ok(session_open(&call, &keys, &bob, &hour, &one));
	assert_ok(session_open(&call, &keys, &bob, &minute, &two));
	assert_ok(session_open(&call, &keys, &admin, &minute, &one));
	assert_ok(sessions_list(&call, bob.id, 0, 0, 0, &found));
	assert_int_equal(found.count, 2);
	assert_true(id_eq(found.at[0].id, two.id));
	assert_int_equal(found.at[0].expires_us, two.expires_us);
	assert_ok(sessions_expire(&call, two.expires_us + 1, &more));
	assert_false(more);
	assert_ok(sessions_list(&call, bob.id, 0, 0, 0, &found));
	assert_int_equal(found.count, 1);
}

/* Its row has neither of the fields that came later. */
static void
a_session_of_an_earlier_release_goes_on(void **state)
{
	struct user_change change = { .password = STR("a better horse"),
		.active = -1 };
	struct session session = open_for(&bob, &minute), next;
	struct value id = value_id(session.id);
	struct batch b = batch_of(&call);
	struct update u = batch_update(&b, ENTITY_ACTIVE_TOKENS, id,
	    (struct test){ TOKEN_ID, TEST_EQ, id });
	enum verdict verdict;
	bool settled;
	size_t failed;

	(void)state;
	update_set(u, TOKEN_END_US, value_null());
	update_set(u, TOKEN_SINCE, value_null());
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_comes_in(session.token);
	assert_ok(exchange(session.token, &hour, &next));
	assert_int_equal(next.expires_us, session.expires_us);
	assert_ok(users_update(&call, &admin, bob.id, &change, &settled));
	assert_revoked(session.token);
}

/* ---- one session, many tokens */
static void
signing_out_ends_every_token_of_the_session(void **state)
{
	struct str first = token_of(&bob), apart = token_of(&bob);
	struct session second, third;
	struct principal got;

	(void)state;
	assert_ok(exchange(first, &hour, &second));
	assert_ok(exchange(second.token, &hour, &third));
	assert_false(str_eq(second.token, third.token));
	assert_ok(come_with(second.token, &got));
	assert_ok(session_sign_out(&call, &keys, &got));
	assert_revoked(first);
	assert_revoked(second.token);
	assert_revoked(third.token);
	assert_int_equal(
	    exchange(third.token, &hour, &second), ERR_NOT_AUTHORIZED);
	assert_comes_in(apart);
}

static void
no_exchange_leads_past_the_end(void **state)
{
	static const struct session_times week = { 604800, 604800 };
	struct session first = open_for(&bob, &hour), next;

	(void)state;
	assert_ok(exchange(first.token, &week, &next));
	assert_int_equal(next.expires_us, first.expires_us);
	assert_ok(exchange(next.token, &week, &next));
	assert_int_equal(next.expires_us, first.expires_us);
}

static void
no_token_outlives_its_session(void **state)
{
	static const struct session_times times = { 7200, 60 };
	struct session session = open_for(&bob, &times);

	(void)state;
	assert_int_equal(
	    session.expires_us - session.issued_us, 60 * CLOCK_SECOND);
}

static void
a_session_is_listed_once_with_its_newest_end(void **state)
{
	struct session first = open_for(&bob, &minute), next;
	struct session_list found;
	bool more;

	(void)state;
	assert_ok(exchange(first.token, &hour, &next));
	assert_ok(sessions_list(&call, bob.id, 0, 0, 0, &found));
	assert_int_equal(found.count, 1);
	assert_true(id_eq(found.at[0].id, first.id));
	assert_true(id_eq(next.id, first.id));
	assert_int_equal(found.at[0].expires_us, next.expires_us);
	assert_ok(sessions_expire(&call, first.expires_us + 1, &more));
	assert_comes_in(next.token);
}

/* ---- all sessions of somebody */
static void
nobody_comes_back_with_a_token_of_before(void **state)
{
	struct user_change off = { .active = 0 }, on = { .active = 1 };
	struct str token = token_of(&bob);
	bool settled;

	(void)state;
	assert_ok(users_update(&call, &admin, bob.id, &off, &settled));
	assert_ok(users_update(&call, &admin, bob.id, &on, &settled));
	assert_revoked(token);
}

static void
no_service_user_comes_back_either(void **state)
{
	struct service_user_change off = { .active = 0 }, on = { .active = 1 };
	struct service_user new = { .name = STR("etl"),
		.role = ROLE_TENANT_USER };
	struct service_user etl;
	struct principal got;
	struct str key, token;

	(void)state;
	assert_ok(service_users_create(&call, &admin, &new, &etl, &key));
	assert_ok(sign_in_api_key(&call, key, &got));
	token = token_of(&got);
	assert_comes_in(token);
	assert_ok(service_users_update(&call, &admin, etl.id, &off, &etl));
	assert_ok(service_users_update(&call, &admin, etl.id, &on, &etl));
	assert_revoked(token);
	assert_ok(sign_in_api_key(&call, key, &got));
	assert_comes_in(token_of(&got));
}

/* Whose password was verified before it changed is here after it. */
static void
a_sign_in_that_a_new_password_overtook_is_worth_nothing(void **state)
{
	struct user_change change = { .password = STR("a better horse"),
		.active = -1 };
	struct login login = { STR("bob"), PASSWORD, { { 0 } } };
	struct principal verified;
	bool settled;

	(void)state;
	assert_ok(sign_in_password(&call, &login, &verified));
	assert_ok(users_update(&call, &admin, bob.id, &change, &settled));
	assert_revoked(token_of(&verified));
	take_writes(false);
	assert_revoked(token_of(&verified));
	take_writes(true);
}

/* ---- who has the key, and no row */
static void
a_forged_token_needs_a_row_of_its_owner(void **state)
{
	struct claims claims = claims_in(token_of(&bob));
	struct principal got;

	(void)state;
	claims.exp += 86400;
	assert_revoked(signed_again(&claims));
	claims.exp -= 86400;
	assert_comes_in(signed_again(&claims));
	claims.sub = admin.id;
	assert_revoked(signed_again(&claims));
	claims.session = id_v4();
	assert_revoked(signed_again(&claims));
	claims.session = claims.jti = (struct id){ { 0 } };
	assert_fails(come_with(signed_again(&claims), &got), ERR_NOT_AUTHORIZED,
	    "Invalid token");
}

/* ---- a store that takes no writes */
static void
keeps_nobody_out_for_minutes(void **state)
{
	struct session session;
	struct principal got;

	(void)state;
	take_writes(false);
	session = open_for(&admin, &hour);
	assert_int_equal(
	    session.expires_us - session.issued_us, 300 * CLOCK_SECOND);
	assert_ok(come_with(session.token, &got));
	assert_true(got.stateless);
	keys.stateless_s = 0;
	assert_int_equal(session_open(&call, &keys, &admin, &hour, &session),
	    ERR_UNAVAILABLE);
	take_writes(true);
}

static void
a_stateless_token_is_of_this_node_and_has_a_cap(void **state)
{
	struct keys elsewhere;
	struct claims claims;
	struct principal got;
	struct str token;

	(void)state;
	take_writes(false);
	token = token_of(&root);
	claims = claims_in(token);
	assert_true(claims.stateless);
	assert_ok(keys_load(&call, &elsewhere));
	elsewhere.stateless_s = 300;
	assert_fails(sign_in_bearer(&call, &elsewhere, token, &got),
	    ERR_NOT_AUTHORIZED, "Invalid token");
	claims.exp = claims.iat + 301;
	assert_fails(come_with(signed_again(&claims), &got), ERR_NOT_AUTHORIZED,
	    "Invalid token");
	claims.iat += 86400;
	claims.exp = claims.iat + 300;
	assert_fails(come_with(signed_again(&claims), &got), ERR_NOT_AUTHORIZED,
	    "Invalid token");
	claims = claims_in(token);
	claims.stateless = false; /* signed with the key of the store */
	assert_revoked(signed_again(&claims));
	take_writes(true);
}

static void
signing_out_ends_a_stateless_token_and_what_came_of_it(void **state)
{
	struct session first, next, late;
	struct principal got;

	(void)state;
	take_writes(false);
	first = open_for(&bob, &hour);
	assert_ok(exchange(first.token, &hour, &next));
	assert_true(claims_in(next.token).stateless);
	take_writes(true);
	assert_ok(exchange(first.token, &hour, &late));
	assert_false(claims_in(late.token).stateless);
	assert_int_equal(late.expires_us - first.issued_us,
	    late.expires_us - late.issued_us +
		(late.issued_us - first.issued_us));
	assert_ok(come_with(late.token, &got));
	assert_ok(session_sign_out(&call, &keys, &got));
	assert_revoked(first.token);
	assert_revoked(next.token);
	assert_revoked(late.token);
}

static void
a_new_password_ends_stateless_tokens(void **state)
{
	struct user_change change = { .password = STR("a better horse"),
		.active = -1 };
	struct str token;
	bool settled;

	(void)state;
	take_writes(false);
	token = token_of(&bob);
	take_writes(true);
	assert_comes_in(token);
	assert_ok(users_update(&call, &admin, bob.id, &change, &settled));
	assert_revoked(token);
}

static void
a_session_goes_on_for_minutes_without_writes(void **state)
{
	static const struct session_times short_lived = { 10, 3600 };
	struct session first = open_for(&bob, &short_lived), next;
	struct principal got;

	(void)state;
	take_writes(false);
	assert_ok(exchange(first.token, &hour, &next));
	take_writes(true);
	assert_false(claims_in(next.token).stateless);
	assert_int_equal(next.expires_us - next.issued_us, 300 * CLOCK_SECOND);
	assert_ok(come_with(next.token, &got));
	assert_ok(session_sign_out(&call, &keys, &got));
	assert_revoked(next.token);
}

static void
a_full_ring_forgets_nobody(void **state)
{
	struct id first = id_v4(), another = id_v4();

	(void)state;
	revocations_add(ended, first, 1300, 1000);
	assert_true(revocations_hold(ended, first, 1000));
	assert_false(revocations_hold(ended, another, 1000));
	for (size_t i = 0; i < REVOCATIONS_MAX; i++)
		revocations_add(ended, id_v4(), 1310, 1010);
	assert_true(revocations_hold(ended, first, 1000));
	assert_true(revocations_hold(ended, another, 1010));
	assert_false(revocations_hold(ended, another, 1011));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_ended_session_is_refused),
		TEST(a_new_password_ends_all_sessions_but_its_own),
		TEST(sessions_are_listed_until_they_have_expired),
		TEST(a_session_of_an_earlier_release_goes_on),
		TEST(signing_out_ends_every_token_of_the_session),
		TEST(no_exchange_leads_past_the_end),
		TEST(no_token_outlives_its_session),
		TEST(a_session_is_listed_once_with_its_newest_end),
		TEST(nobody_comes_back_with_a_token_of_before),
		TEST(no_service_user_comes_back_either),
		TEST(a_sign_in_that_a_new_password_overtook_is_worth_nothing),
		TEST(a_forged_token_needs_a_row_of_its_owner),
		TEST(keeps_nobody_out_for_minutes),
		TEST(a_stateless_token_is_of_this_node_and_has_a_cap),
		TEST(signing_out_ends_a_stateless_token_and_what_came_of_it),
		TEST(a_new_password_ends_stateless_tokens),
		TEST(a_session_goes_on_for_minutes_without_writes),
		TEST(a_full_ring_forgets_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
