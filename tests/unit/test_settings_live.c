/* test_settings_live.c - what a reload compares and takes over. */
#include "config/settings_live.h"

#include "tests/unit/unit.h"

static struct settings
defaults(struct arena *a)
{
	struct settings s;
	struct error e;

	assert_int_equal(settings_load(a, NULL, NULL, 0, &s, &e), OK);
	return s;
}

/* The only setting in which the two differ. */
static const char *
only_change(const struct settings *a, const struct settings *b)
{
	const char *key = NULL;

	for (const struct setting *row = settings_table; row->key; row++) {
		if (setting_is_same(row, a, b))
			continue;
		assert_null(key);
		key = row->key;
	}
	return key;
}

static void
finds_what_has_changed(void **state)
{
	struct arena *a = arena_new();
	struct settings old = defaults(a), new = defaults(a);
	struct str roots[] = { STR("file:///a"), STR("file:///b") };

	(void)state;
	assert_null(only_change(&old, &new));
	new.threads++;
	assert_string_equal(only_change(&old, &new), "server.threads");
	new = old;
	new.auth_enabled = false;
	assert_string_equal(only_change(&old, &new), "auth.enabled");
	new = old;
	new.store_plugin = STR("memory");
	assert_string_equal(only_change(&old, &new), "store.plugin");
	new = old;
	new.listen.text = STR("127.0.0.1:1");
	assert_string_equal(only_change(&old, &new), "server.listen");
	old.warehouse_allowed_roots = (struct str_list){ roots, 1, 1 };
	new = old;
	new.warehouse_allowed_roots.at = &roots[1];
	assert_string_equal(only_change(&old, &new), "warehouse.allowed_roots");
	new.warehouse_allowed_roots.count = 0;
	assert_string_equal(only_change(&old, &new), "warehouse.allowed_roots");
	arena_free(a);
}

static void
takes_over_what_may_change_and_nothing_else(void **state)
{
	struct arena *a = arena_new();
	struct settings to = defaults(a), from = defaults(a);

	(void)state;
	from.log_level = LEVEL_DEBUG;
	from.limits.body_bytes++;
	from.limits.connections++;
	from.workers++;
	from.auth_enabled = !from.auth_enabled;
	settings_take_live(&to, &from);
	assert_int_equal(to.log_level, LEVEL_DEBUG);
	assert_int_equal(to.limits.body_bytes, from.limits.body_bytes);
	assert_int_equal(to.limits.connections, from.limits.connections - 1);
	assert_int_equal(to.workers, from.workers - 1);
	assert_true(to.auth_enabled);
	arena_free(a);
}

/* They are taken from memory where a pointer means nothing. */
static void
takes_over_numbers_only(void **state)
{
	(void)state;
	for (const struct setting *row = settings_table; row->key; row++)
		if ((row->flags & SETTING_LIVE) != 0)
			assert_true(row->type == SETTING_INT ||
				    row->type == SETTING_DURATION ||
				    row->type == SETTING_SIZE ||
				    row->type == SETTING_BOOL ||
				    row->type == SETTING_ENUM);
}

static void
compares_options_of_plugins(void **state)
{
	struct option one[] = { { .name = STR("path"), .value = STR("a") } };
	struct option two[] = { { .name = STR("path"), .value = STR("b") } };
	struct settings a = { .store_options = { .at = one, .count = 1 } };
	struct settings b = { .store_options = { .at = one, .count = 1 } };

	(void)state;
	assert_true(settings_have_same_options(&a, &b));
	b.store_options.at = two;
	assert_false(settings_have_same_options(&a, &b));
	b = (struct settings){ .cache_options = { .at = one, .count = 1 } };
	assert_false(settings_have_same_options(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_has_changed),
		cmocka_unit_test(takes_over_what_may_change_and_nothing_else),
		cmocka_unit_test(takes_over_numbers_only),
		cmocka_unit_test(compares_options_of_plugins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
