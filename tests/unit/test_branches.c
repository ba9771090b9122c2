/* test_branches.c - branches and tags at the edge of what history there is. */
#include "versions/branches.h"

#include "tests/unit/people.h"
#include "versions/fold.h"
#include "versions/tags.h"

static struct catalog sales;
static const struct ref_author author = { .name = STR_INIT("ann") };

#define assert_refused(expr, err, word)                                        \
	do {                                                                   \
		assert_int_equal((expr), (err));                               \
		if (strstr(error.message, word) == NULL)                       \
			fail_msg("%s", error.message);                         \
	} while (0)

static int
begin(void **state)
{
	struct catalog new = { .name = STR("sales") };

	(void)open_store(state);
	new.tenant = new_tenant("acme");
	assert_ok(catalogs_create(&call, &new, &sales));
	return 0;
}

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

/* As a prune begins: nobody may come to need what is below. */
static void
raise_horizon(int64_t branch, int64_t seq)
{
	struct batch b = batch_of(&call);
	enum verdict verdict;
	struct ref ref;
	size_t failed;

	assert_ok(ref_get_by_id(&call, &sales, branch, &ref));

	struct update u = ref_update(&b, &ref, (struct str){ 0 },
	    (struct test){ REF_STATE, TEST_EQ, value_int(REF_LIVE) });

	update_set(u, REF_HORIZON, value_int(seq));
	assert_ok(control_apply(&b, sales.tenant, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

static enum err
fork_at(const char *name, struct id commit, struct ref *ret)
{
	const struct branch_new new = { .name = str_from(name),
		.type = BRANCH_EXPERIMENTAL,
		.from = { .at = SPEC_COMMIT, .commit = commit } };

	return branches_create(&call, &sales, &new, &author, ret);
}

static enum err
tag_at(const char *name, struct id commit)
{
	struct fork_point at;
	struct ref tag;

	TRY(fork_point_of_commit(&call, &sales, commit, &at));
	return tags_create(&call, &sales, str_from(name), &at, &author, &tag);
}

/* versions.md A7: a fork or tag of what is being pruned is refused. */
static void
nothing_begins_below_the_horizon(void **state)
{
	struct id first = commit(sales.main_branch, "a");
	struct id second = commit(sales.main_branch, "b");
	struct ref ref;

	(void)state;
	assert_ok(fork_at("before", first, &ref));
	raise_horizon(sales.main_branch, 2);
	assert_refused(fork_at("late", first, &ref), ERR_NO_SUCH_REF, "old");
	assert_refused(tag_at("late", first), ERR_NO_SUCH_REF, "old");
	assert_ok(fork_at("there", second, &ref));
	assert_ok(tag_at("v2", second));
}

/* The same when the horizon rises between the look and the write. */
static void
a_horizon_that_rises_meanwhile_is_seen(void **state)
{
	struct id first = commit(sales.main_branch, "a");
	struct fork_point at;
	struct ref tag;

	(void)state;
	(void)commit(sales.main_branch, "b");
	assert_ok(fork_point_of_commit(&call, &sales, first, &at));

	struct batch b = batch_of(&call);
	enum verdict verdict;

	fork_point_expect(&b, &sales, &at);
	raise_horizon(sales.main_branch, 2);
	assert_ok(ref_unit_apply(&b, &sales, STR("x"), &author, &verdict));
	assert_int_equal(verdict, VERDICT_CONFLICT);
	assert_refused(
	    tags_create(&call, &sales, STR("v1"), &at, &author, &tag),
	    ERR_NO_SUCH_REF, "old");
}

static void
a_branch_that_is_deleted_meanwhile_takes_no_fork(void **state)
{
	struct branch_new new = { .name = STR("dev"),
		.type = BRANCH_EXPERIMENTAL };
	struct fork_point at;
	struct ref dev, tag;
	struct id own;

	(void)state;
	assert_ok(branches_create(&call, &sales, &new, &author, &dev));
	own = commit(dev.id, "a");
	assert_ok(fork_point_of_commit(&call, &sales, own, &at));
	assert_ok(branches_delete(
	    &call, &sales, dev.name, (struct id){ 0 }, &author));
	assert_refused(
	    tags_create(&call, &sales, STR("v1"), &at, &author, &tag),
	    ERR_CONFLICT, "deleted");
}

/* Chains of any length are folded to eight links, and one that nobody folded
 * is refused at sixteen. */
static void
a_chain_stays_short(void **state)
{
	struct branch_new new = { .type = BRANCH_EXPERIMENTAL };
	struct chain chain;
	struct ref ref;

	(void)state;
	(void)commit(sales.main_branch, "t");
	for (int i = 0; i < 20; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "b%d", i);
		new.name = arena_copy(call.arena, str_from(name));
		assert_ok(branches_create(&call, &sales, &new, &author, &ref));
		(void)commit(ref.id, name);
		assert_ok(chain_of(
		    &call, &sales, (struct point){ ref.id, SEQ_HEAD }, &chain));
		assert_true(chain.count <= CHAIN_LINKS_WANTED);
		new.from.ref = new.name;
	}
	assert_int_equal(chain.count, CHAIN_LINKS_WANTED);
}

static void
a_deletion_that_expects_a_head_sees_each_commit(void **state)
{
	struct branch_new new = { .name = STR("dev"),
		.type = BRANCH_EXPERIMENTAL };
	struct ref dev;
	struct id one;

	(void)state;
	assert_ok(branches_create(&call, &sales, &new, &author, &dev));
	one = commit(dev.id, "a");
	(void)commit(dev.id, "b");
	assert_refused(branches_delete(&call, &sales, dev.name, one, &author),
	    ERR_CONFLICT, "moved");
	assert_ok(branches_get(&call, &sales, dev.name, &dev));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_begins_below_the_horizon),
		TEST(a_horizon_that_rises_meanwhile_is_seen),
		TEST(a_branch_that_is_deleted_meanwhile_takes_no_fork),
		TEST(a_chain_stays_short),
		TEST(a_deletion_that_expects_a_head_sees_each_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
