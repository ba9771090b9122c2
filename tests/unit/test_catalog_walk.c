/* test_catalog_walk.c - every table once, wherever the walk is taken up. */
#include "base/buf.h"
#include "catalog/namespaces.h"
#include "catalog/warehouses.h"
#include "identity/tenants.h"
#include "tasks/catalog_walk.h"
#include "tests/unit/both_stores.h"

static struct branch branch;

static int
begin(void **state)
{
	(void)open_named(state);

	struct pair root = { STR("root"),
		arena_printf(call.arena, "file://%s/wh", scratch) };
	const struct tenant new_tenant = { .name = STR("acme") };
	struct tenant acme;

	assert_ok(tenants_create(&call, &new_tenant, &acme));

	const struct warehouse place = { .tenant = acme.id,
		.name = STR("wh"),
		.storage_config = { &root, 1 } };
	const struct catalog new = {
		.tenant = acme.id, .name = STR("c"), .warehouse = STR("wh")
	};
	struct warehouse warehouse;
	struct catalog catalog;

	assert_ok(warehouses_create(&call, NULL, &place, &warehouse));
	assert_ok(catalogs_create(&call, &new, &catalog));
	assert_ok(branch_open(&call, acme.id, STR("c"), &branch));
	return 0;
}

static void
put(struct str ns, struct str name, enum kind kind, bool deleted)
{
	struct version version = { .key = ident_key((struct ident){ ns, name }),
		.kind = (int)kind,
		.deleted = deleted,
		.location = STR("file:///x"),
		.body = STR("") };
	struct unit unit = {
		.message = STR("put"), .puts = &version, .put_count = 1
	};
	enum verdict verdict;

	assert_ok(branch_apply(&call, &branch, &unit, &verdict));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

static void
make_namespace(struct str path)
{
	const struct namespace new = { .path = path };

	assert_ok(namespaces_create(&call, &branch, &new));
}

/* Tables in "a", "a.b.c" and "z"; what is no table in all of them. */
static void
fill(void)
{
	static const struct str paths[] = { STR_INIT("a"),
		STR_INIT("a\x1f"
			 "b"),
		STR_INIT("a\x1f"
			 "b\x1f"
			 "c"),
		STR_INIT("a\x1f"
			 "d"),
		STR_INIT("gone"), STR_INIT("z") };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		make_namespace(paths[i]);
	put(paths[0], STR("t2"), KIND_TABLE, false);
	put(paths[0], STR("t1"), KIND_TABLE, false);
	put(paths[0], STR("v"), KIND_VIEW, false);
	put(paths[2], STR("t"), KIND_TABLE, false);
	put(paths[3], STR("dropped"), KIND_TABLE, false);
	put(paths[3], STR("dropped"), KIND_TABLE, true);
	put(paths[5], STR("t"), KIND_TABLE, false);
	assert_ok(namespaces_drop(&call, &branch, paths[4]));
}

#define ALL "a.t1 a.t2 a.b.c.t z.t "

static void
note(struct buf *seen, const struct version *v)
{
	struct ident ident = { v->key.ns, v->key.name };

	buf_add(seen, ident_shown(call.arena, ident));
	buf_add_char(seen, ' ');
}

static void
sees_tables_of_all_namespaces(void **state)
{
	struct buf seen = buf_in(call.arena);
	struct versions page;
	struct walk w;

	(void)state;
	fill();
	assert_ok(walk_begin(&call, &branch, &w));
	do {
		assert_ok(walk_page(&call, &w, &page));
		for (size_t i = 0; i < page.count; i++) {
			note(&seen, &page.at[i]);
			w.name = page.at[i].key.name;
		}
	} while (page.count != 0);
	assert_str(buf_str(&seen), STR(ALL));
}

static void
goes_on_behind_any_table(void **state)
{
	struct buf seen = buf_in(call.arena);
	struct versions page;
	struct walk w;

	(void)state;
	fill();
	assert_ok(walk_begin(&call, &branch, &w));
	for (;;) {
		struct str text = walk_write(call.arena, &w);

		w = (struct walk){ 0 };
		assert_true(walk_read(text, &branch, &w));
		assert_ok(walk_page(&call, &w, &page));
		if (page.count == 0)
			break;
		note(&seen, &page.at[0]);
		w.name = page.at[0].key.name;
	}
	assert_str(buf_str(&seen), STR(ALL));
}

static void
sees_the_branch_as_it_was(void **state)
{
	struct versions page;
	struct walk w;

	(void)state;
	make_namespace(STR("n"));
	assert_ok(walk_begin(&call, &branch, &w));
	put(STR("n"), STR("late"), KIND_TABLE, false);
	assert_ok(walk_page(&call, &w, &page));
	assert_int_equal(page.count, 0);
}

static void
a_long_list_comes_in_pages(void **state)
{
	struct versions page;
	struct walk w;
	size_t count = 0, pages = 0;

	(void)state;
	make_namespace(STR("n"));
	for (int i = 0; i < 250; i++) {
		struct str name = arena_printf(call.arena, "t%03d", i);

		put(STR("n"), name, KIND_TABLE, false);
		if (i < 120)
			put(STR("n"), name, KIND_TABLE, true);
	}
	assert_ok(walk_begin(&call, &branch, &w));
	for (;;) {
		assert_ok(walk_page(&call, &w, &page));
		if (page.count == 0)
			break;
		count += page.count;
		pages++;
		w.name = page.at[page.count - 1].key.name;
	}
	assert_int_equal(count, 130);
	assert_true(pages > 1);
}

static void
refuses_what_is_no_cursor(void **state)
{
	static const char *const bad[] = { "", "1", "1:2", "1:2:3", "1:2:3:ab",
		"1:2:-1:ab", "x:2:0:" };
	struct walk w;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (walk_read(str_from(bad[i]), &branch, &w))
			fail_msg("read \"%s\"", bad[i]);
	assert_true(walk_read(STR("1:2:1:ab"), &branch, &w));
	assert_str(w.ns, STR("a"));
	assert_str(w.name, STR("b"));
}

/* clang-format off */
#define WALK(name, store) \
	{ #name " on " store, name, begin, close_named, (void *)store }
#define WALKS(name) WALK(name, "memory"), WALK(name, "sqlite")
/* clang-format on */

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WALKS(sees_tables_of_all_namespaces),
		WALKS(goes_on_behind_any_table),
		WALKS(sees_the_branch_as_it_was),
		WALKS(a_long_list_comes_in_pages),
		cmocka_unit_test(refuses_what_is_no_cursor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
