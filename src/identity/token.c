/*
 * token.c - a token is HEADER.PAYLOAD.SIGNATURE, each base64url (RFC 7515).
 *
 * The header of each key is written once, when the key is loaded.  A token that
 * does not begin with one of them, byte for byte, is not ours.
 */
#include "identity/token.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/json.h"

#define URLSAFE sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define SIGNATURE_BYTES crypto_auth_hmacsha256_BYTES

static void
add_base64(struct buf *b, const void *bytes, size_t len)
{
	size_t room = sodium_base64_encoded_len(len, URLSAFE);

	(void)sodium_bin2base64(
	    buf_reserve(b, room), room, bytes, len, URLSAFE);
	b->len += room - 1; /* without the NUL */
}

/* Strict: only the alphabet, no padding, no bits left over. */
static bool
from_base64(struct str text, uint8_t *ret, size_t room, size_t *ret_len)
{
	return sodium_base642bin(ret, room, text.ptr, text.len, NULL, ret_len,
		   NULL, URLSAFE) == 0;
}

static void
sign(const struct token_key *key, struct str text, uint8_t ret[SIGNATURE_BYTES])
{
	(void)crypto_auth_hmacsha256(
	    ret, (const uint8_t *)text.ptr, text.len, key->secret);
}

static struct str
header_of(const struct token_key *key)
{
	return (struct str){ key->header, strlen(key->header) };
}

/* The name of a key (RFC 7515, `kid`) follows from it and tells nothing. */
static void
key_init(struct token_key *key, const uint8_t *secret)
{
	uint8_t mac[SIGNATURE_BYTES];
	char json[80];

	memcpy(key->secret, secret, sizeof(key->secret));
	key->until_s = 0;
	sign(key, STR("kid"), mac);
	(void)sodium_bin2hex(key->kid, sizeof(key->kid), mac, 8);

	int len = snprintf(json, sizeof(json),
	    "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"%s\"}", key->kid);

	(void)sodium_bin2base64(key->header, sizeof(key->header),
	    (const uint8_t *)json, (size_t)len, URLSAFE);
}

void
keys_init(struct keys *keys, const uint8_t *secrets, size_t count)
{
	assert(count >= 1 && count <= TOKEN_KEYS_MAX);
	if (sodium_init() < 0)
		abort();
	keys->count = count;
	for (size_t i = 0; i < count; i++)
		key_init(&keys->at[i], secrets + i * TOKEN_KEY_BYTES);
	keys->newest = 0;
	keys->before = NULL;
	keys->arena = NULL;

	uint8_t stateless[TOKEN_KEY_BYTES];

	keys_random_secret(stateless);
	keys_share_stateless(keys, stateless);
	keys->stateless_s = 0;
	keys->ended = NULL;
	keys->verified = NULL;
}

void
keys_random_secret(uint8_t *ret)
{
	if (sodium_init() < 0)
		abort();
	randombytes_buf(ret, TOKEN_KEY_BYTES);
}

void
keys_share_stateless(struct keys *keys, const uint8_t *secret)
{
	key_init(&keys->stateless, secret);
}

/* A key of one text alone may be short: settings have a least length. */
static enum err
secrets_of_text(
    struct str text, uint8_t *ret, size_t *ret_count, struct error *e)
{
	bool several = memchr(text.ptr, ',', text.len) != NULL;
	size_t count = 0;

	for (struct str rest = text; rest.ptr != NULL; count++) {
		struct str part = str_cut(&rest, ',');

		if (count == TOKEN_KEYS_MAX)
			return fail(e, ERR_VALIDATION,
			    "auth.token_secret: at most %d keys, with commas "
			    "between them",
			    TOKEN_KEYS_MAX);
		if (several && part.len < TOKEN_KEY_BYTES)
			return fail(e, ERR_VALIDATION,
			    "auth.token_secret: each of several keys, which "
			    "have commas between them, must have %d bytes",
			    TOKEN_KEY_BYTES);
		(void)crypto_hash_sha256(ret + count * TOKEN_KEY_BYTES,
		    (const unsigned char *)part.ptr, part.len);
	}
	*ret_count = count;
	return OK;
}

enum err
keys_of_text(struct keys *keys, struct str text, struct error *e)
{
	uint8_t secrets[TOKEN_KEYS_MAX * TOKEN_KEY_BYTES];
	uint8_t stateless[SIGNATURE_BYTES];
	size_t count = 0;

	_Static_assert(crypto_hash_sha256_BYTES == TOKEN_KEY_BYTES, "one key");
	_Static_assert(sizeof(stateless) == TOKEN_KEY_BYTES, "one key");
	TRY(secrets_of_text(text, secrets, &count, e));
	keys_init(keys, secrets, count);
	sign(&keys->at[0], STR("stateless"), stateless);
	keys_share_stateless(keys, stateless);
	sodium_memzero(secrets, sizeof(secrets));
	return OK;
}

static void
add_id(struct buf *b, const char *name, struct id id)
{
	char text[ID_TEXT];

	id_format(id, text);
	if (id_is_nil(id))
		buf_printf(b, "\"%s\":null,", name);
	else
		buf_printf(b, "\"%s\":\"%s\",", name, text);
}

/* Every request carries it: what a reader assumes is left out. */
static struct str
claims_write(struct arena *a, const struct claims *claims)
{
	struct buf b = buf_in(a);

	buf_add_char(&b, '{');
	add_id(&b, "sub", claims->sub);
	add_id(&b, "jti", claims->jti);
	if (!id_eq(claims->session, claims->jti))
		add_id(&b, "sid", claims->session);
	buf_add(&b, STR("\"username\":"));
	buf_add_json(&b, claims->username);
	buf_add_char(&b, ',');
	add_id(&b, "tenant_id", claims->tenant_id);
	buf_printf(
	    &b, "\"role\":\"" STR_FMT "\",", STR_ARG(role_name(claims->role)));
	if (claims->service_user)
		buf_add(&b, STR("\"kind\":\"service-user\","));
	if (claims->stateless)
		buf_printf(&b, "\"since\":%lld,", (long long)claims->since_us);
	if (claims->auth_time != claims->iat)
		buf_printf(
		    &b, "\"auth_time\":%lld,", (long long)claims->auth_time);
	buf_printf(&b, "\"exp\":%lld,\"iat\":%lld}", (long long)claims->exp,
	    (long long)claims->iat);
	return buf_str(&b);
}

struct str
token_issue(
    struct arena *a, const struct keys *keys, const struct claims *claims)
{
	const struct token_key *key =
	    claims->stateless ? &keys->stateless : &keys->at[0];
	struct str payload = claims_write(a, claims);
	struct buf b = buf_in(a);
	uint8_t mac[SIGNATURE_BYTES];

	buf_add(&b, header_of(key));
	buf_add_char(&b, '.');
	add_base64(&b, payload.ptr, payload.len);
	sign(key, buf_str(&b), mac);
	buf_add_char(&b, '.');
	add_base64(&b, mac, sizeof(mac));
	return buf_str(&b);
}

static const struct token_key *
key_of_header(const struct keys *keys, struct str header)
{
	for (size_t i = 0; i < keys->count; i++)
		if (str_eq(header, header_of(&keys->at[i])))
			return &keys->at[i];
	return str_eq(header, header_of(&keys->stateless)) ? &keys->stateless
							   : NULL;
}

/* The headers of all keys begin with the same bytes, up to the key's name. */
#define COMMON_HEADER 44

bool
token_may_be_ours(const struct keys *keys, struct str token)
{
	struct str ours = header_of(&keys->at[0]);
	struct str header = str_cut(&token, '.');

	return header.len == ours.len &&
	       memcmp(header.ptr, ours.ptr, COMMON_HEADER) == 0;
}

bool
token_is_ours(const struct keys *keys, struct str token)
{
	return key_of_header(keys, str_cut(&token, '.')) != NULL;
}

/* The payload of a token that one of our keys has signed, and which. */
static bool
open_token(struct arena *a, const struct keys *keys, struct str token,
    struct str *ret, const struct token_key **ret_key)
{
	struct str rest = token;
	struct str header = str_cut(&rest, '.');
	struct str payload = str_cut(&rest, '.');
	const struct token_key *key = key_of_header(keys, header);
	struct str signed_text = { token.ptr, header.len + 1 + payload.len };
	uint8_t mac[SIGNATURE_BYTES];
	size_t len;

	/* a second dot in `rest` is not of the alphabet */
	if (token.len > TOKEN_MAX || key == NULL || rest.ptr == NULL ||
	    !from_base64(rest, mac, sizeof(mac), &len) || len != sizeof(mac) ||
	    crypto_auth_hmacsha256_verify(mac, (const uint8_t *)signed_text.ptr,
		signed_text.len, key->secret) != 0)
		return false;

	uint8_t *json = ARENA_NEW(a, uint8_t, payload.len);

	if (!from_base64(payload, json, payload.len, &len))
		return false;
	*ret = (struct str){ (const char *)json, len };
	*ret_key = key;
	return true;
}

/* null: nil. */
static bool
id_or_nil(yyjson_val *v, struct id *ret)
{
	return yyjson_is_null(v) || id_parse(json_str(v), ret);
}

/* The first token of a session has its id, and no "sid". */
static bool
session_read(const yyjson_val *json, struct claims *io)
{
	yyjson_val *sid = json_member(json, STR("sid"));

	io->session = io->jti;
	return (sid == NULL || id_parse(json_str(sid), &io->session)) &&
	       !id_is_nil(io->session);
}

static int64_t
int_or(yyjson_val *v, int64_t otherwise)
{
	return yyjson_is_int(v) ? yyjson_get_sint(v) : otherwise;
}

static bool
claims_read(const yyjson_val *json, struct claims *ret)
{
	yyjson_val *exp = json_member(json, STR("exp"));
	yyjson_val *iat = json_member(json, STR("iat"));
	struct claims claims = {
		.username = json_str(json_member(json, STR("username"))),
		.service_user = str_eq(json_str(json_member(json, STR("kind"))),
		    STR("service-user")),
	};

	if (!id_parse(json_str(json_member(json, STR("sub"))), &claims.sub) ||
	    !id_or_nil(json_member(json, STR("jti")), &claims.jti) ||
	    !id_or_nil(
		json_member(json, STR("tenant_id")), &claims.tenant_id) ||
	    !role_parse(
		json_str(json_member(json, STR("role"))), &claims.role) ||
	    claims.username.ptr == NULL || !yyjson_is_int(exp) ||
	    !yyjson_is_int(iat))
		return false;
	claims.exp = yyjson_get_sint(exp);
	claims.iat = yyjson_get_sint(iat);
	claims.auth_time =
	    int_or(json_member(json, STR("auth_time")), claims.iat);
	claims.since_us = int_or(json_member(json, STR("since")), 0);
	*ret = claims;
	return session_read(json, ret);
}

bool
token_read(struct arena *a, const struct keys *keys, struct str token,
    struct claims *ret)
{
	const struct token_key *key;
	struct error ignored;
	struct str payload;
	yyjson_val *json;

	if (!open_token(a, keys, token, &payload, &key) ||
	    json_parse(a, payload, &json, &ignored) != OK ||
	    !claims_read(json, ret))
		return false;
	ret->stateless = key == &keys->stateless;
	return true;
}

/* A stateless token that would live longer is none of ours.  Two nodes may
 * disagree about the time by as much as that. */
static bool
lives_too_long(
    const struct keys *keys, const struct claims *claims, int64_t now_s)
{
	return claims->stateless &&
	       (claims->exp - claims->iat > keys->stateless_s ||
		   claims->iat > now_s + keys->stateless_s);
}

static bool
is_of_ended_key(const struct keys *keys, struct str token, int64_t now_s)
{
	const struct token_key *key = key_of_header(keys, str_cut(&token, '.'));

	return key->until_s != 0 && key->until_s <= now_s;
}

/* When it was issued is no condition (RFC 7519, 4.1.6), but of a stateless
 * one: after the clock was set back, good tokens come from the future. */
enum err
token_verify(struct arena *a, const struct keys *keys, struct str token,
    int64_t now_s, struct claims *ret, struct error *e)
{
	struct claims claims;

	if (!token_read(a, keys, token, &claims) ||
	    is_of_ended_key(keys, token, now_s) ||
	    lives_too_long(keys, &claims, now_s))
		return fail(e, ERR_NOT_AUTHORIZED, "Invalid token");
	if (claims.exp <= now_s)
		return fail(e, ERR_NOT_AUTHORIZED, "Token expired");
	*ret = claims;
	return OK;
}
