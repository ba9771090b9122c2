#include "oidc/sign_in_codes.h"

#include <sodium.h>

#include "base/clock.h"
#include "base/hex.h"
#include "record/control.h"

#define CODE_BYTES 32
#define EXPIRE_ROWS 500

static struct id
key_of(struct arena *a, struct str code, struct str binding)
{
	struct str all = arena_printf(
	    a, STR_FMT ":" STR_FMT, STR_ARG(code), STR_ARG(binding));
	struct id id;

	(void)crypto_generichash(
	    id.b, sizeof(id.b), (const uint8_t *)all.ptr, all.len, NULL, 0);
	return id;
}

enum err
sign_in_code_make(struct call *c, const struct user *user, struct str binding,
    struct str *ret)
{
	char bytes[CODE_BYTES],
	    *text = ARENA_NEW(c->arena, char, 2 * CODE_BYTES);
	struct str code = { text, 2 * CODE_BYTES };
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct value *row;
	size_t failed;

	randombytes_buf(bytes, sizeof(bytes));
	hex_write(text, (struct str){ bytes, sizeof(bytes) });
	row = batch_insert(&b, ENTITY_SIGN_IN_CODES);
	row[SIGN_IN_CODE_ID] = value_id(key_of(c->arena, code, binding));
	row[SIGN_IN_CODE_USER] = value_id(user->id);
	row[SIGN_IN_CODE_EXPIRES_US] =
	    value_int(clock_now_us() + SIGN_IN_CODE_LIFE_S * CLOCK_SECOND);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	*ret = code;
	return OK;
}

static enum err
refuse(struct call *c)
{
	return fail(c->error, ERR_BAD_REQUEST,
	    "Unknown, expired or already-redeemed exchange code");
}

/* The row goes in the unit that notes the sign-in: of two that bring one code
 * the second fails, since the first has deleted what it expects. */
static enum err
take(struct call *c, const struct value *code, const struct user *user)
{
	const struct value id = value_id(user->id);
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	batch_expect(&b, ENTITY_SIGN_IN_CODES, code[SIGN_IN_CODE_ID],
	    (struct test){ SIGN_IN_CODE_USER, TEST_EQ, id });
	batch_delete(&b, ENTITY_SIGN_IN_CODES, code[SIGN_IN_CODE_ID]);
	update_set(batch_update(&b, ENTITY_USERS, id,
		       (struct test){ USER_ACTIVE, TEST_EQ, value_int(1) }),
	    USER_LAST_LOGIN_US, value_int(clock_now_us()));
	control_name_id(&b, CONTROL_USER, user->id);
	TRY(control_apply(&b, user->tenant, &verdict, &failed));
	return verdict == VERDICT_CONFLICT ? refuse(c) : OK;
}

enum err
sign_in_code_redeem(
    struct call *c, struct str code, struct str binding, struct user *ret)
{
	struct value key = value_id(key_of(c->arena, code, binding));
	const struct value *row, *user;

	if (code.len != 2 * CODE_BYTES)
		return refuse(c);
	TRY(record_find_by_key(c, ENTITY_SIGN_IN_CODES, key, &row));
	if (row == NULL ||
	    value_int_or(row[SIGN_IN_CODE_EXPIRES_US], 0) <= clock_now_us())
		return refuse(c);
	TRY(record_find_by_key(c, ENTITY_USERS, row[SIGN_IN_CODE_USER], &user));
	if (user == NULL)
		return refuse(c);
	*ret = user_of_row(user);
	return take(c, row, ret);
}

enum err
sign_in_codes_expire(struct call *c, int64_t now_us, bool *ret_more)
{
	const struct test old = { SIGN_IN_CODE_EXPIRES_US, TEST_LT,
		value_int(now_us) };
	const struct scan scan = { .entity = ENTITY_SIGN_IN_CODES,
		.index = SIGN_IN_CODES_BY_EXPIRY,
		.limit = EXPIRE_ROWS,
		.where = &old,
		.where_count = 1 };
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct rows rows;
	size_t failed;

	TRY(store_scan(c, &scan, &rows));
	*ret_more = rows.next.ptr != NULL;
	for (size_t i = 0; i < rows.count; i++)
		batch_delete(
		    &b, ENTITY_SIGN_IN_CODES, rows.row[i][SIGN_IN_CODE_ID]);
	return rows.count != 0 ? batch_apply(&b, 0, &verdict, &failed) : OK;
}
