/* test_sign_in.c - from what a client shows to who it is. */
#include <sodium.h>

#include "identity/service_users.h"
#include "identity/sessions.h"
#include "identity/sign_in.h"
#include "identity/token_keys.h"
#include "tests/unit/people.h"

static const struct session_times minute = { 60, 3600 }, hour = { 3600, 3600 };
static struct keys keys;
static struct service_user etl;
static struct str key;

static int
begin(void **state)
{
	struct service_user new = { .name = STR("etl"),
		.role = ROLE_TENANT_ADMIN };

	(void)open_store_with_people(state);
	assert_ok(keys_load(&call, &keys));
	assert_ok(service_users_create(&call, &admin, &new, &etl, &key));
	return 0;
}

static struct str
token_of(const struct principal *p)
{
	struct session session;

	assert_ok(session_open(&call, &keys, p, &minute, &session));
	return session.token;
}

static enum err
sign_in(const char *name, const char *password, struct principal *ret)
{
	struct login login = { str_from(name), str_from(password), { { 0 } } };

	return sign_in_password(&call, &login, ret);
}

static void
deactivate(struct id id)
{
	struct user_change off = { .active = 0 };
	bool settled;

	assert_ok(users_update(&call, &admin, id, &off, &settled));
}

/* ---- bearer tokens */
static void
knows_the_bearer_of_a_token(void **state)
{
	struct session session;
	struct principal got;

	(void)state;
	assert_ok(session_open(&call, &keys, &bob, &hour, &session));
	assert_ok(sign_in_bearer(&call, &keys, session.token, &got));
	assert_int_equal(got.kind, PRINCIPAL_USER);
	assert_true(id_eq(got.id, bob.id));
	assert_true(id_eq(got.tenant, acme));
	assert_true(id_eq(got.acts_in, acme));
	assert_true(id_eq(got.token, session.id));
	assert_str(got.username, STR("bob"));
	assert_int_equal(got.expires_us, session.expires_us);
	assert_int_equal(
	    session.expires_us - session.issued_us, 3600 * CLOCK_SECOND);
	assert_ok(sign_in_bearer(&call, &keys, token_of(&root), &got));
	assert_true(id_is_nil(got.acts_in));
	assert_int_equal(got.role, ROLE_ROOT);
}

static void
refuses_a_token_whose_user_is_gone(void **state)
{
	struct str token = token_of(&bob);
	struct principal got;
	bool settled;

	(void)state;
	assert_ok(sign_in_bearer(&call, &keys, token, &got));
	deactivate(bob.id);
	assert_fails(sign_in_bearer(&call, &keys, token, &got),
	    ERR_NOT_AUTHORIZED, "Invalid token");
	assert_ok(users_delete(&call, &admin, bob.id, &settled));
	assert_fails(sign_in_bearer(&call, &keys, token, &got),
	    ERR_NOT_AUTHORIZED, "Invalid token");
}

static void
takes_the_role_from_the_store(void **state)
{
	struct principal liar = bob, got;

	(void)state;
	liar.role = ROLE_ROOT;
	assert_ok(sign_in_bearer(&call, &keys, token_of(&liar), &got));
	assert_int_equal(got.role, ROLE_TENANT_USER);
	liar.tenant = other;
	assert_fails(sign_in_bearer(&call, &keys, token_of(&liar), &got),
	    ERR_NOT_AUTHORIZED, "Invalid token");
}

static void
knows_a_service_user_by_its_token(void **state)
{
	struct service_user_change off = { .active = 0 };
	struct service_user changed;
	struct principal got;
	struct str token;

	(void)state;
	assert_ok(sign_in_api_key(&call, key, &got));
	token = token_of(&got);
	assert_ok(sign_in_bearer(&call, &keys, token, &got));
	assert_int_equal(got.kind, PRINCIPAL_SERVICE_USER);
	assert_true(id_eq(got.id, etl.id));
	assert_int_equal(got.role, ROLE_TENANT_ADMIN);
	assert_ok(service_users_update(&call, &admin, etl.id, &off, &changed));
	assert_fails(sign_in_bearer(&call, &keys, token, &got),
	    ERR_NOT_AUTHORIZED, "Invalid token");
}

/* ---- passwords */
static void
signs_in_by_password_and_notes_it(void **state)
{
	struct principal got;
	struct user user;

	(void)state;
	assert_ok(sign_in("bob", "correct horse", &got));
	assert_true(id_eq(got.id, bob.id));
	assert_ok(users_get_named(&call, STR("bob"), &user));
	assert_true(user.last_login_us > 0);
	assert_str(user.email, STR("bob@example.org"));
}

static void
says_the_same_of_every_failure(void **state)
{
	struct principal got;
	struct login elsewhere = { STR("bob"), PASSWORD, other };
	struct user user;

	(void)state;
	deactivate(bob.id);
#define REFUSED(expr)                                                          \
	assert_fails(expr, ERR_NOT_AUTHORIZED, "Invalid credentials")
	REFUSED(sign_in("bob", "correct horse", &got));
	REFUSED(sign_in("admin", "wrong", &got));
	REFUSED(sign_in("admin", "", &got));
	REFUSED(sign_in("nobody", "correct horse", &got));
	REFUSED(sign_in("", "", &got));
	REFUSED(sign_in("root", "", &got)); /* has no password */
	elsewhere.username = STR("admin");
	REFUSED(sign_in_password(&call, &elsewhere, &got));
	REFUSED(sign_in_client(&call, STR("bob"), PASSWORD, &got));
	REFUSED(sign_in_client(
	    &call, STR("01890000-0000-7000-8000-000000000000"), key, &got));
	REFUSED(sign_in_client(&call,
	    STR("01890000-0000-7000-8000-000000000000"), PASSWORD, &got));
#undef REFUSED
	assert_ok(users_get_named(&call, STR("admin"), &user));
	assert_int_equal(user.last_login_us, 0);
}

static void
hashes_a_weak_password_again(void **state)
{
	char weak[crypto_pwhash_STRBYTES];
	struct batch b = batch_of(&call);
	struct principal got;
	enum verdict verdict;
	struct user user;
	size_t failed;

	(void)state;
	assert_int_equal(
	    crypto_pwhash_str(weak, "correct horse", 13,
		crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN),
	    0);
	update_set(batch_update(&b, ENTITY_USERS, value_id(bob.id),
		       (struct test){
			   USER_USERNAME, TEST_EQ, value_text(STR("bob")) }),
	    USER_PASSWORD, value_text(str_from(weak)));
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_ok(sign_in("bob", "correct horse", &got));
	assert_ok(users_get_named(&call, STR("bob"), &user));
	assert_true(str_starts_with(
	    user.password_hash, STR("$argon2id$v=19$m=19456,t=2,p=1$")));
	assert_ok(sign_in("bob", "correct horse", &got));
}

/* ---- clients and keys */
static void
takes_both_kinds_of_client_credentials(void **state)
{
	struct principal got;
	char id[ID_TEXT];

	(void)state;
	id_format(etl.id, id);
	assert_ok(sign_in_client(&call, STR("admin"), PASSWORD, &got));
	assert_true(id_eq(got.id, admin.id));
	assert_ok(sign_in_client(&call, str_from(id), key, &got));
	assert_true(id_eq(got.id, etl.id));
	assert_int_equal(got.kind, PRINCIPAL_SERVICE_USER);
	assert_true(id_eq(got.acts_in, acme));
}

static void
notes_the_use_of_a_key_now_and_then(void **state)
{
	struct service_user got;
	struct principal p;
	struct usage usage = { 0 };
	int64_t first;

	(void)state;
	call.usage = &usage;
	assert_ok(sign_in_api_key(&call, key, &p));
	call.usage = NULL;
	/* their request has changed nothing yet, and may wait anywhere */
	assert_false(usage.submitted);
	assert_int_equal(atomic_load(&usage.fate), FATE_OPEN);
	assert_ok(service_users_get(&call, &admin, etl.id, &got));
	first = got.last_used_us;
	assert_true(first > 0);
	assert_ok(sign_in_api_key(&call, key, &p));
	assert_ok(service_users_get(&call, &admin, etl.id, &got));
	assert_int_equal(got.last_used_us, first);
}

static void
refuses_a_key_that_is_wrong_or_late(void **state)
{
	struct service_user new = { .name = STR("late"),
		.role = ROLE_TENANT_USER,
		.expires_us = clock_now_us() + 1000 };
	struct service_user made;
	struct principal got;
	struct str late;
	char *changed = ARENA_NEW(call.arena, char, key.len);

	(void)state;
	memcpy(changed, key.ptr, key.len);
	changed[key.len - 1] ^= 1;
	assert_fails(
	    sign_in_api_key(&call, (struct str){ changed, key.len }, &got),
	    ERR_NOT_AUTHORIZED, "Invalid or expired API key");
	assert_fails(sign_in_api_key(&call, STR("x"), &got), ERR_NOT_AUTHORIZED,
	    "Malformed X-API-Key header");
	assert_ok(service_users_create(&call, &admin, &new, &made, &late));
	while (clock_now_us() <= new.expires_us)
		continue;
	assert_fails(sign_in_api_key(&call, late, &got), ERR_NOT_AUTHORIZED,
	    "Invalid or expired API key");
}

/* ---- the tenant of a request */
static void
lets_root_alone_choose_a_tenant(void **state)
{
	struct principal p = root;
	char own[ID_TEXT], foreign[ID_TEXT];

	(void)state;
	id_format(acme, own);
	id_format(other, foreign);
	assert_ok(principal_enter(&call, &p, STR("")));
	assert_true(id_is_nil(p.acts_in));
	assert_ok(principal_enter(&call, &p, str_from(foreign)));
	assert_true(id_eq(p.acts_in, other));
	assert_int_equal(principal_enter(&call, &p,
			     STR("01890000-0000-7000-8000-000000000000")),
	    ERR_NOT_FOUND);
	assert_int_equal(
	    principal_enter(&call, &p, STR("acme")), ERR_BAD_REQUEST);
	p = admin;
	assert_ok(principal_enter(&call, &p, str_from(own)));
	assert_int_equal(
	    principal_enter(&call, &p, str_from(foreign)), ERR_FORBIDDEN);
	assert_true(id_eq(p.acts_in, acme));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(knows_the_bearer_of_a_token),
		TEST(refuses_a_token_whose_user_is_gone),
		TEST(takes_the_role_from_the_store),
		TEST(knows_a_service_user_by_its_token),
		TEST(signs_in_by_password_and_notes_it),
		TEST(says_the_same_of_every_failure),
		TEST(hashes_a_weak_password_again),
		TEST(takes_both_kinds_of_client_credentials),
		TEST(notes_the_use_of_a_key_now_and_then),
		TEST(refuses_a_key_that_is_wrong_or_late),
		TEST(lets_root_alone_choose_a_tenant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
