/* test_retry.c - when a race that was lost is run again, and on what. */
#include "record/retry.h"

#include "base/clock.h"
#include "calls/usage.h"
#include "tests/unit/unit.h"

static void
ends_at_the_deadline(void **state)
{
	struct call call = { .arena = arena_new(),
		.deadline_us = clock_mono_us() + 20 * CLOCK_MS };
	struct retry retry = retry_of(&call);

	(void)state;
	while (retry_again(&retry))
		;
	call.deadline_us = clock_mono_us();
	assert_false(retry_again(&retry));
	arena_free(call.arena);
}

static void
takes_back_what_a_try_allocated(void **state)
{
	struct call call = { .arena = arena_new(), .deadline_us = INT64_MAX };
	struct str before = arena_copy(call.arena, STR("before"));
	struct retry retry = retry_of(&call);
	char *first = ARENA_NEW(call.arena, char, 100);

	(void)state;
	assert_true(retry_again(&retry));
	assert_ptr_equal(ARENA_NEW(call.arena, char, 100), first);
	assert_str(before, STR("before"));
	arena_free(call.arena);
}

/* What is kept since the request came may be what lost the race. */
static void
reads_nothing_from_before(void **state)
{
	struct usage usage = { .since_ns = 1 };
	struct call call = {
		.arena = arena_new(), .deadline_us = INT64_MAX, .usage = &usage
	};
	struct retry retry = retry_of(&call);
	int64_t before = clock_mono_ns();

	(void)state;
	assert_true(retry_again(&retry));
	assert_true(usage.since_ns > before);
	arena_free(call.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_at_the_deadline),
		cmocka_unit_test(takes_back_what_a_try_allocated),
		cmocka_unit_test(reads_nothing_from_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
