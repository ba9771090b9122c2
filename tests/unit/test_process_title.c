/* test_process_title.c - blocks as the kernel lays them out, then changed. */
#include "cli/process_title.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

/* Two arguments and two variables, then what belongs to somebody else. */
struct block {
	char text[32];
	char *vector[8];
};

static struct block block;

static int
lay_out(void **state)
{
	static const char text[] = "serve\0-c\0A=1\0B=22\0other";

	(void)state;
	memcpy(block.text, text, sizeof(text));
	memset(block.vector, 0, sizeof(block.vector));
	block.vector[0] = block.text;
	block.vector[1] = block.text + 6;
	block.vector[3] = block.text + 9;
	block.vector[4] = block.text + 13;
	return 0;
}

static void
takes_arguments_and_environment(void **state)
{
	struct process_title t = process_title_find(2, block.vector);

	(void)state;
	assert_ptr_equal(t.at, block.text);
	assert_int_equal(t.size, 18);
	process_title_set(t, "[wrk 1]");
	assert_string_equal(block.text, "pangolin [wrk 1]");
	assert_string_equal(block.text + 18, "other");
}

static void
leaves_alone_what_lies_elsewhere(void **state)
{
	static char longer[] = "A=longer than all that the program began with";

	(void)state;
	block.vector[3] = longer;
	assert_int_equal(process_title_find(2, block.vector).size, 9);
	block.vector[3] = block.vector[4]; /* A was taken out */
	block.vector[4] = NULL;
	assert_int_equal(process_title_find(2, block.vector).size, 9);
	block.vector[3] = NULL;
	assert_int_equal(process_title_find(2, block.vector).size, 9);
}

static void
cuts_what_does_not_fit(void **state)
{
	struct process_title t;

	(void)state;
	block.vector[3] = NULL;
	t = process_title_find(2, block.vector);
	process_title_set(t, "[parent]");
	assert_string_equal(block.text, "pangolin");
	assert_string_equal(block.text + 9, "A=1");
}

static void
needs_no_arguments(void **state)
{
	char *empty[] = { NULL, NULL };

	(void)state;
	process_title_set(process_title_find(0, empty), "[parent]");
}

#define test(f) cmocka_unit_test_setup(f, lay_out)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(takes_arguments_and_environment),
		test(leaves_alone_what_lies_elsewhere),
		test(cuts_what_does_not_fit),
		test(needs_no_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
