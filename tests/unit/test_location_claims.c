/*
 * test_location_claims.c - claims that meet: each is made on what was there
 * before the other, and the store lets one of the two through.
 */
#include "catalog/location_claims.h"

#include "base/buf.h"
#include "tests/unit/gate_store.h"
#include "tests/unit/memory_store.h"

static const struct point head = { BRANCH, SEQ_HEAD };
static struct branch b;

static int
set_up(void **state)
{
	(void)open_store(state);
	make_branch(&call, BRANCH, "main");
	b = (struct branch){ .id = BRANCH, .chain = { &head, 1 } };
	return 0;
}

static enum err
claim(struct draft *d, const char *location)
{
	const struct location_move move = { .location = str_from(location),
		.taken = ERR_ALREADY_EXISTS };
	struct str own;

	*d = draft_in(call.arena);
	return location_claims_move(&call, &b, d, &move, &own);
}

static enum verdict
apply(const struct draft *d)
{
	struct unit unit = draft_unit(d, STR("claim"));
	enum verdict verdict = VERDICT_NONE;

	assert_ok(branch_apply(&call, &b, &unit, &verdict));
	return verdict;
}

static void
settle(const char *location)
{
	struct draft d;

	assert_ok(claim(&d, location));
	assert_int_equal(apply(&d), VERDICT_APPLIED);
}

static void
leave(const char *own)
{
	struct draft d = draft_in(call.arena);

	location_claims_release(&d, str_from(own));
	assert_int_equal(apply(&d), VERDICT_APPLIED);
}

/* Each pair overlaps; `before` is who was there before and left. */
static const struct {
	const char *before, *first, *second;
} meeting[] = {
	{ NULL, "file:///w/a", "file:///w/a" },
	{ NULL, "file:///w/a", "file:/w/a" },
	{ NULL, "file:///w/a", "file:///w/a/b" },
	{ NULL, "file:///w/a", "file:///w/a/b/c/d" },
	/* the directories are there already */
	{ "/w/a/x", "file:///w/a", "file:///w/a/b" },
	{ "/w/a/b/x", "file:///w/a", "file:///w/a/b/c" },
	{ "/w/a/b/c/x", "file:///w/a", "file:///w/a/b/c/d" },
	{ "/w/a/b/c/x", "file:///w/a/b", "file:///w/a/b/c" },
	{ "/w/a", "file:///w/a", "file:///w/a/b" },
};

static void
lets_one_of_two_through(
    const char *before, const char *first, const char *second)
{
	struct draft one, other;

	if (before != NULL) {
		settle(arena_cstr(
		    call.arena, arena_printf(call.arena, "file://%s", before)));
		leave(before);
	}
	assert_ok(claim(&one, first));
	assert_ok(claim(&other, second));
	assert_int_equal(apply(&other), VERDICT_APPLIED);
	if (apply(&one) != VERDICT_CONFLICT)
		fail_msg("%s beside %s", first, second);
	assert_int_equal(claim(&one, first), ERR_ALREADY_EXISTS);
}

static void
lets_one_of_two_claims_through(void **state)
{
	for (size_t i = 0; i < sizeof(meeting) / sizeof(meeting[0]); i++) {
		(void)set_up(state);
		lets_one_of_two_through(
		    meeting[i].before, meeting[i].first, meeting[i].second);
		(void)close_store(state);
		(void)set_up(state);
		lets_one_of_two_through(
		    meeting[i].before, meeting[i].second, meeting[i].first);
		(void)close_store(state);
	}
}

static void
lets_neighbours_through(void **state)
{
	static const char *const places[] = { "file:///w/a", "file:///w/aa",
		"file:///w/b/a", "file:///w/b/b/a", "file:///v",
		"file:///w/c" };

	(void)set_up(state);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		settle(places[i]);
	(void)close_store(state);
}

static void
keeps_the_places_of_one_that_moves(void **state)
{
	const struct location_move move = { .location = STR("file:///w/b"),
		.own = STR("/w/a"),
		.taken = ERR_ALREADY_EXISTS };
	struct draft d;
	struct str own;

	(void)set_up(state);
	settle("file:///w/a");
	d = draft_in(call.arena);
	assert_ok(location_claims_move(&call, &b, &d, &move, &own));
	assert_true(str_eq(own, STR("/w/a\n/w/b")));
	assert_int_equal(apply(&d), VERDICT_APPLIED);
	assert_int_equal(claim(&d, "file:///w/a"), ERR_ALREADY_EXISTS);
	leave("/w/a\n/w/b");
	settle("file:///w");
	(void)close_store(state);
}

/* Made at /w/a, moved to /w/a/b, then registered over at /w/a/b/c. */
static void
leaves_all_the_places_of_one_that_is_replaced(void **state)
{
	struct location_move move = { .location = STR("file:///w/a/b"),
		.own = STR("/w/a"),
		.taken = ERR_ALREADY_EXISTS };
	struct draft d;
	struct str own;

	(void)set_up(state);
	settle("file:///w/a");
	d = draft_in(call.arena);
	assert_ok(location_claims_move(&call, &b, &d, &move, &own));
	assert_int_equal(apply(&d), VERDICT_APPLIED);

	move.location = STR("file:///w/a/b/c");
	move.own = own;
	move.replaces = true;
	d = draft_in(call.arena);
	assert_ok(location_claims_move(&call, &b, &d, &move, &own));
	assert_str(own, STR("/w/a\n/w/a/b\n/w/a/b/c"));
	assert_int_equal(apply(&d), VERDICT_APPLIED);
	assert_int_equal(claim(&d, "file:///w/a"), ERR_ALREADY_EXISTS);

	d = draft_in(call.arena);
	location_claims_release(&d, own);
	assert_int_equal(apply(&d), VERDICT_APPLIED);
	settle("file:///w/a");
	(void)close_store(state);
}

/* Of one unit: a relation moves within its directory, another is made there. */
static void
lets_nobody_into_a_ground_whose_owner_moves_within(void **state)
{
	struct location_move move = { .location = STR("file:///w/a/b"),
		.own = STR("/w/a"),
		.taken = ERR_ALREADY_EXISTS };
	struct draft d;
	struct str own;

	(void)set_up(state);
	settle("file:///w/a");
	d = draft_in(call.arena);
	assert_ok(location_claims_move(&call, &b, &d, &move, &own));
	move.location = STR("file:///w/a/c");
	move.own = STR("");
	assert_int_equal(location_claims_move(&call, &b, &d, &move, &own),
	    ERR_ALREADY_EXISTS);
	(void)close_store(state);
}

static void
refuses_a_path_without_end(void **state)
{
	struct buf deep = buf_in(NULL);
	struct draft d;

	(void)set_up(state);
	deep.arena = call.arena;
	buf_add(&deep, STR("file://"));
	for (int i = 0; i < 65; i++)
		buf_add(&deep, STR("/d"));
	assert_int_equal(
	    claim(&d, arena_cstr(call.arena, buf_str(&deep))), ERR_BAD_REQUEST);
	(void)close_store(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_one_of_two_claims_through),
		cmocka_unit_test(lets_neighbours_through),
		cmocka_unit_test(keeps_the_places_of_one_that_moves),
		cmocka_unit_test(leaves_all_the_places_of_one_that_is_replaced),
		cmocka_unit_test(
		    lets_nobody_into_a_ground_whose_owner_moves_within),
		cmocka_unit_test(refuses_a_path_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
