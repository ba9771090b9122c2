#include "identity/sessions.h"

#include "base/clock.h"
#include "cache/things.h"
#include "plugin/usage.h"
#include "record/control.h"
#include "record/value.h"

#define EXPIRE_ROWS 500

/* A store that takes no writes keeps nobody out: so long it may hold a sign-in
 * up, and so long a token without a row is good. */
#define INSERT_US (500 * CLOCK_MS)
#define ROWLESS_SECONDS 300

static enum err
insert(const struct call *c, const struct claims *claims, int64_t now_us)
{
	int64_t soon = clock_mono_us() + INSERT_US;
	struct error ignored;
	struct call quiet = *c;

	quiet.error = &ignored;
	if (quiet.deadline_us > soon)
		quiet.deadline_us = soon;

	struct batch b = batch_of(&quiet);
	struct value *row = batch_insert(&b, ENTITY_ACTIVE_TOKENS);
	enum verdict verdict;
	size_t failed;

	row[TOKEN_ID] = value_id(claims->jti);
	row[TOKEN_USER] = value_id(claims->sub);
	row[TOKEN_TENANT] = value_id_or_null(claims->tenant_id);
	row[TOKEN_CREATED_US] = value_int(now_us);
	row[TOKEN_EXPIRES_US] = value_int(claims->exp * CLOCK_SECOND);
	return batch_apply(&b, 0, &verdict, &failed);
}

static void
do_without_row(struct claims *claims)
{
	claims->jti = (struct id){ { 0 } };
	if (claims->exp > claims->iat + ROWLESS_SECONDS)
		claims->exp = claims->iat + ROWLESS_SECONDS;
}

enum err
session_open(struct call *c, const struct keys *keys, const struct principal *p,
    int64_t lifetime_s, struct session *ret)
{
	int64_t now_us = clock_now_us(), now_s = now_us / CLOCK_SECOND;
	int64_t since_us = p->sessions_since_us;
	struct claims claims = { .sub = p->id,
		.jti = id_v4(),
		.username = p->username,
		.tenant_id = p->tenant,
		.role = p->role,
		.service_user = p->kind == PRINCIPAL_SERVICE_USER,
		.exp = now_s + lifetime_s,
		.iat = now_s };

	if (c->nowait)
		return usage_would_block(c, "A session is to be kept");
	/* another node's clock may be ahead */
	if (insert(c, &claims, now_us < since_us ? since_us : now_us) != OK)
		do_without_row(&claims);
	*ret = (struct session){ .token = token_issue(c->arena, keys, &claims),
		.jti = claims.jti,
		.issued_us = now_s * CLOCK_SECOND,
		.expires_us = claims.exp * CLOCK_SECOND };
	return OK;
}

enum err
session_check(struct call *c, const struct claims *claims, int64_t since_us)
{
	const struct thing_ref ref = { .thing = THING_TOKEN,
		.tenant = claims->tenant_id,
		.id = claims->jti };
	int64_t last_us = (claims->iat + 1) * CLOCK_SECOND - 1;
	const struct value *row;

	if (!id_is_nil(claims->jti)) {
		TRY(thing_get(c, &ref, &row));
		last_us =
		    row == NULL ? -1 : value_int_or(row[TOKEN_CREATED_US], 0);
	}
	if (last_us < since_us)
		return fail(
		    c->error, ERR_NOT_AUTHORIZED, "Token has been revoked");
	return OK;
}

void
session_renew(struct batch *b, struct id jti, int64_t now_us)
{
	struct update u = batch_update(b, ENTITY_ACTIVE_TOKENS, value_id(jti),
	    (struct test){ TOKEN_ID, TEST_EQ, value_id(jti) });

	update_set(u, TOKEN_CREATED_US, value_int(now_us));
	control_name_id(b, THING_TOKEN, jti);
}

enum err
sessions_list(struct call *c, struct id owner, int64_t limit, int64_t offset,
    struct session_list *ret)
{
	struct test where = { TOKEN_USER, TEST_EQ, value_id(owner) };
	struct scan scan = { .entity = ENTITY_ACTIVE_TOKENS,
		.index = ACTIVE_TOKENS_BY_USER,
		.where = &where,
		.where_count = 1 };
	struct rows rows;

	TRY(record_list(c, &scan, limit, offset, &rows));
	*ret = (struct session_list){
		ARENA_NEW(c->arena, struct session_info, rows.count), rows.count
	};
	for (size_t i = 0; i < rows.count; i++)
		ret->at[i] = (struct session_info){
			.jti = value_id_or_nil(rows.row[i][TOKEN_ID]),
			.created_us =
			    value_int_or(rows.row[i][TOKEN_CREATED_US], 0),
			.expires_us =
			    value_int_or(rows.row[i][TOKEN_EXPIRES_US], 0),
		};
	return OK;
}

static bool
may_end(const struct principal *by, const struct value *row)
{
	struct id tenant = value_id_or_nil(row[TOKEN_TENANT]);

	return id_eq(value_id_or_nil(row[TOKEN_USER]), by->id) ||
	       (by->role != ROLE_TENANT_USER && id_eq(tenant, by->acts_in));
}

enum err
session_end(struct call *c, const struct principal *by, struct id jti)
{
	struct batch b = batch_of(c);
	const struct value *row;
	enum verdict verdict;
	size_t failed;

	TRY(record_get(c, ENTITY_ACTIVE_TOKENS, value_id(jti), &row));
	if (row == NULL || !may_end(by, row))
		return fail(c->error, ERR_NOT_FOUND, "Token not found");
	batch_delete(&b, ENTITY_ACTIVE_TOKENS, value_id(jti));
	control_name_id(&b, THING_TOKEN, jti);
	return control_apply(
	    &b, value_id_or_nil(row[TOKEN_TENANT]), &verdict, &failed);
}

/* What is kept of them is good for nothing: the token itself has expired. */
enum err
sessions_expire(struct call *c, int64_t now_us, bool *ret_more)
{
	const struct test old = { TOKEN_EXPIRES_US, TEST_LT,
		value_int(now_us) };
	const struct scan scan = { .entity = ENTITY_ACTIVE_TOKENS,
		.index = ACTIVE_TOKENS_BY_EXPIRY,
		.limit = EXPIRE_ROWS,
		.where = &old,
		.where_count = 1 };
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct rows rows;
	size_t failed;

	TRY(store_scan(c, &scan, &rows));
	*ret_more = rows.next.ptr != NULL;
	if (rows.count == 0)
		return OK;
	for (size_t i = 0; i < rows.count; i++)
		batch_delete(&b, ENTITY_ACTIVE_TOKENS, rows.row[i][TOKEN_ID]);
	return batch_apply(&b, 0, &verdict, &failed);
}
