/* engine.c - reads and writes rows, under the mutex. */
#include <stdlib.h>

#include "base/list.h"
#include "memory.h"
#include "plugins/contract/check.h"

/* A row that was replaced; NULL: there was, or is, none. */
struct change {
	struct table *table;
	struct value *old, *fresh;
};

/* One call.  What changed since the mark is kept, to be taken back. */
struct memory_engine {
	struct engine base; /* first */
	struct memory *memory;
	struct change *changes;
	size_t change_count, change_room;
};

static struct memory_engine *
memory_of(struct engine *g)
{
	return (struct memory_engine *)g;
}

/* The mutex is held for microseconds: the deadline is looked at behind it. */
static enum err
begin(const struct call *c, bool write, struct engine **ret)
{
	struct memory *m = (struct memory *)c->store;

	(void)write;
	if (!c->nowait)
		(void)pthread_mutex_lock(&m->lock);
	else if (pthread_mutex_trylock(&m->lock) != 0)
		return fail(c->error, ERR_WOULD_BLOCK,
		    "The store cannot answer without waiting.");

	enum err err = check_deadline(c);

	if (err != OK) {
		(void)pthread_mutex_unlock(&m->lock);
		return err;
	}

	struct memory_engine *g = ARENA_NEW(c->arena, struct memory_engine, 1);

	g->base = (struct engine){ .ops = &memory_engine_ops,
		.schema = m->base.schema,
		.arena = c->arena,
		.error = c->error };
	g->memory = m;
	*ret = &g->base;
	return OK;
}

static enum err
end(struct engine *g, bool commit)
{
	(void)commit; /* each unit was settled by itself */
	(void)pthread_mutex_unlock(&memory_of(g)->memory->lock);
	return OK;
}

static struct table *
table_of(struct engine *g, const struct entity *t)
{
	const struct memory *m = memory_of(g)->memory;

	if (t >= rowlog_entities && t < rowlog_entities + ROWLOG_ENTITIES)
		return &m->tables[g->schema->count + (t - rowlog_entities)];
	return &m->tables[t - g->schema->entities];
}

struct page {
	struct arena *arena;
	struct error *error;
	enum err err;
	const struct entity *entity;
	const struct scan *scan;
	struct rows rows;
	size_t skipped, room;
};

static const struct value *
copy_row(struct arena *a, const struct entity *t, const struct value *from)
{
	struct value *row = ARENA_NEW(a, struct value, t->field_count);

	for (uint16_t i = 0; i < t->field_count; i++)
		row[i] = value_copy(a, &from[i]);
	return row;
}

static bool
add_to_page(void *arg, const struct value *row)
{
	struct page *p = arg;
	struct rows *rows = &p->rows;

	if (p->skipped < p->scan->skip) {
		p->skipped++;
		return true;
	}
	LIST_RESERVE(p->arena, rows->row, rows->count, p->room, 1);
	rows->row[rows->count++] = copy_row(p->arena, p->entity, row);
	p->err = arena_check(p->arena, p->error);
	return p->err == OK && rows->count < p->scan->limit;
}

static enum err
scan_rows(struct engine *g, const struct entity *t, const struct scan *scan,
    const struct value *after, struct rows *ret)
{
	struct page p = {
		.arena = g->arena, .error = g->error, .entity = t, .scan = scan
	};

	table_scan(table_of(g, t), scan, after, add_to_page, &p);
	*ret = p.rows;
	return p.err;
}

static bool
count_one(void *arg, const struct value *row)
{
	(void)row;
	++*(int64_t *)arg;
	return true;
}

static enum err
count_rows(struct engine *g, const struct entity *t, const struct scan *scan,
    int64_t *ret)
{
	int64_t count = 0;

	table_scan(table_of(g, t), scan, NULL, count_one, &count);
	*ret = count;
	return OK;
}

static void
change_row(struct memory_engine *g, struct table *t, struct value *old,
    struct value *fresh)
{
	LIST_RESERVE(
	    g->base.arena, g->changes, g->change_count, g->change_room, 1);
	g->changes[g->change_count++] = (struct change){ t, old, fresh };
	table_replace(t, old, fresh);
}

/* ADD counts NULL as 0; false: the sum does not fit. */
static bool
set_field(const struct write *w, uint16_t field, struct value *row)
{
	int64_t sum = row[field].type == VALUE_INT ? row[field].as.i : 0;

	if (w->op == WRITE_PUT) {
		row[field] = w->row[field];
		return true;
	}
	if (__builtin_add_overflow(sum, w->row[field].as.i, &sum))
		return false;
	row[field] = (struct value){ VALUE_INT, { .i = sum } };
	return true;
}

static enum verdict
put_row(struct memory_engine *g, struct table *t, struct value *old,
    const struct write *w)
{
	const struct entity *e = t->entity;
	struct value row[ENTITY_FIELDS_MAX] = { 0 };

	memcpy(row, old != NULL ? old : w->row,
	    (old != NULL ? e->field_count : e->key_count) * sizeof(*row));
	for (uint16_t i = e->key_count; i < e->field_count; i++)
		if ((w->set >> i & 1) != 0 && !set_field(w, i, row))
			return VERDICT_INVALID;
	if (table_clashes(t, old, row))
		return VERDICT_CONFLICT;
	change_row(g, t, old, row_new(e, row));
	return VERDICT_NONE;
}

static void
purge(struct memory_engine *g, struct table *t, const struct write *w)
{
	const struct scan doomed = { .index = INDEX_KEY,
		.limit = w->limit,
		.where = w->when,
		.where_count = w->when_count };
	struct page p = {
		.arena = g->base.arena, .entity = t->entity, .scan = &doomed
	};

	table_scan(t, &doomed, NULL, add_to_page, &p);
	for (size_t i = 0; i < p.rows.count; i++)
		change_row(g, t, table_find(t, p.rows.row[i]), NULL);
}

static enum verdict
write_by_key(struct memory_engine *g, struct table *t, const struct write *w)
{
	struct value *old = table_find(t, w->row);

	if (w->op == WRITE_DELETE && old == NULL)
		return VERDICT_NONE;
	if (!tests_pass(w->when, w->when_count, old) ||
	    (w->op == WRITE_ADD && old == NULL))
		return VERDICT_CONFLICT;
	if (w->op == WRITE_PUT || w->op == WRITE_ADD)
		return put_row(g, t, old, w);
	if (w->op == WRITE_DELETE)
		change_row(g, t, old, NULL);
	return VERDICT_NONE;
}

static enum err
write_row(struct engine *g, const struct entity *t, const struct write *w,
    enum verdict *ret)
{
	struct table *table = table_of(g, t);

	*ret = VERDICT_NONE;
	if (w->op == WRITE_PURGE)
		purge(memory_of(g), table, w);
	else
		*ret = write_by_key(memory_of(g), table, w);
	return OK;
}

static enum err
mark(struct engine *g)
{
	memory_of(g)->change_count = 0;
	return OK;
}

static enum err
settle(struct engine *engine, bool keep)
{
	struct memory_engine *g = memory_of(engine);

	while (g->change_count != 0) {
		struct change *x = &g->changes[--g->change_count];

		if (!keep)
			table_replace(x->table, x->fresh, x->old);
		free(keep ? x->old : x->fresh);
	}
	return OK;
}

const struct engine_ops memory_engine_ops = {
	.begin = begin,
	.end = end,
	.scan = scan_rows,
	.count = count_rows,
	.write = write_row,
	.mark = mark,
	.settle = settle,
};
