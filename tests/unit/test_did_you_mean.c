/* test_did_you_mean.c - what was probably meant. */
#include "base/did_you_mean.h"

#include "tests/unit/unit.h"

static const char *
nearest_of(const char *wanted)
{
	static const char *const known[] = { "storage_location",
		"storage_config", "name", "id" };
	struct did_you_mean n = did_you_mean(str_from(wanted));

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		did_you_mean_offer(&n, known[i]);
	return n.best;
}

static void
names_the_one_with_the_fewest_edits(void **state)
{
	(void)state;
	assert_string_equal(nearest_of("storage_confg"), "storage_config");
	assert_string_equal(nearest_of("storageLocation"), "storage_location");
	assert_string_equal(nearest_of("nmae"), "name");
	assert_string_equal(nearest_of("id"), "id");
}

static void
is_silent_when_nothing_is_near(void **state)
{
	(void)state;
	assert_null(nearest_of("colour"));
	assert_null(nearest_of(""));
	assert_null(nearest_of("storage_configstorage_configstorage_config"
			       "storage_configstorage_configstorage_config"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_one_with_the_fewest_edits),
		cmocka_unit_test(is_silent_when_nothing_is_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
