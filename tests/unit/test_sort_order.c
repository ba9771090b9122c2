/* test_sort_order.c - sort orders. */
#include "iceberg/sort_order.h"
#include "tests/unit/metadata_fixture.h"

#define ORDER(fields) "{'fields':[" fields "]}"
#define BY(source, transform, direction, nulls)                                \
	"{'source-id':" source ",'transform':'" transform                      \
	"','direction':'" direction "','null-order':'" nulls "'}"
#define PLAIN BY("1", "identity", "asc", "nulls-first")

static enum err
read(const char *text, struct sort_order *ret)
{
	return sort_order_read(arena, mut_json(text), ret, &error);
}

static void
reads_directions_in_any_case(void **state)
{
	struct sort_order order;

	(void)state;
	assert_int_equal(
	    read(ORDER(BY("1", "day", "DESC", "Nulls-Last") "," PLAIN), &order),
	    OK);
	assert_int_equal(order.count, 2);
	assert_false(order.fields[0].ascending);
	assert_false(order.fields[0].nulls_first);
	assert_true(order.fields[1].ascending);
	assert_true(order.fields[1].nulls_first);
}

static void
refuses_malformed_orders(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		enum err code;
		const char *message;
	} cases[] = {
		{ "{}", ERR_BAD_REQUEST, "Missing required field 'fields'" },
		{ ORDER("[]"), ERR_BAD_REQUEST,
		  "Each entry of 'fields' in a sort order must be an object" },
		{ ORDER("{'source-id':1,'transform':'day'}"), ERR_BAD_REQUEST,
		  "Missing required field 'direction'" },
		{ ORDER("{'source-id':1,'transform':'day','direction':'asc'}"),
		  ERR_BAD_REQUEST, "Missing required field 'null-order'" },
		{ ORDER(BY("1", "day", "up", "nulls-first")),
		  ERR_ILLEGAL_ARGUMENT,
		  "Invalid direction: up is neither asc nor desc" },
		{ ORDER(BY("1", "bucket", "asc", "nulls-first")),
		  ERR_ILLEGAL_ARGUMENT,
		  "Invalid transform of sort field 1: bucket" },
	};
	/* clang-format on */
	struct sort_order order;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(read(cases[i].text, &order), cases[i].code,
		    cases[i].message);
}

static void
compares_field_by_field(void **state)
{
	/* clang-format off */
	static const char *const others[] = {
		ORDER(""),
		ORDER(PLAIN "," PLAIN),
		ORDER(BY("2", "identity", "asc", "nulls-first")),
		ORDER(BY("1", "day", "asc", "nulls-first")),
		ORDER(BY("1", "identity", "desc", "nulls-first")),
		ORDER(BY("1", "identity", "asc", "nulls-last")),
	};
	/* clang-format on */
	struct sort_order plain, other;

	(void)state;
	assert_int_equal(read(ORDER(PLAIN), &plain), OK);
	assert_true(sort_order_equal(&plain, &plain));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(read(others[i], &other), OK);
		if (sort_order_equal(&plain, &other))
			fail_msg("equal to %s", others[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_directions_in_any_case),
		TEST(refuses_malformed_orders),
		TEST(compares_field_by_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
