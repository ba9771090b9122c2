/*
 * test_location_owners.c - a location that is named and one that the server
 * chooses inside it meet at every step of their claims.
 */
#include "catalog/location_owners.h"

#include "catalog/location_rows.h"
#include "record/batch.h"
#include "tests/unit/gate_store.h"
#include "tests/unit/memory_store.h"

static const struct point head = { BRANCH, SEQ_HEAD };
static struct branch b;
static struct location_wish wish;
static struct location_holds holds;

static int
set_up(void **state)
{
	enum verdict verdict;
	struct batch batch;
	size_t failed;

	(void)open_store(state);
	make_branch(&call, BRANCH, "main");
	b = (struct branch){ .id = BRANCH, .chain = { &head, 1 } };
	b.catalog.id = id_v4();
	batch = batch_of(&call);
	struct value *row = batch_insert(&batch, ENTITY_CATALOGS);

	row[CATALOG_ID] = value_id(b.catalog.id);
	row[CATALOG_SHARED] = value_int(1); /* dropped tables keep places */
	assert_ok(batch_apply(&batch, 0, &verdict, &failed));
	return 0;
}

static enum err
claim(struct draft *d, const char *location, bool is_fresh)
{
	wish = (struct location_wish){ .location = str_from(location),
		.object = id_v4(),
		.is_fresh = is_fresh,
		.taken = ERR_ALREADY_EXISTS };
	*d = draft_in(call.arena);
	TRY(location_owners_claim(&call, &b, &wish, 1, &holds));
	location_owners_confirm(&b, d, &holds);
	return OK;
}

static enum verdict
apply(const struct draft *d)
{
	struct unit unit = draft_unit(d, STR("claim"));

	unit.id = id_v7();
	assert_ok(store_apply(&call, 0, &unit, 1));
	return unit.verdict;
}

#define OUTER "file:///w/a"
#define INNER "file:///w/a/t-12345678"

static void
named_first(void **state)
{
	struct draft named, fresh;

	(void)state;
	assert_ok(claim(&named, OUTER, false));
	assert_int_equal(claim(&fresh, INNER, true), ERR_ALREADY_EXISTS);
	assert_int_equal(apply(&named), VERDICT_APPLIED);
	assert_int_equal(claim(&fresh, INNER, true), ERR_ALREADY_EXISTS);
}

static void
chosen_first(void **state)
{
	struct draft named, fresh;

	(void)state;
	assert_ok(claim(&fresh, INNER, true));
	assert_int_equal(apply(&fresh), VERDICT_APPLIED);
	assert_int_equal(claim(&named, OUTER, false), ERR_ALREADY_EXISTS);
	/* what was claimed in vain is nobody's */
	assert_ok(claim(&fresh, "file:///w/a/u-12345678", true));
	assert_int_equal(apply(&fresh), VERDICT_APPLIED);
}

static void
named_between_a_directory_and_its_table(void **state)
{
	struct draft named, fresh;
	struct location_holds first;

	(void)state;
	assert_ok(claim(&fresh, INNER, true));
	first = holds;
	assert_int_equal(claim(&named, OUTER, false), ERR_ALREADY_EXISTS);
	assert_int_equal(claim(&named, "file:///w", false), ERR_ALREADY_EXISTS);
	assert_int_equal(apply(&fresh), VERDICT_APPLIED);
	location_owners_release(&call, &first);
	assert_int_equal(
	    claim(&named, INNER "/data", false), ERR_ALREADY_EXISTS);
	/* one that meets no table may be inside */
	assert_ok(claim(&named, "file:///w/a/data", false));
}

/* Of two that are in each other's way one at most goes on. */
static void
two_claims_at_once(void **state)
{
	struct draft outer, inner;

	(void)state;
	for (char digit = '0'; digit < '9'; digit++) {
		char a[] = "file:///w/?/a/?", b_[] = "file:///w/?/a/?/b/?";

		a[10] = b_[10] = digit;
		a[14] = b_[14] = b_[18] = digit;
		assert_ok(claim(&outer, a, false));
		assert_int_equal(claim(&inner, b_, false), ERR_ALREADY_EXISTS);
		assert_int_equal(claim(&inner, a, false), ERR_ALREADY_EXISTS);
		assert_int_equal(apply(&outer), VERDICT_APPLIED);
	}
}

static void
a_claim_that_was_released_confirms_nothing(void **state)
{
	struct draft named, other;

	(void)state;
	assert_ok(claim(&named, OUTER, false));
	location_owners_release(&call, &holds);
	assert_int_equal(apply(&named), VERDICT_CONFLICT);
	assert_ok(claim(&other, "file:///w/a/b", false));
	assert_int_equal(apply(&other), VERDICT_APPLIED);
	/* and what was confirmed is not released */
	location_owners_release(&call, &holds);
	assert_int_equal(claim(&named, OUTER, false), ERR_ALREADY_EXISTS);
}

static void
a_claim_of_a_dead_request_ends(void **state)
{
	struct draft dead, other;
	struct batch batch = batch_of(&call);
	enum verdict verdict;
	size_t failed;

	(void)state;
	assert_ok(claim(&dead, OUTER, false));
	assert_int_equal(claim(&other, OUTER, false), ERR_ALREADY_EXISTS);
	update_set(
	    batch_update(&batch, ENTITY_LOCATIONS,
		value_id(location_row_id(STR("/w/a"))),
		(struct test){ LOCATION_CONFIRMED_US, TEST_EQ, value_null() }),
	    LOCATION_LEFT_US,
	    value_int(clock_now_us() - 6 * 60 * CLOCK_SECOND));
	assert_ok(batch_apply(&batch, 0, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
	assert_ok(claim(&other, OUTER, false));
	assert_int_equal(apply(&dead), VERDICT_CONFLICT);
	assert_int_equal(apply(&other), VERDICT_APPLIED);
}

/* Their heads are equal, and may not end in a character. */
static void
long_locations_meet_too(void **state)
{
	struct draft outer, inner, beside;
	char text[400];

	(void)state;
	for (int pad = 150; pad < 300; pad += 1) {
		(void)snprintf(text, sizeof(text), "file:///%03d%0*d\303\244",
		    pad, pad, 0);
		struct str named = arena_copy(call.arena, str_from(text));

		assert_ok(claim(&inner,
		    arena_cstr(call.arena,
			arena_printf(call.arena, STR_FMT "/x", STR_ARG(named))),
		    false));
		assert_int_equal(apply(&inner), VERDICT_APPLIED);
		assert_int_equal(
		    claim(&outer, arena_cstr(call.arena, named), false),
		    ERR_ALREADY_EXISTS);
		assert_ok(claim(&beside,
		    arena_cstr(call.arena,
			arena_printf(call.arena, STR_FMT "x", STR_ARG(named))),
		    false));
		assert_int_equal(apply(&beside), VERDICT_APPLIED);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, close_store)
	const struct CMUnitTest tests[] = {
		TEST(named_first),
		TEST(chosen_first),
		TEST(named_between_a_directory_and_its_table),
		TEST(two_claims_at_once),
		TEST(a_claim_that_was_released_confirms_nothing),
		TEST(a_claim_of_a_dead_request_ends),
		TEST(long_locations_meet_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
