/* test_delete_index.c - which deletes apply to a data file: the rules of the
 * table spec, "Scan Planning", one by one. */
#include "iceberg/delete_index.h"
#include "tests/unit/metadata_fixture.h"
#include "tests/unit/work_fixture.h"

#define PATH "file:/w/a.parquet"

/* A delete file, as a test has it; `bounds` of the paths in it. */
struct given {
	const char *name;
	enum file_content content;
	int64_t sequence;
	const char *key;  /* of its partition */
	const char *path; /* referenced; NULL: none */
	const char *lower, *upper;
	bool vector, unpartitioned;
};

static const struct avro_type pair_type = { .kind = AVRO_RECORD, .count = 2 };
static const struct avro_type map_type = { .kind = AVRO_ARRAY };
static const struct avro_type int_type = { .kind = AVRO_INT };
static const struct avro_type bytes_type = { .kind = AVRO_BYTES };

static const struct avro_value *
bound(const char *text)
{
	struct avro_value *v = ARENA_NEW(arena, struct avro_value, 4);

	if (text == NULL)
		return NULL;
	v[0] =
	    (struct avro_value){ .type = &map_type, .as.list = { &v[1], 1 } };
	v[1] =
	    (struct avro_value){ .type = &pair_type, .as.list = { &v[2], 2 } };
	v[2] = (struct avro_value){ .type = &int_type, .as.i = 2147483546 };
	v[3] =
	    (struct avro_value){ .type = &bytes_type, .as.s = str_from(text) };
	return v;
}

static void
add(struct delete_index *index, const struct given *g)
{
	static struct partition_column column = {
		.transform = { .kind = TRANSFORM_IDENTITY }
	};
	const struct partition_type type = { &column, !g->unpartitioned };
	const struct manifest_entry entry = { ENTRY_ADDED, 1, g->sequence,
		{ .content = g->content,
		    .format = g->vector ? STR("PUFFIN") : STR("PARQUET"),
		    .referenced_data_file = str_from(g->path),
		    .lower_bounds = bound(g->lower),
		    .upper_bounds = bound(g->upper) } };

	delete_index_add(
	    index, &entry, &type, str_from(g->key), str_from(g->name));
}

/* The names of those that apply to PATH, of partition "p" and age 5. */
static const char *
found(const struct given *g, size_t count)
{
	struct delete_index index = { .arena = arena };
	const struct manifest_entry data = { ENTRY_ADDED, 1, 5,
		{ .path = STR(PATH) } };
	struct delete_matches matches;
	struct buf names = buf_in(arena);

	for (size_t i = 0; i < count; i++)
		add(&index, &g[i]);
	if (delete_index_sort(&index, &error) != OK)
		return "two vectors";
	delete_index_find(&index, arena, &data, STR("p"), plenty(), &matches);
	for (size_t i = 0; i < matches.count; i++) {
		buf_add(&names, index.at[matches.at[i]].json);
		buf_add_char(&names, ' ');
	}
	return arena_cstr(arena, buf_str(&names));
}

#define POSITIONS FILE_POSITION_DELETES
#define EQUALITY FILE_EQUALITY_DELETES

static void
each_rule_of_scope(void **state)
{
	static const struct {
		struct given given;
		bool applies;
	} rules[] = {
		/* age: <= by position, < by equality */
		{ { "", POSITIONS, 5, "p", NULL, NULL, NULL, 0, 0 }, true },
		{ { "", POSITIONS, 4, "p", NULL, NULL, NULL, 0, 0 }, false },
		{ { "", EQUALITY, 6, "p", NULL, NULL, NULL, 0, 0 }, true },
		{ { "", EQUALITY, 5, "p", NULL, NULL, NULL, 0, 0 }, false },
		{ { "", POSITIONS, 5, "p", PATH, NULL, NULL, 1, 0 }, true },
		{ { "", POSITIONS, 4, "p", PATH, NULL, NULL, 1, 0 }, false },
		/* partition; those of no partition are of all */
		{ { "", POSITIONS, 9, "q", NULL, NULL, NULL, 0, 0 }, false },
		{ { "", EQUALITY, 9, "q", NULL, NULL, NULL, 0, 0 }, false },
		{ { "", EQUALITY, 9, "q", NULL, NULL, NULL, 0, 1 }, true },
		{ { "", EQUALITY, 5, "q", NULL, NULL, NULL, 0, 1 }, false },
		{ { "", POSITIONS, 9, "q", NULL, NULL, NULL, 0, 1 }, false },
		{ { "", POSITIONS, 9, "q", PATH, NULL, NULL, 1, 0 }, false },
		{ { "", POSITIONS, 9, "q", PATH, NULL, NULL, 0, 0 }, false },
		/* path */
		{ { "", POSITIONS, 9, "p", PATH, NULL, NULL, 0, 0 }, true },
		{ { "", POSITIONS, 9, "p", "x", NULL, NULL, 0, 0 }, false },
		{ { "", POSITIONS, 9, "p", "x", NULL, NULL, 1, 0 }, false },
		{ { "", POSITIONS, 9, "p", NULL, PATH, PATH, 0, 0 }, true },
		{ { "", POSITIONS, 9, "p", NULL, "a", "a", 0, 0 }, false },
		{ { "", POSITIONS, 9, "p", NULL, "f", "g", 0, 0 }, true },
		{ { "", POSITIONS, 9, "p", NULL, "g", "h", 0, 0 }, false },
		{ { "", POSITIONS, 9, "p", NULL, "a", "b", 0, 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		bool applies = *found(&rules[i].given, 1) != '\0';

		if (applies != rules[i].applies)
			fail_msg("rule %zu: %d", i, applies);
	}
}

static void
a_vector_takes_the_place_of_positions_only(void **state)
{
	static const struct given all[] = {
		{ "old", POSITIONS, 4, "p", NULL, NULL, NULL, 0, 0 },
		{ "here", POSITIONS, 7, "p", NULL, NULL, NULL, 0, 0 },
		{ "file", POSITIONS, 8, "p", PATH, NULL, NULL, 0, 0 },
		{ "equal", EQUALITY, 7, "p", NULL, NULL, NULL, 0, 0 },
		{ "all", EQUALITY, 6, "q", NULL, NULL, NULL, 0, 1 },
		{ "dv", POSITIONS, 6, "p", PATH, NULL, NULL, 1, 0 },
		{ "other", POSITIONS, 6, "p", "b", NULL, NULL, 1, 0 },
	};

	(void)state;
	assert_string_equal(found(all, 5), "file here equal all ");
	assert_string_equal(found(all, 7), "dv equal all ");
}

static void
a_data_file_has_one_vector(void **state)
{
	static const struct given two[] = {
		{ "1", POSITIONS, 6, "p", PATH, NULL, NULL, 1, 0 },
		{ "2", POSITIONS, 7, "p", PATH, NULL, NULL, 1, 0 },
	};

	(void)state;
	assert_string_equal(found(two, 2), "two vectors");
	assert_int_equal(error.code, ERR_VALIDATION);
	assert_non_null(strstr(error.message, PATH));
}

static void
a_place_with_many_deletes_is_left_when_time_is_over(void **state)
{
	const struct manifest_entry data = { ENTRY_ADDED, 1, 5,
		{ .path = STR(PATH) } };
	struct delete_index index = { .arena = arena };
	struct work_budget *budget = only_steps(20);
	struct delete_matches matches;

	(void)state;
	for (size_t i = 0; i < 50; i++)
		add(&index, &(struct given){ .content = POSITIONS,
				.sequence = 9,
				.key = "p",
				.lower = "a",
				.upper = "b" });
	assert_int_equal(delete_index_sort(&index, &error), OK);
	delete_index_find(&index, arena, &data, STR("p"), budget, &matches);
	assert_true(budget->over);
	assert_int_equal(matches.count, 0);
}

static void
many_ages_are_found_from_the_first_that_counts(void **state)
{
	struct given all[40];
	const char *names;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < 40; i++)
		all[i] = (struct given){ .name = "x",
			.content = POSITIONS,
			.sequence = (int64_t)(i * 7 % 40),
			.key = "p" };
	names = found(all, 40);
	for (; *names != '\0'; names++)
		count += *names == 'x';
	assert_int_equal(count, 35);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_rule_of_scope),
		TEST(a_vector_takes_the_place_of_positions_only),
		TEST(a_data_file_has_one_vector),
		TEST(many_ages_are_found_from_the_first_that_counts),
		TEST(a_place_with_many_deletes_is_left_when_time_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
