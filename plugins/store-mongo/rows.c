/* rows.c - reads and writes rows, one step after the other. */
#include "rows.h"

#include "base/list.h"
#include "plugins/contract/check.h"
#include "plugins/contract/value.h"

/* MongoDB takes documents of 16 MiB. */
#define DOCUMENT_MAX ((size_t)16 << 20)
#define BATCH_MAX 10000

static mongoc_collection_t *
collection_of(struct engine *g, const struct entity *t)
{
	const struct mongo_engine *m = mongo_of(g);

	return mongoc_client_get_collection(
	    m->client, m->store->database, t->name);
}

/* All that a cursor finds; ends it. */
static enum err
take_rows(struct engine *g, const struct entity *t, mongoc_cursor_t *cursor,
    struct rows *ret)
{
	struct rows rows = { .count = 0 };
	const bson_t *document, *reply = NULL;
	size_t room = 0;
	bson_error_t error;
	enum err err = OK;

	while (err == OK && mongoc_cursor_next(cursor, &document)) {
		LIST_RESERVE(g->arena, rows.row, rows.count, room, 1);
		rows.row[rows.count++] = document_row(g->arena, t, document);
		err = arena_check(g->arena, g->error);
	}
	if (err == OK && mongoc_cursor_error_document(cursor, &error, &reply))
		err = mongo_fail(mongo_of(g), &error, reply);
	mongoc_cursor_destroy(cursor);
	if (err == OK)
		*ret = rows;
	return err;
}

static void
tell_slow(struct engine *g, const struct entity *t, const bson_t *command,
    size_t rows, int64_t took_us)
{
	mongo_tell_slow(mongo_of(g), t, command, (int64_t)rows, took_us);
}

static void
tell_find(struct engine *g, const struct entity *t, const bson_t *filter,
    const bson_t *options, size_t rows, int64_t took_us)
{
	DOCUMENT command = BSON_INITIALIZER;
	bson_iter_t sort;

	bson_append_utf8(&command, "find", -1, t->name, -1);
	bson_append_document(&command, "filter", -1, filter);
	if (bson_iter_init_find(&sort, options, "sort"))
		bson_append_iter(&command, NULL, 0, &sort);
	tell_slow(g, t, &command, rows, took_us);
}

enum err
mongo_find(struct engine *g, const struct entity *t, const bson_t *filter,
    bson_t *options, struct rows *ret)
{
	mongoc_collection_t *c = collection_of(g, t);
	const struct store_watch *watch = mongo_of(g)->store->watch;
	int64_t began = slow_begin(watch), took;
	enum err err;

	mongo_add_options(mongo_of(g), options);
	err = take_rows(g, t,
	    mongoc_collection_find_with_opts(c, filter, options, NULL), ret);
	mongoc_collection_destroy(c);
	took = slow_end(watch, began);
	if (took != 0)
		tell_find(
		    g, t, filter, options, err == OK ? ret->count : 0, took);
	return err;
}

static void
tell_aggregate(struct engine *g, const struct entity *t, const bson_t *pipeline,
    size_t rows, int64_t took_us)
{
	DOCUMENT command = BSON_INITIALIZER;
	DOCUMENT cursor = BSON_INITIALIZER;

	bson_append_utf8(&command, "aggregate", -1, t->name, -1);
	bson_append_array(&command, "pipeline", -1, pipeline);
	bson_append_document(&command, "cursor", -1, &cursor);
	tell_slow(g, t, &command, rows, took_us);
}

enum err
mongo_aggregate(struct engine *g, const struct entity *t,
    const bson_t *pipeline, struct rows *ret)
{
	mongoc_collection_t *c = collection_of(g, t);
	const struct store_watch *watch = mongo_of(g)->store->watch;
	int64_t began = slow_begin(watch), took;
	DOCUMENT options = BSON_INITIALIZER;
	enum err err;

	mongo_add_options(mongo_of(g), &options);
	err = take_rows(g, t,
	    mongoc_collection_aggregate(
		c, MONGOC_QUERY_NONE, pipeline, &options, NULL),
	    ret);
	mongoc_collection_destroy(c);
	took = slow_end(watch, began);
	if (took != 0)
		tell_aggregate(
		    g, t, pipeline, err == OK ? ret->count : 0, took);
	return err;
}

static enum err
scan_rows(struct engine *g, const struct entity *t, const struct scan *scan,
    const struct value *after, struct rows *ret)
{
	DOCUMENT filter = BSON_INITIALIZER;
	DOCUMENT options = BSON_INITIALIZER;

	add_tests(&filter, t, scan->where, scan->where_count);
	add_after(&filter, t, scan, after);
	add_sort(&options, t, scan);
	bson_append_int64(&options, "limit", -1, scan->limit);
	bson_append_int64(&options, "skip", -1, scan->skip);
	bson_append_int32(&options, "batchSize", -1,
	    scan->limit < BATCH_MAX ? (int32_t)scan->limit : BATCH_MAX);
	return mongo_find(g, t, &filter, &options, ret);
}

static void
tell_count(struct engine *g, const struct entity *t, const bson_t *filter,
    int64_t took_us)
{
	DOCUMENT command = BSON_INITIALIZER;

	bson_append_utf8(&command, "count", -1, t->name, -1);
	bson_append_document(&command, "query", -1, filter);
	tell_slow(g, t, &command, 1, took_us);
}

static enum err
count_rows(struct engine *g, const struct entity *t, const struct scan *scan,
    int64_t *ret)
{
	mongoc_collection_t *c = collection_of(g, t);
	const struct store_watch *watch = mongo_of(g)->store->watch;
	int64_t began = slow_begin(watch), took, count;
	DOCUMENT filter = BSON_INITIALIZER;
	DOCUMENT options = BSON_INITIALIZER;
	bson_error_t error;

	add_tests(&filter, t, scan->where, scan->where_count);
	mongo_add_options(mongo_of(g), &options);
	count = mongoc_collection_count_documents(
	    c, &filter, &options, NULL, NULL, &error);
	mongoc_collection_destroy(c);
	took = slow_end(watch, began);
	if (took != 0)
		tell_count(g, t, &filter, took);
	if (count < 0)
		return mongo_fail(mongo_of(g), &error, NULL);
	*ret = count;
	return OK;
}

/* ---- writing: in a transaction, so a row that was read stays as it was, or
 * the write meets a conflict and all is made again */

static enum err
send_one(struct engine *g, const char *command, const char *list,
    const struct entity *t, const bson_t *statement)
{
	BULK b = bulk_of(g, command, list, t);

	TRY(bulk_add(&b, statement));
	return bulk_flush(&b);
}

static enum err
insert_row(struct engine *g, const struct entity *t, const struct value *row)
{
	DOCUMENT d = BSON_INITIALIZER;

	add_row(&d, t, row);
	return send_one(g, "insert", "documents", t, &d);
}

static enum err
delete_row(struct engine *g, const struct entity *t, const struct value *key)
{
	DOCUMENT statement = BSON_INITIALIZER;
	bson_t q;

	bson_append_document_begin(&statement, "q", -1, &q);
	add_key(&q, t, key);
	bson_append_document_end(&statement, &q);
	bson_append_int32(&statement, "limit", -1, 1);
	return send_one(g, "delete", "deletes", t, &statement);
}

/* Sets the fields of `set` and no others.  The count of writes makes a row
 * that was only tested a row that was written: two transactions that each
 * test what the other writes must not both pass. */
static enum err
update_row(struct engine *g, const struct entity *t, const struct value *row,
    uint64_t set)
{
	DOCUMENT statement = BSON_INITIALIZER;
	DOCUMENT fields = BSON_INITIALIZER;
	DOCUMENT nulls = BSON_INITIALIZER;
	bson_t part, one;

	for (uint16_t i = t->key_count; i < t->field_count; i++)
		if ((set >> i & 1) != 0)
			add_value(row[i].type != VALUE_NULL ? &fields : &nulls,
			    field_path(t, i), &row[i]);
	bson_append_document_begin(&statement, "q", -1, &part);
	add_key(&part, t, row);
	bson_append_document_end(&statement, &part);
	bson_append_document_begin(&statement, "u", -1, &part);
	if (!bson_empty(&fields))
		bson_append_document(&part, "$set", -1, &fields);
	if (!bson_empty(&nulls))
		bson_append_document(&part, "$unset", -1, &nulls);
	bson_append_document_begin(&part, "$inc", -1, &one);
	bson_append_int64(&one, "_writes", -1, 1);
	bson_append_document_end(&part, &one);
	bson_append_document_end(&statement, &part);
	return send_one(g, "update", "updates", t, &statement);
}

enum err
mongo_hold_absent(
    struct engine *g, const struct entity *t, const struct value *key)
{
	struct value row[ENTITY_FIELDS_MAX] = { 0 };

	memcpy(row, key, t->key_count * sizeof(*row));
	TRY(insert_row(g, t, row));
	return delete_row(g, t, row);
}

enum err
mongo_hold_log(struct engine *g, int64_t branch)
{
	const struct entity *commits = &g->schema->entities[ENTITY_COMMITS];
	const struct value *head;

	TRY(rowlog_head(g, branch, &head));

	const struct value key[] = {
		{ VALUE_INT, { .i = branch } },
		{ VALUE_INT,
		    { .i = head != NULL ? head[COMMIT_SEQ].as.i + 1 : 1 } },
	};

	return mongo_hold_absent(g, commits, key);
}

enum err
bulk_add_missing(
    struct bulk *bulk, const struct entity *t, const struct value *row)
{
	DOCUMENT d = BSON_INITIALIZER;
	bson_t part, set;

	bson_append_document_begin(&d, "q", -1, &part);
	add_key(&part, t, row);
	bson_append_document_end(&d, &part);
	bson_append_document_begin(&d, "u", -1, &part);
	bson_append_document_begin(&part, "$setOnInsert", -1, &set);
	for (uint16_t i = t->key_count; i < t->field_count; i++)
		if (row[i].type != VALUE_NULL)
			add_value(&set, field_path(t, i), &row[i]);
	bson_append_document_end(&part, &set);
	bson_append_document_end(&d, &part);
	bson_append_bool(&d, "upsert", -1, true);
	return bulk_add(bulk, &d);
}

static bool
has_null(const struct index *x, const struct value *row)
{
	for (uint16_t i = 0; i < x->field_count; i++)
		if (row[x->field[i]].type == VALUE_NULL)
			return true;
	return false;
}

/* Would a unique index refuse the row?  The server would end the transaction
 * with its refusal, and the host could not be told which write it was. */
static enum err
clashes(struct engine *g, const struct entity *t, const struct value *row,
    bool *ret)
{
	struct order key = order_of(t, INDEX_KEY);

	*ret = false;
	for (uint16_t i = 0; i < t->index_count && !*ret; i++) {
		const struct index *x = &t->indexes[i];
		struct test same[4];
		const struct scan scan = { .index = INDEX_KEY,
			.limit = 1,
			.where = same,
			.where_count = x->field_count };
		const struct value *other;

		if (!x->unique || has_null(x, row))
			continue;
		for (uint16_t k = 0; k < x->field_count; k++)
			same[k] = (struct test){ x->field[k], TEST_EQ,
				row[x->field[k]] };
		TRY(rowlog_first(g, t, &scan, &other));
		*ret = other != NULL &&
		       order_compare(&key, key.count, other, row) != 0;
	}
	return OK;
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

bool
mongo_fits(const struct entity *t, const struct value *row)
{
	size_t n = 0;

	for (uint16_t i = 0; i < t->field_count; i++)
		if (row[i].type == VALUE_TEXT || row[i].type == VALUE_BYTES)
			n += row[i].as.s.len *
			     (row[i].type == VALUE_BYTES ? 2 : 1);
	return n + 64 * (size_t)t->field_count < DOCUMENT_MAX;
}

static enum err
put_row(struct engine *g, const struct entity *t, const struct value *old,
    const struct write *w, enum verdict *ret)
{
	struct value row[ENTITY_FIELDS_MAX] = { 0 };
	bool clash;

	memcpy(row, old != NULL ? old : w->row,
	    (old != NULL ? t->field_count : t->key_count) * sizeof(*row));
	for (uint16_t i = t->key_count; i < t->field_count; i++)
		if ((w->set >> i & 1) != 0 && !set_field(w, i, row))
			*ret = VERDICT_INVALID;
	if (!mongo_fits(t, row))
		*ret = VERDICT_INVALID;
	if (*ret != VERDICT_NONE)
		return OK;
	TRY(clashes(g, t, row, &clash));
	if (clash) {
		*ret = VERDICT_CONFLICT;
		return OK;
	}
	return old != NULL ? update_row(g, t, row, w->set)
			   : insert_row(g, t, row);
}

static enum err
purge(struct engine *g, const struct entity *t, const struct write *w)
{
	const struct scan doomed = { .index = INDEX_KEY,
		.limit = w->limit,
		.where = w->when,
		.where_count = w->when_count };
	BULK b = bulk_of(g, "delete", "deletes", t);
	struct rows rows;

	TRY(scan_rows(g, t, &doomed, NULL, &rows));
	for (size_t i = 0; i < rows.count; i++) {
		DOCUMENT statement = BSON_INITIALIZER;
		bson_t q;

		bson_append_document_begin(&statement, "q", -1, &q);
		add_key(&q, t, rows.row[i]);
		bson_append_document_end(&statement, &q);
		bson_append_int32(&statement, "limit", -1, 1);
		TRY(bulk_add(&b, &statement));
	}
	return bulk_flush(&b);
}

static enum err
write_by_key(struct engine *g, const struct entity *t, const struct write *w,
    enum verdict *ret)
{
	const struct value *old;

	TRY(rowlog_find(g, t, w->row, &old));
	if (w->op == WRITE_DELETE && old == NULL)
		return OK;
	if (!tests_pass(w->when, w->when_count, old) ||
	    (w->op == WRITE_ADD && old == NULL)) {
		*ret = VERDICT_CONFLICT;
		return OK;
	}
	if (w->op == WRITE_PUT || w->op == WRITE_ADD)
		return put_row(g, t, old, w, ret);
	if (w->op == WRITE_DELETE)
		return delete_row(g, t, w->row);
	return old != NULL ? update_row(g, t, old, 0)
			   : mongo_hold_absent(g, t, w->row);
}

static enum err
write_row(struct engine *g, const struct entity *t, const struct write *w,
    enum verdict *ret)
{
	*ret = VERDICT_NONE;
	if (w->op == WRITE_PURGE)
		return purge(g, t, w);
	TRY(write_by_key(g, t, w, ret));
	if (*ret == VERDICT_NONE && closes_branch(g->schema, t, w))
		return mongo_hold_log(g, w->row[REF_ID].as.i);
	return OK;
}

/* A transaction holds one unit: what failed is never committed. */
static enum err
mark(struct engine *g)
{
	(void)g;
	return OK;
}

static enum err
settle(struct engine *g, bool keep)
{
	(void)g;
	(void)keep;
	return OK;
}

const struct engine_ops mongo_engine_ops = {
	.begin = mongo_begin,
	.end = mongo_end,
	.scan = scan_rows,
	.count = count_rows,
	.write = write_row,
	.mark = mark,
	.settle = settle,
};
