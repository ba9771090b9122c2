/*
 * store.c - commits a second of a store plugin, metadata files left out:
 *
 *   store PLUGIN.so WRITERS GROUP SECONDS [NAME=VALUE ..]
 *
 * WRITERS threads commit to tables of their own on one branch, closed loop.
 * GROUP 1: whoever comes while another applies waits, and who leads next
 * applies all that wait, as the catalog's committer does; 0: each commit is a
 * call of its own.  Several of these processes are several nodes.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "calls/store_call.h"
#include "record/entities.h"

#define WRITERS_MAX 64
#define BRANCH 1
#define OPTIONS_MAX 16

static struct store *store;
static atomic_bool over;

/* Writers put their units here; the first that finds no leader leads. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool led;
	struct unit *waiting[WRITERS_MAX];
	size_t count;
	int64_t batches;
} group = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.wake = PTHREAD_COND_INITIALIZER };

static void
die(const char *what)
{
	(void)fprintf(stderr, "store: %s\n", what);
	exit(1);
}

static void
apply(struct arena *a, struct unit *units, size_t count)
{
	struct error e = { .message = "" };
	struct call c = { .store = store,
		.arena = a,
		.error = &e,
		.deadline_us = clock_mono_us() + 30 * CLOCK_SECOND };

	if (store_apply(&c, BRANCH, units, count) != OK)
		die(e.message);
	arena_reset(a);
}

static void
lead(struct arena *a)
{
	struct unit *from[WRITERS_MAX], units[WRITERS_MAX];
	size_t count = group.count;

	for (size_t i = 0; i < count; i++) {
		from[i] = group.waiting[i];
		units[i] = *from[i];
	}
	group.count = 0;
	group.led = true;
	(void)pthread_mutex_unlock(&group.lock);
	apply(a, units, count);
	(void)pthread_mutex_lock(&group.lock);
	for (size_t i = 0; i < count; i++)
		from[i]->verdict = units[i].verdict;
	group.batches++;
	group.led = false;
	(void)pthread_cond_broadcast(&group.wake);
}

static void
apply_in_group(struct arena *a, struct unit *u)
{
	(void)pthread_mutex_lock(&group.lock);
	group.waiting[group.count++] = u;
	while (u->verdict == VERDICT_NONE) {
		if (group.led)
			(void)pthread_cond_wait(&group.wake, &group.lock);
		else
			lead(a);
	}
	(void)pthread_mutex_unlock(&group.lock);
}

struct writer {
	pthread_t thread;
	bool grouped;
	int64_t commits, worst_us;
};

static void *
write_commits(void *arg)
{
	struct writer *w = arg;
	struct arena *a = arena_new();
	char name[32], location[128];
	struct id object = id_v4();

	(void)snprintf(name, sizeof(name), "t%d-%p", getpid(), arg);
	(void)snprintf(location, sizeof(location),
	    "s3://bucket/warehouse/sales/%s/metadata/00001-0199c6d8-9f60-7cc0-"
	    "8a4e-0123456789ab.metadata.json",
	    name);
	while (!atomic_load(&over)) {
		int64_t began = clock_mono_us();
		const struct version v = {
			.key = { SPACE_RELATION, STR("sales"), str_from(name) },
			.kind = 1,
			.object = object,
			.location = str_from(location),
			.body = STR("{\"owner\":\"x\"}"),
		};
		const struct expect lives = { EXPECT_LIVE,
			{ SPACE_NAMESPACE, STR(""), STR("sales") }, 0 };
		struct unit u = { .id = id_v7(),
			.author = STR("bench"),
			.message = STR("commit"),
			.puts = &v,
			.put_count = 1,
			.expects = &lives,
			.expect_count = 1 };

		if (w->grouped)
			apply_in_group(a, &u);
		else
			apply(a, &u, 1);
		if (u.verdict != VERDICT_APPLIED)
			die("a commit was not applied");
		w->commits++;
		if (clock_mono_us() - began > w->worst_us)
			w->worst_us = clock_mono_us() - began;
	}
	arena_free(a);
	return NULL;
}

static void
put_branch(void)
{
	const struct value row[REF_FIELDS] = {
		[REF_ID] = { VALUE_INT, { .i = BRANCH } },
		[REF_KIND] = { VALUE_INT, { .i = REF_BRANCH } },
		[REF_STATE] = { VALUE_INT, { .i = REF_LIVE } },
	};
	const struct write w = { .entity = ENTITY_REFS,
		.op = WRITE_PUT,
		.row = row,
		.set = 1u << REF_KIND | 1u << REF_STATE };
	struct unit u = { .writes = &w, .write_count = 1 };
	struct error e;
	struct call c = { .store = store,
		.arena = arena_new(),
		.error = &e,
		.deadline_us = clock_mono_us() + 30 * CLOCK_SECOND };

	if (store_apply(&c, 0, &u, 1) != OK || u.verdict != VERDICT_APPLIED)
		die("the branch was not made");
	arena_free(c.arena);
}

static void
open_store(const char *path, int count, char **option)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct plugin *(*descriptor)(void);
	struct str value[OPTIONS_MAX];
	struct plugin_settings settings = { .value = value,
		.state_dir = STR(".") };
	struct error e;

	if (handle == NULL)
		die(dlerror());
	*(void **)&descriptor = dlsym(handle, PLUGIN_SYMBOL);

	const struct plugin *p = descriptor();
	const struct store_ops *ops = p->ops;

	for (size_t i = 0; p->options[i].name != NULL; i++) {
		size_t len = strlen(p->options[i].name);

		value[i] = str_from(p->options[i].fallback);
		for (int k = 0; k < count; k++)
			if (strncmp(option[k], p->options[i].name, len) == 0 &&
			    option[k][len] == '=')
				value[i] = str_from(option[k] + len + 1);
	}
	if (ops->migrate(&settings, &record_schema, &e) != OK ||
	    ops->open(&settings, &record_schema, &store, &e) != OK)
		die(e.message);
}

static int64_t
number(const char *text)
{
	int64_t n = 0;

	return str_to_int(str_from(text), &n) ? n : 0;
}

int
main(int argc, char **argv)
{
	struct writer writer[WRITERS_MAX] = { { .grouped = false } };
	int64_t count = argc > 4 ? number(argv[2]) : 0;
	int64_t began, commits = 0, worst_us = 0;
	double seconds;

	if (count < 1 || count > WRITERS_MAX) {
		(void)fprintf(stderr,
		    "usage: store PLUGIN.so WRITERS GROUP SECONDS "
		    "[NAME=VALUE ..]\n");
		return 2;
	}
	open_store(argv[1], argc - 5, argv + 5);
	put_branch();
	began = clock_mono_us();
	for (int i = 0; i < count; i++) {
		writer[i].grouped = argv[3][0] == '1';
		(void)pthread_create(
		    &writer[i].thread, NULL, write_commits, &writer[i]);
	}
	while (clock_mono_us() - began < number(argv[4]) * CLOCK_SECOND)
		(void)usleep(20000);
	atomic_store(&over, true);
	for (int i = 0; i < count; i++) {
		(void)pthread_join(writer[i].thread, NULL);
		commits += writer[i].commits;
		if (writer[i].worst_us > worst_us)
			worst_us = writer[i].worst_us;
	}
	seconds = (double)(clock_mono_us() - began) / CLOCK_SECOND;
	printf("{\"commits_per_second\": %.0f, \"batch\": %.1f, "
	       "\"worst_ms\": %.1f}\n",
	    (double)commits / seconds,
	    group.batches != 0 ? (double)commits / (double)group.batches : 1.0,
	    (double)worst_us / 1000);
	store->ops->close(store);
	return 0;
}
