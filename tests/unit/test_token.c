/* test_token.c - bearer tokens, and what others make of them. */
#include <sodium.h>

#include "identity/token.h"
#include "identity/token_keys.h"
#include "tests/unit/memory_store.h"

#define NOW 1800000000

static struct keys keys;
static struct claims claims;

static int
begin(void **state)
{
	uint8_t secrets[2 * TOKEN_KEY_BYTES];

	memset(secrets, 7, sizeof(secrets));
	secrets[0] = 1;
	keys_init(&keys, secrets, 2);
	claims = (struct claims){ .sub = id_v4(),
		.jti = id_v4(),
		.session = id_v4(),
		.username = STR("b\"ob \xc3\xa9"),
		.tenant_id = id_v4(),
		.role = ROLE_TENANT_USER,
		.exp = NOW + 60,
		.iat = NOW };
	return open_store(state);
}

static enum err
verify(struct str token, struct claims *ret)
{
	return token_verify(call.arena, &keys, token, NOW, ret, &error);
}

static void
assert_invalid(struct str token)
{
	struct claims got;

	assert_fails(verify(token, &got), ERR_NOT_AUTHORIZED, "Invalid token");
}

static struct str
base64(struct str s)
{
	size_t room = sodium_base64_encoded_len(
	    s.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = ARENA_NEW(call.arena, char, room);

	(void)sodium_bin2base64(text, room, (const uint8_t *)s.ptr, s.len,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return str_from(text);
}

/* A token as somebody would make it who has a secret, or has none. */
static struct str
forge(const char *header, struct str payload, const uint8_t *secret)
{
	struct str text = arena_printf(call.arena, STR_FMT "." STR_FMT,
	    STR_ARG(base64(str_from(header))), STR_ARG(base64(payload)));
	uint8_t mac[crypto_auth_hmacsha256_BYTES];

	(void)crypto_auth_hmacsha256(
	    mac, (const uint8_t *)text.ptr, text.len, secret);
	return arena_printf(call.arena, STR_FMT "." STR_FMT, STR_ARG(text),
	    STR_ARG(base64((struct str){ (const char *)mac, sizeof(mac) })));
}

/* One with our own header and signature around any payload. */
static struct str
sign(const char *payload)
{
	uint8_t header[128];
	size_t len;

	assert_int_equal(
	    sodium_base642bin(header, sizeof(header), keys.at[0].header,
		strlen(keys.at[0].header), NULL, &len, NULL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING),
	    0);
	header[len] = '\0';
	return forge(
	    (const char *)header, str_from(payload), keys.at[0].secret);
}

static void
reads_back_what_it_wrote(void **state)
{
	struct claims got;

	(void)state;
	claims.service_user = true;
	assert_ok(verify(token_issue(call.arena, &keys, &claims), &got));
	assert_true(id_eq(got.sub, claims.sub));
	assert_true(id_eq(got.jti, claims.jti));
	assert_true(id_eq(got.session, claims.session));
	assert_int_equal(got.auth_time, claims.auth_time);
	assert_false(got.stateless);
	assert_true(id_eq(got.tenant_id, claims.tenant_id));
	assert_str(got.username, claims.username);
	assert_int_equal(got.role, claims.role);
	assert_true(got.service_user);
	assert_int_equal(got.exp, claims.exp);
	assert_int_equal(got.iat, claims.iat);
}

static void
leaves_out_what_a_reader_assumes(void **state)
{
	struct str of_another = token_issue(call.arena, &keys, &claims);
	struct claims got;

	(void)state;
	claims.session = claims.jti;
	claims.auth_time = claims.iat;

	struct str own = token_issue(call.arena, &keys, &claims);

	assert_true(own.len + 60 < of_another.len);
	assert_ok(verify(own, &got));
	assert_true(id_eq(got.jti, claims.jti));
	assert_true(id_eq(got.session, claims.jti));
	assert_int_equal(got.auth_time, NOW);
}

static void
gives_root_no_tenant(void **state)
{
	struct claims got;

	(void)state;
	claims.tenant_id = (struct id){ { 0 } };
	claims.role = ROLE_ROOT;
	assert_ok(verify(token_issue(call.arena, &keys, &claims), &got));
	assert_true(id_is_nil(got.tenant_id));
	assert_int_equal(got.role, ROLE_ROOT);
	assert_false(got.service_user);
}

static void
knows_the_time(void **state)
{
	struct claims got;

	(void)state;
	claims.exp = NOW;
	assert_fails(verify(token_issue(call.arena, &keys, &claims), &got),
	    ERR_NOT_AUTHORIZED, "Token expired");
	claims.exp = NOW + 1;
	assert_ok(verify(token_issue(call.arena, &keys, &claims), &got));
	claims.iat = NOW + 86400; /* the clock was set back since */
	assert_ok(verify(token_issue(call.arena, &keys, &claims), &got));
}

static void
accepts_an_older_key_and_no_other(void **state)
{
	struct keys old = { .count = 1 }, alien;
	uint8_t secret[TOKEN_KEY_BYTES] = { 9 };
	struct claims got;

	(void)state;
	old.at[0] = keys.at[1];
	assert_ok(verify(token_issue(call.arena, &old, &claims), &got));
	keys_init(&alien, secret, 1);
	assert_invalid(token_issue(call.arena, &alien, &claims));

	/* an unknown key under a known name */
	memcpy(
	    alien.at[0].header, keys.at[0].header, sizeof(alien.at[0].header));
	assert_invalid(token_issue(call.arena, &alien, &claims));
}

static void
does_not_negotiate_the_algorithm(void **state)
{
	static const char *const headers[] = {
		"{\"typ\":\"JWT\",\"alg\":\"none\"}",
		"{\"typ\":\"JWT\",\"alg\":\"HS256\"}",
		"{\"typ\":\"JWT\",\"alg\":\"HS512\",\"kid\":\"0\"}",
		"{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
		"{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"../../x\"}",
		"{}",
		"",
	};
	struct str token = token_issue(call.arena, &keys, &claims);
	struct str rest = token, payload;

	(void)state;
	(void)str_cut(&rest, '.');
	payload = str_cut(&rest, '.');
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct str header = base64(str_from(headers[i]));

		assert_invalid(forge(headers[i], STR("{}"), keys.at[0].secret));
		assert_invalid(arena_printf(call.arena, STR_FMT "." STR_FMT ".",
		    STR_ARG(header), STR_ARG(payload)));
		assert_invalid(
		    arena_printf(call.arena, STR_FMT "." STR_FMT "." STR_FMT,
			STR_ARG(header), STR_ARG(payload), STR_ARG(rest)));
	}
}

static void
refuses_any_changed_byte(void **state)
{
	struct str token = token_issue(call.arena, &keys, &claims);

	(void)state;
	for (size_t i = 0; i < token.len; i++) {
		char *changed = ARENA_NEW(call.arena, char, token.len);

		memcpy(changed, token.ptr, token.len);
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_invalid((struct str){ changed, token.len });
	}
}

static void
refuses_any_part_of_a_token(void **state)
{
	struct str token = token_issue(call.arena, &keys, &claims);

	(void)state;
	for (size_t len = 0; len < token.len; len++)
		assert_invalid((struct str){ token.ptr, len });
	assert_invalid((struct str){ 0 });
}

static void
refuses_bad_base64(void **state)
{
	static const char *const tails[] = { "=", "==", ".", "..", " ", "\n",
		"+", "/", "A", "AAAA", ".AAAA", "\xff" };
	struct str token = token_issue(call.arena, &keys, &claims);

	(void)state;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		assert_invalid(arena_printf(
		    call.arena, STR_FMT "%s", STR_ARG(token), tails[i]));
	assert_invalid(STR("..."));
	assert_invalid(STR(".."));
	assert_invalid(STR("a.b.c"));
}

static void
refuses_what_is_huge(void **state)
{
	char *text = ARENA_NEW(call.arena, char, 1000000);

	(void)state;
	memset(text, 'A', 1000000);
	assert_invalid((struct str){ text, 1000000 });
	memset(text, '.', 1000000);
	assert_invalid((struct str){ text, 1000000 });

	/* signed, but longer than any of ours */
	memset(text, 'x', TOKEN_MAX);
	text[TOKEN_MAX] = '\0';
	claims.username = str_from(text);
	assert_invalid(token_issue(call.arena, &keys, &claims));
}

/* Signed by us, so these can only be the work of another release. */
static void
wants_every_claim(void **state)
{
#define ID "\"01890000-0000-7000-8000-000000000000\""
	static const char *const bad[] = {
		"",
		"[]",
		"{",
		"{}",
		"{\"jti\":" ID ",\"username\":\"a\",\"tenant_id\":null,"
		"\"role\":\"root\",\"exp\":1900000000,\"iat\":1}",
		"{\"sub\":" ID ",\"username\":\"a\",\"tenant_id\":null,"
		"\"role\":\"root\",\"exp\":1900000000,\"iat\":1}",
		"{\"sub\":" ID ",\"jti\":null,\"username\":\"a\","
		"\"tenant_id\":null,\"role\":\"root\",\"exp\":1900000000,"
		"\"iat\":1}",
		"{\"sub\":" ID ",\"jti\":" ID ",\"sid\":null,"
		"\"username\":\"a\",\"tenant_id\":null,\"role\":\"root\","
		"\"exp\":1900000000,\"iat\":1}",
		"{\"sub\":" ID ",\"jti\":" ID ",\"tenant_id\":null,"
		"\"role\":\"root\",\"exp\":1900000000,\"iat\":1}",
		"{\"sub\":" ID ",\"jti\":" ID ",\"username\":\"a\","
		"\"role\":\"root\",\"exp\":1900000000,\"iat\":1}",
		"{\"sub\":" ID ",\"jti\":" ID ",\"username\":\"a\","
		"\"tenant_id\":\"\",\"role\":\"root\",\"exp\":1900000000,"
		"\"iat\":1}",
		"{\"sub\":" ID ",\"jti\":" ID ",\"username\":\"a\","
		"\"tenant_id\":null,\"role\":\"god\",\"exp\":1900000000,"
		"\"iat\":1}",
		"{\"sub\":" ID ",\"jti\":" ID ",\"username\":\"a\","
		"\"tenant_id\":null,\"role\":\"root\",\"iat\":1}",
		"{\"sub\":" ID ",\"jti\":" ID ",\"username\":\"a\","
		"\"tenant_id\":null,\"role\":\"root\",\"exp\":1e300,"
		"\"iat\":1}",
		"{\"sub\":" ID ",\"jti\":" ID ",\"username\":\"a\","
		"\"tenant_id\":null,\"role\":\"root\","
		"\"exp\":\"1900000000\",\"iat\":1}",
		"{\"sub\":" ID ",\"jti\":" ID ",\"username\":\"a\","
		"\"tenant_id\":null,\"role\":\"root\",\"exp\":1900000000}",
	};
	struct claims got;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_invalid(sign(bad[i]));
	assert_ok(verify(
	    sign("{\"sub\":" ID ",\"jti\":" ID ",\"username\":\"a\","
		 "\"tenant_id\":null,\"role\":\"root\",\"exp\":1900000000,"
		 "\"iat\":1}"),
	    &got));
	assert_true(id_eq(got.session, got.jti)); /* as it used to be */
	assert_fails(verify(sign("{\"sub\":" ID ",\"jti\":" ID
				 ",\"username\":\"a\",\"tenant_id\":null,"
				 "\"role\":\"root\","
				 "\"exp\":18446744073709551615,\"iat\":1}"),
			 &got),
	    ERR_NOT_AUTHORIZED, "Token expired");
#undef ID
}

static void
shares_one_key_between_nodes(void **state)
{
	struct keys one = { 0 }, two = { 0 }; /* padding is compared, too */

	(void)state;
	assert_ok(keys_load(&call, &one));
	assert_ok(keys_load(&call, &two));
	assert_int_equal(one.count, 1);
	assert_memory_equal(&one.at[0], &two.at[0], sizeof(one.at[0]));
	assert_string_not_equal(one.at[0].header, keys.at[0].header);
}

static void
makes_the_same_key_of_the_same_text(void **state)
{
	struct keys one, two, third;
	struct claims got;
	struct str token;

	(void)state;
	assert_int_equal(
	    keys_of_text(&one, STR("an operator's secret"), &error), OK);
	assert_int_equal(
	    keys_of_text(&two, STR("an operator's secret"), &error), OK);
	assert_int_equal(
	    keys_of_text(&third, STR("an operator's secret."), &error), OK);
	token = token_issue(call.arena, &one, &claims);
	assert_ok(token_verify(call.arena, &two, token, NOW, &got, &error));
	assert_fails(token_verify(call.arena, &third, token, NOW, &got, &error),
	    ERR_NOT_AUTHORIZED, "Invalid token");
}

#define OLD "an old secret of thirty-two bytes"
#define NEW "a new secret of thirty-two bytes."

/* Both nodes know both keys before one of them signs by the new one. */
static void
takes_the_tokens_of_each_of_several_keys(void **state)
{
	struct keys old, both, turned, new;
	struct claims got;
	struct str token;

	(void)state;
	assert_int_equal(keys_of_text(&old, STR(OLD), &error), OK);
	assert_int_equal(keys_of_text(&both, STR(OLD "," NEW), &error), OK);
	assert_int_equal(keys_of_text(&turned, STR(NEW "," OLD), &error), OK);
	assert_int_equal(keys_of_text(&new, STR(NEW), &error), OK);
	token = token_issue(call.arena, &both, &claims);
	assert_ok(token_verify(call.arena, &old, token, NOW, &got, &error));
	assert_ok(token_verify(call.arena, &turned, token, NOW, &got, &error));
	assert_fails(token_verify(call.arena, &new, token, NOW, &got, &error),
	    ERR_NOT_AUTHORIZED, "Invalid token");
	token = token_issue(call.arena, &turned, &claims);
	assert_ok(token_verify(call.arena, &both, token, NOW, &got, &error));
	assert_ok(token_verify(call.arena, &new, token, NOW, &got, &error));
}

static void
refuses_several_keys_of_which_one_is_short(void **state)
{
	struct keys made;

	(void)state;
	assert_fails(keys_of_text(&made, STR(NEW ",short"), &error),
	    ERR_VALIDATION,
	    "auth.token_secret: each of several keys, which have commas "
	    "between them, must have 32 bytes");
	assert_fails(keys_of_text(&made, STR(NEW ","), &error), ERR_VALIDATION,
	    "auth.token_secret: each of several keys, which have commas "
	    "between them, must have 32 bytes");
#define FOUR NEW "," NEW "," NEW "," NEW
	assert_fails(keys_of_text(&made,
			 STR(FOUR "," FOUR "," FOUR "," FOUR "," NEW), &error),
	    ERR_VALIDATION,
	    "auth.token_secret: at most 16 keys, with commas between them");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_back_what_it_wrote),
		TEST(leaves_out_what_a_reader_assumes),
		TEST(gives_root_no_tenant),
		TEST(knows_the_time),
		TEST(accepts_an_older_key_and_no_other),
		TEST(does_not_negotiate_the_algorithm),
		TEST(refuses_any_changed_byte),
		TEST(refuses_any_part_of_a_token),
		TEST(refuses_bad_base64),
		TEST(refuses_what_is_huge),
		TEST(wants_every_claim),
		TEST(shares_one_key_between_nodes),
		TEST(makes_the_same_key_of_the_same_text),
		TEST(takes_the_tokens_of_each_of_several_keys),
		TEST(refuses_several_keys_of_which_one_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
