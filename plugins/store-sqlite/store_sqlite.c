/*
 * store_sqlite.c - a store in one SQLite file, for one machine.
 *
 * Each worker opens it for itself, after the fork: SQLite's handles and locks
 * do not survive one.
 */
#include <stdlib.h>

#include "plugins/contract/check.h"
#include "sqlite.h"

static void
sqlite_close(struct store *store)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	pool_clear(s);
	free(s->path);
	free(s);
}

static enum err sqlite_open(const struct plugin_settings *settings,
    const struct schema *schema, struct store **ret, struct error *e);

static const struct store_ops ops = {
	.migrate = sqlite_migrate,
	.open = sqlite_open,
	.close = sqlite_close,
	.ping = call_ping,
	.get = call_get,
	.scan = call_scan,
	.count = call_count,
	.walk = call_walk,
	.apply = call_apply,
	.heads = sqlite_heads,
	.read = call_read,
	.list = call_list,
	.changes = call_changes,
	.fold = call_fold,
	.prune = call_prune,
	.erase = call_erase,
	.load = call_load,
};

static enum err
sqlite_open(const struct plugin_settings *settings, const struct schema *schema,
    struct store **ret, struct error *e)
{
	struct sqlite_store *s = calloc(1, sizeof(*s));
	enum err err;

	if (s == NULL)
		return fail(e, ERR_UNAVAILABLE, "The store has no memory.");
	s->base = (struct rowlog_store){ { &ops }, &sqlite_engine_ops, schema };
	s->path = sqlite_path(settings);
	s->watch = settings->watch;
	pool_init(s);
	err = check_schema(schema, e);
	if (err == OK)
		err = db_open(s->path, DB_WRITE, &s->writer, e);
	if (err == OK) {
		count_add(&s->writers.counts->opened, 1);
		count_add(&s->writers.counts->idle, 1);
	}
	if (err == OK)
		err = db_open(s->path, DB_PROMPT, &s->prompt, e);
	if (err == OK)
		err = sqlite_check_version(s->writer, schema, e);
	if (err == OK)
		*ret = &s->base.base;
	else
		sqlite_close(&s->base.base);
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
		.flags = PLUGIN_EXCLUSIVE | PLUGIN_SHARED |
			 PLUGIN_READS_DO_NOT_BLOCK,
		.ops_size = sizeof(ops),
		.name = "sqlite",
		.about = "One file on one machine; durable, shared by workers.",
		.libraries = libraries,
		.ops = &ops,
		.options = options,
	};

	return &self;
}
