/* test_branch.c - whose commit it is when the id of a key is in the log. */
#include "catalog/branch.h"

#include "catalog/idempotency_keys.h"
#include "record/batch.h"
#include "tests/unit/memory_store.h"

#define LOG 7

/* A store in front of the real one: it counts what is asked of it, and fails
 * as it is told. */
static struct {
	struct store base;
	struct store *real;
	int calls;
	bool loses_answer; /* of the next apply(), which is done */
	bool hides_changes;
} front;

static enum err
front_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	struct call inner = *c;

	front.calls++;
	inner.store = front.real;
	TRY(store_apply(&inner, branch, units, count));
	if (!front.loses_answer)
		return OK;
	front.loses_answer = false;
	return (fail)(c->error, ERR_COMMIT_UNKNOWN, "Answer lost");
}

static enum err
front_changes(struct call *c, struct point above, int64_t upto, uint32_t limit,
    struct versions *ret)
{
	struct call inner = *c;

	front.calls++;
	if (front.hides_changes)
		return (fail)(c->error, ERR_UNAVAILABLE, "Not now");
	inner.store = front.real;
	return store_changes(&inner, above, upto, limit, ret);
}

static int
open_front(void **state)
{
	static const struct store_ops ops = { .apply = front_apply,
		.changes = front_changes };
	enum verdict verdict;
	size_t failed;

	(void)open_store(state);

	struct batch b = batch_of(&call);
	struct value *ref = batch_insert(&b, ENTITY_REFS);

	ref[REF_ID] = value_int(LOG);
	ref[REF_STATE] = value_int(REF_LIVE);
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	memset(&front, 0, sizeof(front));
	front.base.ops = &ops;
	front.real = call.store;
	call.store = &front.base;
	return 0;
}

static int
close_front(void **state)
{
	call.store = front.real;
	return close_store(state);
}

/* Puts a table whose metadata is in this file. */
static enum err
put(struct idempotency_key *key, struct str file, enum verdict *ret)
{
	const struct branch b = { .id = LOG, .writer.idempotency = key };
	const struct version version = {
		.key = { SPACE_RELATION, STR_INIT("ns"), STR_INIT("t") },
		.kind = KIND_TABLE,
		.location = file,
		.body = STR_INIT(""),
	};
	struct unit unit = { .puts = &version, .put_count = 1 };

	front.calls = 0;
	return branch_apply(&call, &b, &unit, ret);
}

static struct idempotency_key
key_of(uint8_t request)
{
	return (struct idempotency_key){ .id = { "key" }, .hash = { request } };
}

static void
a_key_costs_a_commit_nothing(void **state)
{
	struct idempotency_key key = key_of(1);
	enum verdict verdict;

	(void)state;
	assert_ok(put(NULL, STR("file:///a"), &verdict));

	int without = front.calls;

	assert_ok(put(&key, STR("file:///b"), &verdict));
	assert_int_equal(verdict, VERDICT_APPLIED);
	assert_int_equal(front.calls, without);
	assert_true(key.committed);
}

static void
a_commit_whose_answer_was_lost_is_its_own(void **state)
{
	struct idempotency_key key = key_of(1);
	enum verdict verdict;

	(void)state;
	front.loses_answer = true;
	assert_ok(put(&key, STR("file:///a"), &verdict));
	assert_int_equal(verdict, VERDICT_APPLIED);
	assert_true(key.committed);
}

static void
another_file_is_of_an_earlier_request(void **state)
{
	struct idempotency_key first = key_of(1), again = key_of(1);
	enum verdict verdict;

	(void)state;
	assert_ok(put(&first, STR("file:///a"), &verdict));
	assert_fails(put(&again, STR("file:///b"), &verdict), ERR_ANSWERED,
	    "This request was answered before");
	assert_false(again.committed);
	/* neither: a namespace looks alike each time */
	assert_int_equal(put(&again, STR(""), &verdict), ERR_ANSWERED);
}

static void
another_request_is_refused(void **state)
{
	struct idempotency_key first = key_of(1), other = key_of(2);
	enum verdict verdict;

	(void)state;
	assert_ok(put(&first, STR("file:///a"), &verdict));
	assert_fails(put(&other, STR("file:///a"), &verdict), ERR_UNPROCESSABLE,
	    "Idempotency-Key was used for another request");
	assert_false(other.committed);
}

/* Or the file of a commit that went through would be deleted. */
static void
while_the_log_cannot_be_read_nothing_is_known(void **state)
{
	struct idempotency_key key = key_of(1);
	enum verdict verdict;

	(void)state;
	front.loses_answer = front.hides_changes = true;
	assert_int_equal(
	    put(&key, STR("file:///a"), &verdict), ERR_COMMIT_UNKNOWN);
}

static void
an_id_that_an_answer_has_makes_no_commit(void **state)
{
	const struct answer no = { .code = ERR_NO_SUCH_TABLE };
	struct idempotency_key key = key_of(1);
	struct call direct = call;
	enum verdict verdict;
	bool first;

	(void)state;
	direct.store = front.real;
	assert_ok(idempotency_remember(&direct, &key, &no, 1, &first));
	assert_int_equal(put(&key, STR("file:///a"), &verdict), ERR_ANSWERED);
	assert_false(key.committed);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_front, close_front)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_costs_a_commit_nothing),
		TEST(a_commit_whose_answer_was_lost_is_its_own),
		TEST(another_file_is_of_an_earlier_request),
		TEST(another_request_is_refused),
		TEST(while_the_log_cannot_be_read_nothing_is_known),
		TEST(an_id_that_an_answer_has_makes_no_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
