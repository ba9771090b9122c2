/* test_jwk.c - the examples of the RFCs verify, and nothing near them does. */
#include "oidc/jwk.h"

#include <sodium.h>

#include "tests/unit/unit.h"

/* RFC 7515, A.3. */
#define ES256_KEY                                                              \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"es\","                    \
	"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","               \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"
#define ES256_TEXT                                                             \
	"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsD"   \
	"QogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define ES256_SIGNATURE                                                        \
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQ" \
	"xfKTUJqPP3-Kg6NU1Q"

/* RFC 8037, A.2 and A.4. */
#define EDDSA_KEY                                                              \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\","                                \
	"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
#define EDDSA_TEXT "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
#define EDDSA_SIGNATURE                                                        \
	"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsP" \
	"t9g7sVvpAr_MuM0KAg"

static uint8_t bytes[512];
static struct error error;

static struct jwk_signature
signature(const char *alg, const char *text, const char *base64)
{
	struct jwk_signature s = { .alg = str_from(alg),
		.text = str_from(text) };

	assert_int_equal(sodium_base642bin(bytes, sizeof(bytes), base64,
			     strlen(base64), NULL, &s.bytes.len, NULL,
			     sodium_base64_VARIANT_URLSAFE_NO_PADDING),
	    0);
	s.bytes.ptr = (const char *)bytes;
	return s;
}

static struct jwk_set *
set_of(const char *keys)
{
	struct arena *a = arena_new();
	struct jwk_set *set = NULL;

	assert_int_equal(
	    jwk_set_read(
		a, arena_printf(a, "{\"keys\":[%s]}", keys), &set, &error),
	    OK);
	arena_free(a);
	return set;
}

static void
the_examples_of_the_rfcs_verify(void **state)
{
	struct jwk_set *set = set_of(ES256_KEY "," EDDSA_KEY);
	struct jwk_signature s =
	    signature("ES256", ES256_TEXT, ES256_SIGNATURE);

	(void)state;
	assert_int_equal(jwk_set_verify(set, &s), JWK_RIGHT);
	s.kid = STR("es");
	assert_int_equal(jwk_set_verify(set, &s), JWK_RIGHT);
	s = signature("EdDSA", EDDSA_TEXT, EDDSA_SIGNATURE);
	assert_int_equal(jwk_set_verify(set, &s), JWK_RIGHT);
	jwk_set_free(set);
}

static void
a_changed_bit_is_wrong(void **state)
{
	struct jwk_set *set = set_of(ES256_KEY);
	struct jwk_signature s =
	    signature("ES256", ES256_TEXT, ES256_SIGNATURE);

	(void)state;
	for (size_t i = 0; i < s.bytes.len; i++) {
		bytes[i] ^= 1;
		assert_int_equal(jwk_set_verify(set, &s), JWK_WRONG);
		bytes[i] ^= 1;
	}
	s.text.len--;
	assert_int_equal(jwk_set_verify(set, &s), JWK_WRONG);
	jwk_set_free(set);
}

static void
lengths_of_signatures_are_exact(void **state)
{
	struct jwk_set *set = set_of(ES256_KEY);
	struct jwk_signature s =
	    signature("ES256", ES256_TEXT, ES256_SIGNATURE);

	(void)state;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		s.bytes.len = len;
		assert_int_equal(
		    jwk_set_verify(set, &s), len == 64 ? JWK_RIGHT : JWK_WRONG);
	}
	jwk_set_free(set);
}

static void
a_key_is_for_its_own_algorithm(void **state)
{
	static const char *const others[] = { "RS256", "PS512", "ES384",
		"ES512", "EdDSA" };
	struct jwk_set *set = set_of(ES256_KEY);
	struct jwk_signature s =
	    signature("ES256", ES256_TEXT, ES256_SIGNATURE);

	(void)state;
	s.kid = STR("other");
	assert_int_equal(jwk_set_verify(set, &s), JWK_UNKNOWN);
	s.kid = (struct str){ 0 };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		s.alg = str_from(others[i]);
		assert_int_equal(jwk_set_verify(set, &s), JWK_UNKNOWN);
	}
	s.alg = STR("HS256");
	assert_int_equal(jwk_set_verify(set, &s), JWK_WRONG);
	s.alg = STR("none");
	assert_int_equal(jwk_set_verify(set, &s), JWK_WRONG);
	jwk_set_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_rfcs_verify),
		cmocka_unit_test(a_changed_bit_is_wrong),
		cmocka_unit_test(lengths_of_signatures_are_exact),
		cmocka_unit_test(a_key_is_for_its_own_algorithm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
