/* test_entities.c - stores of earlier releases become stores of this one. */
#include "record/batch.h"
#include "tests/unit/both_stores.h"

/* What is new comes last. */
static struct entity
entity_of(const struct entity *now, uint16_t version)
{
	struct entity then = *now;

	while (then.fields[then.field_count - 1].since > version)
		then.field_count--;
	while (then.index_count != 0 &&
	       then.indexes[then.index_count - 1].since > version)
		then.index_count--;
	return then;
}

/* What a release knew whose schema had version `version`. */
static struct schema
schema_of(uint16_t version)
{
	struct entity *at =
	    ARENA_NEW(call.arena, struct entity, record_schema.count);
	uint16_t count = 0;

	for (uint16_t i = 0; i < record_schema.count; i++)
		if (record_schema.entities[i].since <= version)
			at[count++] =
			    entity_of(&record_schema.entities[i], version);
	return (struct schema){ at, count, version };
}

static void
put(uint16_t entity, const struct value *row, uint16_t fields)
{
	struct batch b = batch_of(&call);
	enum verdict verdict;
	size_t failed;

	memcpy(batch_insert(&b, entity), row, fields * sizeof(*row));
	b.at[0].set &= ((uint64_t)1 << fields) - 1;
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

static void
a_store_of_version_1_keeps_its_rows_and_gets_the_rest(void **state)
{
	const struct schema schema_1 = schema_of(1);
	struct id tenant = id_v7(), task = id_v7();
	const struct value tenant_row[TENANT_FIELDS] = {
		[TENANT_ID] = value_id(tenant),
		[TENANT_NAME] = value_text(STR("acme")),
	};
	const struct value task_row[TASK_FIELDS] = {
		[TASK_ID] = value_id(task),
		[TASK_TENANT] = value_id(tenant),
		[TASK_STATE] = value_int(1),
	};
	const struct value *found;

	(void)state;
	assert_int_equal(schema_1.count, ENTITY_TASKS);
	open_with_schema("sqlite", &schema_1);
	put(ENTITY_TENANTS, tenant_row, TENANT_REVISION);
	call.store->ops->close(call.store);
	open_with_schema("sqlite", &record_schema);
	assert_ok(record_find_by_key(
	    &call, ENTITY_TENANTS, value_id(tenant), &found));
	assert_non_null(found);
	assert_str(value_str_or_absent(found[TENANT_NAME]), STR("acme"));
	put(ENTITY_TASKS, task_row, TASK_FIELDS);
	assert_ok(
	    record_find_by_key(&call, ENTITY_TASKS, value_id(task), &found));
	assert_non_null(found);
}

static void
a_session_of_version_5_has_no_end_of_its_own(void **state)
{
	const struct schema schema_5 = schema_of(5);
	struct id session = id_v4();
	const struct value row[TOKEN_FIELDS] = {
		[TOKEN_ID] = value_id(session),
		[TOKEN_USER] = value_id(id_v7()),
		[TOKEN_EXPIRES_US] = value_int(7),
	};
	const struct value *found;

	(void)state;
	open_with_schema("sqlite", &schema_5);
	put(ENTITY_ACTIVE_TOKENS, row, TOKEN_END_US);
	call.store->ops->close(call.store);
	open_with_schema("sqlite", &record_schema);
	assert_ok(record_find_by_key(
	    &call, ENTITY_ACTIVE_TOKENS, value_id(session), &found));
	assert_non_null(found);
	assert_int_equal(found[TOKEN_EXPIRES_US].as.i, 7);
	assert_int_equal(found[TOKEN_END_US].type, VALUE_NULL);
	assert_int_equal(found[TOKEN_SINCE].type, VALUE_NULL);
}

/* Somebody has added a column by hand. */
static void
a_migration_that_cannot_be_made_is_an_error_and_no_crash(void **state)
{
	struct entity tenants = record_schema.entities[ENTITY_TENANTS];
	struct field fields[TENANT_FIELDS];
	struct entity *all =
	    ARENA_NEW(call.arena, struct entity, record_schema.count);
	const struct schema odd = { all, record_schema.count,
		(uint16_t)(record_schema.version + 1) };

	(void)state;
	memcpy(all, record_schema.entities, odd.count * sizeof(*all));
	memcpy(fields, tenants.fields, sizeof(fields));
	fields[TENANT_CREATED_US].since = odd.version;
	all[ENTITY_TENANTS].fields = fields;
	open_with_schema("sqlite", &record_schema);
	call.store->ops->close(call.store);

	const struct plugin *sqlite = plugin_named("sqlite");
	const struct store_ops *ops = sqlite->ops;
	struct plugin_settings settings = settings_of(sqlite);

	assert_fails(ops->migrate(&settings, &odd, &error), ERR_UNAVAILABLE,
	    "The store cannot be asked now (SQLite error 1).");
	open_with_schema("sqlite", &record_schema);
}

static void
every_field_and_index_says_its_version(void **state)
{
	(void)state;
	open_with_schema("memory", &record_schema);
	for (uint16_t i = 0; i < record_schema.count; i++) {
		const struct entity *t = &record_schema.entities[i];

		assert_in_range(t->since, 1, record_schema.version);
		for (uint16_t f = 0; f < t->field_count; f++)
			assert_in_range(t->fields[f].since, t->since,
			    record_schema.version);
		for (uint16_t x = 0; x < t->index_count; x++)
			assert_in_range(t->indexes[x].since, t->since,
			    record_schema.version);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_call, close_named)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_store_of_version_1_keeps_its_rows_and_gets_the_rest),
		TEST(a_session_of_version_5_has_no_end_of_its_own),
		TEST(a_migration_that_cannot_be_made_is_an_error_and_no_crash),
		TEST(every_field_and_index_says_its_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
