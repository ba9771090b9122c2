/*
 * store_sqlite.c - everything in one SQLite file, for one machine.
 *
 * Opened by each worker for itself, after the fork: SQLite's handles and
 * locks do not survive one.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "plugins/contract/check.h"
#include "sqlite.h"

static void
sqlite_close(struct store *store)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	for (size_t i = 0; i < s->idle_count; i++)
		db_close(s->idle[i]);
	db_close(s->writer);
	(void)pthread_cond_destroy(&s->freed);
	(void)pthread_mutex_destroy(&s->pool);
	(void)pthread_mutex_destroy(&s->turn);
	free(s->path);
	free(s);
}

static enum err
sqlite_ping(struct call *c, struct store_stats *ret)
{
	int64_t began = clock_mono_us();
	struct point none = { 0, 0 };

	TRY(sqlite_tails(c, &none, 1));
	ret->latency_us = clock_mono_us() - began;
	return OK;
}

static enum err sqlite_open(const struct plugin_settings *settings,
    const struct schema *schema, struct store **ret, struct error *e);

static const struct store_ops ops = {
	.migrate = sqlite_migrate,
	.open = sqlite_open,
	.close = sqlite_close,
	.ping = sqlite_ping,
	.get = sqlite_get,
	.scan = sqlite_scan,
	.count = sqlite_count,
	.apply = sqlite_apply,
	.tails = sqlite_tails,
	.read = sqlite_read,
	.list = sqlite_list,
	.changes = sqlite_changes,
};

static enum err
sqlite_open(const struct plugin_settings *settings, const struct schema *schema,
    struct store **ret, struct error *e)
{
	struct sqlite_store *s = calloc(1, sizeof(*s));
	enum err err;

	if (s == NULL)
		return fail(e, ERR_UNAVAILABLE, "The store has no memory.");
	s->base.ops = &ops;
	s->schema = schema;
	s->path = sqlite_path(settings);
	(void)pthread_mutex_init(&s->pool, NULL);
	(void)pthread_mutex_init(&s->turn, NULL);
	(void)pthread_cond_init(&s->freed, NULL);
	err = check_schema(schema, e);
	if (err == OK)
		err = db_open(s->path, DB_WRITE, &s->writer, e);
	if (err == OK)
		err = sqlite_check_version(s->writer, schema, e);
	if (err == OK)
		*ret = &s->base;
	else
		sqlite_close(&s->base);
	return err;
}

PLUGIN_EXPORT const struct plugin *
pangolin_plugin(void)
{
	static const struct plugin_option options[] = {
		{ "path", "pangolin.db", false,
		    "The database file; relative to the state directory." },
		{ NULL, NULL, false, NULL },
	};
	static const char *const libraries[] = {
		"sqlite " SQLITE_VERSION,
		NULL,
	};
	static const struct plugin self = {
		.abi = PLUGIN_ABI,
		.kind = PLUGIN_STORE,
		.flags = PLUGIN_EXCLUSIVE | PLUGIN_SHARED,
		.ops_size = sizeof(ops),
		.name = "sqlite",
		.about = "One file on one machine; durable, shared by workers.",
		.libraries = libraries,
		.ops = &ops,
		.options = options,
	};

	return &self;
}
