/*
 * test_plan.c - from the plans of each engine to advice.
 *
 * The plugins' readers of plans are pure; they are compiled in here.
 */
#include "cli/slow_log.h"
#include "record/entities.h"
#include "tests/unit/unit.h"

#include "plugins/store-sqlite/plan.c"
#undef PANGOLIN_PLAN_H
#include "plugins/store-postgres/plan.c"
#undef PANGOLIN_PLAN_H
#include "plugins/store-mongo/plan.c"

/* ---- SQLite: EXPLAIN QUERY PLAN */

static void
sqlite_scans_are_told_from_searches(void **state)
{
	static const struct {
		const char *line, *table;
	} cases[] = {
		{ "SCAN users", "users" },
		{ "SCAN users USING INDEX users_by_username", "users" },
		{ "SCAN refs USING COVERING INDEX refs_by_name", "" },
		{ "SEARCH users USING INDEX users_by_username (username=?)",
		    "" },
		{ "SEARCH users USING PRIMARY KEY (id=?)", "" },
		{ "USE TEMP B-TREE FOR ORDER BY", "" },
		{ "SCAN CONSTANT ROW", "" },
		{ "SCAN 2 CONSTANT ROWS", "" },
		{ "SCAN (subquery-1)", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str(sqlite_scanned_table(str_from(cases[i].line)),
		    str_from(cases[i].table));
}

/* ---- PostgreSQL: EXPLAIN (COSTS OFF) */

static const struct {
	const char *plan, *tables; /* a blank behind each */
} postgres_plans[] = {
	{ "Limit\n"
	  "  ->  Index Scan using users_pkey on users\n"
	  "        Filter: (username = $1)",
	    "users " },
	{ "Seq Scan on users u\n"
	  "  Filter: (username = $1)",
	    "users " },
	{ "Limit\n"
	  "  ->  Sort\n"
	  "        Sort Key: id\n"
	  "        ->  Index Scan using users_by_username on users\n"
	  "              Index Cond: (username = $1)",
	    "" },
	{ "Index Scan Backward using t_pkey on tasks\n"
	  "  Index Cond: (id > $1)\n"
	  "  Filter: (state = $2)",
	    "" },
	{ "Limit\n"
	  "  ->  Index Scan using users_by_tenant on users\n"
	  "        Index Cond: (username = k.tenant)",
	    "users " },
	{ "Index Scan using users_by_tenant on users\n"
	  "  Index Cond: ((tenant = $1) AND (username > $2))",
	    "" },
	{ "Index Scan using versions_by_key on versions v\n"
	  "  Index Cond: (seq > $2)\n"
	  "  Filter: (kind = $3)",
	    "" },
	{ "Aggregate\n"
	  "  ->  Index Only Scan using refs_pkey on refs",
	    "" },
	{ "Nested Loop\n"
	  "  ->  Seq Scan on users\n"
	  "        Filter: (role = $1)\n"
	  "  ->  Index Only Scan using tasks_pkey on tasks\n"
	  "        Filter: (state = $2)\n"
	  "  ->  Function Scan on unnest k\n"
	  "        Filter: (k = $3)\n"
	  "  ->  CTE Scan on users\n"
	  "        Filter: (n = 1)",
	    "users tasks " },
	{ "", "" },
};

static void
postgres_tables_are_whole_without_a_condition_on_an_index(void **state)
{
	(void)state;
	for (size_t i = 0;
	     i < sizeof(postgres_plans) / sizeof(postgres_plans[0]); i++) {
		struct str rest = str_from(postgres_plans[i].plan), table;
		char found[64] = "";

		while (
		    (table = postgres_whole_table(&record_schema, &rest)).ptr !=
		    NULL) {
			(void)strncat(found, table.ptr, table.len);
			(void)strcat(found, " ");
		}
		assert_string_equal(found, postgres_plans[i].tables);
	}
}

static void
postgres_says_how_many_rows_there_may_be(void **state)
{
	(void)state;
	assert_int_equal(
	    postgres_plan_rows(STR("Index Only Scan using users_pkey on users "
				   " (cost=0.28..70.27 rows=2066 width=0)")),
	    2066);
	assert_int_equal(postgres_plan_rows(STR("Result")), 0);
	assert_int_equal(postgres_plan_rows(STR("")), 0);
}

/* ---- MongoDB: explain, queryPlanner */

static bool
reads_whole(const char *json, const char *plan)
{
	bson_t *explained = bson_new_from_json(
	    (const uint8_t *)json, (ssize_t)strlen(json), NULL);
	struct arena *a = arena_new();
	struct buf found = buf_in(a);
	bool whole;

	assert_non_null(explained);
	whole = mongo_plan_read(explained, &found);
	assert_str(buf_str(&found), str_from(plan));
	bson_destroy(explained);
	arena_free(a);
	return whole;
}

static void
mongo_collections_are_whole_without_bounds(void **state)
{
	(void)state;
	assert_true(reads_whole(
	    "{\"queryPlanner\":{\"namespace\":\"d.users\",\"parsedQuery\":"
	    "{\"stage\":{\"$eq\":\"hush\"}},\"winningPlan\":{\"stage\":"
	    "\"SORT\","
	    "\"inputStage\":{\"stage\":\"COLLSCAN\",\"filter\":{\"role\":"
	    "{\"$eq\":\"hush\"}}}},\"rejectedPlans\":[{\"stage\":\"NO\"}]},"
	    "\"command\":{\"find\":\"users\"}}",
	    "SORT < COLLSCAN"));
	assert_false(reads_whole(
	    "{\"queryPlanner\":{\"winningPlan\":{\"stage\":\"COLLSCAN\","
	    "\"filter\":{}}}}",
	    "COLLSCAN"));
	assert_false(reads_whole(
	    "{\"queryPlanner\":{\"winningPlan\":{\"queryPlan\":{\"stage\":"
	    "\"FETCH\",\"filter\":{\"a\":1},\"inputStage\":{\"stage\":"
	    "\"IXSCAN\",\"indexName\":\"users_by_username\",\"indexBounds\":"
	    "{\"username\":[\"[\\\"hush\\\", \\\"hush\\\"]\"]}}},"
	    "\"slotBasedPlan\":{\"stages\":\"hush\"}}}}",
	    "FETCH < IXSCAN users_by_username"));
	assert_true(reads_whole(
	    "{\"queryPlanner\":{\"winningPlan\":{\"stage\":\"FETCH\","
	    "\"filter\":{\"a\":1},\"inputStage\":{\"stage\":\"IXSCAN\","
	    "\"indexName\":\"i\",\"indexBounds\":{\"a\":[\"[MinKey, "
	    "MaxKey]\"],\"b\":[\"[1, 1]\"]}}}}}",
	    "FETCH < IXSCAN i"));
}

static void
mongo_pipelines_are_read_stage_by_stage(void **state)
{
	(void)state;
	assert_true(reads_whole(
	    "{\"stages\":[{\"$cursor\":{\"queryPlanner\":{\"winningPlan\":"
	    "{\"stage\":\"FETCH\",\"inputStage\":{\"stage\":\"IXSCAN\","
	    "\"indexName\":\"k\"}}}}},{\"$match\":{\"stage\":\"hush\"}},"
	    "{\"$unionWith\":{\"coll\":\"c\",\"pipeline\":[{\"$cursor\":"
	    "{\"queryPlanner\":{\"winningPlan\":{\"stage\":\"COLLSCAN\","
	    "\"filter\":{\"a\":1}}}}}]}}],\"queryPlanner\":{\"winningPlan\":"
	    "{\"stage\":\"FETCH\"}}}",
	    "FETCH < IXSCAN k < COLLSCAN"));
}

/* ---- advice */

static void
advice_is_for_many_rows_read_to_find_some(void **state)
{
	struct slow_statement slow = { .name = STR("scan users where role"),
		.rows = 2,
		.plan = STR("SCAN users"),
		.whole = STR("users"),
		.whole_rows = ADVICE_ROWS };
	struct arena *a = arena_new();

	(void)state;
	assert_null(slow_log_advice(a, &slow).ptr);
	slow.whole_rows++;
	assert_str(slow_log_advice(a, &slow),
	    STR("About 1001 rows of users are read to find 2: no index begins "
		"with what the statement asks for."));
	slow.whole = (struct str){ 0 };
	assert_null(slow_log_advice(a, &slow).ptr);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sqlite_scans_are_told_from_searches),
		cmocka_unit_test(
		    postgres_tables_are_whole_without_a_condition_on_an_index),
		cmocka_unit_test(postgres_says_how_many_rows_there_may_be),
		cmocka_unit_test(mongo_collections_are_whole_without_bounds),
		cmocka_unit_test(mongo_pipelines_are_read_stage_by_stage),
		cmocka_unit_test(advice_is_for_many_rows_read_to_find_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
