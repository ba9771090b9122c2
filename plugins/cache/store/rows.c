#include "rows.h"

#include <stdlib.h>

#include "base/clock.h"

#define READ_US CLOCK_SECOND
#define WRITE_US (5 * CLOCK_SECOND)
#define TRIES 8
#define PAGE 256u
#define WRITES_MAX (PAGE + 1)

/* The row of the sum: no name is so short. */
#define SUM STR("sum")

/* A unit and what it reads. */
struct job {
	const struct cache_records *records;
	struct call call;
	struct error error;
	struct write write[WRITES_MAX];
	size_t count;
	const struct value *sum; /* the row; NULL: there is none */
	int64_t change;          /* of the sum */
};

static struct value
text(struct str s)
{
	return (struct value){ .type = VALUE_TEXT, .as.s = s };
}

static struct value
number(int64_t i)
{
	return (struct value){ .type = VALUE_INT, .as.i = i };
}

static int64_t
number_of(const struct value *row, enum cached_field field)
{
	return row != NULL && row[field].type == VALUE_INT ? row[field].as.i
							   : 0;
}

static struct call
call_of(const struct cache_records *records, struct arena *a, struct error *e,
    int64_t within_us)
{
	return (struct call){ .store = records->store,
		.arena = a,
		.error = e,
		.deadline_us = clock_mono_us() + within_us };
}

static enum err
get(struct job *j, struct rows *ret, const struct fill *fill, size_t count)
{
	struct arena *a = j->call.arena;
	struct value *name = ARENA_NEW(a, struct value, count + 1);
	const struct value **key =
	    ARENA_NEW(a, const struct value *, count + 1);

	for (size_t i = 0; i <= count; i++) {
		name[i] = text(
		    i == count ? SUM : (struct str){ fill[i].name, NAME_LEN });
		key[i] = &name[i];
	}
	TRY(j->records->store->ops->get(
	    &j->call, j->records->entity, key, count + 1, ret));
	j->sum = ret->row[count];
	return OK;
}

/* ---- units */
static struct write *
add_write(struct job *j, enum write_op op, struct str name)
{
	struct value *row =
	    ARENA_NEW(j->call.arena, struct value, CACHED_FIELDS);
	struct write *w = &j->write[j->count++];

	row[CACHED_NAME] = text(name);
	*w = (struct write){
		.entity = j->records->entity, .op = op, .row = row
	};
	return w;
}

static void
add_sum(struct job *j)
{
	static const struct test absent = { .op = TEST_ABSENT };
	struct write *w = add_write(j, WRITE_PUT, SUM);
	struct test *seen = ARENA_NEW(j->call.arena, struct test, 1);
	int64_t sum = number_of(j->sum, CACHED_BYTES);

	*seen = (struct test){ CACHED_BYTES, TEST_EQ, number(sum) };
	((struct value *)(uintptr_t)w->row)[CACHED_BYTES] =
	    number(sum + j->change > 0 ? sum + j->change : 0);
	w->set = UINT64_C(1) << CACHED_BYTES;
	w->when = j->sum != NULL ? seen : &absent;
	w->when_count = 1;
}

/* False in *ret: another node was first. */
static enum err
apply(struct job *j, bool *ret)
{
	struct unit unit = { .id = id_v7() };

	add_sum(j);
	unit.writes = j->write;
	unit.write_count = j->count;
	TRY(j->records->store->ops->apply(&j->call, 0, &unit, 1));
	*ret =
	    unit.verdict == VERDICT_APPLIED || unit.verdict == VERDICT_ALREADY;
	return OK;
}

struct task {
	enum err (*add)(struct job *, const struct task *, bool *ret_more);
	const struct fill *fill;
	size_t count;
	int64_t most;
	int64_t done; /* rows */
	int64_t sum;  /* as it is then */
};

/* One unit, tried until no other node is first. */
static enum err
work(const struct cache_records *records, struct task *t, bool *ret_more)
{
	struct job *j = calloc(1, sizeof(*j));
	enum err err = OK;
	bool done = false;

	if (j == NULL)
		return ERR_UNAVAILABLE;
	j->records = records;
	for (int i = 0; i < TRIES && err == OK && !done; i++) {
		struct arena *a = arena_new();

		j->call = call_of(records, a, &j->error, WRITE_US);
		j->count = 0;
		j->change = 0;
		err = t->add(j, t, ret_more);
		t->done = (int64_t)j->count;
		done = err == OK && j->count == 0 && j->change == 0;
		if (err == OK && !done)
			err = apply(j, &done);
		t->sum = number_of(j->sum, CACHED_BYTES) + j->change;
		arena_free(a);
	}
	free(j);
	return err == OK && !done ? ERR_UNAVAILABLE : err;
}

/* ---- fills */
static void
add_fill(struct job *j, const struct fill *f, const struct value *old)
{
	struct write *w;
	struct value *row;

	if (f->packed == NULL && old == NULL)
		return; /* it was evicted meanwhile */
	w = add_write(j, WRITE_PUT, (struct str){ f->name, NAME_LEN });
	row = (struct value *)(uintptr_t)w->row;
	row[CACHED_USED_US] = number(clock_now_us());
	w->set = UINT64_C(1) << CACHED_USED_US;
	if (f->packed == NULL)
		return;
	row[CACHED_VALUE] = (struct value){ .type = VALUE_BYTES,
		.as.s = { f->packed, f->len } };
	row[CACHED_BYTES] = number((int64_t)f->len);
	row[CACHED_EXPIRES_US] = number(f->expires_us);
	w->set |= UINT64_C(1) << CACHED_VALUE | UINT64_C(1) << CACHED_BYTES |
		  UINT64_C(1) << CACHED_EXPIRES_US;
	j->change += (int64_t)f->len - number_of(old, CACHED_BYTES);
}

static enum err
add_fills(struct job *j, const struct task *t, bool *ret_more)
{
	struct rows rows;

	*ret_more = false;
	TRY(get(j, &rows, t->fill, t->count));
	for (size_t i = 0; i < t->count; i++)
		add_fill(j, &t->fill[i], rows.row[i]);
	return OK;
}

enum err
rows_write(const struct cache_records *records, const struct fill *fill,
    size_t count, int64_t *ret_sum)
{
	struct task t = { .add = add_fills, .fill = fill, .count = count };
	bool more;

	TRY(work(records, &t, &more));
	*ret_sum = t.sum;
	return OK;
}

/* ---- deletions */
static void
add_deletion(struct job *j, const struct value *row)
{
	(void)add_write(j, WRITE_DELETE, row[CACHED_NAME].as.s);
	j->change -= number_of(row, CACHED_BYTES);
}

static enum err
add_evictions(struct job *j, const struct task *t, bool *ret_more)
{
	const struct test used = { CACHED_USED_US, TEST_GE, number(0) };
	const struct scan scan = { .entity = j->records->entity,
		.index = CACHED_BY_USED,
		.limit = UNIT_FILLS,
		.where = &used,
		.where_count = 1 };
	struct rows rows;

	TRY(get(j, &rows, NULL, 0));

	int64_t sum = number_of(j->sum, CACHED_BYTES);

	*ret_more = false;
	if (sum <= t->most)
		return OK;
	TRY(j->records->store->ops->scan(&j->call, &scan, &rows));
	for (size_t i = 0; i < rows.count && sum + j->change > t->most; i++)
		add_deletion(j, rows.row[i]);
	*ret_more = rows.count != 0;
	if (rows.count == 0) /* the sum was wrong, whyever */
		j->change = -sum;
	return OK;
}

enum err
rows_evict(
    const struct cache_records *records, int64_t most, int64_t *ret_count)
{
	struct task t = { .add = add_evictions, .most = most };
	bool more = true;

	while (more) {
		TRY(work(records, &t, &more));
		*ret_count += t.done;
	}
	return OK;
}

static enum err
add_drop(struct job *j, const struct task *t, bool *ret_more)
{
	struct rows rows;

	*ret_more = false;
	TRY(get(j, &rows, t->fill, 1));
	if (rows.row[0] != NULL)
		add_deletion(j, rows.row[0]);
	return OK;
}

enum err
rows_delete(const struct cache_records *records, const char *name)
{
	struct fill fill = { 0 };
	struct task t = { .add = add_drop, .fill = &fill };
	bool more;

	memcpy(fill.name, name, NAME_LEN);
	return work(records, &t, &more);
}

static enum err
add_purge(struct job *j, const struct task *t, bool *ret_more)
{
	struct test *other = ARENA_NEW(j->call.arena, struct test, 1);
	const struct scan scan = { .entity = j->records->entity,
		.index = INDEX_KEY,
		.limit = 1,
		.where = other,
		.where_count = 1 };
	struct rows rows;
	struct write *w;

	(void)t;
	*other = (struct test){ CACHED_NAME, TEST_NE, text(SUM) };
	TRY(get(j, &rows, NULL, 0));
	TRY(j->records->store->ops->scan(&j->call, &scan, &rows));
	*ret_more = rows.count != 0;
	if (rows.count == 0) {
		/* not before: rows that a clear has left must be counted */
		j->change = -number_of(j->sum, CACHED_BYTES);
		return OK;
	}
	w = &j->write[j->count++];
	*w = (struct write){ .entity = j->records->entity,
		.op = WRITE_PURGE,
		.limit = PAGE,
		.when = other,
		.when_count = 1 };
	return OK;
}

enum err
rows_delete_all(const struct cache_records *records, int64_t deadline_us)
{
	struct task t = { .add = add_purge };
	bool more = true;

	while (more) {
		if (clock_mono_us() > deadline_us)
			return ERR_UNAVAILABLE;
		TRY(work(records, &t, &more));
	}
	return OK;
}

/* ---- reads */
enum err
rows_find(struct arena *a, const struct cache_records *records,
    const char *name, struct row_found *ret)
{
	const struct value key = text((struct str){ name, NAME_LEN });
	const struct value *keys[] = { &key };
	struct error error = { 0 };
	struct call c = call_of(records, a, &error, READ_US);
	struct rows rows;

	TRY(records->store->ops->get(&c, records->entity, keys, 1, &rows));
	*ret = (struct row_found){ 0 };
	if (rows.row[0] == NULL ||
	    rows.row[0][CACHED_VALUE].type != VALUE_BYTES)
		return OK;
	ret->packed = rows.row[0][CACHED_VALUE].as.s;
	ret->expires_us = number_of(rows.row[0], CACHED_EXPIRES_US);
	ret->used_us = number_of(rows.row[0], CACHED_USED_US);
	return OK;
}

enum err
rows_stats(const struct cache_records *records, int64_t *ret_entries,
    int64_t *ret_bytes)
{
	struct arena *a = arena_new();
	const struct test used = { CACHED_USED_US, TEST_GE, number(0) };
	const struct scan scan = { .entity = records->entity,
		.index = CACHED_BY_USED,
		.limit = 1,
		.where = &used,
		.where_count = 1 };
	struct job *j = ARENA_NEW(a, struct job, 1);
	struct rows rows;
	enum err err;

	j->records = records;
	j->call = call_of(records, a, &j->error, READ_US);
	err = get(j, &rows, NULL, 0);
	if (err == OK)
		err = records->store->ops->count(&j->call, &scan, ret_entries);
	if (err == OK)
		*ret_bytes = number_of(j->sum, CACHED_BYTES);
	arena_free(a);
	return err;
}
