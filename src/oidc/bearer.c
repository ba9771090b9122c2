#include "oidc/bearer.h"

#include <sodium.h>

#include "base/clock.h"
#include "cache/immutable_cache.h"
#include "cache/record_cache.h"
#include "cache/row_code.h"
#include "calls/usage.h"
#include "identity/sign_in.h"
#include "oidc/federation.h"

#define NAME_BYTES (5 + crypto_generichash_BYTES)

bool
bearer_is_of_provider(
    struct arena *a, const struct providers *ps, struct str token)
{
	struct error ignored;
	struct jwt t;

	return ps != NULL && jwt_is_one(token) &&
	       jwt_read(a, token, &t, &ignored) == OK &&
	       provider_of_issuer(ps, t.issuer) != NULL;
}

/* ---- what is kept of a token that was verified */
enum kept_field { KEPT_USER, KEPT_TENANT, KEPT_EXPIRES_S, KEPT_FIELDS };

/* It does not reveal the token, and is another one after the settings of the
 * provider have changed. */
static struct str
name_of(const struct provider *p, struct str token, uint8_t room[NAME_BYTES])
{
	uint64_t mark = provider_mark(p);

	memcpy(room, "oidc:", 5);
	(void)crypto_generichash(room + 5, crypto_generichash_BYTES,
	    (const uint8_t *)token.ptr, token.len, (const uint8_t *)&mark,
	    sizeof(mark));
	return (struct str){ (const char *)room, NAME_BYTES };
}

static void
keep(struct call *c, struct str name, const struct user *u, int64_t expires_s)
{
	const struct value row[KEPT_FIELDS] = {
		[KEPT_USER] = value_id(u->id),
		[KEPT_TENANT] = value_id(u->tenant),
		[KEPT_EXPIRES_S] = value_int(expires_s),
	};
	int64_t left_us = expires_s * CLOCK_SECOND - clock_now_us();

	if (left_us <= 0)
		return;
	immutable_cache_put(c, name, row_pack(c->arena, row, KEPT_FIELDS),
	    left_us < BEARER_KEPT_US ? left_us : BEARER_KEPT_US);
}

/* The principal of a token that was verified lately, as its user is now.
 * False: it has to be verified. */
static enum err
recall(struct call *c, struct str name, struct principal *ret, bool *ret_known)
{
	struct value kept[KEPT_FIELDS] = { 0 };
	const struct value *row;
	struct cached found;

	*ret_known = false;
	TRY(immutable_cache_find(c, name, &found));
	if (found.value.ptr == NULL ||
	    !row_unpack(found.value, kept, KEPT_FIELDS))
		memset(kept, 0, sizeof(kept));

	int64_t expires_s = value_int_or(kept[KEPT_EXPIRES_S], 0);
	const struct control_ref who = { .kind = CONTROL_USER,
		.tenant = value_id_or_nil(kept[KEPT_TENANT]),
		.id = value_id_or_nil(kept[KEPT_USER]) };

	immutable_cache_release(c, &found);
	if (expires_s <= clock_now_us() / CLOCK_SECOND)
		return OK;
	TRY(record_cache_find(c, &who, &row));
	*ret_known =
	    principal_of_row(false, row, ret) && id_eq(ret->tenant, who.tenant);
	ret->expires_us = expires_s * CLOCK_SECOND;
	return OK;
}

/* ---- verifying */
static enum err
check_token(struct call *c, struct provider *p, const struct jwt *t)
{
	const struct oidc_settings *s = provider_settings(p);
	bool allowed = false;

	for (size_t i = 0; i < s->algorithms.count; i++)
		allowed =
		    allowed || str_eq(t->signature.alg, s->algorithms.at[i]);
	if (!allowed || !jwt_is_for(t, s->audiences.at, s->audiences.count))
		return fail(c->error, ERR_NOT_AUTHORIZED, "Invalid token");
	TRY(jwt_check_times(t, clock_now_us() / CLOCK_SECOND, c->error));
	return provider_verify(p, c, t);
}

enum err
bearer_sign_in(struct call *c, const struct providers *ps, struct str token,
    struct principal *ret)
{
	uint8_t room[NAME_BYTES];
	struct subject subject;
	struct provider *p;
	struct user user;
	struct str name;
	struct jwt t;
	bool known;

	TRY(jwt_read(c->arena, token, &t, c->error));
	p = provider_of_issuer(ps, t.issuer);
	if (p == NULL)
		return fail(c->error, ERR_NOT_AUTHORIZED, "Invalid token");
	name = name_of(p, token, room);
	TRY(recall(c, name, ret, &known));
	if (known)
		return OK;
	if (c->nowait)
		return usage_would_block(c, "A token is to be verified");
	TRY(check_token(c, p, &t));
	TRY(subject_read(
	    c->arena, provider_settings(p), &t, &subject, c->error));
	TRY(federation_user(c, &subject, &user));
	keep(c, name, &user, t.expires_s);
	*ret = principal_of_user(&user);
	ret->expires_us = t.expires_s * CLOCK_SECOND;
	return OK;
}
