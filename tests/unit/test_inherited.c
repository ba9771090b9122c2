/* test_inherited.c - changing on a branch what its parent has: somebody else is
 * faster, on the branch or on its parent. */
#include "catalog/namespace_move.h"
#include "catalog/namespaces.h"
#include "catalog/relations.h"
#include "tests/unit/gate_store.h"
#include "tests/unit/memory_store.h"
#include "tests/unit/rival_store.h"

#define PARENT 1
#define CHILD 2

static const struct point parent_head = { PARENT, SEQ_HEAD };
/* forked when the parent had `ns` and `ns.t` */
static const struct point links[] = { { CHILD, SEQ_HEAD }, { PARENT, 2 } };
static const struct branch parent = { .id = PARENT,
	.chain = { &parent_head, 1 } };
static const struct branch child = { .id = CHILD, .chain = { links, 2 } };
static const struct ident t = { STR_INIT("ns"), STR_INIT("t") };
static const struct ident u = { STR_INIT("ns"), STR_INIT("u") };

static void
put_table(const struct branch *b, struct ident ident)
{
	const struct version v = { .key = ident_key(ident),
		.kind = KIND_TABLE,
		.object = id_v4(),
		.location = STR("file:///x"),
		.body = STR("") };
	struct unit unit = { .puts = &v, .put_count = 1 };
	enum verdict verdict;

	assert_ok(branch_apply(&call, b, &unit, &verdict));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

static int
begin(void **state)
{
	const struct namespace ns = { .path = STR("ns") };

	(void)open_store(state);
	make_branch(&call, PARENT, "main");
	make_branch(&call, CHILD, "dev");
	assert_ok(namespaces_create(&call, &parent, &ns));
	put_table(&parent, t);
	return 0;
}

static bool
shows(const struct branch *b, struct ident ident)
{
	struct key key = ident_key(ident);
	struct version v;

	assert_ok(branch_read(&call, b, &key, 1, &v));
	return version_is_live(&v);
}

static void
drop_on_child(void)
{
	assert_ok(relation_drop(&call, &child, KIND_TABLE, t, false));
}

static void
drop_on_parent(void)
{
	assert_ok(relation_drop(&call, &parent, KIND_TABLE, t, false));
}

static void
create_on_child(void)
{
	put_table(&child, u);
}

static void
what_is_dropped_once_is_not_dropped_again(void **state)
{
	(void)state;
	race(call.store, drop_on_child);
	assert_fails(relation_drop(&call, &child, KIND_TABLE, t, false),
	    ERR_NO_SUCH_TABLE, "Table does not exist: ns.t");
	assert_true(shows(&parent, t));
	assert_false(shows(&child, t));
}

static void
what_the_parent_does_disturbs_nobody(void **state)
{
	(void)state;
	race(call.store, drop_on_parent);
	assert_ok(relation_rename(&call, &child, KIND_TABLE, t, u));
	assert_false(shows(&parent, t));
	assert_true(shows(&child, u));
}

/* Neither writes a key of the other. */
static void
a_namespace_that_is_filled_meanwhile_stays(void **state)
{
	(void)state;
	drop_on_child();
	race(call.store, create_on_child);
	assert_fails(namespaces_drop(&call, &child, STR("ns")),
	    ERR_NAMESPACE_NOT_EMPTY, "Namespace is not empty: ns holds u");
	drop_on_parent();
	assert_ok(namespaces_drop(&call, &parent, STR("ns")));
	assert_true(shows(&child, u));
}

static void
what_is_made_meanwhile_moves_along(void **state)
{
	const struct ident moved[] = { { STR_INIT("to"), STR_INIT("t") },
		{ STR_INIT("to"), STR_INIT("u") } };

	(void)state;
	race(call.store, create_on_child);
	assert_ok(namespace_move(&call, &child, STR("ns"), STR("to")));
	assert_true(shows(&child, moved[0]) && shows(&child, moved[1]));
	assert_false(shows(&child, t) || shows(&child, u));
	assert_true(shows(&parent, t));
}

static void
a_child_of_the_past_is_not_written(void **state)
{
	struct branch past = child;

	(void)state;
	past.is_history = true;
	past.ref = STR("v1");
	past.catalog.name = STR("sales");
	assert_fails(namespaces_drop(&call, &past, STR("ns")),
	    ERR_NAMESPACE_NOT_EMPTY, "Namespace is not empty: ns holds t");
	assert_fails(relation_drop(&call, &past, KIND_TABLE, t, false),
	    ERR_BAD_REQUEST,
	    "'v1' is a historic view of catalog 'sales': nothing can be "
	    "changed in it");
	past.is_history = false;
	past.is_protected = true;
	assert_fails(relation_drop(&call, &past, KIND_TABLE, t, false),
	    ERR_FORBIDDEN,
	    "Branch 'v1' of catalog 'sales' is protected: it changes by "
	    "merges only");
	past.writer.merges = true;
	assert_ok(relation_drop(&call, &past, KIND_TABLE, t, false));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_dropped_once_is_not_dropped_again),
		TEST(what_the_parent_does_disturbs_nobody),
		TEST(a_namespace_that_is_filled_meanwhile_stays),
		TEST(what_is_made_meanwhile_moves_along),
		TEST(a_child_of_the_past_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
