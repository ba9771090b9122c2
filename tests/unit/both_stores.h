/*
 * both_stores.h - a test that runs on a fresh memory store and on a fresh
 * SQLite file: ON_BOTH(name) in the list of tests.
 */
#ifndef PANGOLIN_BOTH_STORES_H
#define PANGOLIN_BOTH_STORES_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "calls/store_call.h"
#include "plugin/options.h"
#include "record/entities.h"
#include "tests/unit/scratch.h"

static struct error error;
static struct call call;

/* The call went well, or its message is shown. */
#define assert_ok(expr)                                                        \
	do {                                                                   \
		if ((expr) != OK)                                              \
			fail_msg("%s: %s", #expr, error.message);              \
	} while (0)

#define assert_fails(expr, err, text)                                          \
	do {                                                                   \
		assert_int_equal((expr), (err));                               \
		assert_string_equal(error.message, (text));                    \
	} while (0)

static inline const struct plugin *
plugin_named(const char *name)
{
	const char *dir = getenv("PANGOLIN_PLUGINS");
	const struct plugin *(*get)(void);
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/store-%s.so",
	    dir != NULL ? dir : "build/plugins", name);

	void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (so == NULL)
		fail_msg("%s", dlerror());
	/* POSIX wants this detour from an object pointer to a function's */
	*(void **)&get = dlsym(so, PLUGIN_SYMBOL);
	assert_non_null(get);
	return get();
}

/* The scratch directory is the state directory. */
static inline struct plugin_settings
settings_of(const struct plugin *p)
{
	struct plugin_settings settings = { .state_dir = str_from(scratch) };
	const struct options none = { 0 };

	assert_ok(
	    plugin_options(call.arena, p, &none, &settings.value, &error));
	return settings;
}

static inline void
open_with_schema(const char *name, const struct schema *schema)
{
	const struct plugin *p = plugin_named(name);
	const struct store_ops *ops = p->ops;
	struct plugin_settings settings = settings_of(p);

	assert_ok(ops->migrate(&settings, schema, &error));
	assert_ok(ops->open(&settings, schema, &call.store, &error));
}

static inline int
make_call(void **state)
{
	(void)state;
	make_scratch();
	error = (struct error){ OK, "" };
	call = (struct call){ .arena = arena_new(),
		.error = &error,
		.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND };
	return 0;
}

static inline int
open_named(void **state)
{
	(void)make_call(state);
	open_with_schema(*state, &record_schema);
	return 0;
}

static inline int
close_named(void **state)
{
	(void)state;
	call.store->ops->close(call.store);
	arena_free(call.arena);
	remove_scratch();
	return 0;
}

/* clang-format off */
#define ON(name, store) \
	{ #name " on " store, name, open_named, close_named, (void *)store }
#define ON_BOTH(name) ON(name, "memory"), ON(name, "sqlite")
/* clang-format on */

#endif
