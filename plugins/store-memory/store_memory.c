/*
 * store_memory.c - everything in memory, gone at exit.
 *
 * For tests and demonstrations, and the model that the other stores are
 * tested against.  Each process would have its own, so there is one worker.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "memory.h"
#include "plugins/contract/check.h"

static enum err
memory_get(struct call *c, uint16_t entity, const struct value *const *keys,
    size_t count, struct rows *ret)
{
	const struct memory *m = (const struct memory *)c->store;
	struct memory_engine g;

	TRY(check_keys(m->schema, entity, keys, count, c->error));
	TRY(memory_begin(c, &g));

	enum err err = engine_get(&g.base, entity, keys, count, ret);

	memory_end(&g);
	return err;
}

static enum err
memory_scan(struct call *c, const struct scan *scan, struct rows *ret)
{
	const struct memory *m = (const struct memory *)c->store;
	struct memory_engine g;

	TRY(check_scan(m->schema, scan, c->error));
	TRY(memory_begin(c, &g));

	enum err err = engine_scan(&g.base, scan, ret);

	memory_end(&g);
	return err;
}

static bool
count_one(void *arg, const struct value *row)
{
	(void)row;
	++*(int64_t *)arg;
	return true;
}

static enum err
memory_count(struct call *c, const struct scan *scan, int64_t *ret)
{
	const struct memory *m = (const struct memory *)c->store;
	struct memory_engine g;
	int64_t count = 0;

	TRY(check_scan(m->schema, scan, c->error));
	TRY(memory_begin(c, &g));
	table_scan(&m->tables[scan->entity], scan, NULL, count_one, &count);
	memory_end(&g);
	*ret = count;
	return OK;
}

static enum err
memory_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	const struct memory *m = (const struct memory *)c->store;
	struct memory_engine g;
	struct judgement *all;

	TRY(check_units(m->schema, branch, units, count, c->error));
	TRY(memory_begin(c, &g));

	enum err err = engine_apply(&g.base, branch, units, count, &all);

	memory_end(&g);
	if (err == OK)
		units_tell(units, all, count);
	return err;
}

static enum err
memory_tails(struct call *c, struct point *io, size_t count)
{
	struct memory_engine g;

	TRY(memory_begin(c, &g));

	enum err err = engine_tails(&g.base, io, count);

	memory_end(&g);
	return err;
}

static enum err
memory_read(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	struct memory_engine g;

	TRY(check_chain(&chain, 1, c->error));
	TRY(memory_begin(c, &g));

	enum err err = engine_read(&g.base, chain, keys, count, ret);

	memory_end(&g);
	return err;
}

static enum err
memory_list(struct call *c, struct chain chain, struct key after,
    uint32_t limit, struct versions *ret)
{
	struct memory_engine g;

	TRY(check_chain(&chain, limit, c->error));
	TRY(memory_begin(c, &g));

	enum err err = engine_list(&g.base, chain, after, limit, ret);

	memory_end(&g);
	return err;
}

static enum err
memory_changes(struct call *c, struct point above, int64_t upto,
    uint32_t limit, struct versions *ret)
{
	const struct chain link = { &above, 1 };
	struct memory_engine g;

	TRY(check_chain(&link, limit, c->error));
	TRY(memory_begin(c, &g));

	enum err err = engine_changes(&g.base, above, upto, limit, ret);

	memory_end(&g);
	return err;
}

static enum err
memory_ping(struct call *c, struct store_stats *ret)
{
	int64_t began = clock_mono_us();
	struct memory_engine g;

	TRY(memory_begin(c, &g));
	memory_end(&g);
	ret->latency_us = clock_mono_us() - began;
	return OK;
}

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

	for (uint16_t i = 0; i < m->schema->count + LOG_ENTITIES; i++)
		table_clear(&m->tables[i]);
	free(m->tables);
	(void)pthread_mutex_destroy(&m->lock);
	free(m);
}

static enum err
memory_open(const struct plugin_settings *settings, const struct schema *schema,
    struct store **ret, struct error *e);

static const struct store_ops ops = {
	.migrate = memory_migrate,
	.open = memory_open,
	.close = memory_close,
	.ping = memory_ping,
	.get = memory_get,
	.scan = memory_scan,
	.count = memory_count,
	.apply = memory_apply,
	.tails = memory_tails,
	.read = memory_read,
	.list = memory_list,
	.changes = memory_changes,
};

static enum err
memory_open(const struct plugin_settings *settings, const struct schema *schema,
    struct store **ret, struct error *e)
{
	(void)settings;
	TRY(check_schema(schema, e));

	struct memory *m = calloc(1, sizeof(*m));
	struct table *tables =
	    calloc(schema->count + (size_t)LOG_ENTITIES, sizeof(*tables));

	if (m == NULL || tables == NULL)
		abort(); /* as the arena does */
	for (uint16_t i = 0; i < schema->count; i++)
		table_init(&tables[i], &schema->entities[i]);
	for (uint16_t i = 0; i < LOG_ENTITIES; i++)
		table_init(&tables[schema->count + i], &log_entities[i]);
	m->base.ops = &ops;
	m->schema = schema;
	m->tables = tables;
	(void)pthread_mutex_init(&m->lock, NULL);
	*ret = &m->base;
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
