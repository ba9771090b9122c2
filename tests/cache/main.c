/*
 * main.c - runs the contract suite against one cache:
 *
 *   suite PLUGIN.so [-t WORD] [NAME=VALUE ...]
 *
 * NAME=VALUE sets an option of the plugin, in which {test} becomes a word of
 * its own for each test; -t runs the tests whose name has the word in it.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>

#include "plugin/options.h"
#include "record/entities.h"
#include "suite.h"

#define OPTIONS_MAX 16

static atomic_int failed_checks;

void
check_failed(const char *file, int line, const char *what)
{
	printf("%s:%d: %s\n", file, line, what);
	atomic_fetch_add(&failed_checks, 1);
}

static void
give_up(const char *doing, const struct error *e)
{
	printf("%s: %s\n", doing, e->message);
	exit(2);
}

void
fixture_open(struct fixture *f, unsigned worker)
{
	struct error e = { 0 };

	if (f->ops->open(&f->settings, &f->shared, worker, &f->cache, &e) != OK)
		give_up("open", &e);
	f->arena = arena_new();
}

void
fixture_close(struct fixture *f)
{
	f->ops->close(f->cache);
	arena_free(f->arena);
	f->cache = NULL;
	f->arena = NULL;
}

struct fixture
fixture_as(const struct fixture *f, unsigned worker)
{
	struct fixture other = *f;

	fixture_open(&other, worker);
	return other;
}

/* The options with {test} replaced. */
static struct plugin_settings
settings_of(const struct fixture *base, struct arena *a)
{
	static int tests;
	struct str *value = ARENA_NEW(a, struct str, OPTIONS_MAX);
	struct str wild = STR("{test}");

	tests++;
	for (size_t i = 0; base->plugin->options[i].name != NULL; i++) {
		struct str all = base->settings.value[i];
		const char *at = memmem(all.ptr, all.len, wild.ptr, wild.len);
		size_t before = at == NULL ? 0 : (size_t)(at - all.ptr);

		value[i] = at == NULL
			       ? all
			       : arena_printf(a, "%.*stest%d" STR_FMT,
				     (int)before, all.ptr, tests,
				     STR_ARG(str_skip(all, before + wild.len)));
	}
	return (struct plugin_settings){ .value = value };
}

/* A store for one test, for the caches that want one. */
static void
open_store(const struct plugin *p, struct arena *a, struct store **ret)
{
	const struct store_ops *ops = p->ops;
	const struct options none = { 0 };
	struct plugin_settings settings = { 0 };
	struct error e = { 0 };

	if (plugin_options(a, p, &none, &settings.value, &e) != OK ||
	    ops->migrate(&settings, &record_schema, &e) != OK ||
	    ops->open(&settings, &record_schema, ret, &e) != OK)
		give_up("store", &e);
}

static void
run_test(const struct fixture *base, const struct suite_test *test)
{
	struct arena *a = arena_new();
	struct fixture f = *base;
	struct cache_records records = { .entity = ENTITY_CACHED };

	open_store(base->store, a, &records.store);
	f.shared.records = &records;
	f.settings = settings_of(base, a);

	if (f.shared.size != 0) {
		f.shared.at = shared_alloc(f.shared.size);
		f.ops->shared_init(&f.settings, &f.shared);
	}
	fixture_open(&f, 0);
	test->run(&f);
	fixture_close(&f);
	records.store->ops->close(records.store);
	if (f.shared.size != 0)
		shared_free(f.shared.at, f.shared.size);
	arena_free(a);
}

static const struct plugin *
load(const char *path, size_t ops_size)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct plugin *(*descriptor)(void);

	if (handle == NULL) {
		printf("%s\n", dlerror());
		exit(2);
	}
	*(void **)&descriptor = dlsym(handle, PLUGIN_SYMBOL);
	if (descriptor == NULL || descriptor()->abi != PLUGIN_ABI ||
	    descriptor()->ops_size != ops_size) {
		printf("%s is no plugin of this ABI\n", path);
		exit(2);
	}
	return descriptor();
}

/* The value of an option: the argument NAME=VALUE, else the fallback; but a
 * cache that is full soon. */
static struct str
option_value(const struct plugin_option *o, int argc, char **argv)
{
	size_t len = strlen(o->name);

	for (int i = 2; i < argc; i++)
		if (strncmp(argv[i], o->name, len) == 0 && argv[i][len] == '=')
			return str_from(argv[i] + len + 1);
	return strcmp(o->name, "max_bytes") == 0 ? STR("32MiB")
						 : str_from(o->fallback);
}

static const char *
wanted(int argc, char **argv)
{
	for (int i = 2; i + 1 < argc; i++)
		if (strcmp(argv[i], "-t") == 0)
			return argv[i + 1];
	return "";
}

/* Beside the cache. */
static const struct plugin *
load_store(const char *cache)
{
	const char *slash = strrchr(cache, '/');
	char path[4096];

	(void)snprintf(path, sizeof(path), "%.*sstore-memory.so",
	    slash == NULL ? 0 : (int)(slash + 1 - cache), cache);
	return load(path, sizeof(struct store_ops));
}

static void
prepare(struct fixture *base, struct str *values, int argc, char **argv)
{
	struct error e = { 0 };

	base->plugin = load(argv[1], sizeof(struct cache_ops));
	base->store = load_store(argv[1]);
	base->ops = base->plugin->ops;
	base->settings.value = values;
	base->shared.workers = WORKERS;
	for (size_t i = 0; base->plugin->options[i].name != NULL; i++)
		values[i] = option_value(&base->plugin->options[i], argc, argv);
	if (base->ops->shared_size(
		&base->settings, WORKERS, &base->shared.size, &e) != OK)
		give_up("shared_size", &e);
}

/* What this cache has of what tests may need. */
static unsigned
offers(const struct fixture *base)
{
	return base->shared.size != 0 ? NEEDS_SHARED : 0;
}

int
main(int argc, char **argv)
{
	static const struct suite_test *const groups[] = { value_tests,
		room_tests, process_tests, kill_tests };
	struct str values[OPTIONS_MAX];
	struct fixture base = { 0 };
	int passed = 0, failed = 0;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGPIPE, SIG_IGN); /* as in a worker */
	if (argc < 2) {
		printf("usage: suite PLUGIN.so [-t WORD] [NAME=VALUE ...]\n");
		return 2;
	}
	prepare(&base, values, argc, argv);
	for (size_t g = 0; g < COUNT_OF(groups); g++)
		for (const struct suite_test *t = groups[g]; t->run != NULL;
		     t++) {
			int before = atomic_load(&failed_checks);

			if ((t->needs & ~offers(&base)) != 0 ||
			    strstr(t->name, wanted(argc, argv)) == NULL)
				continue;
			run_test(&base, t);
			if (atomic_load(&failed_checks) == before) {
				passed++;
				continue;
			}
			printf("FAILED %s\n", t->name);
			failed++;
		}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
