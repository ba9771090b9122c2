/* test_committer.c - threads whose commits meet, and what a store may say. */
#include "calls/bulkheads.h"
#include "record/entities.h"
#include "record/value.h"
#include "tests/unit/committer_fixture.h"

#define THREADS 12

/* ---- batches */
static void
applies_all_that_wait_in_one_call(void **state)
{
	struct commit leader, t[THREADS];

	(void)state;
	begin_leader(&leader);
	begin_followers(t, THREADS);
	gate_open(gate, GATE_CALLS);
	finish(&leader);
	for (int i = 0; i < THREADS; i++)
		finish(&t[i]);
	assert_applied(&leader);
	for (int i = 0; i < THREADS; i++) {
		assert_applied(&t[i]);
		/* oldest first */
		assert_int_equal(t[i].table.unit.seq, i + 2);
	}
	assert_int_equal(gate->calls, 2);
	assert_int_equal(gate->size[1], THREADS);
	assert_int_equal(committer_count(committer).queue.batches, 2);
	assert_int_equal(committer_count(committer).queue.units, THREADS + 1);
	assert_int_equal(committer_count(committer).queue.full_size, THREADS);
	assert_idle(committer);
}

static void
calls_the_store_once_for_each_branch(void **state)
{
	struct commit leader, t[4];

	(void)state;
	begin_leader(&leader);
	for (unsigned i = 0; i < 4; i++) {
		prepare(&t[i], (char[]){ (char)('a' + (int)i), '\0' });
		t[i].branch = i % 2 == 0 ? BRANCH : OTHER_BRANCH;
		begin(&t[i]);
		until(waiting_units(committer) == i + 1);
	}
	gate_open(gate, GATE_CALLS);
	finish(&leader);
	for (int i = 0; i < 4; i++) {
		finish(&t[i]);
		assert_applied(&t[i]);
	}
	assert_int_equal(gate->calls, 3);
	assert_int_equal(gate->size[1], 2);
	assert_int_equal(gate->size[2], 2);
	assert_int_equal(log_head(&call, OTHER_BRANCH), 2);
}

static void
takes_one_unit_a_key_into_a_batch(void **state)
{
	struct commit leader, t[3];

	(void)state;
	begin_leader(&leader);
	for (unsigned i = 0; i < 3; i++) {
		prepare(&t[i], i == 1 ? "other" : "same");
		begin(&t[i]);
		until(waiting_units(committer) == i + 1);
	}
	gate_open(gate, GATE_CALLS);
	finish(&leader);
	for (int i = 0; i < 3; i++)
		finish(&t[i]);
	assert_int_equal(gate->calls, 3);
	assert_int_equal(gate->size[1], 2);
	assert_applied(&t[0]);
	assert_applied(&t[1]);
	assert_int_equal(t[2].err, OK);
	assert_int_equal(t[2].table.unit.verdict, VERDICT_CONFLICT);
	assert_int_equal(t[2].table.unit.failed, 0);
	/* a failure behind this is not "perhaps done" */
	assert_true(t[1].usage.submitted);
	assert_false(t[2].usage.submitted);
}

/* A reader of a key and who changes it are judged one after the other. */
static void
keeps_who_expects_a_key_from_who_changes_it(void **state)
{
	struct commit leader, t[2];

	(void)state;
	begin_leader(&leader);
	prepare(&t[0], "a");
	prepare(&t[1], "b");
	t[1].table.expect.key = t[0].table.put.key; /* a is not there yet */
	begin(&t[0]);
	until(waiting_units(committer) == 1);
	begin(&t[1]);
	until(waiting_units(committer) == 2);
	gate_open(gate, GATE_CALLS);
	finish(&leader);
	finish(&t[0]);
	finish(&t[1]);
	assert_int_equal(gate->calls, 3);
	assert_applied(&t[0]);
	assert_int_equal(t[1].table.unit.verdict, VERDICT_CONFLICT);
}

/* ---- what travels alone */
static void
sends_a_unit_alone_that_no_slot_holds(void **state)
{
	static char body[UNIT_BYTES + 1];
	struct commit t;

	(void)state;
	memset(body, 'x', sizeof(body));
	prepare(&t, "large");
	t.table.put.body = (struct str){ body, sizeof(body) };
	begin(&t);
	finish(&t);
	assert_applied(&t);
	assert_int_equal(committer_count(committer).queue.units, 0);
	assert_idle(committer);
}

static void
needs_no_committer(void **state)
{
	struct table_unit t;

	(void)state;
	table_unit_init(&t, "t", 0);
	assert_ok(committer_apply(NULL, &call, BRANCH, &t.unit));
	assert_int_equal(t.unit.verdict, VERDICT_APPLIED);

	struct ticket *ticket;

	assert_ok(
	    committer_take_ticket(NULL, &call, BRANCH, &t.put.key, &ticket));
	assert_null(ticket);
	committer_drop_ticket(NULL, ticket);
}

static void
waits_for_a_turn_in_a_bulkhead(void **state)
{
	static const unsigned permits[BULKHEAD_COUNT] = { [BULKHEAD_TICKET] =
							      1 };
	struct bulkheads bulkheads = { .store_is_prompt = false };
	struct usage usage = { .bulkheads = &bulkheads }, other = usage;
	struct call c = call, waiting = call;
	struct ticket *held, *none = NULL, *beside;
	const struct key hot = { SPACE_RELATION, STR_INIT("n"), STR_INIT("t") };
	const struct key cold = { SPACE_RELATION, STR_INIT("n"),
		STR_INIT("u") };

	(void)state;
	bulkheads_init(&bulkheads, permits);
	c.usage = &usage;
	waiting.usage = &other;
	assert_ok(committer_take_ticket(committer, &c, BRANCH, &hot, &held));
	assert_ok(
	    bulkhead_enter(&waiting, BULKHEAD_TICKET)); /* as who waits does */
	assert_int_equal(
	    committer_take_ticket(committer, &c, BRANCH, &hot, &none),
	    ERR_WOULD_BLOCK);
	assert_null(none);
	assert_true(usage.refused && usage.wants == BULKHEAD_TICKET);
	assert_ok(committer_take_ticket(committer, &c, BRANCH, &cold, &beside));
	(void)bulkhead_leave(&waiting, BULKHEAD_TICKET, OK);
	committer_drop_ticket(committer, beside);
	committer_drop_ticket(committer, held);
	assert_idle(committer);
	bulkheads_clear(&bulkheads);
}

/* ---- what a store may say */
static void
fails_only_the_unit_that_is_to_blame(void **state)
{
	struct commit leader, t[5];

	(void)state;
	begin_leader(&leader);
	for (unsigned i = 0; i < 5; i++) {
		prepare(&t[i], (char[]){ (char)('a' + (int)i), '\0' });
		if (i == 2)
			t[i].table.unit.message = STR("poison");
		begin(&t[i]);
		until(waiting_units(committer) == i + 1);
	}
	gate_open(gate, GATE_CALLS);
	finish(&leader);
	for (int i = 0; i < 5; i++)
		finish(&t[i]);
	for (int i = 0; i < 5; i++)
		if (i != 2)
			assert_applied(&t[i]);
	assert_int_equal(t[2].err, ERR_INTERNAL);
	assert_string_equal(t[2].error.message, "It is poisoned");
	assert_int_equal(gate->calls, 2 + 5);
	assert_int_equal(table_seq(&call, BRANCH, "c"), 0);
}

static void
submits_again_what_may_be_applied(void **state)
{
	struct commit t;

	(void)state;
	gate->script[0] = ERR_COMMIT_UNKNOWN;
	gate->script[1] = ERR_UNAVAILABLE; /* decides nothing any more */
	prepare(&t, "t");
	begin(&t);
	finish(&t);
	assert_int_equal(t.err, OK);
	assert_int_equal(t.table.unit.verdict, VERDICT_ALREADY);
	assert_int_equal(t.table.unit.seq, 1);
	assert_int_equal(gate->calls, 3);
	assert_int_equal(log_head(&call, BRANCH), 1);
}

static void
submits_again_what_travels_alone(void **state)
{
	struct call c = call;
	struct table_unit t;

	(void)state;
	c.store = &gate->base;
	gate->script[0] = ERR_COMMIT_UNKNOWN;
	gate->script[1] = ERR_UNAVAILABLE;
	table_unit_init(&t, "t", 0);
	assert_ok(committer_apply(NULL, &c, BRANCH, &t.unit));
	assert_int_equal(t.unit.verdict, VERDICT_ALREADY);
	assert_int_equal(gate->calls, 3);
}

static void
passes_on_that_the_store_is_away(void **state)
{
	struct commit leader, t[6];

	(void)state;
	for (int i = 1; i < GATE_CALLS; i++)
		gate->script[i] = ERR_UNAVAILABLE;
	begin_leader(&leader);
	begin_followers(t, 6);
	gate_open(gate, GATE_CALLS);
	finish(&leader);
	for (int i = 0; i < 6; i++) {
		finish(&t[i]);
		assert_int_equal(t[i].err, ERR_UNAVAILABLE);
	}
	/* together, then the two that speak for the rest */
	assert_int_equal(gate->calls, 1 + 1 + 2);
	assert_idle(committer);
}

/* ---- many at once */
#define ROUNDS 200

static void *
commit_in_a_row(void *arg)
{
	struct commit *t = arg;
	const char name[] = { t->table.name[0], '\0' };
	int64_t seq = 0;

	for (int i = 0; i < ROUNDS && t->err == OK; i++) {
		table_unit_init(&t->table, name, seq);
		(void)run_commit(t);
		seq = t->table.unit.seq;
		if (t->table.unit.verdict != VERDICT_APPLIED)
			t->err = ERR_CONFLICT;
	}
	return NULL;
}

static void
gives_every_unit_its_own_verdict(void **state)
{
	struct commit t[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		prepare(&t[i], (char[]){ (char)('a' + i), '\0' });
		assert_int_equal(
		    pthread_create(&t[i].thread, NULL, commit_in_a_row, &t[i]),
		    0);
	}
	for (int i = 0; i < THREADS; i++) {
		finish(&t[i]);
		assert_applied(&t[i]);
	}
	assert_int_equal(log_head(&call, BRANCH), THREADS * ROUNDS);
	assert_idle(committer);
}

/* ---- records */
/* A unit's write of a row of garbage, by number. */
struct garbage {
	struct value row[GARBAGE_FIELDS];
	struct write write;
};

static void
add_garbage(struct commit *t, struct garbage *g, enum write_op op, int number)
{
	struct id id = { { (uint8_t)number } };

	*g = (struct garbage){
		.write = { .entity = ENTITY_GARBAGE, .op = op, .row = g->row }
	};
	g->row[GARBAGE_ID] = value_id(id);
	g->row[GARBAGE_BRANCH] = value_int(number);
	if (op == WRITE_PUT)
		g->write.set = (uint64_t)1 << GARBAGE_BRANCH;
	t->table.unit.writes = &g->write;
	t->table.unit.write_count = 1;
}

static bool
has_garbage(int number)
{
	const struct value id = value_id((struct id){ { (uint8_t)number } });
	const struct value *key = &id;
	struct rows rows;

	assert_ok(store_get(&call, ENTITY_GARBAGE, &key, 1, &rows));
	return rows.row[0] != NULL &&
	       rows.row[0][GARBAGE_BRANCH].as.i == number;
}

static void
units_that_write_records_go_together(void **state)
{
	static const struct test doomed = { GARBAGE_DOOMED, TEST_EQ,
		{ VALUE_INT, { .i = 1 } } };
	struct commit leader, t[4];
	struct garbage g[4];

	(void)state;
	begin_leader(&leader);
	for (int i = 0; i < 4; i++) {
		prepare(&t[i], (char[]){ (char)('a' + i), '\0' });
		add_garbage(&t[i], &g[i], WRITE_PUT, i + 1);
		if (i == 2) { /* of a row that is not there */
			g[i].write.when = &doomed;
			g[i].write.when_count = 1;
		}
		begin(&t[i]);
		until(waiting_units(committer) == (unsigned)i + 1);
	}
	gate_open(gate, GATE_CALLS);
	finish(&leader);
	for (int i = 0; i < 4; i++) {
		finish(&t[i]);
		assert_true(has_garbage(i + 1) == (i != 2));
		if (i != 2)
			assert_applied(&t[i]);
	}
	assert_int_equal(gate->calls, 2);
	assert_int_equal(gate->size[1], 4);
	assert_int_equal(t[2].table.unit.verdict, VERDICT_CONFLICT);
	assert_int_equal(t[2].table.unit.failed, 1);
	assert_idle(committer);
}

/* Two that write a row go in two batches, two that test it in one. */
static void
takes_one_unit_that_writes_a_row_into_a_batch(void **state)
{
	static const enum write_op op[] = { WRITE_TEST, WRITE_TEST, WRITE_PUT,
		WRITE_PUT };
	struct commit leader, t[4];
	struct garbage g[4];

	(void)state;
	begin_leader(&leader);
	for (unsigned i = 0; i < 4; i++) {
		prepare(&t[i], (char[]){ (char)('a' + (int)i), '\0' });
		add_garbage(&t[i], &g[i], op[i], 1);
		begin(&t[i]);
		until(waiting_units(committer) == i + 1);
	}
	gate_open(gate, GATE_CALLS);
	finish(&leader);
	for (int i = 0; i < 4; i++) {
		finish(&t[i]);
		assert_applied(&t[i]);
	}
	assert_int_equal(gate->calls, 4);
	assert_int_equal(gate->size[1], 2);
	assert_int_equal(gate->size[2], 1);
	assert_int_equal(gate->size[3], 1);
}

static void
sends_a_unit_alone_whose_rows_have_no_key(void **state)
{
	static const enum write_op op[] = { WRITE_PURGE, WRITE_PUT,
		WRITE_DELETE };
	struct commit t[3];
	struct garbage g[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		prepare(&t[i], (char[]){ (char)('a' + i), '\0' });
		add_garbage(&t[i], &g[i], op[i], 1);
	}
	g[0].write.limit = 1;
	t[1].table.unit.put_count = 0; /* it would leave no id */
	g[2].row[REF_ID] = value_int(77);
	g[2].write.entity = ENTITY_REFS;
	for (int i = 0; i < 3; i++) {
		begin(&t[i]);
		finish(&t[i]);
		assert_int_equal(t[i].err, OK);
		assert_int_equal(t[i].table.unit.verdict, VERDICT_APPLIED);
	}
	assert_int_equal(committer_count(committer).queue.units, 0);
	assert_idle(committer);
}

static void
submits_again_what_may_have_written_records(void **state)
{
	struct commit t;
	struct garbage g;

	(void)state;
	gate->script[0] = ERR_COMMIT_UNKNOWN;
	prepare(&t, "t");
	add_garbage(&t, &g, WRITE_PUT, 1);
	begin(&t);
	finish(&t);
	assert_int_equal(t.err, OK);
	assert_int_equal(t.table.unit.verdict, VERDICT_ALREADY);
	assert_int_equal(committer_count(committer).queue.units, 1);
	assert_true(has_garbage(1));
}

#define test(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(applies_all_that_wait_in_one_call),
		test(calls_the_store_once_for_each_branch),
		test(takes_one_unit_a_key_into_a_batch),
		test(keeps_who_expects_a_key_from_who_changes_it),
		test(sends_a_unit_alone_that_no_slot_holds),
		test(needs_no_committer),
		test(waits_for_a_turn_in_a_bulkhead),
		test(fails_only_the_unit_that_is_to_blame),
		test(submits_again_what_may_be_applied),
		test(submits_again_what_travels_alone),
		test(passes_on_that_the_store_is_away),
		test(gives_every_unit_its_own_verdict),
		test(units_that_write_records_go_together),
		test(takes_one_unit_that_writes_a_row_into_a_batch),
		test(sends_a_unit_alone_whose_rows_have_no_key),
		test(submits_again_what_may_have_written_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
