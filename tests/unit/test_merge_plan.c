/* test_merge_plan.c - what a merge does: the cases that have names. */
#include "catalog/moved.h"
#include "tests/unit/plan_fixture.h"

struct line {
	int64_t branch;
	int64_t head;
};

static struct line
main_line(void)
{
	new_sales(9999);
	return (struct line){ sales.main_branch, 0 };
}

static struct version
table_of(const char *ns, const char *name, int object, int content)
{
	struct version v = version_of(object, content);

	v.key = (struct key){ SPACE_RELATION, str_from(ns), str_from(name) };
	return v;
}

static struct version
namespace_of(const char *name, const char *body)
{
	return (struct version){ .key = { SPACE_NAMESPACE, STR_INIT(""),
				     str_from(name) },
		.kind = KIND_NAMESPACE,
		.body = str_from(body) };
}

static void
put(struct line *l, struct version v)
{
	struct unit unit = { .puts = &v, .put_count = 1 };

	apply(l->branch, &unit);
	l->head = unit.seq;
}

static void
drop(struct line *l, struct version v)
{
	v.deleted = true;
	put(l, v);
}

/* A rename, in two units. */
static void
move(struct line *l, struct version from, struct version to)
{
	version_move_away(&from);
	put(l, from);
	put(l, to);
}

static struct line
fork_line(const char *name, const struct line *from)
{
	return (struct line){
		fork_of(name, (struct point){ from->branch, from->head }).id, 0
	};
}

static struct merge_plan
plan_lines(const struct line *source, const struct line *target)
{
	return plan_of((struct point){ source->branch, source->head },
	    (struct point){ target->branch, target->head });
}

static const struct merge_item *
item_named(const struct merge_plan *plan, const char *name)
{
	return item_of(
	    plan, (struct key){ SPACE_RELATION, STR_INIT(""), str_from(name) });
}

static void
assert_conflict(const struct merge_item *item, enum merge_conflict wanted)
{
	assert_int_equal(item->outcome, MERGE_CONFLICT);
	assert_int_equal(item->conflict, wanted);
}

#define T(name, object, content) table_of("", name, object, content)

/* versions.md A6 (iii) */
static void
rename_and_rename_is_a_conflict(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, T("t", 1, 10));
	dev = fork_line("dev", &trunk);
	move(&dev, T("t", 1, 10), T("v", 1, 10));
	move(&trunk, T("t", 1, 10), T("u", 1, 10));

	struct merge_plan plan = plan_lines(&dev, &trunk);
	const struct merge_item *item = item_named(&plan, "v");

	assert_conflict(item, CONFLICT_OF_NAME);
	assert_str(item->target.key.name, STR("u"));
	assert_int_equal(merge_plan_count(&plan, MERGE_CONFLICT), 1);
}

static void
the_same_rename_is_none(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, T("t", 1, 10));
	dev = fork_line("dev", &trunk);
	for (int i = 0; i < 2; i++) {
		struct line *l = i == 0 ? &dev : &trunk;

		move(l, T("t", 1, 10), T("v", 1, 10));
	}

	struct merge_plan plan = plan_lines(&dev, &trunk);

	assert_int_equal(merge_plan_count(&plan, MERGE_SAME), 2);
	assert_int_equal(plan.count, 2);
}

static void
a_change_follows_the_sources_rename(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, T("t", 1, 10));
	dev = fork_line("dev", &trunk);
	move(&dev, T("t", 1, 10), T("v", 1, 10));
	put(&trunk, T("t", 1, 11));

	struct merge_plan plan = plan_lines(&dev, &trunk);
	const struct merge_item *old = item_named(&plan, "t");
	const struct merge_item *item = item_named(&plan, "v");

	assert_int_equal(old->outcome, MERGE_PUT);
	assert_true(old->put.deleted);
	assert_int_equal(item->outcome, MERGE_PUT);
	assert_str(item->put.location, STR("file:///11"));
}

static void
a_change_follows_the_targets_rename(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, T("t", 1, 10));
	dev = fork_line("dev", &trunk);
	put(&dev, T("t", 1, 11));
	move(&trunk, T("t", 1, 10), T("u", 1, 10));

	struct merge_plan plan = plan_lines(&dev, &trunk);
	const struct merge_item *item = item_named(&plan, "u");

	assert_int_equal(item_named(&plan, "t")->outcome, MERGE_KEEP);
	assert_int_equal(item->outcome, MERGE_PUT);
	assert_str(item->put.location, STR("file:///11"));
}

static void
a_drop_against_a_change_is_a_conflict(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, T("s", 1, 10));
	put(&trunk, T("t", 2, 20));
	dev = fork_line("dev", &trunk);
	drop(&dev, T("s", 1, 10));
	put(&trunk, T("s", 1, 11));
	put(&dev, T("t", 2, 21));
	drop(&trunk, T("t", 2, 20));

	struct merge_plan plan = plan_lines(&dev, &trunk);

	assert_conflict(item_named(&plan, "s"), CONFLICT_OF_DELETION);
	assert_true(item_named(&plan, "s")->deleted_in_source);
	assert_conflict(item_named(&plan, "t"), CONFLICT_OF_DELETION);
	assert_false(item_named(&plan, "t")->deleted_in_source);
}

static void
a_drop_against_a_rename_is_a_conflict(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, T("s", 1, 10));
	put(&trunk, T("t", 2, 20));
	dev = fork_line("dev", &trunk);
	drop(&dev, T("s", 1, 10));
	move(&trunk, T("s", 1, 10), T("s2", 1, 10));
	move(&dev, T("t", 2, 20), T("t2", 2, 20));
	drop(&trunk, T("t", 2, 20));

	struct merge_plan plan = plan_lines(&dev, &trunk);

	assert_conflict(item_named(&plan, "s"), CONFLICT_OF_DELETION);
	assert_conflict(item_named(&plan, "t2"), CONFLICT_OF_DELETION);
	assert_int_equal(merge_plan_count(&plan, MERGE_CONFLICT), 2);
}

static void
two_tables_of_one_name_are_a_conflict(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, T("x", 1, 10));
	dev = fork_line("dev", &trunk);
	put(&dev, T("t", 2, 20));
	put(&trunk, T("t", 3, 30));
	/* and a renamed one meets a new one */
	move(&dev, T("x", 1, 10), T("y", 1, 10));
	put(&trunk, T("y", 4, 40));

	struct merge_plan plan = plan_lines(&dev, &trunk);

	assert_conflict(item_named(&plan, "t"), CONFLICT_OF_NAME);
	assert_conflict(item_named(&plan, "y"), CONFLICT_OF_NAME);
	/* or the table would have no name when the target's is taken */
	assert_int_equal(item_named(&plan, "x")->outcome, MERGE_KEEP);
}

static void
both_changed_one_table(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, T("t", 1, 10));
	put(&trunk, T("same", 2, 20));
	dev = fork_line("dev", &trunk);
	put(&dev, T("t", 1, 11));
	put(&trunk, T("t", 1, 12));
	put(&dev, T("same", 2, 21));
	put(&trunk, T("same", 2, 21));

	struct merge_plan plan = plan_lines(&dev, &trunk);
	const struct merge_item *item = item_named(&plan, "t");

	assert_conflict(item, CONFLICT_OF_DATA);
	assert_true(item->has_base);
	assert_str(item->base.location, STR("file:///10"));
	assert_int_equal(item_named(&plan, "same")->outcome, MERGE_SAME);
}

static const struct merge_item *
item_of_namespace(const struct merge_plan *plan, const char *name)
{
	return item_of(plan,
	    (struct key){ SPACE_NAMESPACE, STR_INIT(""), str_from(name) });
}

static void
a_namespace_with_new_tables_does_not_go(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, namespace_of("n", "{}"));
	put(&trunk, namespace_of("m", "{}"));
	dev = fork_line("dev", &trunk);
	drop(&dev, namespace_of("n", "{}"));
	put(&trunk, table_of("n", "t", 1, 10));
	put(&dev, table_of("m", "t", 2, 20));
	drop(&trunk, namespace_of("m", "{}"));

	struct merge_plan plan = plan_lines(&dev, &trunk);

	assert_conflict(item_of_namespace(&plan, "n"), CONFLICT_OF_NAMESPACE);
	assert_true(item_of_namespace(&plan, "n")->deleted_in_source);
	assert_conflict(item_of_namespace(&plan, "m"), CONFLICT_OF_NAMESPACE);
	assert_false(item_of_namespace(&plan, "m")->deleted_in_source);
}

static void
properties_of_a_namespace_merge_one_by_one(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, namespace_of("n", "{\"a\":\"1\",\"b\":\"1\"}"));
	put(&trunk, namespace_of("m", "{\"a\":\"1\"}"));
	dev = fork_line("dev", &trunk);
	put(&dev, namespace_of("n", "{\"a\":\"2\",\"b\":\"1\",\"c\":\"3\"}"));
	put(&trunk, namespace_of("n", "{\"a\":\"1\"}"));
	put(&dev, namespace_of("m", "{\"a\":\"2\"}"));
	put(&trunk, namespace_of("m", "{\"a\":\"3\"}"));

	struct merge_plan plan = plan_lines(&dev, &trunk);
	const struct merge_item *n = item_of_namespace(&plan, "n");
	const struct merge_item *both = item_of_namespace(&plan, "m");

	assert_int_equal(n->outcome, MERGE_PUT);
	assert_str(n->put.body, STR("{\"a\":\"2\",\"c\":\"3\"}"));
	assert_conflict(both, CONFLICT_OF_METADATA);
	assert_str(both->what, STR("[{\"property\":\"a\",\"base\":\"1\","
				   "\"source\":\"2\",\"target\":\"3\"}]"));
}

/* ---- what random histories of tests/model found */
/* The plan behind a decision about the one conflict. */
static struct merge_plan
plan_decided(const struct line *source, const struct line *target,
    enum merge_strategy strategy)
{
	static struct merge_sides sides;
	struct str_map decided = str_map_in(call.arena);
	struct merge_resolution r = { .strategy = strategy };
	struct merge_plan plan = plan_lines(source, target);

	assert_int_equal(merge_plan_count(&plan, MERGE_CONFLICT), 1);
	for (size_t i = 0; i < plan.count; i++) {
		const struct merge_item *item = plan.at[i];

		if (item->outcome != MERGE_CONFLICT)
			continue;
		r.source = item->source.origin;
		r.target = item->target.origin;
		r.conflict = item->conflict;
		*str_map_slot(&decided, key_text(call.arena, item->key)) = &r;
	}
	sides = *plan.sides;
	sides.resolutions = &decided;
	assert_ok(merge_plan_make(&call, &sides, &plan));
	assert_int_equal(merge_plan_count(&plan, MERGE_CONFLICT), 0);
	return plan;
}

static void
a_namespace_that_stays_dropped_gets_no_tables(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, namespace_of("m", "{}"));
	dev = fork_line("dev", &trunk);
	put(&dev, table_of("m", "t", 1, 10));
	drop(&trunk, namespace_of("m", "{}"));

	struct merge_plan plan = plan_decided(&dev, &trunk, STRATEGY_TARGET);

	assert_int_equal(item_named(&plan, "t")->outcome, MERGE_KEEP);
}

static void
a_rename_to_a_taken_name_leaves_the_old_one(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, T("t", 1, 10));
	dev = fork_line("dev", &trunk);
	move(&dev, T("t", 1, 10), T("u", 1, 10));
	put(&trunk, T("t", 1, 11));
	put(&trunk, T("u", 2, 20));

	struct merge_plan plan = plan_decided(&dev, &trunk, STRATEGY_SOURCE);
	const struct merge_item *old = item_named(&plan, "t");

	assert_int_equal(old->outcome, MERGE_PUT);
	assert_true(old->put.deleted);
	assert_true(
	    id_eq(item_named(&plan, "u")->put.object, T("u", 1, 10).object));
}

static void
a_drop_of_another_table_takes_nothing_back(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	dev = fork_line("dev", &trunk);
	put(&dev, T("new", 1, 10));
	put(&trunk, T("new", 2, 20));
	drop(&trunk, T("new", 2, 20));
	put(&trunk, T("stays", 3, 30));
	put(&dev, T("stays", 4, 40));
	drop(&dev, T("stays", 4, 40));

	struct merge_plan plan = plan_lines(&dev, &trunk);

	assert_int_equal(item_named(&plan, "new")->outcome, MERGE_TAKE);
	assert_int_equal(item_named(&plan, "stays")->outcome, MERGE_KEEP);
}

static void
properties_of_a_dropped_namespace_are_no_base(void **state)
{
	struct line trunk = main_line(), dev;

	(void)state;
	put(&trunk, namespace_of("n", "{\"a\":\"1\"}"));
	drop(&trunk, namespace_of("n", "{\"a\":\"1\"}"));
	dev = fork_line("dev", &trunk);
	put(&dev, namespace_of("n", "{\"b\":\"1\"}"));
	put(&trunk, namespace_of("n", "{\"a\":\"1\"}"));

	struct merge_plan plan = plan_lines(&dev, &trunk);

	assert_str(item_of_namespace(&plan, "n")->put.body,
	    STR("{\"a\":\"1\",\"b\":\"1\"}"));
}

static void
what_a_nearer_link_dropped_is_not_left_in_a_namespace(void **state)
{
	struct line trunk = main_line(), dev, late;

	(void)state;
	put(&trunk, namespace_of("n", "{}"));
	put(&trunk, table_of("n", "t", 1, 10));
	dev = fork_line("dev", &trunk);
	drop(&dev, table_of("n", "t", 1, 10));
	late = fork_line("late", &dev);
	drop(&late, namespace_of("n", "{}"));

	struct merge_plan plan = plan_lines(&late, &dev);

	assert_int_equal(item_of_namespace(&plan, "n")->outcome, MERGE_TAKE);
	assert_int_equal(merge_plan_count(&plan, MERGE_CONFLICT), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rename_and_rename_is_a_conflict),
		TEST(the_same_rename_is_none),
		TEST(a_change_follows_the_sources_rename),
		TEST(a_change_follows_the_targets_rename),
		TEST(a_drop_against_a_change_is_a_conflict),
		TEST(a_drop_against_a_rename_is_a_conflict),
		TEST(two_tables_of_one_name_are_a_conflict),
		TEST(both_changed_one_table),
		TEST(a_namespace_with_new_tables_does_not_go),
		TEST(properties_of_a_namespace_merge_one_by_one),
		TEST(a_namespace_that_stays_dropped_gets_no_tables),
		TEST(a_rename_to_a_taken_name_leaves_the_old_one),
		TEST(a_drop_of_another_table_takes_nothing_back),
		TEST(properties_of_a_dropped_namespace_are_no_base),
		TEST(what_a_nearer_link_dropped_is_not_left_in_a_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
