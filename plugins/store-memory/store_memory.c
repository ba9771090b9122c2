/*
 * store_memory.c - everything in memory, gone at exit.
 *
 * For tests and demonstrations, and the model that the other stores are
 * tested against.  Each process would have its own, so there is one worker.
 */
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "memory.h"
#include "plugins/contract/check.h"
#include "plugins/contract/token.h"

enum err
memory_lock(const struct call *c)
{
	struct memory *m = memory_of(c);
	struct timespec until = {
		.tv_sec = (time_t)(c->deadline_us / CLOCK_SECOND),
		.tv_nsec = (long)(c->deadline_us % CLOCK_SECOND) * 1000,
	};

	TRY(check_deadline(c));
	if (c->nowait) {
		if (pthread_mutex_trylock(&m->lock) != 0)
			return fail(c->error, ERR_WOULD_BLOCK,
			    "The store cannot answer without waiting.");
	} else if (pthread_mutex_clocklock(&m->lock, CLOCK_MONOTONIC, &until) !=
		   0) {
		return fail(c->error, ERR_SLOW_DOWN,
		    "The store was not reached in time.");
	}
	return OK;
}

void
memory_unlock(const struct call *c)
{
	(void)pthread_mutex_unlock(&memory_of(c)->lock);
}

static const struct value *
copy_row(struct arena *a, const struct entity *t, const struct value *from)
{
	struct value *row = ARENA_NEW(a, struct value, t->field_count);

	for (uint16_t i = 0; i < t->field_count; i++)
		row[i] = value_copy(a, &from[i]);
	return row;
}

static bool
first_row(void *arg, const struct value *row)
{
	*(const struct value **)arg = row;
	return false;
}

const struct value *
last_commit(const struct memory *m, int64_t branch)
{
	const struct test of_branch = { .field = COMMIT_BRANCH,
		.op = TEST_EQ,
		.value = { VALUE_INT, { .i = branch } } };
	const struct scan last = { .index = INDEX_KEY,
		.descending = true,
		.where = &of_branch,
		.where_count = 1 };
	const struct value *row = NULL;

	table_scan(&m->tables[ENTITY_COMMITS], &last, NULL, first_row, &row);
	return row;
}

static enum err
memory_get(struct call *c, uint16_t entity, const struct value *const *keys,
    size_t count, struct rows *ret)
{
	struct memory *m = memory_of(c);
	struct rows rows = { .count = count };

	TRY(check_keys(m->schema, entity, keys, count, c->error));
	rows.row = ARENA_NEW(c->arena, const struct value *, count);
	TRY(memory_lock(c));
	for (size_t i = 0; i < count; i++) {
		const struct value *row =
		    table_find(&m->tables[entity], keys[i]);

		if (row != NULL)
			rows.row[i] = copy_row(
			    c->arena, &m->schema->entities[entity], row);
	}
	memory_unlock(c);
	*ret = rows;
	return OK;
}

struct page {
	struct arena *arena;
	const struct entity *entity;
	const struct scan *scan;
	struct rows rows;
	size_t skipped, room;
};

static bool
page_add(void *arg, const struct value *row)
{
	struct page *p = arg;
	struct rows *rows = &p->rows;

	if (p->skipped < p->scan->skip) {
		p->skipped++;
		return true;
	}
	if (rows->count == p->scan->limit) {
		rows->next = token_write(
		    p->arena, p->entity, p->scan, rows->row[rows->count - 1]);
		return false;
	}
	if (rows->count == p->room) {
		size_t room = p->room < 16 ? 16 : p->room * 2;

		rows->row = arena_grow(p->arena, rows->row,
		    p->room * sizeof(*rows->row), room * sizeof(*rows->row));
		p->room = room;
	}
	rows->row[rows->count++] = copy_row(p->arena, p->entity, row);
	return true;
}

static enum err
memory_scan(struct call *c, const struct scan *scan, struct rows *ret)
{
	struct memory *m = memory_of(c);
	struct page page = { .arena = c->arena, .scan = scan };
	const struct value *after;

	TRY(check_scan(m->schema, scan, c->error));
	page.entity = &m->schema->entities[scan->entity];
	TRY(token_parse(c->arena, page.entity, scan, &after, c->error));
	TRY(memory_lock(c));
	table_scan(&m->tables[scan->entity], scan, after, page_add, &page);
	memory_unlock(c);
	*ret = page.rows;
	return OK;
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
	struct memory *m = memory_of(c);
	int64_t count = 0;

	TRY(check_scan(m->schema, scan, c->error));
	TRY(memory_lock(c));
	table_scan(&m->tables[scan->entity], scan, NULL, count_one, &count);
	memory_unlock(c);
	*ret = count;
	return OK;
}

static enum err
memory_ping(struct call *c, struct store_stats *ret)
{
	int64_t began = clock_mono_us();

	TRY(memory_lock(c));
	memory_unlock(c);
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

	tables_free(m->tables, m->schema);
	log_free(&m->log);
	(void)pthread_mutex_destroy(&m->lock);
	free(m);
}

static enum err memory_open(const struct plugin_settings *settings,
    const struct schema *schema, struct store **ret, struct error *e);

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

	if (m == NULL)
		return fail(e, ERR_UNAVAILABLE, "The store has no memory.");
	m->base.ops = &ops;
	m->schema = schema;
	m->commit_by_id = schema_commit_by_id(schema);
	m->tables = tables_new(schema);
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
