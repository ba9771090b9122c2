/* test_property_limits.c - how much properties may be together. */
#include "catalog/property_limits.h"

#include "tests/unit/unit.h"

static void
counts_names_and_values(void **state)
{
	static char value[PROPERTIES_BYTES_MAX];
	struct pair at[] = { { STR("ab"), { value, sizeof(value) - 3 } },
		{ STR("c"), STR("") } };
	struct pairs pairs = { at, 2 };
	struct error e;

	(void)state;
	memset(value, 'v', sizeof(value));
	assert_int_equal(properties_fit(pairs, "properties", &e), OK);
	at[1].value = STR("d");
	assert_int_equal(
	    properties_fit(pairs, "properties", &e), ERR_BAD_REQUEST);
	assert_string_equal(e.message,
	    "properties: names and values have at most 262144 bytes together, "
	    "these would have 262145");
}

static void
counts_how_many_there_are(void **state)
{
	static struct pair at[PROPERTIES_MAX + 1];
	struct error e;

	(void)state;
	assert_int_equal(properties_fit((struct pairs){ at, PROPERTIES_MAX },
			     "properties", &e),
	    OK);
	assert_int_equal(
	    properties_fit(
		(struct pairs){ at, PROPERTIES_MAX + 1 }, "storage_config", &e),
	    ERR_BAD_REQUEST);
	assert_string_equal(e.message,
	    "storage_config: at most 1000 are kept together, these would be "
	    "1001");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_names_and_values),
		cmocka_unit_test(counts_how_many_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
