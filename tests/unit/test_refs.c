/* test_refs.c - branches and tags: names, addresses, positions, chains. */
#include "catalog/refs.h"

#include "record/control.h"
#include "tests/unit/people.h"

static struct catalog sales, hr;

static struct catalog
new_catalog(const char *name, struct id tenant)
{
	const struct catalog new = { .tenant = tenant, .name = str_from(name) };
	struct catalog made;

	assert_ok(catalogs_create(&call, &new, &made));
	return made;
}

static int
begin(void **state)
{
	(void)open_store(state);
	acme = new_tenant("acme");
	other = new_tenant("other");
	sales = new_catalog("sales", acme);
	hr = new_catalog("hr", acme);
	return 0;
}

static enum verdict
apply(struct batch *b)
{
	enum verdict verdict;
	size_t failed;

	assert_ok(control_apply(b, acme, &verdict, &failed));
	return verdict;
}

static enum verdict
insert(const struct ref *ref)
{
	struct batch b = batch_of(&call);

	ref_insert(&b, &sales, ref);
	return apply(&b);
}

/* Forks, or tags, what a point shows. */
static struct ref
new_ref(const char *name, enum ref_kind kind, struct point from)
{
	struct ref ref = { .id = branch_number(),
		.name = str_from(name),
		.kind = kind,
		.state = REF_LIVE,
		.type = BRANCH_EXPERIMENTAL,
		.created_us = clock_now_us() };
	struct commit_mark commit;

	assert_ok(point_commit(&call, &sales, from, &commit));
	ref.forked = ref.parent = commit.point;
	ref.fork_commit = commit.id;
	ref.fork_us = commit.at_us;
	assert_int_equal(insert(&ref), VERDICT_APPLIED);
	return ref;
}

static struct point
head_of(int64_t branch)
{
	return (struct point){ branch, SEQ_HEAD };
}

/* A commit that puts a table; its id. */
static struct id
commit(int64_t branch, const char *table)
{
	const struct version put = { .key = { SPACE_RELATION, STR("ns"),
					 str_from(table) },
		.kind = 2,
		.location = STR("file:///x"),
		.body = STR("") };
	struct unit unit = { .id = id_v7(), .puts = &put, .put_count = 1 };

	assert_ok(store_apply(&call, branch, &unit, 1));
	assert_int_equal(unit.verdict, VERDICT_APPLIED);
	return unit.id;
}

static int64_t
time_of(struct id id)
{
	struct commit_mark mark;
	struct point p;

	assert_ok(commit_position(&call, &sales, id, &p));
	assert_ok(point_commit(&call, &sales, p, &mark));
	assert_true(id_eq(mark.id, id));
	return mark.at_us;
}

static enum err
resolve(struct str text, struct position *ret)
{
	struct ref_spec spec;

	TRY(ref_spec_parse(text, &spec, &error));
	return ref_resolve(&call, &sales, &spec, ret);
}

static struct str
spec_of(const char *ref, struct id commit)
{
	char text[ID_TEXT];

	id_format(commit, text);
	return arena_printf(call.arena, "%s~%s", ref, text);
}

static struct str
instant_of(const char *ref, int64_t us)
{
	char text[CLOCK_TEXT];

	clock_format(us, text);
	return arena_printf(call.arena, "%s~%s", ref, text);
}

#define assert_point(p, on, at)                                                \
	do {                                                                   \
		assert_int_equal((p).branch, (on));                            \
		assert_int_equal((p).seq, (at));                               \
	} while (0)

/* What `sales@x` means can never be asked. */
static void
a_name_is_neither_an_id_nor_a_date(void **state)
{
	static const char *const good[] = { "dev", "v1.0", "0", "A-b_c.d",
		"2026", "2026-11", "release-2026-11-01" };
	static const char *const bad[] = { "", ".a", "-a", "_a", "a b", "a/b",
		"a@b", "a~b", "\xc3\xa4", "2026-11-01", "2026-11-01T00",
		"0190163d-8694-739b-aea5-966c26f8ad91" };
	char long_name[REF_NAME_MAX + 1];

	(void)state;
	memset(long_name, 'a', sizeof(long_name));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_ok(ref_name_check(str_from(good[i]), &error));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    ref_name_check(str_from(bad[i]), &error), ERR_BAD_REQUEST);
	assert_ok(
	    ref_name_check((struct str){ long_name, REF_NAME_MAX }, &error));
	assert_int_equal(
	    ref_name_check((struct str){ long_name, REF_NAME_MAX + 1 }, &error),
	    ERR_BAD_REQUEST);
}

static void
an_address_is_a_ref_and_a_time(void **state)
{
	static const char *const bad[] = { "", "~", "dev~", "dev~main",
		"dev~~2026-11-01T00:00:00Z", "a b", "dev~2026-11-01" };
	struct ref_spec spec;

	(void)state;
	assert_ok(ref_spec_parse(STR("dev"), &spec, &error));
	assert_str(spec.ref, STR("dev"));
	assert_int_equal(spec.at, SPEC_HEAD);
	assert_ok(ref_spec_parse(
	    STR("dev~0190163d-8694-739b-aea5-966c26f8ad91"), &spec, &error));
	assert_int_equal(spec.at, SPEC_COMMIT);
	assert_ok(ref_spec_parse(STR("~1970-01-01T00:00:01Z"), &spec, &error));
	assert_int_equal(spec.ref.len, 0);
	assert_int_equal(spec.at, SPEC_INSTANT);
	assert_int_equal(spec.at_us, CLOCK_SECOND);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    ref_spec_parse(str_from(bad[i]), &spec, &error),
		    ERR_BAD_REQUEST);
}

static void
a_row_comes_back_as_it_was_put(void **state)
{
	struct ref put = { .id = 77,
		.name = STR("dev"),
		.kind = REF_BRANCH,
		.state = REF_LIVE,
		.forked = { sales.main_branch, 3 },
		.parent = { sales.main_branch, 2 },
		.fork_commit = id_v7(),
		.fork_us = 5,
		.horizon = 1,
		.is_protected = true,
		.type = BRANCH_INGEST,
		.is_partial = true,
		.created_us = 9,
		.created_by = id_v7() };
	struct ref got;

	(void)state;
	assert_int_equal(insert(&put), VERDICT_APPLIED);
	assert_ok(ref_get(&call, &sales, STR("dev"), &got));
	put.catalog = sales.id;
	put.name = got.name;
	assert_memory_equal(&put.forked, &got.forked, sizeof(put.forked));
	assert_memory_equal(&put.parent, &got.parent, sizeof(put.parent));
	assert_true(id_eq(put.catalog, got.catalog));
	assert_true(id_eq(put.fork_commit, got.fork_commit));
	assert_true(id_eq(put.created_by, got.created_by));
	assert_int_equal(got.fork_us, 5);
	assert_int_equal(got.horizon, 1);
	assert_int_equal(got.created_us, 9);
	assert_int_equal(got.type, BRANCH_INGEST);
	assert_true(got.is_protected && got.is_partial);
}

static void
main_is_a_branch_that_is_not_protected(void **state)
{
	struct ref got;

	(void)state;
	assert_ok(ref_get(&call, &sales, STR("main"), &got));
	assert_int_equal(got.id, sales.main_branch);
	assert_int_equal(got.kind, REF_BRANCH);
	assert_false(got.is_protected);
	assert_point(got.parent, 0, 0);
}

static void
a_name_is_one_catalogs_and_taken_once(void **state)
{
	struct ref ref = new_ref("dev", REF_BRANCH, head_of(sales.main_branch));
	const struct ref *found;
	struct ref got;

	(void)state;
	assert_fails(ref_get(&call, &hr, STR("dev"), &got), ERR_NO_SUCH_REF,
	    "Catalog 'hr' has no branch or tag 'dev'");
	assert_int_equal(
	    ref_get_by_id(&call, &hr, ref.id, &got), ERR_NO_SUCH_REF);
	ref.id = branch_number();
	ref.kind = REF_TAG;
	assert_int_equal(insert(&ref), VERDICT_CONFLICT);
	assert_ok(ref_find(&call, &sales, STR("no such"), &found));
	assert_null(found);
}

/* The number is never used again, the name is free at once. */
static void
a_deleted_name_is_free(void **state)
{
	const struct test live = { REF_STATE, TEST_EQ, value_int(REF_LIVE) };
	struct ref ref = new_ref("dev", REF_BRANCH, head_of(sales.main_branch));
	struct batch b = batch_of(&call);
	struct ref got;

	(void)state;
	ref.catalog = sales.id;
	ref_delete(&b, &ref, live);
	assert_int_equal(apply(&b), VERDICT_APPLIED);
	assert_int_equal(
	    ref_get(&call, &sales, STR("dev"), &got), ERR_NO_SUCH_REF);
	assert_ok(ref_get_by_id(&call, &sales, ref.id, &got));
	assert_int_equal(got.state, REF_DELETED);
	assert_str(got.name, STR("dev"));
	(void)new_ref("dev", REF_BRANCH, head_of(sales.main_branch));
}

static void
a_branch_takes_another_name(void **state)
{
	const struct test live = { REF_STATE, TEST_EQ, value_int(REF_LIVE) };
	struct ref ref = new_ref("dev", REF_BRANCH, head_of(sales.main_branch));
	struct batch b = batch_of(&call);
	struct ref got;

	(void)state;
	ref.catalog = sales.id;
	update_set(ref_update(&b, &ref, STR("test"), live), REF_PROTECTED,
	    value_int(1));
	assert_int_equal(apply(&b), VERDICT_APPLIED);
	assert_ok(ref_get(&call, &sales, STR("test"), &got));
	assert_int_equal(got.id, ref.id);
	assert_true(got.is_protected);
	assert_int_equal(
	    ref_get(&call, &sales, STR("dev"), &got), ERR_NO_SUCH_REF);
}

static void
lists_one_kind_by_name(void **state)
{
	struct ref_list list;

	(void)state;
	(void)new_ref("b", REF_BRANCH, head_of(sales.main_branch));
	(void)new_ref("a", REF_TAG, head_of(sales.main_branch));
	(void)new_ref("c", REF_BRANCH, head_of(sales.main_branch));
	assert_ok(refs_list(&call, &sales, REF_BRANCH, 2, 0, &list));
	assert_int_equal(list.count, 2);
	assert_true(list.more);
	assert_str(list.at[0].name, STR("b"));
	assert_ok(refs_list(&call, &sales, REF_BRANCH, 2, 2, &list));
	assert_int_equal(list.count, 1);
	assert_str(list.at[0].name, STR("main"));
	assert_ok(refs_list(&call, &sales, REF_TAG, 0, 0, &list));
	assert_int_equal(list.count, 1);
}

static void
a_branch_without_commits_is_skipped(void **state)
{
	struct chain chain;

	(void)state;
	(void)commit(sales.main_branch, "t");

	struct ref dev = new_ref("dev", REF_BRANCH, head_of(sales.main_branch));
	struct ref exp = new_ref("exp", REF_BRANCH, head_of(dev.id));

	assert_point(exp.parent, sales.main_branch, 1);
	(void)commit(dev.id, "u");

	struct ref sub = new_ref("sub", REF_BRANCH, head_of(dev.id));

	assert_ok(chain_of(&call, &sales, head_of(sub.id), &chain));
	assert_int_equal(chain.count, 3);
	assert_point(chain.link[0], sub.id, SEQ_HEAD);
	assert_point(chain.link[1], dev.id, 1);
	assert_point(chain.link[2], sales.main_branch, 1);
}

/* A fork of a commit that dev inherited has no dev in its
 * chain, so what dev wrote behind it cannot show. */
static void
the_parent_is_the_branch_that_holds_the_commit(void **state)
{
	struct id first = commit(sales.main_branch, "t");
	struct position p;
	struct chain chain;

	(void)state;
	(void)commit(sales.main_branch, "t");

	struct ref dev = new_ref("dev", REF_BRANCH, head_of(sales.main_branch));

	(void)commit(dev.id, "t");
	assert_ok(resolve(spec_of("dev", first), &p));
	assert_point(p.point, sales.main_branch, 1);
	assert_false(p.writable);

	struct ref exp = new_ref("exp", REF_BRANCH, p.point);

	assert_true(id_eq(exp.fork_commit, first));
	assert_ok(chain_of(&call, &sales, head_of(exp.id), &chain));
	assert_int_equal(chain.count, 2);
	assert_point(chain.link[1], sales.main_branch, 1);
}

static void
resolves_branches_tags_and_commits(void **state)
{
	struct id first = commit(sales.main_branch, "t");
	struct position p;

	(void)state;
	(void)new_ref("v1", REF_TAG, head_of(sales.main_branch));

	struct ref dev = new_ref("dev", REF_BRANCH, head_of(sales.main_branch));
	struct id own = commit(dev.id, "t");
	struct id later = commit(sales.main_branch, "t");

	assert_ok(resolve(STR("main"), &p));
	assert_point(p.point, sales.main_branch, SEQ_HEAD);
	assert_true(p.writable);
	assert_ok(resolve(STR("v1"), &p));
	assert_point(p.point, sales.main_branch, 1);
	assert_false(p.writable);
	assert_ok(resolve(spec_of("dev", own), &p));
	assert_point(p.point, dev.id, 1);
	assert_ok(resolve(spec_of("", own), &p));
	assert_point(p.point, dev.id, 1);
	assert_ok(resolve(spec_of("v1", first), &p));
	assert_int_equal(resolve(spec_of("v1", later), &p), ERR_NO_SUCH_REF);
	assert_int_equal(resolve(spec_of("dev", later), &p), ERR_NO_SUCH_REF);
	assert_int_equal(resolve(spec_of("main", own), &p), ERR_NO_SUCH_REF);
	assert_int_equal(resolve(spec_of("", id_v7()), &p), ERR_NO_SUCH_REF);
	assert_int_equal(resolve(STR("nope"), &p), ERR_NO_SUCH_REF);
}

/* A tenant's commits are nobody else's, nor another catalog's. */
static void
a_commit_is_of_its_catalog(void **state)
{
	struct id id = commit(sales.main_branch, "t");
	struct catalog stolen = sales;
	struct point p;

	(void)state;
	assert_int_equal(commit_position(&call, &hr, id, &p), ERR_NO_SUCH_REF);
	stolen = new_catalog("theirs", other);
	assert_int_equal(
	    commit_position(&call, &stolen, id, &p), ERR_NO_SUCH_REF);
}

/* Clocks of nodes differ, positions do not. */
static void
an_instant_before_the_branch_asks_its_parent(void **state)
{
	struct id ids[40];
	struct position p;

	(void)state;
	for (size_t i = 0; i < 40; i++)
		ids[i] = commit(sales.main_branch, "t");

	struct ref dev =
	    new_ref("dev", REF_BRANCH, (struct point){ sales.main_branch, 30 });
	struct id own = commit(dev.id, "t");

	for (size_t i = 0; i < 40; i++) {
		assert_ok(resolve(instant_of("main", time_of(ids[i])), &p));
		assert_point(p.point, sales.main_branch, (int64_t)i + 1);
		assert_ok(resolve(instant_of("dev", time_of(ids[i])), &p));
		assert_point(
		    p.point, sales.main_branch, (int64_t)(i < 29 ? i + 1 : 30));
	}
	assert_ok(resolve(instant_of("main", time_of(ids[0]) - 1), &p));
	assert_point(p.point, sales.main_branch, 0);
	assert_ok(resolve(instant_of("dev", time_of(own)), &p));
	assert_point(p.point, dev.id, 1);
	assert_int_equal(
	    resolve(instant_of("dev", clock_now_us() + CLOCK_SECOND * 60), &p),
	    ERR_BAD_REQUEST);
}

static void
nothing_is_read_below_the_horizon(void **state)
{
	const struct test live = { REF_STATE, TEST_EQ, value_int(REF_LIVE) };
	struct id old = commit(sales.main_branch, "t");
	struct batch b = batch_of(&call);
	struct position p;
	struct ref main;

	(void)state;
	(void)new_ref("v1", REF_TAG, head_of(sales.main_branch));

	struct id young = commit(sales.main_branch, "t");

	assert_ok(ref_get(&call, &sales, STR("main"), &main));
	update_set(ref_update(&b, &main, (struct str){ 0 }, live), REF_HORIZON,
	    value_int(2));
	assert_int_equal(apply(&b), VERDICT_APPLIED);
	assert_fails(resolve(spec_of("main", old), &p), ERR_NO_SUCH_REF,
	    "Branch 'main' has no history that old any more");
	assert_int_equal(resolve(instant_of("main", time_of(young) - 1), &p),
	    ERR_NO_SUCH_REF);
	assert_ok(resolve(spec_of("main", young), &p));
	/* what a tag pins stays */
	assert_ok(resolve(STR("v1"), &p));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_is_neither_an_id_nor_a_date),
		TEST(an_address_is_a_ref_and_a_time),
		TEST(a_row_comes_back_as_it_was_put),
		TEST(main_is_a_branch_that_is_not_protected),
		TEST(a_name_is_one_catalogs_and_taken_once),
		TEST(a_deleted_name_is_free),
		TEST(a_branch_takes_another_name),
		TEST(lists_one_kind_by_name),
		TEST(a_branch_without_commits_is_skipped),
		TEST(the_parent_is_the_branch_that_holds_the_commit),
		TEST(resolves_branches_tags_and_commits),
		TEST(a_commit_is_of_its_catalog),
		TEST(an_instant_before_the_branch_asks_its_parent),
		TEST(nothing_is_read_below_the_horizon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
