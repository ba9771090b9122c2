/* test_group.c - units of one call that put versions and write records. */
#include <pthread.h>

#include "suite.h"

#define UNITS 9

/* A version of a table of its own, and one write. */
struct grouped {
	struct unit unit;
	struct version put;
	struct write write;
	struct test test;
	struct value row[ITEM_FIELDS];
	char table[8];
};

/* In place: its parts point at each other. */
static void
grouped_init(struct grouped *g, uint32_t number, enum write_op op, int64_t item,
    const char *name)
{
	*g = (struct grouped){ .write = { .entity = ITEMS, .op = op } };
	(void)snprintf(g->table, sizeof(g->table), "t%u", number);
	g->put = table_version("ns", g->table, "x");
	g->unit = unit_of(number, &g->put, 1);
	g->row[ITEM_ID] = int_value(item);
	g->row[ITEM_NAME] = text_value(name);
	g->row[ITEM_SIZE] = int_value(1);
	g->write.row = g->row;
	if (op == WRITE_PUT)
		g->write.set = SET(ITEM_NAME) | SET(ITEM_SIZE);
	if (op == WRITE_ADD)
		g->write.set = SET(ITEM_SIZE);
	g->unit.writes = &g->write;
	g->unit.write_count = 1;
}

static void
only_when(struct grouped *g, enum test_op op, int64_t size)
{
	g->test = test_of(ITEM_SIZE, op, int_value(size));
	if (op == TEST_ABSENT)
		g->test = (struct test){ .op = TEST_ABSENT };
	g->write.when = &g->test;
	g->write.when_count = 1;
}

static enum err
apply_all(
    struct fixture *f, int64_t branch, struct grouped *const *g, size_t count)
{
	struct unit u[UNITS];
	enum err err;

	for (size_t i = 0; i < count; i++)
		u[i] = g[i]->unit;
	err = store_apply(in_time(f), branch, u, count);
	for (size_t i = 0; i < count; i++)
		g[i]->unit = u[i];
	return err;
}

static int64_t
size_of(struct fixture *f, int64_t item)
{
	const struct value *row = get_item(f, item);

	return row != NULL ? row[ITEM_SIZE].as.i : -1;
}

/* Each unit that fails, and why, stands between two that do not. */
static void
a_unit_whose_writes_fail_leaves_the_others_applied(struct fixture *f)
{
	static const char nul[] = "a\0b";
	static const enum verdict expected[UNITS] = { VERDICT_APPLIED,
		VERDICT_CONFLICT, VERDICT_APPLIED, VERDICT_CONFLICT,
		VERDICT_APPLIED, VERDICT_CONFLICT, VERDICT_INVALID,
		VERDICT_CONFLICT, VERDICT_APPLIED };
	struct grouped one[UNITS], *all[UNITS];
	int64_t seq = 0;

	CHECK(put_item(f, 50, "taken", 7, NULL) == VERDICT_APPLIED);
	for (uint32_t i = 0; i < UNITS; i++) {
		all[i] = &one[i];
		grouped_init(&one[i], i + 1, WRITE_PUT, i + 1, NULL);
	}
	one[0].row[ITEM_NAME] = text_value("first");
	grouped_init(&one[1], 2, WRITE_TEST, 50, NULL);
	only_when(&one[1], TEST_EQ, 8);
	one[3].row[ITEM_NAME] = text_value("taken"); /* by a stored row */
	grouped_init(&one[4], 5, WRITE_DELETE, 60, NULL);
	only_when(&one[4], TEST_EQ, 8);              /* there is none */
	one[5].row[ITEM_NAME] = text_value("first"); /* of this call */
	one[6].row[ITEM_NAME] =
	    (struct value){ VALUE_TEXT, { .s = { nul, 3 } } };
	grouped_init(&one[7], 8, WRITE_DELETE, 50, NULL);
	only_when(&one[7], TEST_EQ, 8);
	CHECK(apply_all(f, 1, all, UNITS) == OK);
	for (uint32_t i = 0; i < UNITS; i++) {
		bool applied = expected[i] == VERDICT_APPLIED;

		CHECK(one[i].unit.verdict == expected[i]);
		CHECK(one[i].unit.seq == (applied ? ++seq : 0));
		CHECK(one[i].unit.failed == 0);
		CHECK(read_at(f, (struct point){ 1, 9 }, "ns", one[i].table)
			  .kind == applied);
		CHECK((get_item(f, i + 1) != NULL) == (applied && i != 4));
	}
	CHECK(head_of(f, 1) == seq && size_of(f, 50) == 7);
}

static void
a_failed_write_is_counted_behind_the_expectations(struct fixture *f)
{
	const struct expect none = expect_seq("ns", "t2", 0);
	struct grouped a, b;

	grouped_init(&a, 1, WRITE_PUT, 1, "one");
	grouped_init(&b, 2, WRITE_PUT, 2, "one");
	b.unit.expects = &none;
	b.unit.expect_count = 1;
	only_when(&b, TEST_ABSENT, 0);
	CHECK(apply_all(f, 1, (struct grouped *[]){ &a, &b }, 2) == OK);
	CHECK(a.unit.verdict == VERDICT_APPLIED);
	CHECK(b.unit.verdict == VERDICT_CONFLICT && b.unit.failed == 1);
}

static void
a_row_that_stays_fails_the_unit_that_deletes_it(struct fixture *f)
{
	struct grouped a, b, c;

	CHECK(put_item(f, 1, "stays", 7, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 2, "goes", 8, NULL) == VERDICT_APPLIED);
	grouped_init(&a, 1, WRITE_DELETE, 1, NULL);
	grouped_init(&b, 2, WRITE_DELETE, 2, NULL);
	grouped_init(&c, 3, WRITE_DELETE, 3, NULL); /* is not there */
	only_when(&a, TEST_EQ, 8);
	only_when(&b, TEST_EQ, 8);
	only_when(&c, TEST_EQ, 8);
	CHECK(apply_all(f, 1, (struct grouped *[]){ &a, &b, &c }, 3) == OK);
	CHECK(a.unit.verdict == VERDICT_CONFLICT && size_of(f, 1) == 7);
	CHECK(b.unit.verdict == VERDICT_APPLIED && get_item(f, 2) == NULL);
	CHECK(c.unit.verdict == VERDICT_APPLIED && c.unit.seq == 2);
}

static void
units_of_one_call_may_test_one_row(struct fixture *f)
{
	struct grouped a, b, c;

	CHECK(put_item(f, 1, "row", 7, NULL) == VERDICT_APPLIED);
	grouped_init(&a, 1, WRITE_TEST, 1, NULL);
	grouped_init(&b, 2, WRITE_TEST, 1, NULL);
	grouped_init(&c, 3, WRITE_TEST, 1, NULL);
	only_when(&a, TEST_EQ, 7);
	only_when(&b, TEST_GE, 7);
	CHECK(apply_all(f, 1, (struct grouped *[]){ &a, &b }, 2) == OK);
	CHECK(a.unit.verdict == VERDICT_APPLIED && a.unit.seq == 1);
	CHECK(b.unit.verdict == VERDICT_APPLIED && b.unit.seq == 2);
	a.unit.id = id_of(11);
	b.unit.id = id_of(12);
	only_when(&c, TEST_GT, 7);
	CHECK(apply_all(f, 1, (struct grouped *[]){ &a, &c, &b }, 3) == OK);
	CHECK(a.unit.seq == 3 && b.unit.seq == 4);
	CHECK(c.unit.verdict == VERDICT_CONFLICT && size_of(f, 1) == 7);
}

/* As a leader submits again what a dead one may have applied. */
static void
what_was_applied_writes_no_record_again(struct fixture *f)
{
	struct grouped a, b, c;

	CHECK(put_item(f, 1, "one", 0, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 2, "two", 0, NULL) == VERDICT_APPLIED);
	grouped_init(&a, 1, WRITE_ADD, 1, NULL);
	grouped_init(&b, 2, WRITE_ADD, 2, NULL);
	grouped_init(&c, 3, WRITE_PUT, 3, "three");
	CHECK(apply_all(f, 1, (struct grouped *[]){ &a, &c }, 2) == OK);
	CHECK(apply_all(f, 1, (struct grouped *[]){ &a, &b, &c }, 3) == OK);
	CHECK(a.unit.verdict == VERDICT_ALREADY && a.unit.seq == 1);
	CHECK(c.unit.verdict == VERDICT_ALREADY && c.unit.seq == 2);
	CHECK(b.unit.verdict == VERDICT_APPLIED && b.unit.seq == 3);
	CHECK(size_of(f, 1) == 1 && size_of(f, 2) == 1);
}

/* More than an engine sends at a time. */
static void
a_unit_may_write_many_records(struct fixture *f)
{
	struct value row[40][ITEM_FIELDS] = { 0 };
	struct write w[40];
	struct grouped a;

	for (int i = 0; i < 40; i++) {
		row[i][ITEM_ID] = int_value(i);
		row[i][ITEM_SIZE] = int_value(i);
		w[i] = (struct write){ .entity = ITEMS,
			.op = WRITE_PUT,
			.row = row[i],
			.set = SET(ITEM_SIZE) };
	}
	grouped_init(&a, 1, WRITE_PUT, 1, NULL);
	a.unit.writes = w;
	a.unit.write_count = 40;
	CHECK(apply_all(f, 1, (struct grouped *[]){ &a }, 1) == OK);
	CHECK(a.unit.verdict == VERDICT_APPLIED);
	for (int i = 0; i < 40; i++)
		CHECK(size_of(f, i) == i);
}

/* ---- calls that write the same rows, each in the other's order */
#define ROUNDS INT64_C(3)

struct adder {
	struct fixture f;
	pthread_barrier_t *start;
	uint32_t number;
	pthread_t thread;
};

static void *
add_to_all(void *arg)
{
	struct adder *x = arg;
	struct grouped one[UNITS], *all[UNITS];

	for (uint32_t round = 1; round <= ROUNDS; round++) {
		for (uint32_t i = 0; i < UNITS; i++) {
			uint32_t item = x->number == 0 ? i : UNITS - 1 - i;

			all[i] = &one[i];
			grouped_init(&one[i],
			    1000 * x->number + 100 * round + i, WRITE_ADD, item,
			    NULL);
		}
		(void)pthread_barrier_wait(x->start);
		CHECK(apply_all(&x->f, 1 + x->number, all, UNITS) == OK);
		for (uint32_t i = 0; i < UNITS; i++)
			CHECK(one[i].unit.verdict == VERDICT_APPLIED);
	}
	return NULL;
}

static void
calls_that_lock_rows_crosswise_all_end(struct fixture *f)
{
	pthread_barrier_t start;
	struct adder x[2];

	put_branch(f, 2, (struct point){ 0, 0 });
	for (int i = 0; i < UNITS; i++)
		CHECK(put_item(f, i, NULL, 0, NULL) == VERDICT_APPLIED);
	CHECK(pthread_barrier_init(&start, NULL, 2) == 0);
	for (uint32_t i = 0; i < 2; i++) {
		x[i] = (struct adder){
			.f = fixture_share(f), .start = &start, .number = i
		};
		CHECK(
		    pthread_create(&x[i].thread, NULL, add_to_all, &x[i]) == 0);
	}
	for (uint32_t i = 0; i < 2; i++) {
		(void)pthread_join(x[i].thread, NULL);
		fixture_unshare(&x[i].f);
	}
	(void)pthread_barrier_destroy(&start);
	for (int i = 0; i < UNITS; i++)
		CHECK(size_of(f, i) == 2 * ROUNDS);
	CHECK(head_of(f, 1) == UNITS * ROUNDS);
	CHECK(head_of(f, 2) == UNITS * ROUNDS);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, 0                                                 \
	}

const struct suite_test group_tests[] = {
	TEST(a_unit_whose_writes_fail_leaves_the_others_applied),
	TEST(a_failed_write_is_counted_behind_the_expectations),
	TEST(a_row_that_stays_fails_the_unit_that_deletes_it),
	TEST(units_of_one_call_may_test_one_row),
	TEST(what_was_applied_writes_no_record_again),
	TEST(a_unit_may_write_many_records),
	TEST(calls_that_lock_rows_crosswise_all_end),
	{ NULL, NULL, 0 },
};
