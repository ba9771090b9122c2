/*
 * main.c - random histories on one store, against the naive model:
 *
 *   model PLUGIN.so [-n STEPS] [-s SEED] [NAME=VALUE ...]
 *
 * A history has RUN_STEPS steps and a catalog of its own.  What fails is told
 * with the seed; MODEL_STEPS in the environment is -n.
 */
#include <dlfcn.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "calls/store_call.h"
#include "model.h"
#include "record/entities.h"

#define RUN_STEPS 400
#define OPTIONS_MAX 16

static const struct plugin *
load(const char *path)
{
	const struct plugin *(*descriptor)(void);
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL)
		STOP("%s", dlerror());
	*(void **)&descriptor = dlsym(handle, PLUGIN_SYMBOL);
	if (descriptor == NULL)
		STOP("%s is no plugin", path);
	return descriptor();
}

static const char *
argument(int argc, char **argv, const char *name, char mark)
{
	size_t len = strlen(name);

	for (int i = 2; i < argc; i++) {
		if (strncmp(argv[i], name, len) != 0)
			continue;
		if (mark == '=' && argv[i][len] == '=')
			return argv[i] + len + 1;
		if (mark == ' ' && argv[i][len] == '\0' && i + 1 < argc)
			return argv[i + 1];
	}
	return NULL;
}

/* {test} in the value of an option is for a word of the test. */
static struct str
without_word(struct arena *a, const char *value)
{
	const char *at = value != NULL ? strstr(value, "{test}") : NULL;

	if (at == NULL)
		return str_from(value);
	return arena_printf(a, "%.*smodel%s", (int)(at - value), value, at + 6);
}

static void
run_history(struct call *c, int run, uint64_t seed, long steps)
{
	m = (struct model){ .random = seed, .checks = m.checks };
	m.call = *c;
	m.call.error = &m.error;
	begin(&m.call, run);
	for (long i = 0; i < steps; i++) {
		struct arena_mark mark = arena_mark(m.call.arena);

		m.call.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND;
		step();
		check_some();
		if (i % 20 == 19)
			check_all();
		arena_cut(m.call.arena, mark);
	}
	for (int b = 0; b < m.branches; b++)
		free(m.branch[b].own);
	free(m.branch);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static char dir[] = "/tmp/pangolin-model-XXXXXX";

static void
remove_dir(void)
{
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
main(int argc, char **argv)
{
	const char *n = argc > 1 ? argument(argc, argv, "-n", ' ') : NULL;
	const char *s = argc > 1 ? argument(argc, argv, "-s", ' ') : NULL;
	struct str values[OPTIONS_MAX];
	struct plugin_settings settings = { .value = values };
	struct error error = { 0 };
	struct arena *a = arena_new();
	struct call call = { .arena = a, .error = &error };
	const struct store_ops *ops;
	long steps, done = 0;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2 || mkdtemp(dir) == NULL)
		STOP("usage: model PLUGIN.so [-n STEPS] [-s SEED]");
	(void)atexit(remove_dir);
	if (n == NULL)
		n = getenv("MODEL_STEPS");
	steps = n != NULL ? atol(n) : 20000;
	settings.state_dir = str_from(dir);

	const struct plugin *plugin = load(argv[1]);

	ops = plugin->ops;
	for (size_t i = 0; plugin->options[i].name != NULL; i++) {
		const char *given =
		    argument(argc, argv, plugin->options[i].name, '=');

		values[i] = without_word(
		    a, given != NULL ? given : plugin->options[i].fallback);
	}
	if (ops->migrate(&settings, &record_schema, &error) != OK ||
	    ops->open(&settings, &record_schema, &call.store, &error) != OK)
		STOP("%s", error.message);
	call.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND;
	for (int run = 0; done < steps; run++) {
		uint64_t seed =
		    (uint64_t)(s != NULL ? atol(s) : 1) + (uint64_t)run;
		long some = steps - done < RUN_STEPS ? steps - done : RUN_STEPS;

		printf("seed %llu\n", (unsigned long long)seed);
		run_history(&call, run, seed, some);
		call.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND;
		done += some;
	}
	ops->close(call.store);
	arena_free(a);
	printf(
	    "%ld steps, %ld comparisons\n1 passed, 0 failed\n", done, m.checks);
	return 0;
}
