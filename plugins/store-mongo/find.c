/*
 * find.c - many questions in one round trip, and ancestry in one.
 *
 * The first row of each of many ranges is a union of small pipelines, each a
 * seek in an index; rows by their keys are one query.
 */
#include "calls.h"
#include "plugins/contract/check.h"
#include "plugins/contract/value.h"
#include "rows.h"

#define QUESTIONS_AT_ONCE 50
#define KEYS_AT_ONCE 500

/* ---- stages of a pipeline */

static void
add_stage(bson_t *pipeline, uint32_t n, const char *name, const bson_t *with)
{
	char room[16];
	bson_t stage;

	bson_append_document_begin(pipeline, array_name(n, room), -1, &stage);
	bson_append_document(&stage, name, -1, with);
	bson_append_document_end(pipeline, &stage);
}

/* {$match}, {$sort}, {$limit: 1} */
static void
add_first(bson_t *pipeline, const struct entity *t, const struct scan *order,
    const struct question *q)
{
	DOCUMENT filter = BSON_INITIALIZER;
	DOCUMENT sorted = BSON_INITIALIZER;
	bson_iter_t at;
	bson_t stage;

	add_tests(&filter, t, q->where, q->where_count);
	add_stage(pipeline, 0, "$match", &filter);
	add_sort(&sorted, t, order);
	bson_append_document_begin(pipeline, "1", -1, &stage);
	if (bson_iter_init_find(&at, &sorted, "sort"))
		bson_append_iter(&stage, "$sort", -1, &at);
	bson_append_document_end(pipeline, &stage);
	bson_append_document_begin(pipeline, "2", -1, &stage);
	bson_append_int32(&stage, "$limit", -1, 1);
	bson_append_document_end(pipeline, &stage);
}

static void
add_union(bson_t *pipeline, uint32_t n, const struct entity *t,
    const struct scan *order, const struct question *q)
{
	DOCUMENT with = BSON_INITIALIZER;
	bson_t inner;

	bson_append_utf8(&with, "coll", -1, t->name, -1);
	bson_append_array_begin(&with, "pipeline", -1, &inner);
	add_first(&inner, t, order, q);
	bson_append_array_end(&with, &inner);
	add_stage(pipeline, n, "$unionWith", &with);
}

static void
add_rows(struct engine *g, struct rows *all, const struct rows *more)
{
	const struct value **row =
	    ARENA_NEW(g->arena, const struct value *, all->count + more->count);

	if (all->count != 0)
		memcpy(row, all->row, all->count * sizeof(struct value *));
	if (more->count != 0)
		memcpy(row + all->count, more->row,
		    more->count * sizeof(struct value *));
	all->row = row;
	all->count += more->count;
}

static enum err
ask(struct engine *g, const struct entity *t, const struct scan *order,
    const struct question *q, size_t count, struct rows *ret)
{
	DOCUMENT pipeline = BSON_INITIALIZER;
	struct scan one = *order;

	if (count == 1) {
		one.limit = 1;
		one.where = q->where;
		one.where_count = q->where_count;
		return g->ops->scan(g, t, &one, NULL, ret);
	}
	add_first(&pipeline, t, order, &q[0]);
	for (uint32_t i = 1; i < count; i++)
		add_union(&pipeline, 2 + i, t, order, &q[i]);
	return mongo_aggregate(g, t, &pipeline, ret);
}

enum err
mongo_firsts(struct engine *g, const struct entity *t, const struct scan *order,
    const struct question *q, size_t count, struct rows *ret)
{
	struct rows all = { .count = 0 }, some;

	for (size_t i = 0; i < count; i += QUESTIONS_AT_ONCE) {
		size_t left = count - i;

		TRY(ask(g, t, order, &q[i],
		    left < QUESTIONS_AT_ONCE ? left : QUESTIONS_AT_ONCE,
		    &some));
		add_rows(g, &all, &some);
	}
	*ret = all;
	return OK;
}

static enum err
find_some(struct engine *g, const struct entity *t,
    const struct value *const *keys, size_t count, struct rows *ret)
{
	DOCUMENT filter = BSON_INITIALIZER;
	DOCUMENT options = BSON_INITIALIZER;
	char room[16];
	bson_t any, one;

	if (count == 1) {
		add_key(&filter, t, keys[0]);
		return mongo_find(g, t, &filter, &options, ret);
	}
	bson_append_array_begin(&filter, "$or", -1, &any);
	for (uint32_t i = 0; i < count; i++) {
		bson_append_document_begin(&any, array_name(i, room), -1, &one);
		add_key(&one, t, keys[i]);
		bson_append_document_end(&any, &one);
	}
	bson_append_array_end(&filter, &any);
	return mongo_find(g, t, &filter, &options, ret);
}

enum err
mongo_find_keys(struct engine *g, const struct entity *t,
    const struct value *const *keys, size_t count, struct rows *ret)
{
	struct rows all = { .count = 0 }, some;

	for (size_t i = 0; i < count; i += KEYS_AT_ONCE) {
		size_t left = count - i;

		TRY(find_some(g, t, &keys[i],
		    left < KEYS_AT_ONCE ? left : KEYS_AT_ONCE, &some));
		add_rows(g, &all, &some);
	}
	*ret = all;
	return OK;
}

/* ---- get() */

static int
by_key(const void *a, const void *b, void *entity)
{
	const struct order key = order_of(entity, INDEX_KEY);
	const struct value *const *x = a, *const *y = b;

	return order_compare(&key, key.count, *x, *y);
}

static const struct value *
search(
    const struct rows *sorted, const struct entity *t, const struct value *key)
{
	const struct order order = order_of(t, INDEX_KEY);
	size_t low = 0, high = sorted->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int at = order_compare(
		    &order, order.count, sorted->row[middle], key);

		if (at == 0)
			return sorted->row[middle];
		if (at < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static enum err
get_rows(struct engine *g, const struct entity *t,
    const struct value *const *keys, size_t count, struct rows *ret)
{
	const struct value **row =
	    ARENA_NEW(g->arena, const struct value *, count);
	struct rows found;

	TRY(mongo_find_keys(g, t, keys, count, &found));
	if (found.count != 0)
		qsort_r(found.row, found.count, sizeof(struct value *), by_key,
		    (void *)(uintptr_t)t);
	for (size_t i = 0; i < count; i++)
		row[i] = search(&found, t, keys[i]);
	*ret = (struct rows){ .row = row, .count = count };
	return OK;
}

static const struct schema *
schema_of(const struct call *c)
{
	return ((const struct rowlog_store *)c->store)->schema;
}

enum err
mongo_get(struct call *c, uint16_t entity, const struct value *const *keys,
    size_t count, struct rows *ret)
{
	const struct schema *schema = schema_of(c);
	struct engine *g;
	enum err err;

	TRY(check_keys(schema, entity, keys, count, c->error));
	TRY(mongo_read_begin(c, &g));
	err = get_rows(g, &schema->entities[entity], keys, count, ret);
	mongo_read_end(g);
	return err;
}

/* ---- walk() */

/* The row itself is its first ancestor, so that all come in one list; the
 * depth is said always: an engine may have a limit of its own. */
static void
add_graph(bson_t *pipeline, const struct entity *t, const struct scan *scan,
    uint16_t parent)
{
	const char *key = field_path(t, order_of(t, scan->index).field[0]);
	DOCUMENT with = BSON_INITIALIZER;
	char start[64];

	(void)snprintf(start, sizeof(start), "$%s", key);
	bson_append_utf8(&with, "from", -1, t->name, -1);
	bson_append_utf8(&with, "startWith", -1, start, -1);
	bson_append_utf8(
	    &with, "connectFromField", -1, field_path(t, parent), -1);
	bson_append_utf8(&with, "connectToField", -1, key, -1);
	bson_append_utf8(&with, "as", -1, "_up", -1);
	bson_append_int64(&with, "maxDepth", -1, (int64_t)scan->limit - 1);
	bson_append_utf8(&with, "depthField", -1, "_depth", -1);
	add_stage(pipeline, 3, "$graphLookup", &with);
}

static void
add_unwind(bson_t *pipeline)
{
	DOCUMENT sort = BSON_INITIALIZER;
	DOCUMENT root = BSON_INITIALIZER;
	bson_t stage;

	bson_append_document_begin(pipeline, "4", -1, &stage);
	bson_append_utf8(&stage, "$unwind", -1, "$_up", -1);
	bson_append_document_end(pipeline, &stage);
	bson_append_utf8(&root, "newRoot", -1, "$_up", -1);
	add_stage(pipeline, 5, "$replaceRoot", &root);
	bson_append_int32(&sort, "_depth", -1, 1);
	add_stage(pipeline, 6, "$sort", &sort);
}

enum err
mongo_walk(
    struct call *c, const struct scan *scan, uint16_t parent, struct rows *ret)
{
	const struct question first = { scan->where, scan->where_count };
	DOCUMENT pipeline = BSON_INITIALIZER;
	const struct entity *t;
	struct engine *g;
	enum err err;

	TRY(check_walk(schema_of(c), scan, parent, c->error));
	t = &schema_of(c)->entities[scan->entity];
	add_first(&pipeline, t, scan, &first);
	add_graph(&pipeline, t, scan, parent);
	add_unwind(&pipeline);
	TRY(mongo_read_begin(c, &g));
	err = mongo_aggregate(g, t, &pipeline, ret);
	mongo_read_end(g);
	return err;
}
