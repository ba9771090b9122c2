/* claims.c - the claims of a token as a row. */
#include "identity/claims.h"

#include <sodium.h>

#include "base/clock.h"
#include "cache/immutable_cache.h"
#include "cache/row_code.h"
#include "record/value.h"

enum claim_field {
	CLAIM_SUB,
	CLAIM_SESSION,
	CLAIM_TENANT,
	CLAIM_ROLE,
	CLAIM_SERVICE_USER,
	CLAIM_EXP,
	CLAIM_IAT,
	CLAIM_AUTH_TIME,
	CLAIM_FIELDS
};

static struct str
pack(struct arena *a, const struct claims *claims)
{
	const struct value row[CLAIM_FIELDS] = {
		[CLAIM_SUB] = value_id(claims->sub),
		[CLAIM_SESSION] = value_id(claims->session),
		[CLAIM_TENANT] = value_id(claims->tenant_id),
		[CLAIM_ROLE] = value_int(claims->role),
		[CLAIM_SERVICE_USER] = value_int(claims->service_user),
		[CLAIM_EXP] = value_int(claims->exp),
		[CLAIM_IAT] = value_int(claims->iat),
		[CLAIM_AUTH_TIME] = value_int(claims->auth_time),
	};

	return row_pack(a, row, CLAIM_FIELDS);
}

static bool
unpack(struct str bytes, struct claims *ret)
{
	struct value row[CLAIM_FIELDS] = { 0 };

	if (bytes.ptr == NULL || !row_unpack(bytes, row, CLAIM_FIELDS))
		return false;
	*ret = (struct claims){ .sub = value_id_or_nil(row[CLAIM_SUB]),
		.session = value_id_or_nil(row[CLAIM_SESSION]),
		.tenant_id = value_id_or_nil(row[CLAIM_TENANT]),
		.role =
		    (enum role)value_int_or(row[CLAIM_ROLE], ROLE_TENANT_USER),
		.service_user = value_int_or(row[CLAIM_SERVICE_USER], 0) != 0,
		.exp = value_int_or(row[CLAIM_EXP], 0),
		.iat = value_int_or(row[CLAIM_IAT], 0),
		.auth_time = value_int_or(row[CLAIM_AUTH_TIME], 0) };
	return true;
}

/* The name in the cache does not reveal the token. */
static struct str
name_of(struct str token, uint8_t room[4 + crypto_generichash_BYTES])
{
	memcpy(room, "jwt:", 4);
	(void)crypto_generichash(room + 4, crypto_generichash_BYTES,
	    (const uint8_t *)token.ptr, token.len, NULL, 0);
	return (struct str){ (const char *)room, 4 + crypto_generichash_BYTES };
}

enum err
claims_of(struct call *c, const struct keys *keys, struct str token,
    struct claims *ret)
{
	int64_t now_s = clock_now_us() / CLOCK_SECOND;
	uint8_t room[4 + crypto_generichash_BYTES];
	struct str name = name_of(token, room);
	struct cached found;

	TRY(immutable_cache_find(c, name, &found));

	bool kept = unpack(found.value, ret);

	immutable_cache_release(c, &found);
	if (kept && ret->exp > now_s)
		return OK;
	TRY(token_verify(c->arena, keys, token, now_s, ret, c->error));
	ret->jti = (struct id){ { 0 } };
	ret->username = STR("");
	if (!ret->stateless)
		immutable_cache_put(c, name, pack(c->arena, ret),
		    (ret->exp - now_s) * CLOCK_SECOND);
	return OK;
}
