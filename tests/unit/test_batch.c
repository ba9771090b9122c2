/* test_batch.c - units of record writes, and lists by pages. */
#include "record/batch.h"
#include "tests/unit/memory_store.h"

static struct value
name(int n)
{
	return value_text(arena_printf(call.arena, "s%06d", n));
}

static enum verdict
apply(struct batch *b, size_t *ret_failed)
{
	enum verdict verdict = VERDICT_NONE;

	assert_ok(batch_apply(b, 0, &verdict, ret_failed));
	return verdict;
}

static void
insert(int from, int upto)
{
	struct batch b = batch_of(&call);
	size_t failed;

	for (int i = from; i < upto; i++) {
		struct value *row = batch_insert(&b, ENTITY_SECRETS);

		row[SECRET_NAME] = name(i);
		row[SECRET_CREATED_US] = value_int(i);
	}
	assert_int_equal(apply(&b, &failed), VERDICT_APPLIED);
}

static void
writes_all_or_nothing(void **state)
{
	struct batch b = batch_of(&call);
	const struct value *row;
	size_t failed;

	(void)state;
	insert(1, 2);
	batch_insert(&b, ENTITY_SECRETS)[SECRET_NAME] = name(0);
	batch_insert(&b, ENTITY_SECRETS)[SECRET_NAME] = name(1);
	assert_int_equal(apply(&b, &failed), VERDICT_CONFLICT);
	assert_int_equal(failed, 1);
	assert_ok(record_find_by_key(&call, ENTITY_SECRETS, name(0), &row));
	assert_null(row);
}

static void
sets_only_the_fields_named(void **state)
{
	struct batch b = batch_of(&call);
	struct test when = { SECRET_CREATED_US, TEST_EQ, value_int(7) };
	const struct value *row;
	size_t failed;

	(void)state;
	insert(7, 8);
	update_set(batch_update(&b, ENTITY_SECRETS, name(7), when),
	    SECRET_VALUE, value_bytes(STR("v")));
	assert_int_equal(apply(&b, &failed), VERDICT_APPLIED);
	assert_ok(record_find_by_key(&call, ENTITY_SECRETS, name(7), &row));
	assert_str(row[SECRET_VALUE].as.s, STR("v"));
	assert_int_equal(row[SECRET_CREATED_US].as.i, 7);

	b = batch_of(&call);
	update_set(batch_update(&b, ENTITY_SECRETS, name(8), when),
	    SECRET_VALUE, value_bytes(STR("v")));
	assert_int_equal(apply(&b, &failed), VERDICT_CONFLICT);
	assert_ok(record_find_by_key(&call, ENTITY_SECRETS, name(8), &row));
	assert_null(row);
}

static void
expects_and_deletes(void **state)
{
	struct batch b = batch_of(&call);
	struct test when = { SECRET_CREATED_US, TEST_EQ, value_int(1) };
	const struct value *row;
	size_t failed;

	(void)state;
	insert(0, 2);
	batch_delete(&b, ENTITY_SECRETS, name(0));
	batch_expect(&b, ENTITY_SECRETS, name(1), when);
	assert_int_equal(apply(&b, &failed), VERDICT_APPLIED);
	assert_ok(record_find_by_key(&call, ENTITY_SECRETS, name(0), &row));
	assert_null(row);

	b = batch_of(&call);
	batch_delete(&b, ENTITY_SECRETS, name(1));
	batch_expect(&b, ENTITY_SECRETS, name(0), when);
	assert_int_equal(apply(&b, &failed), VERDICT_CONFLICT);
	assert_int_equal(failed, 1);
	assert_ok(record_find_by_key(&call, ENTITY_SECRETS, name(1), &row));
	assert_non_null(row);
}

static void
lists_more_than_a_page(void **state)
{
	static const struct {
		int64_t limit, offset;
		size_t count;
	} cases[] = { { 0, 0, 2500 }, { 0, 2400, 100 }, { 10, 0, 10 },
		{ 1000, 0, 1000 }, { 1500, 1200, 1300 }, { 1001, 7, 1001 },
		{ 5, 2500, 0 } };
	struct scan scan = { .entity = ENTITY_SECRETS, .index = INDEX_KEY };
	struct rows rows;

	(void)state;
	for (int i = 0; i < 2500; i += 100)
		insert(i, i + 100);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_ok(record_list(
		    &call, &scan, cases[i].limit, cases[i].offset, &rows));
		assert_int_equal(rows.count, cases[i].count);
		for (size_t r = 0; r < rows.count; r++)
			assert_int_equal(rows.row[r][SECRET_CREATED_US].as.i,
			    (int64_t)r + cases[i].offset);
	}
	assert_int_equal(
	    record_list(&call, &scan, -1, 0, &rows), ERR_BAD_REQUEST);
	assert_int_equal(
	    record_list(&call, &scan, 0, -1, &rows), ERR_BAD_REQUEST);
}

static struct rows
page(int64_t limit, int64_t offset)
{
	struct scan all = { .entity = ENTITY_SECRETS, .index = INDEX_KEY };
	struct rows rows;

	assert_ok(record_page(&call, &all, limit, offset, &rows));
	return rows;
}

static void
answers_a_thousand_rows_at_most(void **state)
{
	struct rows rows;

	(void)state;
	insert(0, LIST_ROWS_MAX + 1);
	rows = page(0, 0);
	assert_int_equal(rows.count, LIST_ROWS_MAX);
	assert_non_null(rows.next.ptr);
	assert_int_equal(page(INT32_MAX, 0).count, LIST_ROWS_MAX);
	rows = page(0, 1);
	assert_int_equal(rows.count, LIST_ROWS_MAX);
	assert_null(rows.next.ptr);
	assert_int_equal(
	    value_int_or(rows.row[LIST_ROWS_MAX - 1][SECRET_CREATED_US], 0),
	    LIST_ROWS_MAX);
	rows = page(40, 0);
	assert_int_equal(rows.count, 40);
	assert_non_null(rows.next.ptr);
}

static void
answers_few_of_large_rows(void **state)
{
	static char large[LIST_BYTES_MAX / 40];
	struct batch b = batch_of(&call);
	struct rows rows;
	size_t failed;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct value *row = batch_insert(&b, ENTITY_SECRETS);

		row[SECRET_NAME] = name(i);
		row[SECRET_VALUE] =
		    value_bytes((struct str){ large, sizeof(large) });
	}
	assert_int_equal(apply(&b, &failed), VERDICT_APPLIED);
	rows = page(0, 0);
	assert_in_range(rows.count, 40, 80);
	assert_non_null(rows.next.ptr);
	assert_int_equal(page(0, (int64_t)rows.count).count, 100 - rows.count);
}

static void
leaves_long_lists_to_a_thread(void **state)
{
	struct scan all = { .entity = ENTITY_SECRETS, .index = INDEX_KEY };
	struct rows rows;

	(void)state;
	call.nowait = true;
	insert(0, 10);
	assert_int_equal(page(0, 0).count, 10);
	insert(10, 100);
	assert_int_equal(
	    record_page(&call, &all, 0, 0, &rows), ERR_WOULD_BLOCK);
	assert_int_equal(
	    record_page(&call, &all, 1, 99, &rows), ERR_WOULD_BLOCK);
	assert_int_equal(page(5, 5).count, 5);
}

static void
tells_data_that_the_store_refuses(void **state)
{
	struct batch b = batch_of(&call);
	enum verdict verdict;
	size_t failed;

	(void)state;
	batch_insert(&b, ENTITY_SECRETS)[SECRET_NAME] = value_text(STR("\xff"));
	assert_fails(batch_apply(&b, 0, &verdict, &failed), ERR_BAD_REQUEST,
	    "The store refuses this data");
}

/* ---- answers that get lost */
static enum err (*real_apply)(struct call *, int64_t, struct unit *, size_t);
static struct store_ops lossy_ops;
static bool written; /* before the answer was lost */
static int to_lose;
static enum err behind; /* once, what the store says behind that */

static enum err
apply_and_lose(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	enum err err = behind;

	if (to_lose == 0 && err != OK) {
		behind = OK;
		return (fail)(c->error, err, "Not now");
	}
	if (to_lose == 0)
		return real_apply(c, branch, units, count);
	to_lose--;
	if (written)
		assert_ok(real_apply(c, branch, units, count));
	/* parentheses: cmocka has a macro of this name */
	return (fail)(c->error, ERR_COMMIT_UNKNOWN, "The answer was lost");
}

static enum err
insert_and_lose(bool before, int times, enum verdict *ret)
{
	struct batch b = batch_of(&call);
	size_t failed;

	lossy_ops = *call.store->ops;
	real_apply = lossy_ops.apply;
	lossy_ops.apply = apply_and_lose;
	written = before;
	to_lose = times;

	const struct store_ops *ops = call.store->ops;

	call.store->ops = &lossy_ops;
	batch_insert(&b, ENTITY_SECRETS)[SECRET_NAME] = name(1);

	enum err err = batch_apply(&b, 0, ret, &failed);

	call.store->ops = ops;
	return err;
}

static void
asks_again_when_an_answer_is_lost(void **state)
{
	enum verdict verdict = VERDICT_NONE;
	const struct value *row;

	(void)state;
	assert_ok(insert_and_lose(false, 3, &verdict));
	assert_int_equal(verdict, VERDICT_APPLIED);
	assert_ok(record_find_by_key(&call, ENTITY_SECRETS, name(1), &row));
	assert_non_null(row);
}

static void
does_not_call_its_own_row_a_conflict(void **state)
{
	enum verdict verdict;

	(void)state;
	assert_int_equal(
	    insert_and_lose(true, 1, &verdict), ERR_COMMIT_UNKNOWN);
}

/* It may be down by then; that it cannot be asked says nothing of before. */
static void
does_not_deny_what_was_written_when_the_store_goes_away(void **state)
{
	enum verdict verdict;

	(void)state;
	behind = ERR_UNAVAILABLE;
	assert_int_equal(
	    insert_and_lose(true, 1, &verdict), ERR_COMMIT_UNKNOWN);
	assert_int_equal(behind, OK);
}

static void
gives_up_at_the_deadline(void **state)
{
	enum verdict verdict;

	(void)state;
	call.deadline_us = 0;
	assert_int_equal(
	    insert_and_lose(false, 2, &verdict), ERR_COMMIT_UNKNOWN);
	assert_int_equal(to_lose, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_all_or_nothing),
		TEST(sets_only_the_fields_named),
		TEST(expects_and_deletes),
		TEST(lists_more_than_a_page),
		TEST(answers_a_thousand_rows_at_most),
		TEST(answers_few_of_large_rows),
		TEST(leaves_long_lists_to_a_thread),
		TEST(tells_data_that_the_store_refuses),
		TEST(asks_again_when_an_answer_is_lost),
		TEST(does_not_call_its_own_row_a_conflict),
		TEST(does_not_deny_what_was_written_when_the_store_goes_away),
		TEST(gives_up_at_the_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
