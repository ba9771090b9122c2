/* test_apply.c - units, expectations, verdicts, commits. */
#include "suite.h"

static void
a_commit_is_recorded_as_the_unit_says(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "x");
	struct unit u = unit_of(1, &v, 1);
	int64_t before = clock_now_us();

	u.request_hash = STR("\x00\x01\xff");
	u.merged = (struct point){ 5, 6 };
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED && u.seq == 1);

	const struct value *c = get_commit(f, 1, 1);

	CHECK(c != NULL);
	if (c == NULL)
		return;
	CHECK(id_eq(c[COMMIT_ID].as.id, id_of(1)));
	CHECK(c[COMMIT_PARENT].type == VALUE_NULL);
	CHECK(c[COMMIT_MERGED_BRANCH].as.i == 5);
	CHECK(c[COMMIT_MERGED_SEQ].as.i == 6);
	CHECK(str_eq(c[COMMIT_AUTHOR].as.s, STR("alice")));
	CHECK(str_eq(c[COMMIT_MESSAGE].as.s, STR("a commit")));
	CHECK(c[COMMIT_HASH].type == VALUE_BYTES);
	CHECK(str_eq(c[COMMIT_HASH].as.s, STR("\x00\x01\xff")));
	CHECK(c[COMMIT_AT_US].as.i >= before);
	CHECK(c[COMMIT_AT_US].as.i <= clock_now_us());
	CHECK(put_version(f, 1, 2, v) == 2);
	c = get_commit(f, 1, 2);
	CHECK(c != NULL && id_eq(c[COMMIT_PARENT].as.id, id_of(1)));
	CHECK(c != NULL && c[COMMIT_HASH].type == VALUE_NULL);
	CHECK(c != NULL && c[COMMIT_MERGED_BRANCH].type == VALUE_NULL);
}

static void
time_rises_along_a_branch_whatever_the_clock_says(struct fixture *f)
{
	int64_t future = clock_now_us() + 3600 * CLOCK_SECOND;
	const struct value ref[REF_FIELDS] = {
		[REF_ID] = int_value(5),
		[REF_STATE] = int_value(REF_LIVE),
		[REF_FORK_COMMIT] = id_value(99),
		[REF_FORK_US] = int_value(future),
	};

	CHECK(put_row(f, ENTITY_REFS, ref,
		  SET(REF_STATE) | SET(REF_FORK_COMMIT) | SET(REF_FORK_US)) ==
	      VERDICT_APPLIED);
	for (uint32_t i = 1; i <= 3; i++) {
		const struct value *c;

		CHECK(put_version(f, 5, i, table_version("n", "t", "x")) == i);
		c = get_commit(f, 5, i);
		CHECK(c != NULL && c[COMMIT_AT_US].as.i == future + i);
		CHECK(c != NULL && id_eq(c[COMMIT_PARENT].as.id,
				       id_of(i == 1 ? 99 : i - 1)));
	}
}

static void
the_same_unit_twice_is_applied_once(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "x");
	const struct expect none = expect_seq("ns", "t", 0);
	struct unit u = unit_of(1, &v, 1);

	u.expects = &none;
	u.expect_count = 1;
	u.request_hash = STR("first");
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED);
	u.request_hash = STR("second");
	CHECK(apply_one(f, 1, &u) == VERDICT_ALREADY);
	CHECK(u.seq == 1 && str_eq(u.first_hash, STR("first")));
	CHECK(head_of(f, 1) == 1);

	struct unit both[] = { unit_of(2, &v, 1), unit_of(2, &v, 1) };

	CHECK(store_apply(in_time(f), 1, both, 2) == OK);
	CHECK(both[0].verdict == VERDICT_APPLIED && both[0].seq == 2);
	CHECK(both[1].verdict == VERDICT_ALREADY && both[1].seq == 2);
	CHECK(both[1].first_hash.ptr == NULL);
	put_branch(f, 2, (struct point){ 1, 1 });
	CHECK(apply_one(f, 2, &both[0]) == VERDICT_ALREADY);
	CHECK(both[0].seq == 2 && head_of(f, 2) == 0);
	delete_branch(f, 1);
	CHECK(apply_one(f, 1, &both[0]) == VERDICT_ALREADY);
}

static void
seq_expects_the_own_newest_version(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "x");
	struct expect x = expect_seq("ns", "t", 1);
	struct unit u = unit_of(1, &v, 1);

	u.expects = &x;
	u.expect_count = 1;
	CHECK(apply_one(f, 1, &u) == VERDICT_CONFLICT && u.failed == 0);
	CHECK(u.seq == 0 && head_of(f, 1) == 0);
	x.seq = 0;
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED && u.seq == 1);
	u.id = id_of(2);
	CHECK(apply_one(f, 1, &u) == VERDICT_CONFLICT);
	x.seq = 1;
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED && u.seq == 2);
	put_branch(f, 2, (struct point){ 1, 2 });
	u.id = id_of(3);
	CHECK(apply_one(f, 2, &u) == VERDICT_CONFLICT);
	x.seq = 0; /* inherited is not own */
	CHECK(apply_one(f, 2, &u) == VERDICT_APPLIED && u.seq == 1);
}

static void
live_expects_a_version_that_is_not_deleted(struct fixture *f)
{
	const struct version v = table_version("ns", "u", "x");
	struct expect x = { EXPECT_LIVE, table_key("ns", "t"), 0 };
	struct unit u = unit_of(1, &v, 1);

	u.expects = &x;
	u.expect_count = 1;
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED); /* 0: none */
	CHECK(put_version(f, 1, 2, table_version("ns", "t", "x")) == 2);
	u.id = id_of(3); /* live, whatever its position */
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED);
	CHECK(put_version(f, 1, 4, tombstone("ns", "t")) == 4);
	u.id = id_of(5);
	CHECK(apply_one(f, 1, &u) == VERDICT_CONFLICT);
	x.seq = 4; /* that very one */
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED);
}

static void
empty_expects_no_live_version_but_those_the_unit_deletes(struct fixture *f)
{
	struct version v[3] = { tombstone("db", "a"), tombstone("db", "b"),
		tombstone("", "db") };
	struct expect x = { EXPECT_EMPTY, table_key("db", ""), 0 };
	struct unit u = unit_of(10, v, 3);

	v[2].key.space = SPACE_NAMESPACE;
	u.expects = &x;
	u.expect_count = 1;
	CHECK(put_version(f, 1, 1, table_version("db", "a", "x")) == 1);
	CHECK(put_version(f, 1, 2, table_version("db", "b", "x")) == 2);
	CHECK(put_version(f, 1, 3, table_version("db2", "b", "x")) == 3);
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED && u.seq == 4);
	u.id = id_of(11);
	u.puts = &v[2];
	u.put_count = 1;
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED);

	struct version child = table_version("db", "sub", NULL);

	child.key.space = SPACE_NAMESPACE;
	CHECK(put_version(f, 1, 12, child) == 6);
	u.id = id_of(13);
	CHECK(apply_one(f, 1, &u) == VERDICT_CONFLICT && u.failed == 0);
	CHECK(head_of(f, 1) == 6);
	CHECK(!read_at(f, (struct point){ 1, 6 }, "db2", "b").deleted);
}

static void
the_failed_expectation_is_named(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "x");
	const struct expect x[] = { expect_seq("ns", "t", 0),
		expect_seq("ns", "u", 0), expect_seq("ns", "v", 5) };
	struct unit u = unit_of(1, &v, 1);

	u.expects = x;
	u.expect_count = 3;
	CHECK(apply_one(f, 1, &u) == VERDICT_CONFLICT && u.failed == 2);
}

static void
units_of_a_batch_are_judged_one_by_one(struct fixture *f)
{
	const struct version v[] = { table_version("ns", "a", "x"),
		table_version("ns", "b", "x"), table_version("ns", "c", "x"),
		table_version("ns", "d", "x"), table_version("ns", "a", "y") };
	const struct expect never = expect_seq("ns", "b", 9);
	const struct expect after_a = expect_seq("ns", "a", 1);
	const struct value key = int_value(4);
	const struct test no_row = {
		.op = TEST_GE, .field = ITEM_SIZE, .value = int_value(0)
	};
	const struct write test = { .entity = ITEMS,
		.op = WRITE_TEST,
		.row = &key,
		.when = &no_row,
		.when_count = 1 };
	struct unit u[] = { unit_of(1, &v[0], 1), unit_of(2, &v[1], 1),
		unit_of(1, &v[2], 1), unit_of(4, &v[3], 1),
		unit_of(5, &v[4], 1) };

	u[1].expects = &never;
	u[1].expect_count = 1;
	u[3].writes = &test;
	u[3].write_count = 1;
	u[4].expects = &after_a;
	u[4].expect_count = 1;
	CHECK(store_apply(in_time(f), 1, u, 5) == OK);
	CHECK(u[0].verdict == VERDICT_APPLIED && u[0].seq == 1);
	CHECK(u[1].verdict == VERDICT_CONFLICT && u[1].failed == 0);
	CHECK(u[2].verdict == VERDICT_ALREADY && u[2].seq == 1);
	CHECK(u[3].verdict == VERDICT_CONFLICT && u[3].failed == 0);
	CHECK(u[4].verdict == VERDICT_APPLIED && u[4].seq == 2);
	CHECK(head_of(f, 1) == 2);
	CHECK(read_at(f, (struct point){ 1, 9 }, "ns", "d").kind == 0);

	const struct value *c = get_commit(f, 1, 2);

	CHECK(c != NULL && id_eq(c[COMMIT_PARENT].as.id, id_of(1)));
}

static void
units_of_records_are_judged_one_by_one(struct fixture *f)
{
	static const char nul[] = "a\0b";
	const struct test absent = { .op = TEST_ABSENT };
	const struct value rows[][ITEM_FIELDS] = {
		{ int_value(1), text_value("one") },
		{ int_value(1), text_value("two") },
		{ int_value(3), { VALUE_TEXT, .as.s = { nul, 3 } } },
		{ int_value(4), text_value("one") },
		{ int_value(5), text_value("five") },
	};
	static const enum verdict expected[] = { VERDICT_APPLIED,
		VERDICT_CONFLICT, VERDICT_INVALID, VERDICT_CONFLICT,
		VERDICT_APPLIED };
	struct write w[5];
	struct unit u[5] = { { .write_count = 0 } };

	for (int i = 0; i < 5; i++) {
		w[i] = (struct write){ .entity = ITEMS,
			.op = WRITE_PUT,
			.row = rows[i],
			.set = SET(ITEM_NAME),
			.when = &absent,
			.when_count = 1 };
		u[i].writes = &w[i];
		u[i].write_count = 1;
	}
	CHECK(store_apply(in_time(f), 0, u, 5) == OK);
	for (int i = 0; i < 5; i++)
		CHECK(u[i].verdict == expected[i]);
	CHECK(get_item(f, 1) != NULL && get_item(f, 5) != NULL);
	CHECK(get_item(f, 3) == NULL && get_item(f, 4) == NULL);
}

static void
a_poisoned_unit_harms_no_other(struct fixture *f)
{
	static const char nul[] = "a\0b", half[] = "\xc3";
	char *longest = arena_alloc(f->arena, 1, 1025);
	struct version bad[4], good[5];
	struct unit u[9];
	char name[5][4];

	memset(longest, 'x', 1025);
	for (uint32_t i = 0; i < 4; i++)
		bad[i] = table_version("ns", "bad", "x");
	bad[0].body = (struct str){ nul, 3 };
	bad[1].location = (struct str){ half, 1 };
	bad[2].key.name = (struct str){ longest, 1025 };
	bad[3].key.name = (struct str){ nul, 3 };
	for (uint32_t i = 0; i < 9; i++) {
		uint32_t n = i / 2;

		if (i % 2 == 1) {
			u[i] = unit_of(i + 1, &bad[n], 1);
			continue;
		}
		(void)snprintf(name[n], sizeof(name[n]), "g%u", n);
		good[n] = table_version("ns", name[n], "x");
		u[i] = unit_of(i + 1, &good[n], 1);
	}
	CHECK(store_apply(in_time(f), 1, u, 9) == OK);
	for (int i = 0; i < 9; i++) {
		CHECK(u[i].verdict ==
		      (i % 2 ? VERDICT_INVALID : VERDICT_APPLIED));
		CHECK(u[i].seq == (i % 2 ? 0 : i / 2 + 1));
	}

	const struct version twice[] = { good[0], good[0] };
	struct unit again = unit_of(50, twice, 2);

	CHECK(apply_one(f, 1, &again) == VERDICT_INVALID);
	CHECK(head_of(f, 1) == 5);
	again.puts = NULL;
	again.put_count = 0;
	again.message = (struct str){ nul, 3 };
	CHECK(apply_one(f, 1, &again) == VERDICT_INVALID);
}

static void
a_branch_that_is_not_live_is_gone(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "x");
	struct unit u = unit_of(1, &v, 1);

	CHECK(apply_one(f, 42, &u) == VERDICT_GONE && u.seq == 0);
	delete_branch(f, 1);
	CHECK(apply_one(f, 1, &u) == VERDICT_GONE);
	u.puts = NULL;
	u.put_count = 0;
	CHECK(apply_one(f, 1, &u) == VERDICT_GONE);
	CHECK(head_of(f, 1) == 0);
}

static void
a_protected_branch_takes_merges_only(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "x");
	const struct version w = table_version("ns", "w", "x");
	const struct value item[ITEM_FIELDS] = { int_value(1) };
	const struct write row = {
		.entity = ITEMS, .op = WRITE_PUT, .row = item
	};
	struct unit u[] = { unit_of(1, &v, 1), unit_of(2, &w, 1),
		unit_of(3, NULL, 0) };

	protect_branch(f, 1, REF_CLOSED);
	u[1].is_merge = true;
	u[2].writes = &row;
	u[2].write_count = 1;
	CHECK(store_apply(in_time(f), 1, u, 2) == OK);
	CHECK(u[0].verdict == VERDICT_PROTECTED && u[0].seq == 0);
	CHECK(u[1].verdict == VERDICT_APPLIED && u[1].seq == 1);
	CHECK(apply_one(f, 1, &u[2]) == VERDICT_PROTECTED);
	CHECK(get_item(f, 1) == NULL);
	u[2].is_merge = true;
	CHECK(apply_one(f, 1, &u[2]) == VERDICT_APPLIED);
	/* whose answer was lost has happened, whatever is protected since */
	u[1].is_merge = false;
	CHECK(apply_one(f, 1, &u[1]) == VERDICT_ALREADY);
	protect_branch(f, 1, 1); /* as rows of old stores have it */
	CHECK(apply_one(f, 1, &u[0]) == VERDICT_APPLIED && u[0].seq == 2);
}

static void
a_unit_without_versions_makes_no_commit(struct fixture *f)
{
	const struct value ref = int_value(1);
	const struct test live =
	    test_of(REF_STATE, TEST_EQ, int_value(REF_LIVE));
	const struct value item[ITEM_FIELDS] = { int_value(1) };
	const struct write w[] = {
		{ .entity = ENTITY_REFS,
		    .op = WRITE_TEST,
		    .row = &ref,
		    .when = &live,
		    .when_count = 1 },
		{ .entity = ITEMS, .op = WRITE_PUT, .row = item },
	};
	struct unit u = unit_of(1, NULL, 0);

	u.writes = w;
	u.write_count = 2;
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED && u.seq == 0);
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED);
	CHECK(head_of(f, 1) == 0 && get_item(f, 1) != NULL);

	const struct version v = table_version("ns", "t", "x");

	u.puts = &v;
	u.put_count = 1;
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED && u.seq == 1);
}

static void
a_unit_is_applied_whole_or_not_at_all(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "x");
	const struct value row[ITEM_FIELDS] = { int_value(2),
		text_value("taken") };
	const struct value fresh[ITEM_FIELDS] = { int_value(3),
		text_value("free") };
	const struct expect x = expect_seq("ns", "t", 0);
	const struct write w[] = {
		{ .entity = ITEMS,
		    .op = WRITE_PUT,
		    .row = fresh,
		    .set = SET(ITEM_NAME) },
		{ .entity = ITEMS, .op = WRITE_DELETE, .row = row },
		{ .entity = ITEMS,
		    .op = WRITE_PUT,
		    .row = row,
		    .set = SET(ITEM_NAME) },
	};
	struct unit u = unit_of(1, &v, 1);

	CHECK(put_item(f, 1, "taken", 1, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 2, "mine", 2, NULL) == VERDICT_APPLIED);
	u.expects = &x;
	u.expect_count = 1;
	u.writes = w;
	u.write_count = 3;
	CHECK(apply_one(f, 1, &u) == VERDICT_CONFLICT && u.failed == 3);
	CHECK(head_of(f, 1) == 0 && get_item(f, 3) == NULL);
	CHECK(get_item(f, 2) != NULL && get_commit(f, 1, 1) == NULL);
	CHECK(read_at(f, (struct point){ 1, 1 }, "ns", "t").kind == 0);
	u.write_count = 2;
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED && u.seq == 1);
	CHECK(get_item(f, 3) != NULL && get_item(f, 2) == NULL);
}

static void
branch_0_takes_records_only(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "x");
	struct unit u = unit_of(1, &v, 1);

	CHECK(store_apply(in_time(f), 0, &u, 1) == ERR_BAD_REQUEST);
	CHECK(u.verdict == VERDICT_NONE);
	CHECK(store_apply(in_time(f), 0, NULL, 0) == OK);
}

static void
a_deadline_that_is_over_starts_nothing(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "x");
	const struct point at = { 1, 1 };
	struct point head = at;
	struct unit u = unit_of(1, &v, 1);
	struct version got = { .kind = 77 };
	struct store_stats stats;

	in_time(f)->deadline_us = clock_mono_us() - 1;
	CHECK(store_apply(&f->call, 1, &u, 1) == ERR_SLOW_DOWN);
	CHECK(u.verdict == VERDICT_NONE && f->error.message[0] != '\0');
	CHECK(store_heads(&f->call, &head, 1) == ERR_SLOW_DOWN);
	CHECK(store_read(&f->call, (struct chain){ &at, 1 }, &v.key, 1, &got) ==
	      ERR_SLOW_DOWN);
	CHECK(got.kind == 77 && head.seq == 1);
	CHECK(store_ping(&f->call, &stats) == ERR_SLOW_DOWN);
	CHECK(store_ping(in_time(f), &stats) == OK && stats.latency_us >= 0);
	CHECK(head_of(f, 1) == 0);
}

static void
who_must_not_wait_is_told(struct fixture *f)
{
	bool answers = f->plugin->flags & PLUGIN_READS_DO_NOT_BLOCK;
	struct point head = { 1, 7 };

	in_time(f)->nowait = true;
	CHECK(store_heads(&f->call, &head, 1) ==
	      (answers ? OK : ERR_WOULD_BLOCK));
	CHECK(head.seq == (answers ? 0 : 7));
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, 0                                                 \
	}

const struct suite_test apply_tests[] = {
	TEST(a_commit_is_recorded_as_the_unit_says),
	TEST(time_rises_along_a_branch_whatever_the_clock_says),
	TEST(the_same_unit_twice_is_applied_once),
	TEST(seq_expects_the_own_newest_version),
	TEST(live_expects_a_version_that_is_not_deleted),
	TEST(empty_expects_no_live_version_but_those_the_unit_deletes),
	TEST(the_failed_expectation_is_named),
	TEST(units_of_a_batch_are_judged_one_by_one),
	TEST(units_of_records_are_judged_one_by_one),
	TEST(a_poisoned_unit_harms_no_other),
	TEST(a_branch_that_is_not_live_is_gone),
	TEST(a_protected_branch_takes_merges_only),
	TEST(a_unit_without_versions_makes_no_commit),
	TEST(a_unit_is_applied_whole_or_not_at_all),
	TEST(branch_0_takes_records_only),
	TEST(a_deadline_that_is_over_starts_nothing),
	TEST(who_must_not_wait_is_told),
	{ NULL, NULL, 0 },
};
