#include "identity/sessions.h"

#include "base/clock.h"
#include "cache/record_cache.h"
#include "calls/usage.h"
#include "record/audit.h"
#include "record/control.h"
#include "record/value.h"

#define EXPIRE_ROWS 500

/* Pages that one request deletes. */
#define CLEAN_PAGES 20

/* So long a store that takes no writes may hold a sign-in up. */
#define WRITE_US (500 * CLOCK_MS)

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static enum err
revoked(struct call *c)
{
	return fail(c->error, ERR_NOT_AUTHORIZED, "Token has been revoked");
}

/* ---- rows */
static enum err
write_soon(struct batch *b, enum verdict *ret)
{
	const struct call *c = b->call;
	int64_t soon = clock_mono_us() + WRITE_US;
	struct error ignored;
	struct call quiet = *c;
	size_t failed;

	quiet.error = &ignored;
	quiet.deadline_us = earlier(quiet.deadline_us, soon);
	b->call = &quiet;
	return batch_apply(b, 0, ret, &failed);
}

static void
put(struct batch *b, const struct claims *claims, int64_t end_s,
    int64_t since_us)
{
	struct value *row = batch_insert(b, ENTITY_ACTIVE_TOKENS);

	row[TOKEN_ID] = value_id(claims->session);
	row[TOKEN_USER] = value_id(claims->sub);
	row[TOKEN_TENANT] = value_id_or_null(claims->tenant_id);
	row[TOKEN_CREATED_US] = value_int(claims->auth_time * CLOCK_SECOND);
	row[TOKEN_EXPIRES_US] = value_int(claims->exp * CLOCK_SECOND);
	row[TOKEN_END_US] = value_int(end_s * CLOCK_SECOND);
	row[TOKEN_SINCE] = value_int(since_us);
}

static enum err
insert(struct call *c, const struct claims *claims, int64_t end_s,
    int64_t since_us)
{
	struct batch b = batch_of(c);
	enum verdict there_already;

	put(&b, claims, end_s, since_us);
	audit_add(&b, claims->tenant_id, claims->session, claims->username);
	return write_soon(&b, &there_already);
}

/* The cached row stays right: nobody reads there when the newest token
 * expires. */
static enum err
extend(struct call *c, const struct claims *claims, enum verdict *ret)
{
	struct value id = value_id(claims->session);
	struct batch b = batch_of(c);

	update_set(batch_update(&b, ENTITY_ACTIVE_TOKENS, id,
		       (struct test){ TOKEN_ID, TEST_EQ, id }),
	    TOKEN_EXPIRES_US, value_int(claims->exp * CLOCK_SECOND));
	audit_add_as(&b, DEED_GENERATE_TOKEN, claims->tenant_id,
	    claims->session, claims->username);
	return write_soon(&b, ret);
}

static int64_t
end_of(const struct value *row)
{
	return value_int_or(
	    row[TOKEN_END_US], value_int_or(row[TOKEN_EXPIRES_US], 0));
}

/* A row of an earlier release has the time alone. */
static bool
is_since(const struct value *row, int64_t since_us)
{
	return row[TOKEN_SINCE].type == VALUE_INT
		   ? row[TOKEN_SINCE].as.i == since_us
		   : value_int_or(row[TOKEN_CREATED_US], 0) >= since_us;
}

/* ---- giving tokens out */
static struct claims
claims_for(const struct principal *p, struct id session, int64_t now_s)
{
	return (struct claims){ .sub = p->id,
		.jti = id_v4(),
		.session = session,
		.username = p->username,
		.tenant_id = p->tenant,
		.role = p->role,
		.service_user = p->kind == PRINCIPAL_SERVICE_USER,
		.iat = now_s,
		.auth_time = now_s,
		.since_us = p->sessions_since_us };
}

static void
give_out(struct call *c, const struct keys *keys, const struct claims *claims,
    struct session *ret)
{
	*ret = (struct session){ .token = token_issue(c->arena, keys, claims),
		.id = claims->session,
		.issued_us = claims->iat * CLOCK_SECOND,
		.expires_us = claims->exp * CLOCK_SECOND };
}

/* A session that could not be written lives for minutes. */
static enum err
do_without(struct call *c, const struct keys *keys, struct claims *io)
{
	if (keys->stateless_s == 0)
		return fail(c->error, ERR_UNAVAILABLE,
		    "The store takes no writes: there are no new tokens");
	io->exp = earlier(io->exp, io->iat + keys->stateless_s);
	return OK;
}

static enum err
begin(struct call *c, const struct keys *keys, struct claims *claims,
    int64_t end_s)
{
	if (insert(c, claims, end_s, claims->since_us) == OK)
		return OK;
	claims->stateless = true;
	return do_without(c, keys, claims);
}

enum err
session_open(struct call *c, const struct keys *keys, const struct principal *p,
    const struct session_times *times, struct session *ret)
{
	int64_t now_s = clock_now_us() / CLOCK_SECOND;
	int64_t end_s = now_s + times->session_s;
	struct claims claims = claims_for(p, id_v4(), now_s);

	if (c->nowait)
		return usage_would_block(c, "A session is to be kept");
	audit_signed_in(c, p->id, p->username);
	claims.jti = claims.session; /* by which older nodes find the row */
	claims.exp = earlier(now_s + times->token_s, end_s);
	TRY(begin(c, keys, &claims, end_s));
	give_out(c, keys, &claims, ret);
	return OK;
}

static bool
is_ended(const struct keys *keys, const struct claims *claims)
{
	return keys->ended != NULL &&
	       revocations_hold(keys->ended, claims->session, claims->iat);
}

/* The session of a stateless token, which the store may take by now.  A
 * sign-out meanwhile either finds the row, or is found here. */
static enum err
begin_late(struct call *c, const struct keys *keys, const struct claims *old,
    struct claims *claims, int64_t end_s)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	TRY(begin(c, keys, claims, end_s));
	if (!is_ended(keys, old))
		return OK;
	batch_delete(&b, ENTITY_ACTIVE_TOKENS, value_id(claims->session));
	TRY(batch_apply(&b, 0, &verdict, &failed));
	return revoked(c);
}

static enum err
go_on(struct call *c, const struct keys *keys, const struct value *row,
    struct claims *claims)
{
	enum verdict verdict = VERDICT_APPLIED;

	if (claims->exp * CLOCK_SECOND <=
	    value_int_or(row[TOKEN_EXPIRES_US], 0))
		return OK;
	if (extend(c, claims, &verdict) != OK)
		return do_without(c, keys, claims);
	return verdict == VERDICT_CONFLICT ? revoked(c) : OK;
}

enum err
session_refresh(struct call *c, const struct keys *keys,
    const struct principal *p, const struct claims *old,
    const struct session_times *times, struct session *ret)
{
	int64_t now_s = clock_now_us() / CLOCK_SECOND;
	int64_t end_s = old->auth_time + times->session_s;
	struct claims claims = claims_for(p, old->session, now_s);
	const struct value *row;

	if (c->nowait)
		return usage_would_block(c, "A session is to be kept");
	TRY(record_find_by_key(
	    c, ENTITY_ACTIVE_TOKENS, value_id(old->session), &row));
	if (row == NULL && !old->stateless)
		return revoked(c);
	if (row != NULL)
		end_s = end_of(row) / CLOCK_SECOND;
	audit_signed_in(c, p->id, p->username);
	claims.auth_time = old->auth_time;
	claims.exp = earlier(now_s + times->token_s, end_s);
	if (claims.exp <= now_s)
		return fail(c->error, ERR_NOT_AUTHORIZED,
		    "The session has come to its end: sign in again");
	if (row != NULL)
		TRY(go_on(c, keys, row, &claims));
	else
		TRY(begin_late(c, keys, old, &claims, end_s));
	give_out(c, keys, &claims, ret);
	return OK;
}

/* ---- looking at them */
enum err
session_check(struct call *c, const struct keys *keys,
    const struct claims *claims, int64_t since_us)
{
	const struct control_ref ref = { .kind = CONTROL_TOKEN,
		.tenant = claims->tenant_id,
		.id = claims->session };
	const struct value *row;

	if (claims->stateless)
		return claims->since_us == since_us && !is_ended(keys, claims)
			   ? OK
			   : revoked(c);
	TRY(record_cache_find(c, &ref, &row));
	if (row == NULL || !is_since(row, since_us) ||
	    !id_eq(value_id_or_nil(row[TOKEN_USER]), claims->sub) ||
	    claims->exp * CLOCK_SECOND > end_of(row))
		return revoked(c);
	return OK;
}

int64_t
sessions_since_after(int64_t since_us)
{
	int64_t now_us = clock_now_us();

	return now_us > since_us ? now_us : since_us + 1;
}

void
session_keep(struct batch *b, struct id session, int64_t since_us)
{
	struct update u =
	    batch_update(b, ENTITY_ACTIVE_TOKENS, value_id(session),
		(struct test){ TOKEN_ID, TEST_EQ, value_id(session) });

	update_set(u, TOKEN_SINCE, value_int(since_us));
	control_name_id(b, CONTROL_TOKEN, session);
}

enum err
sessions_list(struct call *c, struct id owner, int64_t since_us, int64_t limit,
    int64_t offset, struct session_list *ret)
{
	struct test where = { TOKEN_USER, TEST_EQ, value_id(owner) };
	struct scan scan = { .entity = ENTITY_ACTIVE_TOKENS,
		.index = ACTIVE_TOKENS_BY_USER,
		.where = &where,
		.where_count = 1 };
	struct rows rows;

	TRY(record_page(c, &scan, limit, offset, &rows));
	*ret = (struct session_list){
		.at = ARENA_NEW(c->arena, struct session_info, rows.count),
		.count = rows.count,
		.more = rows.next.ptr != NULL,
	};
	for (size_t i = 0; i < rows.count; i++)
		ret->at[i] = (struct session_info){
			.id = value_id_or_nil(rows.row[i][TOKEN_ID]),
			.created_us =
			    value_int_or(rows.row[i][TOKEN_CREATED_US], 0),
			.expires_us =
			    value_int_or(rows.row[i][TOKEN_EXPIRES_US], 0),
			.ended = !is_since(rows.row[i], since_us),
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

static void
revoke_stateless(const struct keys *keys, struct id session)
{
	int64_t now_s = clock_now_us() / CLOCK_SECOND;

	if (keys->ended != NULL)
		revocations_add(
		    keys->ended, session, now_s + keys->stateless_s, now_s);
}

static enum err
end_row(struct call *c, const struct keys *keys, const struct value *row)
{
	struct id session = value_id_or_nil(row[TOKEN_ID]);
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	revoke_stateless(keys, session);
	batch_delete(&b, ENTITY_ACTIVE_TOKENS, value_id(session));
	control_name_id(&b, CONTROL_TOKEN, session);
	audit_add(
	    &b, value_id_or_nil(row[TOKEN_TENANT]), session, (struct str){ 0 });
	return control_apply(
	    &b, value_id_or_nil(row[TOKEN_TENANT]), &verdict, &failed);
}

static enum err
no_row(struct call *c)
{
	return fail(c->error, ERR_BAD_REQUEST,
	    "This session is not backed by a revocable token");
}

/* The old row must be there, so of two that rotate one token one is refused. */
static enum err
replace(struct call *c, const struct principal *p, const struct claims *claims,
    int64_t end_s)
{
	struct value old = value_id(p->token);
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	batch_expect(&b, ENTITY_ACTIVE_TOKENS, old,
	    (struct test){ TOKEN_ID, TEST_EQ, old });
	batch_delete(&b, ENTITY_ACTIVE_TOKENS, old);
	put(&b, claims, end_s, p->sessions_since_us);
	control_name_id(&b, CONTROL_TOKEN, p->token);
	audit_add(&b, p->tenant, claims->session, p->username);
	TRY(control_apply(&b, p->tenant, &verdict, &failed));
	return verdict == VERDICT_CONFLICT ? revoked(c) : OK;
}

enum err
session_rotate(struct call *c, const struct keys *keys,
    const struct principal *p, int64_t token_s, struct session *ret)
{
	int64_t now_s = clock_now_us() / CLOCK_SECOND;
	struct claims claims = claims_for(p, id_v4(), now_s);
	const struct value *row;
	int64_t end_s, exp_s;

	if (id_is_nil(p->token))
		return no_row(c);
	TRY(record_find_by_key(
	    c, ENTITY_ACTIVE_TOKENS, value_id(p->token), &row));
	if (row == NULL)
		return p->stateless ? no_row(c) : revoked(c);
	end_s = end_of(row) / CLOCK_SECOND;
	exp_s = value_int_or(row[TOKEN_EXPIRES_US], 0) / CLOCK_SECOND;
	if (exp_s < now_s + token_s)
		exp_s = now_s + token_s;
	claims.jti = claims.session;
	claims.exp = earlier(exp_s, end_s);
	revoke_stateless(keys, p->token);
	TRY(replace(c, p, &claims, end_s));
	give_out(c, keys, &claims, ret);
	return OK;
}

enum err
session_end_own(
    struct call *c, const struct keys *keys, const struct principal *p)
{
	return id_is_nil(p->token) ? no_row(c) : session_sign_out(c, keys, p);
}

enum err
session_end(struct call *c, const struct keys *keys, const struct principal *by,
    struct id session)
{
	const struct value *row;

	TRY(record_find_by_key(
	    c, ENTITY_ACTIVE_TOKENS, value_id(session), &row));
	if (row == NULL || !may_end(by, row))
		return fail(c->error, ERR_NOT_FOUND, "Token not found");
	return end_row(c, keys, row);
}

enum err
session_sign_out(
    struct call *c, const struct keys *keys, const struct principal *p)
{
	const struct value *row;

	if (id_is_nil(p->token))
		return OK;
	revoke_stateless(keys, p->token);
	TRY(record_find_by_key(
	    c, ENTITY_ACTIVE_TOKENS, value_id(p->token), &row));
	return row != NULL ? end_row(c, keys, row) : OK;
}

/* Deletes a page of what passes the tests, all of which has expired: cached
 * rows are of no use. */
static enum err
delete_page(struct call *c, const struct test *where, size_t where_count,
    size_t *ret_count, bool *ret_more)
{
	const struct scan scan = { .entity = ENTITY_ACTIVE_TOKENS,
		.index = ACTIVE_TOKENS_BY_EXPIRY,
		.limit = EXPIRE_ROWS,
		.where = where,
		.where_count = where_count };
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct rows rows;
	size_t failed;

	TRY(store_scan(c, &scan, &rows));
	*ret_more = rows.next.ptr != NULL;
	*ret_count = rows.count;
	if (rows.count == 0)
		return OK;
	for (size_t i = 0; i < rows.count; i++)
		batch_delete(&b, ENTITY_ACTIVE_TOKENS, rows.row[i][TOKEN_ID]);
	audit_add(&b, (struct id){ 0 }, (struct id){ 0 }, (struct str){ 0 });
	return batch_apply(&b, 0, &verdict, &failed);
}

enum err
sessions_expire(struct call *c, int64_t now_us, bool *ret_more)
{
	const struct test old = { TOKEN_EXPIRES_US, TEST_LT,
		value_int(now_us) };
	size_t count;

	return delete_page(c, &old, 1, &count, ret_more);
}

enum err
sessions_clean(
    struct call *c, struct id tenant, int64_t now_us, int64_t *ret_count)
{
	const struct test where[] = {
		{ TOKEN_EXPIRES_US, TEST_LT, value_int(now_us) },
		{ TOKEN_TENANT, TEST_EQ, value_id(tenant) },
	};
	bool more = true;

	*ret_count = 0;
	for (int i = 0; i < CLEAN_PAGES && more; i++) {
		size_t count;

		TRY(delete_page(
		    c, where, id_is_nil(tenant) ? 1 : 2, &count, &more));
		*ret_count += (int64_t)count;
	}
	return OK;
}
