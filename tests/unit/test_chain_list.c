/* test_chain_list.c - the names of a chain, by pages of any size. */
#include "catalog/chain_list.h"

#include "catalog/branch.h"
#include "catalog/namespace_move.h"
#include "tests/unit/gate_store.h"
#include "tests/unit/memory_store.h"

#define LINKS 4
#define NAMES 24

static struct point link[LINKS];
static const struct chain chain = { link, LINKS };

static int
begin(void **state)
{
	(void)open_store(state);
	for (int i = 0; i < LINKS; i++)
		make_branch(&call, i + 1, "b");
	return 0;
}

static struct str
name_of(unsigned n)
{
	return arena_printf(call.arena, "n%02u", n);
}

static void
put(int64_t branch, struct str name, bool deleted)
{
	const struct version v = { .key = { SPACE_RELATION, STR("ns"), name },
		.kind = KIND_TABLE,
		.deleted = deleted,
		.location = STR("file:///x"),
		.body = STR("") };
	struct unit unit = { .id = id_v7(), .puts = &v, .put_count = 1 };

	assert_ok(store_apply(&call, branch, &unit, 1));
	assert_int_equal(unit.verdict, VERDICT_APPLIED);
}

/* What store_read() says of each name is the model. */
static void
compare(uint32_t limit)
{
	struct key after = { SPACE_RELATION, STR("ns"), STR("") };
	struct versions page = { .more = true };
	unsigned next = 0;

	while (page.more) {
		assert_ok(chain_list(&call, chain, after, limit, &page));
		for (size_t i = 0; i < page.count; i++) {
			const struct version *v = &page.at[i];
			struct version want = { 0 };

			while (want.kind == 0) {
				struct key key = { SPACE_RELATION, STR("ns"),
					name_of(next++) };

				assert_true(next <= NAMES);
				assert_ok(
				    store_read(&call, chain, &key, 1, &want));
			}
			assert_true(str_eq(v->key.name, want.key.name));
			assert_int_equal(v->at.branch, want.at.branch);
			assert_int_equal(v->at.seq, want.at.seq);
			assert_int_equal(v->deleted, want.deleted);
			after.name = v->key.name;
		}
		assert_true(page.count != 0 || !page.more);
	}
	for (; next < NAMES; next++) {
		struct key key = { SPACE_RELATION, STR("ns"), name_of(next) };
		struct version none;

		assert_ok(store_read(&call, chain, &key, 1, &none));
		assert_int_equal(none.kind, 0);
	}
}

static void
shows_what_reading_each_name_shows(void **state)
{
	unsigned random = 1;

	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		for (int i = 0; i < 8; i++) {
			random = random * 1103515245 + 12345;
			put((random >> 8) % LINKS + 1,
			    name_of((random >> 16) % NAMES),
			    (random >> 24) % 3 == 0);
		}
		for (int i = 0; i < LINKS; i++) {
			random = random * 1103515245 + 12345;
			link[i] = (struct point){ i + 1,
				i == 0 ? INT64_MAX
				       : (random >> 16) % (2 * round + 2) };
		}
		for (uint32_t limit = 1; limit < 8; limit++)
			compare(limit);
		compare(NAMES + 1);
	}
}

/* ---- as many as may move at once (catalog/namespace_move.h) */
static void
fill(int64_t branch, size_t from, size_t upto)
{
	struct arena *a = arena_new();
	struct version *puts = ARENA_NEW(a, struct version, upto - from);
	struct call c = call;

	c.arena = a;
	for (size_t i = from; i < upto; i++)
		puts[i - from] =
		    (struct version){ .key = { SPACE_RELATION, STR("ns"),
					  arena_printf(a, "t%zu", i) },
			    .kind = KIND_TABLE,
			    .location = STR("file:///x"),
			    .body = STR("") };

	struct unit unit = {
		.id = id_v7(), .puts = puts, .put_count = upto - from
	};

	assert_ok(store_apply(&c, branch, &unit, 1));
	assert_int_equal(unit.verdict, VERDICT_APPLIED);
	arena_free(a);
}

static void
so_many_move_and_no_more(void **state)
{
	const struct point head = { 1, SEQ_HEAD };
	const struct branch b = { .id = 1, .chain = { &head, 1 } };
	const struct version ns = { .key = { SPACE_NAMESPACE, STR(""),
					STR("ns") },
		.kind = KIND_NAMESPACE,
		.body = STR("{}") };
	struct unit unit = { .id = id_v7(), .puts = &ns, .put_count = 1 };
	struct key moved = { SPACE_RELATION, STR("to"), STR("t7") };
	struct version v;

	(void)state;
	call.deadline_us = clock_mono_us() + 600 * CLOCK_SECOND; /* TSan */
	assert_ok(store_apply(&call, 1, &unit, 1));
	fill(1, 0, MOVED_KEYS_MAX / 2 - 1);
	assert_ok(namespace_move(&call, &b, STR("ns"), STR("to")));
	assert_ok(branch_read(&call, &b, &moved, 1, &v));
	assert_true(version_is_live(&v));
	assert_ok(namespace_move(&call, &b, STR("to"), STR("ns")));
	fill(1, MOVED_KEYS_MAX / 2 - 1, MOVED_KEYS_MAX / 2);
	assert_fails(namespace_move(&call, &b, STR("ns"), STR("to")),
	    ERR_BAD_REQUEST,
	    "A namespace moves with at most 25000 namespaces, tables and views "
	    "in it, and this one holds more: move what is in it piece by "
	    "piece");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_what_reading_each_name_shows),
		TEST(so_many_move_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
