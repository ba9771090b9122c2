/*
 * test_migrate.c - schemas that grow, and stores that are newer.
 *
 * The suite's own store is of version 2: these tests make one of version 1
 * in a state directory of its own.
 */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/entities.h"
#include "suite.h"

static enum err
migrate(struct fixture *f)
{
	return f->ops->migrate(&f->settings, f->schema, &f->error);
}

static void
fill_version_1(struct fixture *old)
{
	CHECK(migrate(old) == OK);
	fixture_open(old);
	put_branch(old, 1, (struct point){ 0, 0 });
	CHECK(put_item(old, 1, "one", 1, "t") == VERDICT_APPLIED);
	CHECK(put_version(old, 1, 1, table_version("ns", "t", "x")) == 1);
	fixture_close(old);
}

static void
a_wider_schema_keeps_what_is_stored(struct fixture *f)
{
	struct fixture old = fixture_with_schema(f, &schema_1);
	struct fixture new = fixture_with_schema(f, &schema_2);
	const struct value row[ITEM_FIELDS] = {
		[ITEM_ID] = int_value(1), [ITEM_NOTE] = text_value("noted")
	};
	const struct value extra[] = { id_value(1), bytes_value("b", 1) };
	const struct test noted = test_of(ITEM_NOTE, TEST_NE, null_value());
	const struct scan scan = { .entity = ITEMS,
		.index = ITEMS_BY_NOTE,
		.limit = 9,
		.where = &noted,
		.where_count = 1 };
	const struct value *item;
	struct rows rows = { .count = 0 };

	fill_version_1(&old);
	CHECK(migrate(&new) == OK);
	CHECK(migrate(&new) == OK);
	fixture_open(&new);
	item = get_item(&new, 1);
	CHECK(item != NULL && str_eq(item[ITEM_NAME].as.s, STR("one")));
	CHECK(item != NULL && item[ITEM_NOTE].type == VALUE_NULL);
	CHECK(head_of(&new, 1) == 1);
	CHECK(put_row(&new, ITEMS, row, SET(ITEM_NOTE)) == VERDICT_APPLIED);
	CHECK(put_row(&new, EXTRAS, extra, SET(1)) == VERDICT_APPLIED);
	CHECK(store_scan(in_time(&new), &scan, &rows) == OK);
	CHECK(rows.count == 1);
	CHECK(get_row(&new, EXTRAS, extra) != NULL);
	CHECK(put_version(&new, 1, 2, table_version("ns", "t", "y")) == 2);
	fixture_close(&new);
}

/* An older node goes on beside a newer one and keeps its fields. */
static void
an_older_program_keeps_what_it_does_not_know(struct fixture *f)
{
	struct fixture old = fixture_with_schema(f, &schema_1);
	struct fixture new = fixture_with_schema(f, &schema_2);
	const struct value row[ITEM_FIELDS] = {
		[ITEM_ID] = int_value(1), [ITEM_NOTE] = text_value("noted")
	};
	const struct value *item;

	fill_version_1(&old);
	fixture_open(&old);
	CHECK(migrate(&new) == OK);
	fixture_open(&new);
	CHECK(put_row(&new, ITEMS, row, SET(ITEM_NOTE)) == VERDICT_APPLIED);
	CHECK(put_item(&old, 1, "two", 2, NULL) == VERDICT_APPLIED);
	item = get_item(&old, 1);
	CHECK(item != NULL && str_eq(item[ITEM_NAME].as.s, STR("two")));
	item = get_item(&new, 1);
	CHECK(item != NULL && str_eq(item[ITEM_NOTE].as.s, STR("noted")));
	CHECK(item != NULL && str_eq(item[ITEM_NAME].as.s, STR("two")));
	fixture_close(&old);
	fixture_close(&new);
}

static void
a_newer_store_is_refused_with_both_versions(struct fixture *f)
{
	struct fixture old = fixture_with_schema(f, &schema_1);
	struct fixture new = fixture_with_schema(f, &schema_2);

	CHECK(migrate(&new) == OK);
	CHECK(migrate(&old) == ERR_UNAVAILABLE);
	CHECK(strstr(old.error.message, "2") != NULL);
	CHECK(strstr(old.error.message, "1") != NULL);
	CHECK(migrate(&new) == OK);
}

static void
a_store_that_was_not_migrated_is_not_opened(struct fixture *f)
{
	struct fixture old = fixture_with_schema(f, &schema_1);
	struct fixture new = fixture_with_schema(f, &schema_2);
	struct store *store = NULL;

	CHECK(old.ops->open(&old.settings, old.schema, &store, &old.error) ==
	      ERR_UNAVAILABLE);
	fill_version_1(&old);
	CHECK(new.ops->open(&new.settings, new.schema, &store, &new.error) ==
	      ERR_UNAVAILABLE);
	CHECK(store == NULL && new.error.message[0] != '\0');
}

static void
migrate_together(struct fixture *f)
{
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(migrate(f) != OK);
	}
	for (int i = 0; i < 4; i++) {
		int status = -1;

		CHECK(waitpid(pid[i], &status, 0) == pid[i] && status == 0);
	}
}

static void
processes_may_migrate_at_once(struct fixture *f)
{
	struct fixture old = fixture_with_schema(f, &schema_1);
	struct fixture new = fixture_with_schema(f, &schema_2);

	migrate_together(&old);
	fill_version_1(&old);
	migrate_together(&new);
	fixture_open(&new);
	CHECK(get_item(&new, 1) != NULL);
	fixture_close(&new);
}

static void
a_file_is_copied_aside_before_it_is_widened(struct fixture *f)
{
	struct fixture old = fixture_with_schema(f, &schema_1);
	struct fixture new = fixture_with_schema(f, &schema_2);
	struct str copy = arena_printf(f->arena, STR_FMT "/" STR_FMT ".v1.bak",
	    STR_ARG(old.settings.state_dir), STR_ARG(f->settings.value[0]));

	fill_version_1(&old);
	CHECK(access(copy.ptr, F_OK) != 0);
	CHECK(migrate(&new) == OK);
	CHECK(access(copy.ptr, R_OK) == 0);

	struct str aside = copy;

	old.settings.value = &aside;
	fixture_open(&old);
	CHECK(get_item(&old, 1) != NULL && head_of(&old, 1) == 1);
	fixture_close(&old);
}

/* ---- the schema of the releases themselves */

/* What is younger than a version stands behind the rest: fields, indexes and
 * entities are only ever added. */
static struct schema
schema_of_release(struct arena *a, uint16_t version)
{
	struct entity *at = arena_alloc(a, record_schema.count, sizeof(*at));
	struct schema schema = { at, 0, version };

	for (uint16_t i = 0; i < record_schema.count; i++) {
		struct entity *t = &at[i];

		*t = record_schema.entities[i];
		while (t->fields[t->field_count - 1].since > version &&
		       t->since <= version)
			t->field_count--;
		while (t->index_count != 0 &&
		       t->indexes[t->index_count - 1].since > version)
			t->index_count--;
		if (t->since <= version)
			schema.count++;
	}
	return schema;
}

/* One step of a number, while it is still what was read. */
static enum verdict
count_up(struct fixture *f, uint16_t entity, uint16_t number, struct value read)
{
	struct value row[ENTITY_FIELDS_MAX] = { id_value(1) };
	const struct test unmoved = test_of(number, TEST_EQ, read);
	const struct write w = { .entity = entity,
		.op = WRITE_ADD,
		.row = row,
		.set = SET(number),
		.when = &unmoved,
		.when_count = 1 };

	row[number] = int_value(1);
	return write_rows(f, &w, 1);
}

static enum verdict
drop_unmoved(
    struct fixture *f, uint16_t entity, uint16_t number, struct value read)
{
	const struct value key = id_value(1);
	const struct test unmoved = test_of(number, TEST_EQ, read);
	const struct write w = { .entity = entity,
		.op = WRITE_DELETE,
		.row = &key,
		.when = &unmoved,
		.when_count = 1 };

	return write_rows(f, &w, 1);
}

static void
check_counts_from_null(struct fixture *f, uint16_t entity, uint16_t number)
{
	const struct value null = null_value(), one = int_value(1);

	CHECK(count_up(f, entity, number, one) == VERDICT_CONFLICT);
	CHECK(count_up(f, entity, number, null) == VERDICT_APPLIED);
	CHECK(count_up(f, entity, number, null) == VERDICT_CONFLICT);
	CHECK(drop_unmoved(f, entity, number, null) == VERDICT_CONFLICT);
	CHECK(count_up(f, entity, number, one) == VERDICT_APPLIED);
	CHECK(drop_unmoved(f, entity, number, one) == VERDICT_CONFLICT);
	CHECK(drop_unmoved(f, entity, number, int_value(2)) == VERDICT_APPLIED);
}

/* Version 5 knew neither revisions nor the end of a session. */
static void
fill_release_5(struct fixture *old)
{
	const struct value tenant[] = { id_value(1), text_value("acme") };
	const struct value warehouse[] = { id_value(1), id_value(1),
		text_value("wh") };
	const struct value session[] = { id_value(1), id_value(2), id_value(1),
		int_value(10), int_value(20) };

	CHECK(migrate(old) == OK);
	fixture_open(old);
	CHECK(put_row(old, ENTITY_TENANTS, tenant, SET(TENANT_NAME)) ==
	      VERDICT_APPLIED);
	CHECK(put_row(old, ENTITY_WAREHOUSES, warehouse,
		  SET(WAREHOUSE_TENANT) | SET(WAREHOUSE_NAME)) ==
	      VERDICT_APPLIED);
	CHECK(put_row(old, ENTITY_ACTIVE_TOKENS, session,
		  SET(TOKEN_END_US) - 1) == VERDICT_APPLIED);
}

static void
revisions_of_an_older_release_begin_with_null(struct fixture *f)
{
	struct schema release_5 = schema_of_release(f->arena, 5);
	struct fixture old = fixture_with_schema(f, &release_5);
	struct fixture new = fixture_with_schema(f, &record_schema);
	const struct value key = id_value(1);
	const struct value later[] = { id_value(1), id_value(2), id_value(1),
		int_value(10), int_value(30) };
	const struct value since[TOKEN_FIELDS] = {
		[TOKEN_ID] = id_value(1), [TOKEN_SINCE] = int_value(7)
	};
	const struct value *row;

	fill_release_5(&old);
	CHECK(migrate(&new) == OK);
	fixture_open(&new);
	check_counts_from_null(&new, ENTITY_TENANTS, TENANT_REVISION);
	check_counts_from_null(&new, ENTITY_WAREHOUSES, WAREHOUSE_REVISION);

	row = get_row(&new, ENTITY_ACTIVE_TOKENS, &key);
	CHECK(row != NULL && row[TOKEN_END_US].type == VALUE_NULL &&
	      row[TOKEN_SINCE].type == VALUE_NULL);
	CHECK(put_row(&new, ENTITY_ACTIVE_TOKENS, since, SET(TOKEN_SINCE)) ==
	      VERDICT_APPLIED);
	CHECK(put_row(&old, ENTITY_ACTIVE_TOKENS, later,
		  SET(TOKEN_EXPIRES_US)) == VERDICT_APPLIED);
	row = get_row(&new, ENTITY_ACTIVE_TOKENS, &key);
	CHECK(row != NULL && row[TOKEN_EXPIRES_US].as.i == 30 &&
	      row[TOKEN_SINCE].as.i == 7);
	fixture_close(&old);
	fixture_close(&new);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, PLUGIN_SHARED                                     \
	}

const struct suite_test migrate_tests[] = {
	TEST(a_wider_schema_keeps_what_is_stored),
	TEST(an_older_program_keeps_what_it_does_not_know),
	TEST(a_newer_store_is_refused_with_both_versions),
	TEST(a_store_that_was_not_migrated_is_not_opened),
	TEST(processes_may_migrate_at_once),
	TEST(revisions_of_an_older_release_begin_with_null),
	{ "a_file_is_copied_aside_before_it_is_widened",
	    a_file_is_copied_aside_before_it_is_widened,
	    PLUGIN_SHARED | PLUGIN_EXCLUSIVE },
	{ NULL, NULL, 0 },
};
