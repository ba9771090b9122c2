/* records.c - rows by key, pages of rows, and rows by their parents. */
#include "base/list.h"
#include "plugins/contract/token.h"
#include "plugins/contract/value.h"
#include "plugins/rowlog/steps.h"

enum err
rowlog_first(struct engine *g, const struct entity *t, const struct scan *scan,
    const struct value **ret)
{
	struct rows rows;

	TRY(g->ops->scan(g, t, scan, NULL, &rows));
	*ret = rows.count != 0 ? rows.row[0] : NULL;
	return OK;
}

enum err
rowlog_find(struct engine *g, const struct entity *t, const struct value *key,
    const struct value **ret)
{
	struct test same[ORDER_MAX];
	const struct scan scan = { .index = INDEX_KEY,
		.limit = 1,
		.where = same,
		.where_count = t->key_count };

	for (uint16_t i = 0; i < t->key_count; i++)
		same[i] = (struct test){ i, TEST_EQ, key[i] };
	return rowlog_first(g, t, &scan, ret);
}

enum err
rowlog_head(struct engine *g, int64_t branch, const struct value **ret)
{
	const struct test of_branch = { COMMIT_BRANCH, TEST_EQ,
		{ VALUE_INT, { .i = branch } } };
	const struct scan last = { .index = INDEX_KEY,
		.descending = true,
		.limit = 1,
		.where = &of_branch,
		.where_count = 1 };

	return rowlog_first(
	    g, &g->schema->entities[ENTITY_COMMITS], &last, ret);
}

enum err
rowlog_put(struct engine *g, const struct entity *t, const struct value *row,
    bool fresh, enum verdict *ret)
{
	static const struct test absent = { .op = TEST_ABSENT };
	const struct write w = { .op = WRITE_PUT,
		.row = row,
		.set = UINT64_MAX >> (ENTITY_FIELDS_MAX - t->field_count),
		.when = &absent,
		.when_count = fresh };

	return g->ops->write(g, t, &w, ret);
}

enum err
rowlog_get(struct engine *g, uint16_t entity, const struct value *const *keys,
    size_t count, struct rows *ret)
{
	const struct entity *t = &g->schema->entities[entity];
	const struct value **row =
	    ARENA_NEW(g->arena, const struct value *, count);

	for (size_t i = 0; i < count; i++)
		TRY(rowlog_find(g, t, keys[i], &row[i]));
	*ret = (struct rows){ .row = row, .count = count };
	return OK;
}

/* One row more than asked for tells that there is a next page. */
enum err
rowlog_scan(struct engine *g, const struct scan *scan, struct rows *ret)
{
	const struct entity *t = &g->schema->entities[scan->entity];
	const struct value *after;
	struct scan longer = *scan;
	struct rows rows;

	TRY(token_parse(g->arena, t, scan, &after, g->error));
	if (longer.limit != UINT32_MAX)
		longer.limit++;
	TRY(g->ops->scan(g, t, &longer, after, &rows));
	rows.next = (struct str){ 0 };
	if (rows.count > scan->limit) {
		rows.count = scan->limit;
		rows.next =
		    token_write(g->arena, t, scan, rows.row[rows.count - 1]);
	}
	*ret = rows;
	return OK;
}

enum err
rowlog_walk(struct engine *g, const struct scan *scan, uint16_t parent,
    struct rows *ret)
{
	const struct entity *t = &g->schema->entities[scan->entity];
	struct test next = { .field = order_of(t, scan->index).field[0] };
	struct scan step = *scan;
	struct rows rows = { .count = 0 };
	const struct value *row;
	size_t room = 0;

	step.limit = 1;
	step.skip = 0;
	TRY(rowlog_first(g, t, &step, &row));
	step.where = &next;
	step.where_count = 1;
	while (row != NULL) {
		LIST_RESERVE(g->arena, rows.row, rows.count, room, 1);
		rows.row[rows.count++] = row;
		if (rows.count == scan->limit || row[parent].type == VALUE_NULL)
			break;
		next.value = row[parent];
		TRY(rowlog_first(g, t, &step, &row));
	}
	*ret = rows;
	return OK;
}
