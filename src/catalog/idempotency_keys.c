#include "catalog/idempotency_keys.h"

#include <sodium.h>

#include "base/clock.h"
#include "base/fault.h"
#include "record/batch.h"

#define EXPIRE_ROWS 500

struct id
idempotency_id(struct id tenant, struct id principal, struct id key)
{
	const struct id parts[] = { tenant, principal, key };
	uint8_t hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256(
	    hash, (const unsigned char *)parts, sizeof(parts));
	return id_v8(hash);
}

/* The position in branch 0 that claims the id.  Two ids share one once in
 * 10^18: then the second answer is not stored. */
static int64_t
place_of(struct id id)
{
	uint64_t n = 0;

	for (int i = 8; i < 16; i++)
		n = n << 8 | id.b[i];
	return (int64_t)(n & INT64_MAX);
}

enum err
idempotency_check(
    const struct idempotency_key *key, struct str first_hash, struct error *e)
{
	if (str_eq(first_hash, idempotency_hash(key)))
		return OK;
	return fail(e, ERR_UNPROCESSABLE,
	    "Idempotency-Key was used for another request");
}

static void
read_answer(const struct value *row, struct answer *ret)
{
	*ret = (struct answer){
		.code = (enum err)value_int_or(row[ANSWER_CODE], ERR_INTERNAL),
		.message = value_str_or_absent(row[ANSWER_MESSAGE]),
		.location = value_str_or_absent(row[ANSWER_LOCATION]),
		.body = value_str_or_absent(row[ANSWER_BODY]),
	};
}

enum err
idempotency_find(struct call *c, const struct idempotency_key *key,
    struct answer *ret, bool *ret_any)
{
	const struct test same = { COMMIT_ID, TEST_EQ, value_id(key->id) };
	const struct value *row;

	*ret_any = false;
	TRY(record_find(c, ENTITY_COMMITS, COMMITS_BY_ID, &same, 1, &row));
	if (row == NULL)
		return OK;
	TRY(idempotency_check(
	    key, value_str_or_absent(row[COMMIT_HASH]), c->error));
	if (row[COMMIT_BRANCH].as.i != 0) {
		*ret = (struct answer){ .commit = { row[COMMIT_BRANCH].as.i,
					    row[COMMIT_SEQ].as.i } };
		*ret_any = true;
		return OK;
	}
	TRY(record_find_by_key(c, ENTITY_ANSWERS, value_id(key->id), &row));
	if (row == NULL)
		return OK;
	read_answer(row, ret);
	*ret_any = true;
	return OK;
}

static void
add_claim(struct batch *b, const struct idempotency_key *key)
{
	struct value *row = batch_insert(b, ENTITY_COMMITS);

	row[COMMIT_BRANCH] = value_int(0);
	row[COMMIT_SEQ] = value_int(place_of(key->id));
	row[COMMIT_ID] = value_id(key->id);
	row[COMMIT_AT_US] = value_int(clock_now_us());
	row[COMMIT_HASH] = value_bytes(idempotency_hash(key));
}

void
idempotency_put(struct batch *b, const struct idempotency_key *key,
    const struct answer *a, int64_t expires_us)
{
	struct value *row;

	add_claim(b, key);
	row = batch_replace(b, ENTITY_ANSWERS); /* the claim decides */
	row[ANSWER_ID] = value_id(key->id);
	row[ANSWER_CODE] = value_int(a->code);
	row[ANSWER_MESSAGE] = value_text(a->message);
	row[ANSWER_LOCATION] = value_text(a->location);
	row[ANSWER_BODY] = value_text(a->body);
	row[ANSWER_EXPIRES_US] = value_int(expires_us);
}

enum err
idempotency_remember(struct call *c, const struct idempotency_key *key,
    const struct answer *a, int64_t expires_us, bool *ret_first)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	idempotency_put(&b, key, a, expires_us);
	FAULT_POINT("before_answer");
	TRY(batch_apply(&b, 0, &verdict, &failed));
	FAULT_POINT("answer_kept");
	*ret_first = verdict == VERDICT_APPLIED;
	return OK;
}

enum err
idempotency_expire(struct call *c, int64_t now_us, bool *ret_more)
{
	const struct test old = { ANSWER_EXPIRES_US, TEST_LT,
		value_int(now_us) };
	const struct scan scan = { .entity = ENTITY_ANSWERS,
		.index = ANSWERS_BY_EXPIRY,
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
	for (size_t i = 0; i < rows.count; i++) {
		struct id id = value_id_or_nil(rows.row[i][ANSWER_ID]);
		struct value *place = ARENA_NEW(c->arena, struct value, 2);

		place[0] = value_int(0);
		place[1] = value_int(place_of(id));
		batch_delete_row(&b, ENTITY_COMMITS, place);
		batch_delete(&b, ENTITY_ANSWERS, value_id(id));
	}
	return batch_apply(&b, 0, &verdict, &failed);
}
