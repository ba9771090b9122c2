#include "oidc/jwt.h"

#include <sodium.h>

#define SUBJECT_MAX 255 /* OpenID Connect Core, 2 */

static bool
from_base64(struct arena *a, struct str text, struct str *ret)
{
	uint8_t *bytes = ARENA_NEW(a, uint8_t, text.len + 1);
	size_t len;

	if (text.len == 0 ||
	    sodium_base642bin(bytes, text.len, text.ptr, text.len, NULL, &len,
		NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return false;
	*ret = (struct str){ (const char *)bytes, len };
	return true;
}

bool
jwt_is_one(struct str token)
{
	unsigned dots = 0;

	for (size_t i = 0; i < token.len; i++)
		dots += token.ptr[i] == '.';
	return dots == 2;
}

/* A JSON object, as base64url. */
static yyjson_val *
object_of(struct arena *a, struct str part)
{
	struct error ignored;
	struct str json;
	yyjson_val *v;

	if (!from_base64(a, part, &json) ||
	    json_parse(a, json, &v, &ignored) != OK || !yyjson_is_obj(v))
		return NULL;
	return v;
}

/* RFC 9068, 2.1 has a type of its own for access tokens; with others the token
 * was made for something else. */
static bool
is_type(struct str type)
{
	return type.ptr == NULL || str_eq_nocase(type, STR("JWT")) ||
	       str_eq_nocase(type, STR("at+jwt")) ||
	       str_eq_nocase(type, STR("application/at+jwt"));
}

static bool
read_header(const yyjson_val *header, struct jwk_signature *ret)
{
	yyjson_val *kid = json_member(header, STR("kid"));

	ret->kid = json_str(kid);
	ret->alg = json_str(json_member(header, STR("alg")));
	return header != NULL && ret->alg.ptr != NULL &&
	       (kid == NULL || ret->kid.ptr != NULL) &&
	       json_member(header, STR("crit")) == NULL &&
	       is_type(json_str(json_member(header, STR("typ"))));
}

/* RFC 7519, 2: a number, perhaps with a fraction.  Beyond 2^53 no clock is. */
static bool
time_of(yyjson_val *v, int64_t *ret)
{
	double seconds;

	if (!yyjson_is_num(v))
		return false;
	seconds = yyjson_get_num(v);
	if (!(seconds >= 0 && seconds < 9007199254740992.0))
		return false;
	*ret = (int64_t)seconds;
	return true;
}

static bool
read_claims(struct jwt *io)
{
	yyjson_val *iat = json_member(io->claims, STR("iat"));

	io->issuer = json_str(json_member(io->claims, STR("iss")));
	io->subject = json_str(json_member(io->claims, STR("sub")));
	return io->issuer.len != 0 && io->subject.len != 0 &&
	       io->subject.len <= SUBJECT_MAX &&
	       time_of(json_member(io->claims, STR("exp")), &io->expires_s) &&
	       (iat == NULL || time_of(iat, &io->issued_s));
}

enum err
jwt_read(struct arena *a, struct str token, struct jwt *ret, struct error *e)
{
	struct str rest = token;
	struct str header = str_cut(&rest, '.');
	struct str payload = str_cut(&rest, '.');
	struct jwt jwt = { 0 };

	jwt.signature.text =
	    (struct str){ token.ptr, header.len + 1 + payload.len };
	if (token.len > JWT_MAX || !jwt_is_one(token) ||
	    !read_header(object_of(a, header), &jwt.signature) ||
	    !from_base64(a, rest, &jwt.signature.bytes) ||
	    (jwt.claims = object_of(a, payload)) == NULL || !read_claims(&jwt))
		return fail(e, ERR_NOT_AUTHORIZED, "Invalid token");
	*ret = jwt;
	return OK;
}

enum err
jwt_check_times(const struct jwt *t, int64_t now_s, struct error *e)
{
	yyjson_val *nbf = json_member(t->claims, STR("nbf"));
	int64_t not_before = 0;

	if (t->expires_s + JWT_LEEWAY_S <= now_s)
		return fail(e, ERR_NOT_AUTHORIZED, "Token expired");
	if ((nbf != NULL && !time_of(nbf, &not_before)) ||
	    not_before > now_s + JWT_LEEWAY_S ||
	    t->issued_s > now_s + JWT_LEEWAY_S)
		return fail(e, ERR_NOT_AUTHORIZED, "Token is not valid yet");
	return OK;
}

static bool
is_one_of(struct str s, const struct str *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (s.ptr != NULL && str_eq(s, list[i]))
			return true;
	return false;
}

bool
jwt_is_for(const struct jwt *t, const struct str *audiences, size_t count)
{
	yyjson_val *aud = json_member(t->claims, STR("aud")), *v;
	size_t i, max;

	if (is_one_of(json_str(aud), audiences, count))
		return true;
	yyjson_arr_foreach(aud, i, max, v)
	{
		if (is_one_of(json_str(v), audiences, count))
			return true;
	}
	return false;
}

yyjson_val *
jwt_claim(const struct jwt *t, struct str name)
{
	yyjson_val *v = json_member(t->claims, name);
	struct str rest = name;

	if (v != NULL || memchr(name.ptr, '.', name.len) == NULL)
		return v;
	for (v = t->claims; v != NULL && rest.ptr != NULL;)
		v = json_member(v, str_cut(&rest, '.'));
	return v;
}
