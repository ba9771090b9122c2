/*
 * main.c - runs the contract suite against one plugin:
 *
 *   suite PLUGIN.so [-t WORD] [-m MANY] [NAME=VALUE ...]
 *
 * NAME=VALUE sets an option of the plugin; {test} in it is another word for
 * each test.  -t runs the tests whose name has the word in it, -m says how
 * many generations and keys the large tests take.  Each test begins in an empty
 * state directory.
 */
#include <ctype.h>
#include <dlfcn.h>
#include <ftw.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

#define OPTIONS_MAX 16
#define TEST_DIR "/tmp/pangolin-store-"

uint32_t suite_many;
static atomic_int failed_checks;

void
check_failed(const char *file, int line, const char *what)
{
	printf("%s:%d: %s\n", file, line, what);
	atomic_fetch_add(&failed_checks, 1);
}

/* A word for a directory: its letters and digits, in lower case. */
static struct str
word_of(struct arena *a, struct str dir)
{
	char *word = arena_alloc(a, 1, dir.len + 1);
	size_t len = 0;

	for (size_t i = STR(TEST_DIR).len; i < dir.len; i++)
		if (isalnum((unsigned char)dir.ptr[i]))
			word[len++] = (char)tolower((unsigned char)dir.ptr[i]);
	return (struct str){ word, len };
}

static struct str
with_word(struct arena *a, struct str value, struct str word)
{
	const char *at =
	    memmem(value.ptr, value.len, "{test}", STR("{test}").len);
	struct str before;

	if (at == NULL)
		return value;
	before = (struct str){ value.ptr, (size_t)(at - value.ptr) };
	return arena_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(before),
	    STR_ARG(word),
	    STR_ARG(str_skip(value, before.len + STR("{test}").len)));
}

void
fixture_move(struct fixture *f, struct arena *a, struct str state_dir)
{
	struct str *value = ARENA_NEW(a, struct str, OPTIONS_MAX);
	struct str word = word_of(a, state_dir);

	for (size_t i = 0; f->plugin->options[i].name != NULL; i++)
		value[i] = with_word(a, f->options[i], word);
	f->settings.value = value;
	f->settings.state_dir = state_dir;
}

void
fixture_open(struct fixture *f)
{
	if (f->ops->open(&f->settings, f->schema, &f->store, &f->error) != OK) {
		printf("open: %s\n", f->error.message);
		exit(2);
	}
	f->arena = arena_new();
}

void
fixture_close(struct fixture *f)
{
	f->ops->close(f->store);
	arena_free(f->arena);
	f->store = NULL;
	f->arena = NULL;
}

struct fixture
fixture_with_schema(struct fixture *f, const struct schema *schema)
{
	struct fixture other = *f;

	fixture_move(&other, f->arena,
	    arena_printf(
		f->arena, STR_FMT "/other", STR_ARG(f->settings.state_dir)));
	(void)mkdir(other.settings.state_dir.ptr, 0700);
	other.schema = schema;
	return other;
}

struct fixture
fixture_share(const struct fixture *f)
{
	struct fixture other = *f;

	other.arena = arena_new();
	return other;
}

void
fixture_unshare(struct fixture *f)
{
	arena_free(f->arena);
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
run_test(const struct fixture *base, const struct suite_test *test)
{
	char dir[] = TEST_DIR "XXXXXX";
	struct arena *a = arena_new();
	struct fixture f = *base;

	if (mkdtemp(dir) == NULL) {
		perror(dir);
		exit(2);
	}
	fixture_move(&f, a, str_from(dir));
	if (f.ops->migrate(&f.settings, f.schema, &f.error) != OK) {
		printf("migrate: %s\n", f.error.message);
		exit(2);
	}
	fixture_open(&f);
	put_branch(&f, 1, (struct point){ 0, 0 });
	test->run(&f);
	fixture_close(&f);
	arena_free(a);
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct plugin *
load(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct plugin *(*descriptor)(void);

	if (handle == NULL) {
		printf("%s\n", dlerror());
		exit(2);
	}
	*(void **)&descriptor = dlsym(handle, PLUGIN_SYMBOL);
	if (descriptor == NULL || descriptor()->abi != PLUGIN_ABI ||
	    descriptor()->ops_size != sizeof(struct store_ops)) {
		printf("%s is no store of this ABI\n", path);
		exit(2);
	}
	return descriptor();
}

/* The value of an option: the argument NAME=VALUE, else the fallback. */
static struct str
option_value(const struct plugin_option *o, int argc, char **argv)
{
	size_t len = strlen(o->name);

	for (int i = 2; i < argc; i++)
		if (strncmp(argv[i], o->name, len) == 0 && argv[i][len] == '=')
			return str_from(argv[i] + len + 1);
	return str_from(o->fallback);
}

static const char *
flag_value(int argc, char **argv, const char *flag, const char *otherwise)
{
	for (int i = 2; i + 1 < argc; i++)
		if (strcmp(argv[i], flag) == 0)
			return argv[i + 1];
	return otherwise;
}

int
main(int argc, char **argv)
{
	static const struct suite_test *const groups[] = { record_tests,
		write_tests, paging_tests, log_tests, apply_tests, group_tests,
		upkeep_tests, erase_tests, load_tests, history_tests,
		race_tests, interleave_tests, process_tests, migrate_tests,
		cut_tests, watch_tests };
	struct str values[OPTIONS_MAX];
	struct fixture base = { .schema = &schema_2 };
	int passed = 0, failed = 0;
	uint32_t what; /* flags, and whether there is a server */

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2) {
		printf("usage: suite PLUGIN.so [-t WORD] [-m MANY] "
		       "[NAME=VALUE ...]\n");
		return 2;
	}
	base.plugin = load(argv[1]);
	base.ops = base.plugin->ops;
	base.options = values;
	const char *word = flag_value(argc, argv, "-t", "");

	suite_many = (uint32_t)atoi(flag_value(argc, argv, "-m", "10000"));
	what = base.plugin->flags;
	for (size_t i = 0; base.plugin->options[i].name != NULL; i++) {
		if (strcmp(base.plugin->options[i].name, "url") == 0)
			what |= SUITE_HAS_SERVER;
		values[i] = option_value(&base.plugin->options[i], argc, argv);
	}
	for (size_t g = 0; g < COUNT_OF(groups); g++)
		for (const struct suite_test *t = groups[g]; t->run != NULL;
		     t++) {
			int before = atomic_load(&failed_checks);

			if ((what & t->needs) != t->needs ||
			    strstr(t->name, word) == NULL)
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
