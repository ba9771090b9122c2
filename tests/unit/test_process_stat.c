/* test_process_stat.c - what this process can know of itself. */
#include "ops/process_stat.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void
reads_past_any_name(void **state)
{
	struct process_stat s = { 0 };

	(void)state;
	assert_int_equal(prctl(PR_SET_NAME, "a) S 1 (b"), 0);
	assert_true(process_stat(getpid(), &s));
	assert_in_range(s.resident_bytes, 100 * 1024, INT64_C(1) << 40);
	assert_in_range(s.cpu_us, 0, INT64_C(600) * 1000000);
}

static void
counts_open_files(void **state)
{
	struct process_stat before = { 0 }, after = { 0 };

	(void)state;
	assert_true(process_stat(getpid(), &before));
	assert_true(before.open_files > 0);

	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(process_stat(getpid(), &after));
	assert_int_equal(after.open_files, before.open_files + 1);
	(void)close(fd);
}

static void
knows_no_process_that_is_not_there(void **state)
{
	struct process_stat s;

	(void)state;
	assert_false(process_stat(0x7FFFFFFF, &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_past_any_name),
		cmocka_unit_test(counts_open_files),
		cmocka_unit_test(knows_no_process_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
