#include "oidc/jwk.h"

#include <stdatomic.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "base/json.h"

#define KID_MAX 255
#define NUMBER_MAX 1024 /* bytes of a modulus: 8,192 bits */
#define RSA_BITS_MIN 2048
#define SAME_KID_MAX 4 /* keys that are tried for one signature */
#define DER_MAX 160    /* bytes of a signature of P-521 */

enum kind { KIND_RSA, KIND_EC, KIND_OKP };

/* RFC 7518, 3.1, but for HMAC and "none"; RFC 8037, 3.1. */
static const struct algorithm {
	const char *name;
	enum kind kind;
	const char *digest; /* NULL: part of the algorithm */
	bool pss;
	const char *curve;
	size_t half; /* bytes of r, and of s */
} algorithms[] = {
	{ "RS256", KIND_RSA, "SHA256", false, NULL, 0 },
	{ "RS384", KIND_RSA, "SHA384", false, NULL, 0 },
	{ "RS512", KIND_RSA, "SHA512", false, NULL, 0 },
	{ "PS256", KIND_RSA, "SHA256", true, NULL, 0 },
	{ "PS384", KIND_RSA, "SHA384", true, NULL, 0 },
	{ "PS512", KIND_RSA, "SHA512", true, NULL, 0 },
	{ "ES256", KIND_EC, "SHA256", false, "P-256", 32 },
	{ "ES384", KIND_EC, "SHA384", false, "P-384", 48 },
	{ "ES512", KIND_EC, "SHA512", false, "P-521", 66 },
	{ "EdDSA", KIND_OKP, NULL, false, NULL, 0 },
};

struct jwk {
	EVP_PKEY *key;
	enum kind kind;
	char kid[KID_MAX + 1];  /* "": it has no name */
	char alg[8], curve[12]; /* "": any */
};

struct jwk_set {
	_Atomic unsigned users;
	size_t count;
	struct jwk at[JWK_KEYS_MAX];
};

static const struct algorithm *
algorithm_of(struct str name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (str_eq(name, str_from(algorithms[i].name)))
			return &algorithms[i];
	return NULL;
}

bool
jwk_algorithm_is_known(struct str alg)
{
	return algorithm_of(alg) != NULL;
}

/* ---- reading a key */
static bool
number_of(const yyjson_val *jwk, const char *member, uint8_t *ret, size_t room,
    size_t *ret_len)
{
	struct str text = json_str(json_member(jwk, str_from(member)));

	return text.len != 0 &&
	       sodium_base642bin(ret, room, text.ptr, text.len, NULL, ret_len,
		   NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	       *ret_len != 0;
}

static EVP_PKEY *
key_of_params(const char *type, OSSL_PARAM_BLD *build)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY *key = NULL;

	if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* RFC 7518, 6.3.1. */
static EVP_PKEY *
read_rsa(const yyjson_val *jwk)
{
	uint8_t n[NUMBER_MAX], e[8];
	size_t n_len, e_len;
	EVP_PKEY *key = NULL;

	if (!number_of(jwk, "n", n, sizeof(n), &n_len) ||
	    !number_of(jwk, "e", e, sizeof(e), &e_len))
		return NULL;

	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *modulus = BN_bin2bn(n, (int)n_len, NULL);
	BIGNUM *exponent = BN_bin2bn(e, (int)e_len, NULL);

	if (build != NULL && modulus != NULL && exponent != NULL &&
	    BN_num_bits(modulus) >= RSA_BITS_MIN && BN_is_odd(exponent) &&
	    !BN_is_one(exponent) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
		key = key_of_params("RSA", build);
	BN_free(modulus);
	BN_free(exponent);
	OSSL_PARAM_BLD_free(build);
	return key;
}

/* RFC 7518, 6.2.1: coordinates have the full length of the field. */
static EVP_PKEY *
read_ec(const yyjson_val *jwk, struct jwk *to)
{
	struct str curve = json_str(json_member(jwk, STR("crv")));
	uint8_t point[1 + 2 * 66] = { POINT_CONVERSION_UNCOMPRESSED };
	const struct algorithm *a = NULL;
	size_t x, y;
	EVP_PKEY *key = NULL;

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].curve != NULL &&
		    str_eq(curve, str_from(algorithms[i].curve)))
			a = &algorithms[i];
	if (a == NULL || !number_of(jwk, "x", point + 1, a->half, &x) ||
	    !number_of(jwk, "y", point + 1 + a->half, a->half, &y) ||
	    x != a->half || y != a->half)
		return NULL;

	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();

	if (build != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(
		build, OSSL_PKEY_PARAM_GROUP_NAME, a->curve, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(
		build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * a->half))
		key = key_of_params("EC", build);
	OSSL_PARAM_BLD_free(build);
	memcpy(to->curve, curve.ptr, curve.len);
	return key;
}

/* RFC 8037, 2. */
static EVP_PKEY *
read_okp(const yyjson_val *jwk)
{
	struct str curve = json_str(json_member(jwk, STR("crv")));
	uint8_t x[64];
	size_t len;

	if (!number_of(jwk, "x", x, sizeof(x), &len))
		return NULL;
	if (str_eq(curve, STR("Ed25519")))
		return EVP_PKEY_new_raw_public_key(
		    EVP_PKEY_ED25519, NULL, x, len);
	if (str_eq(curve, STR("Ed448")))
		return EVP_PKEY_new_raw_public_key(
		    EVP_PKEY_ED448, NULL, x, len);
	return NULL;
}

static bool
take_text(const yyjson_val *jwk, const char *member, char *ret, size_t room)
{
	struct str text = json_str(json_member(jwk, str_from(member)));

	if (text.len >= room)
		return false;
	if (text.len != 0)
		memcpy(ret, text.ptr, text.len);
	return true;
}

/* A key for encryption, a private, a short or an unknown one is none. */
static bool
read_key(const yyjson_val *jwk, struct jwk *ret)
{
	struct str type = json_str(json_member(jwk, STR("kty")));
	struct str use = json_str(json_member(jwk, STR("use")));
	struct jwk key = { 0 };

	if ((use.ptr != NULL && !str_eq(use, STR("sig"))) ||
	    !take_text(jwk, "kid", key.kid, sizeof(key.kid)) ||
	    !take_text(jwk, "alg", key.alg, sizeof(key.alg)))
		return false;
	if (str_eq(type, STR("RSA"))) {
		key.kind = KIND_RSA;
		key.key = read_rsa(jwk);
	} else if (str_eq(type, STR("EC"))) {
		key.kind = KIND_EC;
		key.key = read_ec(jwk, &key);
	} else if (str_eq(type, STR("OKP"))) {
		key.kind = KIND_OKP;
		key.key = read_okp(jwk);
	}
	*ret = key;
	return key.key != NULL;
}

enum err
jwk_set_read(
    struct arena *a, struct str json, struct jwk_set **ret, struct error *e)
{
	struct jwk_set *set = calloc(1, sizeof(*set));
	yyjson_val *root = NULL, *jwk;
	struct error ignored;
	size_t i, max;

	if (set == NULL)
		return fail(e, ERR_UNAVAILABLE, "No memory for keys");
	atomic_store(&set->users, 1);
	if (json_parse(a, json, &root, &ignored) == OK)
		root = json_member(root, STR("keys"));
	yyjson_arr_foreach(root, i, max, jwk)
	{
		if (set->count < JWK_KEYS_MAX &&
		    read_key(jwk, &set->at[set->count]))
			set->count++;
	}
	if (set->count == 0) {
		jwk_set_free(set);
		return fail(
		    e, ERR_UNAVAILABLE, "No JSON Web Key Set with a fit key");
	}
	*ret = set;
	return OK;
}

struct jwk_set *
jwk_set_share(struct jwk_set *set)
{
	atomic_fetch_add(&set->users, 1);
	return set;
}

void
jwk_set_free(struct jwk_set *set)
{
	if (set == NULL || atomic_fetch_sub(&set->users, 1) != 1)
		return;
	for (size_t i = 0; i < set->count; i++)
		EVP_PKEY_free(set->at[i].key);
	free(set);
}

/* ---- verifying */
static bool
fits(const struct jwk *key, const struct algorithm *a, struct str kid)
{
	if (key->kind != a->kind ||
	    (kid.ptr != NULL && !str_eq(kid, str_from(key->kid))) ||
	    (key->alg[0] != '\0' && strcmp(key->alg, a->name) != 0))
		return false;
	return a->curve == NULL || strcmp(key->curve, a->curve) == 0;
}

/* RFC 7518, 3.4: r and s, one behind the other; OpenSSL takes DER. */
static int
der_of(const struct algorithm *a, struct str raw, uint8_t ret[DER_MAX])
{
	const uint8_t *bytes = (const uint8_t *)raw.ptr;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = NULL, *s = NULL;
	int len = 0;

	if (raw.len == 2 * a->half && sig != NULL) {
		r = BN_bin2bn(bytes, (int)a->half, NULL);
		s = BN_bin2bn(bytes + a->half, (int)a->half, NULL);
	}
	if (r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
		if (i2d_ECDSA_SIG(sig, NULL) <= DER_MAX)
			len = i2d_ECDSA_SIG(sig, &ret);
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(sig);
	return len;
}

/* RFC 7518, 3.5: the salt is as long as the digest. */
static bool
set_padding(EVP_PKEY_CTX *ctx, const struct algorithm *a)
{
	return !a->pss ||
	       (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
		   EVP_PKEY_CTX_set_rsa_pss_saltlen(
		       ctx, RSA_PSS_SALTLEN_DIGEST) > 0);
}

static bool
is_right(const struct jwk *key, const struct algorithm *a,
    const struct jwk_signature *s)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	const uint8_t *bytes = (const uint8_t *)s->bytes.ptr;
	size_t len = s->bytes.len;
	uint8_t der[DER_MAX];
	bool right = false;

	if (a->kind == KIND_EC) {
		len = (size_t)der_of(a, s->bytes, der);
		bytes = der;
	}
	if (md != NULL && len != 0 &&
	    EVP_DigestVerifyInit_ex(
		md, &ctx, a->digest, NULL, NULL, key->key, NULL) == 1 &&
	    set_padding(ctx, a))
		right = EVP_DigestVerify(md, bytes, len,
			    (const uint8_t *)s->text.ptr, s->text.len) == 1;
	EVP_MD_CTX_free(md);
	return right;
}

enum jwk_verdict
jwk_set_verify(const struct jwk_set *set, const struct jwk_signature *s)
{
	const struct algorithm *a = algorithm_of(s->alg);
	unsigned tried = 0;

	if (a == NULL)
		return JWK_WRONG;
	for (size_t i = 0; i < set->count && tried < SAME_KID_MAX; i++) {
		if (!fits(&set->at[i], a, s->kid))
			continue;
		if (is_right(&set->at[i], a, s))
			return JWK_RIGHT;
		tried++;
	}
	return tried != 0 ? JWK_WRONG : JWK_UNKNOWN;
}
