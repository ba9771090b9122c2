/* test_idempotency_keys.c - ids of keys, and answers that are kept for them. */
#include "catalog/idempotency_keys.h"

#include "record/batch.h"
#include "tests/unit/both_stores.h"

static const struct id tenant = { "tenant" }, user = { "user" },
		       client_key = { "key" };

static struct idempotency_key
key_of(const char *name, uint8_t request)
{
	struct id k = { { 0 } };

	memcpy(k.b, name, strlen(name));
	return (struct idempotency_key){ .id = idempotency_id(tenant, user, k),
		.hash = { request } };
}

static bool
remember(const struct idempotency_key *key, struct answer a, int64_t expires_us)
{
	bool first = false;

	assert_ok(idempotency_remember(&call, key, &a, expires_us, &first));
	return first;
}

static bool
find(const struct idempotency_key *key, struct answer *ret)
{
	bool any = false;

	assert_ok(idempotency_find(&call, key, ret, &any));
	return any;
}

static void
an_id_follows_from_tenant_user_and_key(void **state)
{
	struct id id = idempotency_id(tenant, user, client_key);
	const struct id others[] = {
		idempotency_id(user, tenant, client_key),
		idempotency_id((struct id){ "other" }, user, client_key),
		idempotency_id(tenant, (struct id){ "other" }, client_key),
		idempotency_id(tenant, user, (struct id){ "other" }),
	};
	char text[ID_TEXT];

	(void)state;
	assert_true(id_eq(id, idempotency_id(tenant, user, client_key)));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(id_eq(id, others[i]));
	/* stored: it must be the same in every release */
	id_format(id, text);
	assert_string_equal(text, "a107d8d0-8176-8e5f-af1f-8b5c8657a05e");
}

static void
an_answer_is_found_by_its_request_only(void **state)
{
	const struct idempotency_key key = key_of("k", 1),
				     other = key_of("k", 2);
	const struct idempotency_key unknown = key_of("l", 1);
	struct answer got;
	bool any;

	(void)state;
	assert_false(find(&key, &got));
	assert_true(remember(&key,
	    (struct answer){ .code = ERR_NO_SUCH_TABLE, .message = STR("no") },
	    1));
	assert_true(find(&key, &got));
	assert_int_equal(got.code, ERR_NO_SUCH_TABLE);
	assert_str(got.message, STR("no"));
	assert_null(got.location.ptr);
	assert_null(got.body.ptr);
	assert_int_equal(got.commit.branch, 0);
	assert_false(find(&unknown, &got));
	assert_fails(idempotency_find(&call, &other, &got, &any),
	    ERR_UNPROCESSABLE, "Idempotency-Key was used for another request");
}

static void
the_first_answer_stays(void **state)
{
	const struct idempotency_key key = key_of("k", 1);
	struct answer got;

	(void)state;
	assert_true(remember(&key, (struct answer){ .body = STR("{1}") }, 1));
	assert_false(remember(&key, (struct answer){ .body = STR("{2}") }, 1));
	assert_true(find(&key, &got));
	assert_int_equal(got.code, OK);
	assert_str(got.body, STR("{1}"));
}

/* As a copy may have it that took the rows of answers only. */
static void
an_answer_without_its_claim_is_none(void **state)
{
	const struct idempotency_key key = key_of("k", 1);
	struct batch b = batch_of(&call);
	enum verdict verdict;
	struct answer got;
	size_t failed;

	(void)state;
	batch_insert(&b, ENTITY_ANSWERS)[ANSWER_ID] = value_id(key.id);
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_false(find(&key, &got));
	assert_true(remember(&key, (struct answer){ .body = STR("{1}") }, 1));
	assert_true(find(&key, &got));
	assert_str(got.body, STR("{1}"));
}

static void
what_is_over_is_forgotten_and_its_id_is_free(void **state)
{
	const struct idempotency_key old = key_of("k", 1),
				     young = key_of("l", 1);
	struct answer got;
	bool more = true;

	(void)state;
	assert_true(remember(&old, (struct answer){ .code = OK }, 1000));
	assert_true(remember(&young, (struct answer){ .code = OK }, 3000));
	assert_ok(idempotency_expire(&call, 1000, &more));
	assert_false(more);
	assert_true(find(&old, &got));
	assert_ok(idempotency_expire(&call, 2000, &more));
	assert_false(find(&old, &got));
	assert_true(find(&young, &got));
	assert_true(remember(&old, (struct answer){ .code = OK }, 5000));
	assert_false(remember(&young, (struct answer){ .code = OK }, 5000));
}

static void
many_are_forgotten_step_by_step(void **state)
{
	const struct scan all = {
		.entity = ENTITY_ANSWERS, .index = INDEX_KEY, .limit = 1
	};
	bool more = true;
	int64_t left;
	int steps = 0;

	(void)state;
	for (int i = 0; i < 501; i++) {
		char name[12];

		(void)snprintf(name, sizeof(name), "%d", i);

		const struct idempotency_key key = key_of(name, 1);

		assert_true(remember(&key, (struct answer){ .code = OK }, 1));
	}
	for (; more; steps++)
		assert_ok(idempotency_expire(&call, 2, &more));
	assert_int_equal(steps, 2);
	assert_ok(store_count(&call, &all, &left));
	assert_int_equal(left, 0);
}

static void
a_commit_is_found_where_it_is(void **state)
{
	const struct idempotency_key key = key_of("k", 1);
	const struct version put = {
		.key = { SPACE_RELATION, STR_INIT("ns"), STR_INIT("t") },
		.kind = 2,
		.body = STR_INIT(""),
	};
	struct unit unit = { .id = key.id,
		.request_hash = idempotency_hash(&key),
		.puts = &put,
		.put_count = 1 };
	struct batch b = batch_of(&call);
	struct value *ref = batch_insert(&b, ENTITY_REFS);
	enum verdict verdict;
	struct answer got;
	size_t failed;

	(void)state;
	ref[REF_ID] = value_int(7);
	ref[REF_STATE] = value_int(REF_LIVE);
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_ok(store_apply(&call, 7, &unit, 1));
	assert_int_equal(unit.verdict, VERDICT_APPLIED);
	assert_true(find(&key, &got));
	assert_int_equal(got.commit.branch, 7);
	assert_int_equal(got.commit.seq, 1);
	assert_false(remember(&key, (struct answer){ .code = OK }, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_follows_from_tenant_user_and_key),
		ON_BOTH(an_answer_is_found_by_its_request_only),
		ON_BOTH(the_first_answer_stays),
		ON_BOTH(an_answer_without_its_claim_is_none),
		ON_BOTH(what_is_over_is_forgotten_and_its_id_is_free),
		ON_BOTH(many_are_forgotten_step_by_step),
		ON_BOTH(a_commit_is_found_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
