/* test_upkeep.c - ancestry, folding, pruning. */
#include "suite.h"

#define BATCH 250

/* Commits 1 .. count on a branch, one name in turn out of ten. */
static void
put_commits(struct fixture *f, int64_t branch, uint32_t first, uint32_t count)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g",
		"h", "i", "j" };
	struct version v[BATCH];
	struct unit u[BATCH];

	for (uint32_t i = 0; i < count;) {
		uint32_t n = 0;

		for (; n < BATCH && i < count; n++, i++) {
			v[n] = table_version("ns", names[i % 10], "x");
			u[n] = unit_of(first + i, &v[n], 1);
		}
		CHECK(store_apply(in_time(f), branch, u, n) == OK);
		for (uint32_t k = 0; k < n; k++)
			CHECK(u[k].verdict == VERDICT_APPLIED);
		arena_reset(f->arena);
	}
}

enum { COMMITS_BY_ID };

static struct rows
ancestry(struct fixture *f, uint32_t id, uint32_t limit)
{
	const struct test first = test_of(COMMIT_ID, TEST_EQ, id_value(id));
	const struct scan scan = { .entity = ENTITY_COMMITS,
		.index = COMMITS_BY_ID,
		.limit = limit,
		.where = &first,
		.where_count = 1 };
	struct rows rows = { .count = 0 };

	CHECK(store_walk(in_time(f), &scan, COMMIT_PARENT, &rows) == OK);
	CHECK(rows.next.ptr == NULL);
	return rows;
}

static void
ancestry_goes_from_child_to_parent(struct fixture *f)
{
	struct rows rows;

	put_commits(f, 1, 1, 3);
	put_branch(f, 2, (struct point){ 1, 2 });
	put_commits(f, 2, 11, 2);
	rows = ancestry(f, 12, 100);
	CHECK(rows.count == 4);
	for (size_t i = 0; i < rows.count && i < 4; i++) {
		static const uint32_t expected[] = { 12, 11, 2, 1 };

		CHECK(id_eq(rows.row[i][COMMIT_ID].as.id, id_of(expected[i])));
	}
	rows = ancestry(f, 12, 2);
	CHECK(rows.count == 2);
	CHECK(ancestry(f, 99, 10).count == 0);
}

static void
ancestry_may_be_deep(struct fixture *f)
{
	struct rows rows;

	put_commits(f, 1, 1, suite_many);
	rows = ancestry(f, suite_many, suite_many * 2);
	CHECK(rows.count == suite_many);
	for (size_t i = 0; i < rows.count; i++)
		CHECK(
		    rows.row[i][COMMIT_SEQ].as.i == (int64_t)(suite_many - i));
	CHECK(ancestry(f, suite_many, 100).count == 100);
}

static void
the_children_of_a_commit_are_found(struct fixture *f)
{
	const struct test parent = test_of(COMMIT_PARENT, TEST_EQ, id_value(1));
	const struct scan scan = { .entity = ENTITY_COMMITS,
		.index = COMMITS_BY_ID + 1,
		.limit = 10,
		.where = &parent,
		.where_count = 1 };
	struct rows rows = { .count = 0 };

	put_commits(f, 1, 1, 2);
	put_branch(f, 2, (struct point){ 1, 1 });
	put_commits(f, 2, 11, 1);
	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	CHECK(rows.count == 2);
}

static void
refs_are_walked_by_their_key(struct fixture *f)
{
	const struct test first = test_of(REF_ID, TEST_EQ, int_value(4));
	const struct scan scan = { .entity = ENTITY_REFS,
		.index = INDEX_KEY,
		.limit = 10,
		.where = &first,
		.where_count = 1 };
	struct rows rows = { .count = 0 };

	put_branch(f, 2, (struct point){ 1, 0 });
	put_branch(f, 3, (struct point){ 9, 0 });
	put_branch(f, 4, (struct point){ 2, 0 });
	CHECK(store_walk(in_time(f), &scan, REF_PARENT, &rows) == OK);
	CHECK(rows.count == 3);
	CHECK(rows.count == 3 && rows.row[2][REF_ID].as.i == 1);
}

static void
a_walk_that_cannot_be_is_refused(struct fixture *f)
{
	struct scan scan = {
		.entity = ENTITY_COMMITS, .index = INDEX_KEY, .limit = 9
	};
	struct rows rows = { .count = 77 };

	CHECK(store_walk(in_time(f), &scan, COMMIT_PARENT, &rows) ==
	      ERR_BAD_REQUEST); /* the key has two fields */
	scan.index = COMMITS_BY_ID;
	CHECK(store_walk(in_time(f), &scan, COMMIT_AUTHOR, &rows) ==
	      ERR_BAD_REQUEST);
	scan.index = COMMITS_BY_ID + 1; /* by parent: not unique */
	CHECK(store_walk(in_time(f), &scan, COMMIT_PARENT, &rows) ==
	      ERR_BAD_REQUEST);
	CHECK(rows.count == 77);
}

/* All of it; how many calls it took. */
static int
fold_all(struct fixture *f, struct chain chain, int64_t to, uint32_t limit)
{
	struct key after = { .name = STR("") };
	int calls = 0;

	do {
		CHECK(store_fold(in_time(f), chain, to, &after, limit) == OK);
		calls++;
	} while (after.name.len != 0 && calls < 1000);
	return calls;
}

/* main 1: a@1 b@2 c@3; dev 2, from main@3: b@1, c deleted @2, d@3;
 * exp 3, from dev@3: a@1. */
static void
make_family(struct fixture *f)
{
	CHECK(put_version(f, 1, 1, table_version("ns", "a", "a1")) == 1);
	CHECK(put_version(f, 1, 2, table_version("ns", "b", "b1")) == 2);
	CHECK(put_version(f, 1, 3, table_version("ns", "c", "c1")) == 3);
	put_branch(f, 2, (struct point){ 1, 3 });
	CHECK(put_version(f, 2, 11, table_version("ns", "b", "b2")) == 1);
	CHECK(put_version(f, 2, 12, tombstone("ns", "c")) == 2);
	CHECK(put_version(f, 2, 13, table_version("ns", "d", "d2")) == 3);
	put_branch(f, 3, (struct point){ 2, 3 });
	CHECK(put_version(f, 3, 21, table_version("ns", "a", "a3")) == 1);
	/* what the parent does later is not seen */
	CHECK(put_version(f, 2, 14, table_version("ns", "d", "d4")) == 4);
	CHECK(put_version(f, 2, 15, table_version("ns", "e", "e5")) == 5);
}

static void
a_fold_makes_the_chain_shorter_and_changes_no_answer(struct fixture *f)
{
	const struct point dev = { 2, 3 };
	const struct point now = { 3, 9 }, at_fork = { 3, 0 };
	struct version v;

	make_family(f);
	CHECK(fold_all(f, (struct chain){ &dev, 1 }, 3, 100) == 1);
	v = read_at(f, now, "ns", "b");
	CHECK(v.kind == 1 && str_eq(v.location, STR("b2")));
	CHECK(v.at.branch == 3 && v.at.seq == 0);
	CHECK(v.origin.branch == 2 && v.origin.seq == 1);
	v = read_at(f, now, "ns", "c");
	CHECK(v.kind == 1 && v.deleted);
	CHECK(str_eq(read_at(f, at_fork, "ns", "d").location, STR("d2")));
	CHECK(read_at(f, now, "ns", "e").kind == 0);
	CHECK(str_eq(read_at(f, now, "ns", "a").location, STR("a3")));
	CHECK(read_at(f, at_fork, "ns", "a").kind == 0); /* dev had none */
	CHECK(head_of(f, 3) == 1);
}

static void
a_fold_of_a_longer_chain_takes_what_the_chain_shows(struct fixture *f)
{
	const struct point links[] = { { 2, 3 }, { 1, 3 } };
	const struct point now = { 3, 9 }, at_fork = { 3, 0 };
	const struct version v = table_version("ns", "a", "a4");
	const struct expect own = expect_seq("ns", "a", 1);
	struct unit u = unit_of(31, &v, 1);

	make_family(f);
	CHECK(fold_all(f, (struct chain){ links, 2 }, 3, 1) >= 4);
	CHECK(str_eq(read_at(f, now, "ns", "a").location, STR("a3")));
	CHECK(str_eq(read_at(f, at_fork, "ns", "a").location, STR("a1")));
	CHECK(str_eq(read_at(f, now, "ns", "b").location, STR("b2")));
	CHECK(read_at(f, now, "ns", "c").deleted);
	CHECK(str_eq(read_at(f, now, "ns", "d").location, STR("d2")));
	u.expects = &own; /* the base image is not its newest version */
	u.expect_count = 1;
	CHECK(apply_one(f, 3, &u) == VERDICT_APPLIED && u.seq == 2);
}

static void
a_fold_may_be_made_again(struct fixture *f)
{
	const struct point dev = { 2, 3 }, main_end = { 1, 3 };
	const struct point now = { 3, 9 };

	make_family(f);
	(void)fold_all(f, (struct chain){ &dev, 1 }, 3, 2);
	(void)fold_all(f, (struct chain){ &dev, 1 }, 3, 2);
	/* the base image of the nearer link stays */
	(void)fold_all(f, (struct chain){ &main_end, 1 }, 3, 2);
	CHECK(str_eq(read_at(f, now, "ns", "b").location, STR("b2")));
	CHECK(read_at(f, now, "ns", "c").deleted);
	CHECK(str_eq(
	    read_at(f, (struct point){ 3, 0 }, "ns", "a").location, STR("a1")));
}

static void
what_was_folded_is_listed_and_expected_as_before(struct fixture *f)
{
	const struct point dev = { 2, 3 }, now = { 3, 9 };
	const struct version v = table_version("ns", "b", "b9");
	const struct expect none = expect_seq("ns", "b", 0);
	struct key after = { SPACE_RELATION, STR("ns"), STR("") };
	struct unit u = unit_of(31, &v, 1);
	struct versions list = { .count = 0 };

	make_family(f);
	(void)fold_all(f, (struct chain){ &dev, 1 }, 3, 100);
	CHECK(store_list(in_time(f), (struct chain){ &now, 1 }, after, 100,
		  &list) == OK);
	CHECK(list.count == 4); /* a, b, c deleted, d */
	u.expects = &none;
	u.expect_count = 1;
	CHECK(apply_one(f, 3, &u) == VERDICT_APPLIED && u.seq == 2);
	CHECK(str_eq(read_at(f, now, "ns", "b").location, STR("b9")));
	CHECK(str_eq(
	    read_at(f, (struct point){ 3, 1 }, "ns", "b").location, STR("b2")));
}

static void
many_keys_are_folded_in_one_call(struct fixture *f)
{
	const struct point root = { 1, 1 }, now = { 2, 0 };
	struct version *v = arena_alloc(f->arena, sizeof(*v), suite_many);
	struct key after = { .name = STR("") };
	struct unit u = unit_of(1, v, suite_many);

	for (uint32_t i = 0; i < suite_many; i++)
		v[i] = table_version(
		    "ns", arena_printf(f->arena, "t%05u", i).ptr, "x");
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED && u.seq == 1);
	put_branch(f, 2, (struct point){ 1, 1 });
	CHECK(store_fold(in_time(f), (struct chain){ &root, 1 }, 2, &after,
		  suite_many + 1) == OK);
	CHECK(after.name.len == 0);
	CHECK(read_at(f, now, "ns", "t00000").kind == 1);
	CHECK(read_at(f, now, "ns",
		  arena_printf(f->arena, "t%05u", suite_many - 1).ptr)
		  .kind == 1);
}

static size_t
list_count(struct fixture *f, struct point at, const char *ns)
{
	const struct key first = { SPACE_RELATION, str_from(ns), STR("") };
	struct versions v;

	CHECK(store_list(
		  in_time(f), (struct chain){ &at, 1 }, first, 100, &v) == OK);
	return v.count;
}

/* All of it; how many versions went. */
static size_t
prune_all(struct fixture *f, int64_t branch, const int64_t *pins, size_t count,
    uint32_t limit)
{
	struct point above = { branch, -1 };
	struct versions v = { .more = true };
	size_t dropped = 0;

	for (int calls = 0; v.more && calls < 1000; calls++) {
		CHECK(store_prune(in_time(f), &above, pins, count, limit, &v) ==
		      OK);
		dropped += v.count;
	}
	CHECK(above.seq == (count != 0 ? pins[count - 1] : INT64_MAX));
	return dropped;
}

static void
prune_keeps_what_a_pin_sees(struct fixture *f)
{
	static const int64_t pins[] = { 3, 6 };
	struct point above = { 1, -1 };
	struct versions v = { .count = 0 };

	/* t at 1 2 3 5 7 8, u at 4, t deleted at 6 */
	for (uint32_t i = 1; i <= 8; i++) {
		const char *name = i == 4 ? "u" : "t";
		struct version put =
		    table_version("ns", name, i % 2 ? "odd" : "even");

		put.deleted = i == 6;
		CHECK(put_version(f, 1, i, put) == i);
	}
	CHECK(store_prune(in_time(f), &above, pins, 2, 100, &v) == OK);
	CHECK(v.count == 3 && !v.more && above.seq == 6);
	for (size_t i = 0; i < v.count && i < 3; i++) {
		static const int64_t gone[] = { 1, 2, 5 };

		CHECK(v.at[i].at.seq == gone[i]);
		CHECK(str_eq(
		    v.at[i].location, gone[i] % 2 ? STR("odd") : STR("even")));
		CHECK(id_eq(v.at[i].object, id_of(7)));
	}
	CHECK(read_at(f, (struct point){ 1, 3 }, "ns", "t").at.seq == 3);
	CHECK(read_at(f, (struct point){ 1, 6 }, "ns", "t").deleted);
	CHECK(read_at(f, (struct point){ 1, 6 }, "ns", "u").at.seq == 4);
	CHECK(read_at(f, (struct point){ 1, 7 }, "ns", "t").at.seq == 7);
	CHECK(read_at(f, (struct point){ 1, 8 }, "ns", "t").at.seq == 8);
	CHECK(prune_all(f, 1, pins, 2, 100) == 0);
	CHECK(head_of(f, 1) == 8 && get_commit(f, 1, 1) != NULL);
}

static void
prune_goes_on_where_it_stopped(struct fixture *f)
{
	static const int64_t pins[] = { 40 };

	put_commits(f, 1, 1, 40); /* ten names, four times each */
	CHECK(prune_all(f, 1, pins, 1, 7) == 30);
	for (int64_t seq = 31; seq <= 40; seq++)
		CHECK(get_commit(f, 1, seq) != NULL);
	CHECK(read_at(f, (struct point){ 1, 40 }, "ns", "a").at.seq == 31);
	CHECK(put_version(f, 1, 99, table_version("ns", "a", "x")) == 41);
}

static void
a_base_image_that_nobody_sees_is_pruned_too(struct fixture *f)
{
	const struct point dev = { 2, 3 };
	static const int64_t fork[] = { 0, 1 }, end[] = { 1 };

	make_family(f);
	(void)fold_all(f, (struct chain){ &dev, 1 }, 3, 100);
	CHECK(put_version(f, 3, 41, table_version("ns", "b", "b3")) == 2);
	CHECK(prune_all(f, 3, fork, 2, 100) == 0);
	CHECK(str_eq(
	    read_at(f, (struct point){ 3, 1 }, "ns", "b").location, STR("b2")));
	CHECK(prune_all(f, 3, end, 1, 100) == 0); /* b@0 is seen at 1 */
	CHECK(put_version(f, 3, 42, table_version("ns", "d", "d3")) == 3);

	static const int64_t later[] = { 3 };

	CHECK(prune_all(f, 3, later, 1, 1) == 2); /* b@0, d@0 */
	CHECK(str_eq(
	    read_at(f, (struct point){ 3, 3 }, "ns", "b").location, STR("b3")));
}

static void
without_a_pin_a_whole_log_is_pruned(struct fixture *f)
{
	static const int64_t pins[] = { 20 };
	const struct point dev = { 2, 3 };

	make_family(f);
	put_branch(f, 7, (struct point){ 0, 0 });
	put_branch(f, 8, (struct point){ 0, 0 });
	put_commits(f, 7, 101, 40); /* ten names, four times each */
	put_commits(f, 8, 151, 10);
	CHECK(prune_all(f, 7, pins, 1, 7) == 10);
	CHECK(prune_all(f, 7, NULL, 0, 7) == 30);
	CHECK(prune_all(f, 7, NULL, 0, 7) == 0);
	for (int64_t seq = 1; seq <= 40; seq += 3) {
		CHECK(
		    read_at(f, (struct point){ 7, seq }, "ns", "a").kind == 0);
		CHECK(get_commit(f, 7, seq) != NULL);
	}
	CHECK(list_count(f, (struct point){ 7, 40 }, "ns") == 0);
	/* others keep theirs, and the log goes on where it was */
	CHECK(list_count(f, (struct point){ 8, 10 }, "ns") == 10);
	CHECK(head_of(f, 7) == 40);
	CHECK(put_version(f, 7, 199, table_version("ns", "a", "x")) == 41);
	CHECK(list_count(f, (struct point){ 7, 41 }, "ns") == 1);
	/* a base image, too */
	(void)fold_all(f, (struct chain){ &dev, 1 }, 3, 100);
	CHECK(prune_all(f, 3, NULL, 0, 1) != 0);
	CHECK(list_count(f, (struct point){ 3, 0 }, "ns") == 0);
}

static void
bad_arguments_of_upkeep_are_refused(struct fixture *f)
{
	static const int64_t falling[] = { 5, 3 };
	const struct point one = { 1, 1 };
	const struct chain chain = { &one, 1 };
	struct key after = { .name = STR("") };
	struct point above = { 1, -1 };
	struct versions v = { .count = 77 };

	CHECK(store_fold(in_time(f), chain, 1, &after, 10) == ERR_BAD_REQUEST);
	CHECK(store_fold(in_time(f), chain, 2, &after, 0) == ERR_BAD_REQUEST);
	CHECK(store_fold(in_time(f), chain, 0, &after, 10) == ERR_BAD_REQUEST);
	CHECK(store_prune(in_time(f), &above, falling, 2, 10, &v) ==
	      ERR_BAD_REQUEST);
	CHECK(store_prune(in_time(f), &above, falling, 1, 0, &v) ==
	      ERR_BAD_REQUEST);
	above.branch = 0;
	CHECK(store_prune(in_time(f), &above, falling, 1, 10, &v) ==
	      ERR_BAD_REQUEST);
	CHECK(v.count == 77 && above.seq == -1 && after.name.len == 0);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, 0                                                 \
	}

const struct suite_test upkeep_tests[] = {
	TEST(ancestry_goes_from_child_to_parent),
	TEST(ancestry_may_be_deep),
	TEST(the_children_of_a_commit_are_found),
	TEST(refs_are_walked_by_their_key),
	TEST(a_walk_that_cannot_be_is_refused),
	TEST(a_fold_makes_the_chain_shorter_and_changes_no_answer),
	TEST(a_fold_of_a_longer_chain_takes_what_the_chain_shows),
	TEST(a_fold_may_be_made_again),
	TEST(what_was_folded_is_listed_and_expected_as_before),
	TEST(many_keys_are_folded_in_one_call),
	TEST(prune_keeps_what_a_pin_sees),
	TEST(prune_goes_on_where_it_stopped),
	TEST(a_base_image_that_nobody_sees_is_pruned_too),
	TEST(without_a_pin_a_whole_log_is_pruned),
	TEST(bad_arguments_of_upkeep_are_refused),
	{ NULL, NULL, 0 },
};
