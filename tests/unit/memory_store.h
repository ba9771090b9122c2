/*
 * memory_store.h - a fresh store-memory for each test, through its plugin.
 *
 * The plugin is $PANGOLIN_PLUGINS/store-memory.so, else build/plugins/'s.
 */
#ifndef PANGOLIN_MEMORY_STORE_H
#define PANGOLIN_MEMORY_STORE_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "calls/store_call.h"
#include "record/entities.h"
#include "tests/unit/unit.h"

static struct error error;
static struct call call;

static inline const struct store_ops *
memory_store_ops(void)
{
	const char *dir = getenv("PANGOLIN_PLUGINS");
	const struct plugin *(*get)(void);
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/store-memory.so",
	    dir != NULL ? dir : "build/plugins");

	void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (so == NULL)
		fail_msg("%s", dlerror());
	/* POSIX wants this detour from an object pointer to a function's */
	*(void **)&get = dlsym(so, PLUGIN_SYMBOL);
	assert_non_null(get);
	return get()->ops;
}

static inline int
open_store(void **state)
{
	struct plugin_settings none = { 0 };
	const struct store_ops *ops = memory_store_ops();

	(void)state;
	call = (struct call){ .arena = arena_new(),
		.error = &error,
		.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND };
	error = (struct error){ OK, "" };
	assert_int_equal(
	    ops->open(&none, &record_schema, &call.store, &error), OK);
	return 0;
}

static inline int
close_store(void **state)
{
	(void)state;
	call.store->ops->close(call.store);
	arena_free(call.arena);
	return 0;
}

/* The call went well, or its message is what the test says. */
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

#endif
