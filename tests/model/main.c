/*
 * main.c - random histories on one store, against the naive model:
 *
 *   model PLUGIN.so [-n STEPS] [-s SEED] [--wrong RULE|all] [NAME=VALUE ...]
 *
 * A history has RUN_STEPS steps and a catalog of its own.  What fails is told
 * with the seed and the few steps that lead to it.  With --wrong the
 * store breaks rules (wrong.c), which must show; on the store in memory that is
 * tried behind each run.  MODEL_STEPS has a number for each store.
 */
#include <dlfcn.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "calls/store_call.h"
#include "model.h"
#include "record/entities.h"

#define OPTIONS_MAX 16
#define WRONG_RUNS 50 /* histories, until a broken rule must show */
#define STEP_US (3 * CLOCK_SECOND)       /* for each step */
#define SLOW_STEP_US (60 * CLOCK_SECOND) /* of MongoDB's stand-in */
#define SHRINK_US (20 * CLOCK_SECOND)

static int64_t step_us = STEP_US;
static char dir[] = "/tmp/pangolin-model-XXXXXX";

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

/* ---- one history */
/* Each step draws from a number of its own: others can be left out. */
static uint64_t
number_of_step(uint64_t seed, int step)
{
	uint64_t n = seed * 0x9e3779b97f4a7c15u + (uint64_t)step + 1;

	n = (n ^ n >> 31) * 0xbf58476d1ce4e5b9u;
	return n ^ n >> 29;
}

struct steps {
	int at[RUN_STEPS];
	int count;
};

static void
make_step(uint64_t seed, int number, bool checks_all)
{
	struct arena_mark mark = arena_mark(m.call.arena);

	m.random = number_of_step(seed, number);
	m.call.deadline_us = clock_mono_us() + step_us;
	step();
	check_some();
	if (checks_all)
		check_all();
	arena_cut(m.call.arena, mark);
}

static void
forget_history(void)
{
	for (int b = 0; b < m.branches; b++)
		free(m.branch[b].own);
	free(m.branch);
}

/* False: something differs, which has been told. */
static bool
try_steps(struct call *c, uint64_t seed, const struct steps *s, enum says says)
{
	static volatile int run;
	struct arena_mark mark = arena_mark(c->arena);
	jmp_buf escape;
	bool good = false;

	m = (struct model){ .says = says, .dir = dir, .escape = &escape };
	m.call = *c;
	m.call.error = &m.error;
	m.call.deadline_us = clock_mono_us() + step_us;
	if (setjmp(escape) == 0) {
		begin(&m.call, run++);
		for (int i = 0; i < s->count; i++)
			make_step(seed, s->at[i], i % 20 == 19);
		m.call.deadline_us = clock_mono_us() + 10 * step_us;
		check_all();
		check_history_of_all();
		good = true;
	}
	forget_history();
	arena_cut(c->arena, mark);
	return good;
}

/* Leaves out what the failure does not need: halves, quarters, single ones. */
static void
shrink(struct call *c, uint64_t seed, struct steps *io)
{
	int64_t until_us = clock_mono_us() + SHRINK_US;
	int failed_at = m.failed_at;

	for (int some = io->count / 2; some != 0; some /= 2)
		for (int from = 0; from < io->count;) {
			struct steps fewer = { .count = 0 };

			for (int i = 0; i < io->count; i++)
				if (i < from || i >= from + some)
					fewer.at[fewer.count++] = io->at[i];
			if (clock_mono_us() > until_us)
				return;
			if (try_steps(c, seed, &fewer, SAYS_NOTHING) ||
			    m.failed_at != failed_at)
				from += some;
			else
				*io = fewer;
		}
}

/* ---- many */
static bool
run_history(struct call *c, uint64_t seed, int count)
{
	struct steps steps = { .count = count };

	for (int i = 0; i < count; i++)
		steps.at[i] = i;
	if (try_steps(c, seed, &steps, SAYS_FAILURES))
		return true;
	printf("seed %llu fails: looking for the steps that it needs\n",
	    (unsigned long long)seed);
	shrink(c, seed, &steps);
	printf("-n %d -s %llu, %d steps:\n", count, (unsigned long long)seed,
	    steps.count);
	(void)try_steps(c, seed, &steps, SAYS_STEPS);
	return false;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static void
remove_dir(void)
{
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- rules that are broken */
/* The store breaks a rule until the model sees it. */
static bool
finds(struct call *c, const char *rule)
{
	const struct store_ops *right = c->store->ops;
	struct steps steps = { .count = RUN_STEPS };
	uint64_t seed = 1;

	for (int i = 0; i < RUN_STEPS; i++)
		steps.at[i] = i;
	c->store->ops = wrong_ops(right, rule);
	if (c->store->ops == NULL)
		STOP("--wrong %s: there is no such rule", rule);
	while (seed <= WRONG_RUNS && try_steps(c, seed, &steps, SAYS_NOTHING))
		seed++;
	c->store->ops = right;
	if (seed > WRONG_RUNS)
		printf("%s: nothing differs\n", rule);
	else
		printf("%s: is found by seed %llu\n", rule,
		    (unsigned long long)seed);
	return seed <= WRONG_RUNS;
}

/* ---- the program */
static struct store *
open_store(int argc, char **argv, struct arena *a)
{
	const struct plugin *plugin = load(argv[1]);
	const struct store_ops *ops = plugin->ops;
	struct str values[OPTIONS_MAX];
	struct plugin_settings settings = { .value = values };
	struct error error = { 0 };
	struct store *store;

	settings.state_dir = str_from(dir);
	for (size_t i = 0; plugin->options[i].name != NULL; i++) {
		const char *given =
		    argument(argc, argv, plugin->options[i].name, '=');

		values[i] = without_word(
		    a, given != NULL ? given : plugin->options[i].fallback);
	}
	if (ops->migrate(&settings, &record_schema, &error) != OK ||
	    ops->open(&settings, &record_schema, &store, &error) != OK)
		STOP("%s", error.message);
	return store;
}

static void
print_counts(long steps)
{
	const struct counts *c = &counts;

	printf("%ld steps, %ld comparisons\n", steps, c->checks);
	printf("merges: %ld, of them predicted %ld, with conflicts %ld; "
	       "decisions %ld, refused %ld, gone on with %ld\n",
	    c->merges, c->exact, c->conflicts, c->resolved, c->refused,
	    c->reopened);
	printf("picks, reverts, resets: %ld; undrops %ld; prunes %ld; sweeps "
	       "%ld; folds %ld; purged %ld\n",
	    c->restored, c->undropped, c->pruned, c->swept, c->folded,
	    c->purged);
}

/* MODEL_STEPS=memory=20000:sqlite=100 */
static long
steps_of(int argc, char **argv)
{
	const char *n = argument(argc, argv, "-n", ' ');
	const char *all = getenv("MODEL_STEPS");
	struct str rest = str_from(all);

	if (n != NULL)
		return atol(n);
	while (rest.ptr != NULL) {
		struct str count = str_cut(&rest, ':');
		struct str store = str_cut(&count, '=');
		char name[NAME_ROOM];
		int64_t steps;

		(void)snprintf(
		    name, sizeof(name), "store-" STR_FMT ".so", STR_ARG(store));
		if (strstr(argv[1], name) != NULL && str_to_int(count, &steps))
			return (long)steps;
	}
	return 2000;
}

/* Seeds of histories that have shown a fault, in memory. */
static void
run_known(struct call *c, int *io_bad)
{
	static const uint64_t seeds[] = { 301727, 400038, 402079, 404089,
		610887, 1800182 };

	for (size_t i = 0; *io_bad == 0 && i < sizeof(seeds) / sizeof(*seeds);
	     i++)
		*io_bad += !run_history(c, seeds[i], RUN_STEPS);
}

static void
run(struct call *c, long steps, uint64_t seed, int *io_good, int *io_bad)
{
	long done = 0;

	while (*io_bad == 0 && done < steps) {
		int some =
		    (int)(steps - done < RUN_STEPS ? steps - done : RUN_STEPS);

		*io_bad += !run_history(c, seed++, some);
		done += some;
	}
	*io_good += *io_bad == 0;
	print_counts(done);
}

int
main(int argc, char **argv)
{
	static const char *const rules[] = { "less", "fork-is-base",
		"fold-without-tombstones", "prune-without-pin" };
	struct error error = { 0 };
	struct call call = { .arena = arena_new(), .error = &error };
	const char *seed, *wrong;
	bool in_memory;
	int good = 0, bad = 0;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2 || mkdtemp(dir) == NULL)
		STOP("usage: model PLUGIN.so [-n STEPS] [-s SEED] "
		     "[--wrong RULE|all]");
	(void)atexit(remove_dir);
	if (strstr(argv[1], "mongo") != NULL)
		step_us = SLOW_STEP_US;
	seed = argument(argc, argv, "-s", ' ');
	wrong = argument(argc, argv, "--wrong", ' ');
	call.store = open_store(argc, argv, call.arena);
	in_memory = strstr(argv[1], "memory") != NULL;
	if (in_memory && wrong == NULL && seed == NULL)
		run_known(&call, &bad);
	if (wrong == NULL)
		run(&call, steps_of(argc, argv),
		    seed != NULL ? strtoull(seed, NULL, 10) : 1, &good, &bad);
	if (wrong == NULL && in_memory)
		wrong = "all";
	for (size_t i = 0; wrong != NULL && i < 4; i++)
		if (strcmp(wrong, "all") == 0 || strcmp(wrong, rules[i]) == 0)
			*(finds(&call, rules[i]) ? &good : &bad) += 1;
	call.store->ops->close(call.store);
	arena_free(call.arena);
	printf("%d passed, %d failed\n", good, bad);
	return bad == 0 ? 0 : 1;
}
