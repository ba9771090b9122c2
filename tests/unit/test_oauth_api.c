/* test_oauth_api.c - tokens for clients, and errors in OAuth's form. */
#include <sodium.h>

#include "identity/service_users.h"
#include "identity/sign_in.h"
#include "tests/unit/handling.h"

#define NO_ARG ((struct str){ 0 })
#define CREDENTIALS "grant_type=client_credentials&client_id="
#define EXCHANGE                                                               \
	"grant_type=urn:ietf:params:oauth:grant-type:token-exchange"           \
	"&subject_token_type=urn:ietf:params:oauth:token-type:access_token"    \
	"&subject_token="

static void
send(const char *body)
{
	if (handle(oauth_token_post, NULL, NO_ARG, body) != OK)
		fail_msg("%s", request.error.message);
}

static void
send_basic(const char *credentials)
{
	char *encoded = arena_alloc(call.arena, 1, 256);

	(void)sodium_bin2base64(encoded, 256, (const uint8_t *)credentials,
	    strlen(credentials), sodium_base64_VARIANT_ORIGINAL);
	headers[0] = (struct header){ STR("authorization"),
		arena_printf(call.arena, "basic %s", encoded) };
	header_count = 1;
	send("grant_type=client_credentials");
}

static void
assert_token_of(const struct principal *p)
{
	struct principal found;

	assert_int_equal(request.reply.status, 0);
	assert_str(member("token_type"), STR("bearer"));
	assert_str(reply_value("Cache-Control"), STR("no-store"));
	assert_ok(sign_in_bearer(&call, &keys, member("access_token"), &found));
	assert_true(id_eq(found.id, p->id));
}

static void
assert_oauth_error(int status, const char *code)
{
	assert_int_equal(request.reply.status, status);
	assert_str(member("error"), str_from(code));
	assert_true(member("error_description").len != 0);
	assert_int_equal(request.error.code, OK);
}

static void
a_user_gets_a_token_by_body_and_by_header(void **state)
{
	(void)state;
	send(CREDENTIALS "bob&client_secret=correct+horse&scope=catalog");
	assert_token_of(&bob);
	assert_str(member("scope"), STR("catalog"));
	send_basic("bob:correct horse");
	assert_token_of(&bob);
}

static void
a_service_user_gets_one_by_its_key(void **state)
{
	struct service_user new = { .name = STR("etl"),
		.role = ROLE_TENANT_USER };
	struct service_user made;
	struct str key;

	(void)state;
	assert_ok(service_users_create(&call, &admin, &new, &made, &key));
	send(arena_printf(call.arena,
	    CREDENTIALS STR_FMT "&client_secret=" STR_FMT,
	    STR_ARG(text_of(made.id)), STR_ARG(key))
		 .ptr);
	assert_token_of(&(struct principal){ .id = made.id });
}

static void
a_token_is_exchanged_for_a_new_one(void **state)
{
	(void)state;
	send(CREDENTIALS "bob&client_secret=correct+horse");

	struct str old = member("access_token");

	send(arena_printf(call.arena, EXCHANGE STR_FMT, STR_ARG(old)).ptr);
	assert_token_of(&bob);
	send(EXCHANGE "x.y.z");
	assert_oauth_error(400, "invalid_grant");
	send(EXCHANGE);
	assert_oauth_error(400, "invalid_request");
}

static void
wrong_credentials_are_an_invalid_client(void **state)
{
	static const char *const bodies[] = { CREDENTIALS
		"bob&client_secret=wrong",
		CREDENTIALS "nobody&client_secret=wrong", CREDENTIALS "bob",
		"grant_type=client_credentials" };
	static const char *const basics[] = { "bob:wrong", "bob", ":", "",
		"b\xFF:x" };

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		send(bodies[i]);
		assert_oauth_error(401, "invalid_client");
		assert_str(reply_value("WWW-Authenticate"), STR("Basic"));
	}
	for (size_t i = 0; i < sizeof(basics) / sizeof(basics[0]); i++) {
		send_basic(basics[i]);
		assert_oauth_error(401, "invalid_client");
	}
	headers[0].value = STR("Basic ###");
	send("grant_type=client_credentials");
	assert_oauth_error(401, "invalid_client");
}

static void
other_grants_are_unsupported(void **state)
{
	(void)state;
	send("grant_type=password&username=bob&password=correct+horse");
	assert_oauth_error(400, "unsupported_grant_type");
	send("");
	assert_oauth_error(400, "invalid_request");
	send("grant_type=a&grant_type=b");
	assert_oauth_error(400, "invalid_request");
	send("grant_type=%");
	assert_oauth_error(400, "invalid_request");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_user_gets_a_token_by_body_and_by_header),
		TEST(a_service_user_gets_one_by_its_key),
		TEST(a_token_is_exchanged_for_a_new_one),
		TEST(wrong_credentials_are_an_invalid_client),
		TEST(other_grants_are_unsupported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
