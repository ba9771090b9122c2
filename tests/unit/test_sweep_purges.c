/* test_sweep_purges.c - purges of which there are more than one sweep sees. */
#include "catalog/purges.h"
#include "tasks/sweep_purges.h"
#include "tests/unit/tasks_fixture.h"

static const struct id sales = { { 7 } };

static void
have_erased(uint8_t number, int64_t since_us)
{
	const struct id object = { { number } };
	struct batch b = batch_of(&call);
	enum verdict verdict;
	size_t failed;

	purge_insert(&b, sales, object, PURGE_ERASED);
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	b = batch_of(&call);
	update_set(
	    batch_update(&b, ENTITY_PURGES, value_id(purge_id(sales, object)),
		(struct test){ PURGE_STATE, TEST_EQ, value_int(PURGE_ERASED) }),
	    PURGE_SINCE_US, value_int(since_us));
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

static int
rows_left(void)
{
	int count = 0;

	for (uint8_t number = 1; number <= 5; number++) {
		int64_t state;

		assert_ok(purge_state_of(
		    &call, sales, (struct id){ { number } }, &state));
		count += state != 0;
	}
	return count;
}

/* Those of one round have one time. */
static void
what_the_first_chunk_did_not_see_waits_for_the_next_sweep(void **state)
{
	const struct catalog catalog = { .id = sales, .tenant = acme };
	struct id id = submit(acme, 1000);
	struct task t = get(id);
	struct work w = work_begin(&call, &t);
	struct purge_sweep s = {
		.work = &w, .catalog = &catalog, .before_us = 1000000, .most = 3
	};
	bool more;

	(void)state;
	w.beat_us = INT64_MAX;
	for (uint8_t number = 1; number <= 5; number++)
		have_erased(number, 1000);
	assert_ok(purge_sweep_begin(&s));
	/* each chunk reads the rows anew, which are fewer by then */
	for (int chunk = 0; chunk < 3; chunk++) {
		assert_ok(purge_sweep_end(&s, &more));
		assert_false(more);
		assert_int_equal(rows_left(), 2);
	}
	s.last = (struct purge_bound){ 0 };
	assert_ok(purge_sweep_begin(&s));
	assert_ok(purge_sweep_end(&s, &more));
	assert_int_equal(rows_left(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(
		    what_the_first_chunk_did_not_see_waits_for_the_next_sweep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
