/*
 * batch.c - rows and tests of a unit live in the call's arena; only the list of
 * writes grows.
 */
#include "record/batch.h"

#include <assert.h>

#include "base/fault.h"
#include "base/list.h"
#include "record/audit.h"
#include "record/submit.h"

#define PAGE_ROWS 1000

/* Of an answer, at once: on a thread, and on the event loop. */
#define ANSWER_ROWS 32
#define LOOP_ROWS 16

static struct write *
add_write(struct batch *b, struct write w)
{
	LIST_RESERVE(b->call->arena, b->at, b->count, b->room, 1);
	b->at[b->count] = w;
	return &b->at[b->count++];
}

static struct value *
new_row(struct batch *b, uint16_t entity)
{
	return ARENA_NEW(b->call->arena, struct value,
	    record_schema.entities[entity].field_count);
}

static const struct test *
new_test(struct batch *b, struct test test)
{
	struct test *t = ARENA_NEW(b->call->arena, struct test, 1);

	*t = test;
	return t;
}

static struct value *
put_row(struct batch *b, uint16_t entity, const struct test *when)
{
	struct value *row = new_row(b, entity);

	(void)add_write(b,
	    (struct write){ .entity = entity,
		.op = WRITE_PUT,
		.row = row,
		.set = FIELDS_ALL(record_schema.entities[entity].field_count),
		.when = when,
		.when_count = when != NULL });
	return row;
}

struct value *
batch_insert(struct batch *b, uint16_t entity)
{
	return put_row(
	    b, entity, new_test(b, (struct test){ .op = TEST_ABSENT }));
}

struct value *
batch_replace(struct batch *b, uint16_t entity)
{
	return put_row(b, entity, NULL);
}

struct update
batch_update(
    struct batch *b, uint16_t entity, struct value key, struct test test)
{
	struct value *row = new_row(b, entity);

	row[0] = key;

	struct write *w = add_write(b, (struct write){ .entity = entity,
					   .op = WRITE_PUT,
					   .row = row,
					   .when = new_test(b, test),
					   .when_count = 1 });

	return (struct update){ row, &w->set };
}

void
update_set(struct update u, uint16_t field, struct value v)
{
	u.row[field] = v;
	*u.set |= FIELD_BIT(field);
}

void
batch_add(struct batch *b, uint16_t entity, struct value key, uint16_t field,
    const struct test *tests, size_t count)
{
	batch_add_many(b, entity, key, field, 1, tests, count);
}

void
batch_add_many(struct batch *b, uint16_t entity, struct value key,
    uint16_t field, int64_t n, const struct test *tests, size_t count)
{
	struct value *row = new_row(b, entity);
	struct test *when = ARENA_NEW(b->call->arena, struct test, count);

	row[0] = key;
	row[field] = value_int(n);
	for (size_t i = 0; i < count; i++)
		when[i] = tests[i];
	(void)add_write(b, (struct write){ .entity = entity,
			       .op = WRITE_ADD,
			       .row = row,
			       .set = FIELD_BIT(field),
			       .when = when,
			       .when_count = count });
}

void
batch_delete_row(struct batch *b, uint16_t entity, const struct value *key)
{
	(void)add_write(b,
	    (struct write){ .entity = entity, .op = WRITE_DELETE, .row = key });
}

void
batch_delete_row_when(
    struct batch *b, uint16_t entity, const struct value *key, struct test test)
{
	(void)add_write(b, (struct write){ .entity = entity,
			       .op = WRITE_DELETE,
			       .row = key,
			       .when = new_test(b, test),
			       .when_count = 1 });
}

void
batch_delete(struct batch *b, uint16_t entity, struct value key)
{
	struct value *row = new_row(b, entity);

	row[0] = key;
	batch_delete_row(b, entity, row);
}

void
batch_delete_when(
    struct batch *b, uint16_t entity, struct value key, struct test test)
{
	struct value *row = new_row(b, entity);

	row[0] = key;
	batch_delete_row_when(b, entity, row, test);
}

void
batch_expect(
    struct batch *b, uint16_t entity, struct value key, struct test test)
{
	struct value *row = new_row(b, entity);

	row[0] = key;
	(void)add_write(b, (struct write){ .entity = entity,
			       .op = WRITE_TEST,
			       .row = row,
			       .when = new_test(b, test),
			       .when_count = 1 });
}

void
batch_expect_absent(struct batch *b, uint16_t entity, const struct value *key)
{
	(void)add_write(
	    b, (struct write){ .entity = entity,
		   .op = WRITE_TEST,
		   .row = key,
		   .when = new_test(b, (struct test){ .op = TEST_ABSENT }),
		   .when_count = 1 });
}

void
batch_purge(struct batch *b, uint16_t entity, uint32_t limit, struct test test)
{
	(void)add_write(b, (struct write){ .entity = entity,
			       .op = WRITE_PURGE,
			       .limit = limit,
			       .when = new_test(b, test),
			       .when_count = 1 });
}

static bool
key_eq(const struct key *a, const struct key *b)
{
	return a->space == b->space && str_eq(a->ns, b->ns) &&
	       str_eq(a->name, b->name);
}

void
batch_put(struct batch *b, struct version version)
{
	for (size_t i = 0; i < b->put_count; i++)
		if (key_eq(&b->put[i].key, &version.key))
			return;
	assert(b->put_count < BATCH_PUTS);
	b->put[b->put_count++] = version;
}

/* A unit without versions leaves no id behind: a conflict after a lost answer
 * may be with itself. */
static enum err
decide(struct call *c, int64_t branch, struct unit *unit)
{
	bool lost = false;

	TRY(submit(c, branch, unit, 1, &lost));
	if (lost && unit->put_count == 0 && unit->verdict != VERDICT_APPLIED)
		return fail(c->error, ERR_COMMIT_UNKNOWN,
		    "The store does not know whether this was written: look "
		    "before you try again");
	return OK;
}

enum err
batch_apply(
    struct batch *b, int64_t branch, enum verdict *ret, size_t *ret_failed)
{
	struct unit unit = { .id = id_is_nil(b->id) ? id_v7() : b->id,
		.author = b->author,
		.message = b->message,
		.request_hash = b->request_hash,
		.puts = b->put,
		.put_count = b->put_count,
		.writes = b->at,
		.write_count = b->count };

	if (b->deed != NULL)
		FAULT_POINT("before_deed");
	TRY(decide(b->call, branch, &unit));
	if (b->deed != NULL)
		FAULT_POINT("deed_applied");
	if (unit.verdict == VERDICT_INVALID || unit.verdict == VERDICT_NONE)
		return fail(b->call->error, ERR_BAD_REQUEST,
		    "The store refuses this data");
	b->was_there = unit.verdict == VERDICT_ALREADY;
	b->first_hash = unit.first_hash;
	*ret = b->was_there ? VERDICT_APPLIED : unit.verdict;
	*ret_failed = unit.failed;
	if (*ret == VERDICT_APPLIED && b->deed != NULL)
		b->deed->is_on_record = true;
	return OK;
}

enum err
record_find_by_key(
    struct call *c, uint16_t entity, struct value key, const struct value **ret)
{
	const struct value *keys[] = { &key };
	struct rows rows;

	TRY(store_get(c, entity, keys, 1, &rows));
	*ret = rows.row[0];
	return OK;
}

enum err
record_find(struct call *c, uint16_t entity, uint16_t index,
    const struct test *where, size_t count, const struct value **ret)
{
	struct scan scan = { .entity = entity,
		.index = index,
		.limit = 1,
		.where = where,
		.where_count = count };
	struct rows rows;

	TRY(store_scan(c, &scan, &rows));
	*ret = rows.count != 0 ? rows.row[0] : NULL;
	return OK;
}

static void
add_rows(
    struct call *c, struct rows *all, size_t *room, const struct rows *page)
{
	LIST_RESERVE(c->arena, all->row, all->count, *room, page->count);
	for (size_t i = 0; i < page->count; i++)
		all->row[all->count++] = page->row[i];
	all->next = page->next;
}

static enum err
check_range(struct call *c, int64_t limit, int64_t offset)
{
	if (limit < 0 || offset < 0 || offset > UINT32_MAX)
		return fail(c->error, ERR_BAD_REQUEST,
		    "limit and offset may not be negative or huge");
	return OK;
}

enum err
record_list(struct call *c, const struct scan *of, int64_t limit,
    int64_t offset, struct rows *ret)
{
	struct scan scan = *of;
	struct rows all = { 0 }, page;
	size_t room = 0;

	TRY(check_range(c, limit, offset));
	scan.skip = (uint32_t)offset;
	do {
		int64_t left = limit - (int64_t)all.count;

		scan.limit =
		    limit != 0 && left < PAGE_ROWS ? (uint32_t)left : PAGE_ROWS;
		TRY(store_scan(c, &scan, &page));
		add_rows(c, &all, &room, &page);
		scan.skip = 0;
		scan.after = page.next;
	} while (page.next.ptr != NULL &&
		 (limit == 0 || (int64_t)all.count < limit));
	*ret = all;
	return OK;
}

static size_t
bytes_of(const struct rows *rows, uint16_t entity)
{
	size_t fields = record_schema.entities[entity].field_count, bytes = 0;

	for (size_t i = 0; i < rows->count; i++)
		for (size_t f = 0; f < fields; f++)
			bytes += value_str_or_absent(rows->row[i][f]).len;
	return bytes;
}

/* Rows may be large, and how large is known when they are there: so few are
 * asked for at once. */
enum err
record_page(struct call *c, const struct scan *of, int64_t limit,
    int64_t offset, struct rows *ret)
{
	struct scan scan = *of;
	struct rows all = { 0 }, page;
	size_t room = 0, bytes = 0, most = LIST_ROWS_MAX;

	TRY(check_range(c, limit, offset));
	if (c->nowait && offset > LOOP_ROWS)
		return usage_would_block(c, "The list is long.");
	if (limit != 0 && limit < LIST_ROWS_MAX)
		most = (size_t)limit;
	scan.skip = (uint32_t)offset;
	do {
		size_t left = most - all.count;
		size_t step = c->nowait ? LOOP_ROWS : ANSWER_ROWS;

		scan.limit = (uint32_t)(left < step ? left : step);
		TRY(store_scan(c, &scan, &page));
		add_rows(c, &all, &room, &page);
		bytes += bytes_of(&page, scan.entity);
		scan.skip = 0;
		scan.after = page.next;
		if (c->nowait &&
		    (bytes > LOOP_BYTES ||
			(page.next.ptr != NULL && all.count < most)))
			return usage_would_block(c, "The list is long.");
	} while (page.next.ptr != NULL && all.count < most &&
		 bytes < LIST_BYTES_MAX);
	*ret = all;
	return OK;
}
