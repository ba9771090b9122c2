/* test_page.c - lists of names: what they take, and where they go on. */
#include "catalog/page.h"

#include "catalog/namespaces.h"
#include "tests/unit/gate_store.h"
#include "tests/unit/memory_store.h"

#define NAMES 300

static const struct point head = { BRANCH, SEQ_HEAD };
static const struct branch b = { .id = BRANCH, .chain = { &head, 1 } };

/* Names with text behind them that nobody asks for. */
static void
put(enum space space, struct str ns, int from, int upto, size_t body)
{
	struct arena *a = arena_new();
	struct call c = call;
	char *text = ARENA_NEW(a, char, body + 1);

	c.arena = a;
	memset(text, 'x', body);
	for (int i = from; i < upto; i++) {
		struct version v = { .key = { space, ns,
					 arena_printf(a, "n%05d", i) },
			.kind = space == SPACE_NAMESPACE ? KIND_NAMESPACE
							 : KIND_TABLE,
			.location = STR("file:///x"),
			.body = { text, body } };
		struct unit unit = {
			.id = id_v7(), .puts = &v, .put_count = 1
		};

		assert_ok(store_apply(&c, BRANCH, &unit, 1));
		assert_int_equal(unit.verdict, VERDICT_APPLIED);
	}
	arena_free(a);
}

static int
begin(void **state)
{
	(void)open_store(state);
	make_branch(&call, BRANCH, "main");
	return 0;
}

struct taken {
	int count;
	bool in_order;
};

static void
take(void *arg, struct str name)
{
	struct taken *t = arg;
	char want[16];

	(void)snprintf(want, sizeof(want), "n%05d", t->count++);
	t->in_order = t->in_order && str_eq(name, str_from(want));
}

static enum err
list(enum space space, struct page page, struct taken *t, struct listing *ret)
{
	enum kind kind = space == SPACE_NAMESPACE ? KIND_NAMESPACE : KIND_TABLE;

	*ret = (struct listing){ .page = page, .take = take, .arg = t };
	t->in_order = true;
	return page_list(&call, &b, space, STR("ns"), kind, ret);
}

static void
hands_on_names_and_keeps_nothing(void **state)
{
	static const enum space spaces[] = { SPACE_NAMESPACE, SPACE_RELATION };
	size_t before = arena_held(call.arena);
	struct listing l;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct taken t = { 0 };

		put(spaces[i], STR("ns"), 0, NAMES, 10000);
		assert_ok(list(spaces[i], (struct page){ 0 }, &t, &l));
		assert_int_equal(t.count, NAMES);
		assert_true(t.in_order);
		assert_null(l.next.name.ptr);
	}
	assert_in_range(arena_held(call.arena), before, before + 100000);
}

static void
goes_on_where_a_page_ended(void **state)
{
	struct page page = { .size = 120 };
	struct taken t = { 0 };
	struct listing l;

	(void)state;
	put(SPACE_RELATION, STR("ns"), 0, NAMES, 10);
	assert_ok(list(SPACE_RELATION, page, &t, &l));
	assert_int_equal(t.count, 120);
	put(SPACE_RELATION, STR("ns"), NAMES, NAMES + 10, 10);
	while (l.next.name.ptr != NULL) {
		page.after = l.next;
		assert_ok(list(SPACE_RELATION, page, &t, &l));
		assert_true(t.in_order);
	}
	assert_int_equal(t.count, NAMES); /* as it was at the first page */
}

static void
leaves_a_long_list_to_a_thread(void **state)
{
	struct taken t = { 0 };
	struct listing l;

	(void)state;
	call.nowait = true;
	put(SPACE_NAMESPACE, STR("ns"), 0, 10, 10);
	assert_ok(list(SPACE_NAMESPACE, (struct page){ 0 }, &t, &l));
	assert_int_equal(t.count, 10);
	put(SPACE_NAMESPACE, STR("ns"), 10, NAMES, 10);
	assert_int_equal(
	    list(SPACE_NAMESPACE, (struct page){ 0 }, &t, &l), ERR_WOULD_BLOCK);
}

static void
stops_at_the_ceiling_of_its_request(void **state)
{
	struct taken t = { 0 };
	struct listing l;

	(void)state;
	put(SPACE_NAMESPACE, STR("ns"), 0, 60, 100000);
	arena_set_ceiling(call.arena, arena_held(call.arena) + (1 << 20));
	assert_int_equal(
	    list(SPACE_NAMESPACE, (struct page){ 0 }, &t, &l), ERR_MEMORY);
}

static void
leaves_large_properties_to_a_thread(void **state)
{
	struct pair pair = { STR("k"),
		{ ARENA_NEW(call.arena, char, LOOP_BYTES), LOOP_BYTES } };
	const struct namespace new = { STR("ns"), { &pair, 1 } };
	struct namespace got;

	(void)state;
	memset((char *)(uintptr_t)pair.value.ptr, 'v', LOOP_BYTES);
	assert_ok(namespaces_create(&call, &b, &new));
	assert_ok(namespaces_get(&call, &b, STR("ns"), &got));
	call.nowait = true;
	assert_ok(namespaces_check(&call, &b, STR("ns")));
	assert_int_equal(
	    namespaces_get(&call, &b, STR("ns"), &got), ERR_WOULD_BLOCK);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hands_on_names_and_keeps_nothing),
		TEST(goes_on_where_a_page_ended),
		TEST(leaves_a_long_list_to_a_thread),
		TEST(stops_at_the_ceiling_of_its_request),
		TEST(leaves_large_properties_to_a_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
