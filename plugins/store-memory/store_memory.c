/*
 * store_memory.c - a store in memory, gone at exit.
 *
 * It is for tests and demonstrations, and the model that the other stores are
 * tested against.  Each process would have its own, so there is one worker.
 */
#include <stdlib.h>

#include "memory.h"
#include "plugins/contract/check.h"

static enum err
memory_migrate(const struct plugin_settings *settings,
    const struct schema *schema, struct error *e)
{
	(void)settings;
	return check_schema(schema, e);
}

static void
memory_close(struct store *store)
{
	struct memory *m = (struct memory *)store;

	for (uint16_t i = 0; i < m->base.schema->count + ROWLOG_ENTITIES; i++)
		table_clear(&m->tables[i]);
	free(m->tables);
	(void)pthread_mutex_destroy(&m->lock);
	free(m);
}

static enum err memory_open(const struct plugin_settings *settings,
    const struct schema *schema, struct store **ret, struct error *e);

static const struct store_ops ops = {
	.migrate = memory_migrate,
	.open = memory_open,
	.close = memory_close,
	.ping = call_ping,
	.get = call_get,
	.scan = call_scan,
	.count = call_count,
	.walk = call_walk,
	.apply = call_apply,
	.heads = call_heads,
	.read = call_read,
	.list = call_list,
	.changes = call_changes,
	.fold = call_fold,
	.prune = call_prune,
	.erase = call_erase,
	.load = call_load,
};

static enum err
memory_open(const struct plugin_settings *settings, const struct schema *schema,
    struct store **ret, struct error *e)
{
	(void)settings;
	TRY(check_schema(schema, e));

	struct memory *m = calloc(1, sizeof(*m));
	struct table *tables =
	    calloc(schema->count + (size_t)ROWLOG_ENTITIES, sizeof(*tables));

	if (m == NULL || tables == NULL)
		abort(); /* as the arena does */
	for (uint16_t i = 0; i < schema->count; i++)
		table_init(&tables[i], &schema->entities[i]);
	for (uint16_t i = 0; i < ROWLOG_ENTITIES; i++)
		table_init(&tables[schema->count + i], &rowlog_entities[i]);
	m->base = (struct rowlog_store){ { &ops }, &memory_engine_ops, schema };
	m->tables = tables;
	(void)pthread_mutex_init(&m->lock, NULL);
	*ret = &m->base.base;
	return OK;
}

PLUGIN_EXPORT const struct plugin *
pangolin_plugin(void)
{
	static const struct plugin_option options[] = {
		{ NULL, NULL, false, NULL },
	};
	static const char *const libraries[] = { NULL };
	static const struct plugin self = {
		.abi = PLUGIN_ABI,
		.kind = PLUGIN_STORE,
		.flags = PLUGIN_EXCLUSIVE | PLUGIN_READS_DO_NOT_BLOCK,
		.ops_size = sizeof(ops),
		.name = "memory",
		.about = "In memory, gone at exit; for tests and trying out.",
		.libraries = libraries,
		.ops = &ops,
		.options = options,
	};

	return &self;
}
