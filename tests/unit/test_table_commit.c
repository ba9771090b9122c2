/* test_table_commit.c - races that are lost: how often they are tried again,
 * and what is left of them on disk; files that nobody needs any more. */
#include <glob.h>

#include "catalog/location_claims.h"
#include "catalog/namespaces.h"
#include "catalog/tables.h"
#include "object/object.h"
#include "record/batch.h"
#include "tests/unit/gate_store.h"
#include "tests/unit/memory_store.h"
#include "tests/unit/scratch.h"

/* A store in front of the real one: somebody else is faster. */
static struct {
	struct store base;
	struct store *real;
	int calls, rivals;  /* so many applies come too late */
	bool replaces;      /* the rival is another table */
	bool loses_answers; /* from now on */
	bool takes_long;    /* the last lost race: the deadline is over then */
} front;

static const struct point head = { BRANCH, SEQ_HEAD };
static struct branch b;
static const struct ident ident = { STR_INIT("ns"), STR_INIT("t") };

/* The pointer stays, its position moves. */
static void
outrun(struct call *c)
{
	struct key key = ident_key(ident);
	struct unit unit = { .id = id_v7(), .put_count = 1 };
	struct version now;

	assert_int_equal(store_read(c, b.chain, &key, 1, &now), OK);
	now.origin = (struct point){ 0 };
	if (front.replaces)
		now.object = id_v4();
	unit.puts = &now;
	assert_int_equal(store_apply(c, BRANCH, &unit, 1), OK);
	assert_int_equal(unit.verdict, VERDICT_APPLIED);
}

static enum err
front_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	struct call inner = *c;

	inner.store = front.real;
	/* the deadline is that of who commits: this store is always in time */
	inner.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND;
	front.calls++;
	if (front.rivals > 0) {
		front.rivals--;
		outrun(&inner);
	}
	TRY(store_apply(&inner, branch, units, count));
	if (front.takes_long && front.rivals == 0)
		call.deadline_us = clock_mono_us();
	if (!front.loses_answers)
		return OK;
	return (fail)(c->error, ERR_COMMIT_UNKNOWN, "Answer lost");
}

static enum err
front_read(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	struct call inner = *c;

	inner.store = front.real;
	return store_read(&inner, chain, keys, count, ret);
}

static enum err
front_list(struct call *c, struct chain chain, struct key after, uint32_t limit,
    struct versions *ret)
{
	struct call inner = *c;

	inner.store = front.real;
	return store_list(&inner, chain, after, limit, ret);
}

static enum err
front_get(struct call *c, uint16_t entity, const struct value *const *keys,
    size_t count, struct rows *ret)
{
	struct call inner = *c;

	inner.store = front.real;
	return store_get(&inner, entity, keys, count, ret);
}

static yyjson_val *
json(const char *text)
{
	yyjson_val *v = NULL;

	assert_ok(json_parse(call.arena, str_from(text), &v, &error));
	return v;
}

static int
begin(void **state)
{
	static const struct store_ops ops = { .apply = front_apply,
		.get = front_get,
		.read = front_read,
		.list = front_list };
	const struct namespace new = { .path = ident.ns };
	struct relation made;

	(void)open_store(state);
	make_scratch();
	make_branch(&call, BRANCH, "main");
	memset(&front, 0, sizeof(front));
	front.base.ops = &ops;
	front.real = call.store;
	call.store = &front.base;
	b = (struct branch){ .id = BRANCH, .chain = { &head, 1 } };
	b.catalog.location = arena_printf(call.arena, "file://%s", scratch);

	const struct table_request request = { ident,
		json("{\"name\":\"t\",\"schema\":{\"type\":\"struct\","
		     "\"fields\":[]}}"),
		false };

	assert_ok(namespaces_create(&call, &b, &new));
	assert_ok(tables_create(&call, &b, &request, &made));
	front.calls = 0;
	return 0;
}

static int
end(void **state)
{
	call.store = front.real;
	remove_scratch();
	return close_store(state);
}

/* Metadata files of the table that are there. */
static size_t
files(void)
{
	const char *pattern = arena_cstr(
	    call.arena, arena_printf(call.arena,
			    "%s/ns/*/metadata/*.metadata.json", scratch));
	glob_t found;
	size_t count = 0;

	if (glob(pattern, 0, NULL, &found) == 0)
		count = found.gl_pathc;
	globfree(&found);
	return count;
}

static enum err
set(const char *requirements, const char *properties, struct relation *ret)
{
	const struct table_change change = { .ident = ident,
		.requirements = json(requirements),
		.updates = json(arena_printf(call.arena,
		    "[{\"action\":\"set-properties\",\"updates\":%s}]",
		    properties)
				    .ptr) };

	return tables_commit(&call, &b, &change, 1, ret);
}

static enum err
commit(const char *requirements, struct relation *ret)
{
	return set(requirements, "{\"a\":\"b\"}", ret);
}

static void
is_tried_again_until_it_wins(void **state)
{
	struct relation table;

	(void)state;
	front.rivals = 9;
	assert_ok(commit("[]", &table));
	assert_int_equal(front.calls, 10);
	/* the first, and the one that won: none of those that lost */
	assert_int_equal(files(), 2);
}

static void
gives_up_at_the_deadline(void **state)
{
	struct relation table;

	(void)state;
	front.rivals = 3;
	front.takes_long = true;
	assert_fails(commit("[]", &table), ERR_COMMIT_FAILED,
	    "Table is being changed by others, try again: ns.t");
	assert_int_equal(files(), 1);
}

static void
is_not_tried_on_another_table(void **state)
{
	struct relation table;

	(void)state;
	front.rivals = 1;
	front.replaces = true;
	assert_fails(commit("[]", &table), ERR_COMMIT_FAILED,
	    "Table was replaced by another one: t");
	assert_int_equal(front.calls, 1);
	assert_int_equal(files(), 1);
}

static void
writes_nothing_when_a_requirement_fails(void **state)
{
	struct relation table;

	(void)state;
	assert_int_equal(commit("[{\"type\":\"assert-default-spec-id\","
				"\"default-spec-id\":5}]",
			     &table),
	    ERR_COMMIT_FAILED);
	assert_int_equal(front.calls, 0);
	assert_int_equal(files(), 1);
}

static void
keeps_the_file_of_a_commit_whose_fate_is_unknown(void **state)
{
	struct relation table;

	(void)state;
	front.loses_answers = true;
	call.deadline_us = clock_mono_us() + 50 * CLOCK_MS;
	assert_int_equal(commit("[]", &table), ERR_COMMIT_UNKNOWN);
	assert_int_equal(files(), 2);
}

/* ---- files that fall off the log */
static struct rows
garbage(void)
{
	const struct scan all = { .entity = ENTITY_GARBAGE,
		.index = GARBAGE_BY_SINCE };
	struct call real = call;
	struct rows rows;

	real.store = front.real;
	assert_ok(record_list(&real, &all, 0, 0, &rows));
	return rows;
}

#define KEEP_ONE "{\"write.metadata.previous-versions-max\":\"1\""
#define DELETE ",\"write.metadata.delete-after-commit.enabled\":\"true\"}"

static void
notes_files_that_the_table_wants_deleted(void **state)
{
	struct relation first, table;

	(void)state;
	assert_ok(set("[]", KEEP_ONE "}", &first));
	assert_ok(set("[]", "{\"n\":\"1\"}", &table));
	assert_int_equal(garbage().count, 0);
	assert_ok(set("[]", KEEP_ONE DELETE, &table));

	struct rows rows = garbage();

	assert_int_equal(rows.count, 1);
	assert_true(str_eq(
	    rows.row[0][GARBAGE_LOCATION].as.s, first.metadata_location));
	assert_true(id_eq(rows.row[0][GARBAGE_OBJECT].as.id, table.object));
	assert_int_equal(rows.row[0][GARBAGE_BRANCH].as.i, BRANCH);
	/* a try that lost has noted nothing twice, and deleted nothing */
	front.rivals = 2;
	assert_ok(set("[]", "{\"n\":\"2\"}", &table));
	assert_int_equal(garbage().count, 2);
	assert_int_equal(files(), 5);
}

static void
deletes_nothing_of_others_for_a_log_that_says_so(void **state)
{
	static const char *const others[] = { "file:///elsewhere/1.json",
		"%s/../other/metadata/1.json", "%sx/metadata/1.json",
		"nonsense", "" };
	struct relation table;

	(void)state;
	assert_ok(set("[]", KEEP_ONE DELETE, &table));

	struct str own = table.metadata_location;

	own.len = (size_t)((char *)memmem(own.ptr, own.len, "/metadata/", 10) -
			   own.ptr);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const char *rest = strstr(others[i], "%s");
		struct str file = str_from(others[i]);

		if (rest != NULL)
			file = arena_printf(
			    call.arena, STR_FMT "%s", STR_ARG(own), rest + 2);
		assert_false(location_claims_cover(object_path(own), file));
	}
	assert_true(
	    location_claims_cover(object_path(own), table.metadata_location));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(is_tried_again_until_it_wins),
		TEST(gives_up_at_the_deadline),
		TEST(is_not_tried_on_another_table),
		TEST(writes_nothing_when_a_requirement_fails),
		TEST(keeps_the_file_of_a_commit_whose_fate_is_unknown),
		TEST(notes_files_that_the_table_wants_deleted),
		TEST(deletes_nothing_of_others_for_a_log_that_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
