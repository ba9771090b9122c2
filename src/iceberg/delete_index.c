#include "iceberg/delete_index.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/list.h"

/* Reserved id of `file_path` in position deletes (table spec, "Reserved Field
 * IDs"). */
#define PATH_COLUMN 2147483546

/* ---- partitions as bytes */
static void
add_bytes(struct buf *b, const void *bytes, size_t len)
{
	buf_add(b, (struct str){ bytes, len });
}

/* All NaNs are one (table spec, "Scan Planning", note 3). */
static void
add_double(struct buf *b, double d)
{
	if (d != d)
		d = __builtin_nan("");
	add_bytes(b, &d, sizeof(d));
}

static void
add_text(struct buf *b, struct str s)
{
	add_bytes(b, &s.len, sizeof(s.len));
	buf_add(b, s);
}

static void
add_literal(struct buf *b, const struct literal *v)
{
	enum type_kind kind = v->kind;

	if (kind == TYPE_BOOLEAN)
		buf_add_char(b, (char)v->as.b);
	else if (kind == TYPE_FLOAT || kind == TYPE_DOUBLE)
		add_double(b, v->as.d);
	else if (kind == TYPE_DECIMAL)
		add_bytes(b, &v->as.n, sizeof(v->as.n));
	else if (kind == TYPE_STRING || kind == TYPE_UUID ||
		 kind == TYPE_FIXED || kind == TYPE_BINARY)
		add_text(b, v->as.s);
	else
		add_bytes(b, &v->as.i, sizeof(v->as.i));
}

/* Values of an unknown transform count too (note 4). */
static void
add_unknown(struct buf *b, const struct avro_value *v)
{
	enum avro_kind kind = v->type->kind;

	if (kind == AVRO_BYTES || kind == AVRO_STRING || kind == AVRO_FIXED)
		add_text(b, v->as.s);
	else if (kind == AVRO_FLOAT || kind == AVRO_DOUBLE)
		add_double(b, v->as.d);
	else if (kind == AVRO_BOOLEAN)
		buf_add_char(b, (char)v->as.b);
	else
		add_bytes(b, &v->as.i, sizeof(v->as.i));
}

struct str
partition_key(struct arena *a, int32_t spec_id, const struct partition_type *t,
    const struct literal *values, const struct avro_value *record)
{
	struct buf key = buf_in(a);

	add_bytes(&key, &spec_id, sizeof(spec_id));
	for (size_t i = 0; i < t->count; i++) {
		const struct avro_value *v =
		    avro_field(record, t->columns[i].id);

		buf_add_char(&key, (char)(v != NULL));
		if (v == NULL)
			continue;
		if (values[i].state == LITERAL_VALUE)
			add_literal(&key, &values[i]);
		else
			add_unknown(&key, v);
	}
	return buf_str(&key);
}

/* ---- adding */
static struct str
bound_of(struct arena *a, const struct avro_value *bounds)
{
	const struct avro_value *v = data_file_metric(bounds, PATH_COLUMN);

	if (v == NULL || v->type->kind != AVRO_BYTES)
		return (struct str){ 0 };
	return arena_copy(a, v->as.s);
}

/* A spec whose fields are all void is none (as the reference has it). */
static bool
is_partitioned(const struct partition_type *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->columns[i].transform.kind != TRANSFORM_VOID)
			return true;
	return false;
}

/* Position deletes whose paths have equal bounds are about that one file. */
static void
place_positions(
    struct arena *a, const struct data_file *f, struct delete_file *d)
{
	d->scope = DELETES_BY_POSITION;
	d->lower = bound_of(a, f->lower_bounds);
	d->upper = bound_of(a, f->upper_bounds);
	if (f->referenced_data_file.ptr != NULL)
		d->path = arena_copy(a, f->referenced_data_file);
	else if (d->lower.ptr != NULL && d->upper.ptr != NULL &&
		 str_eq(d->lower, d->upper))
		d->path = d->lower;
	if (d->path.ptr != NULL)
		d->scope = data_file_is_vector(f) ? DELETES_BY_VECTOR
						  : DELETES_FROM_FILE;
}

void
delete_index_add(struct delete_index *index, const struct manifest_entry *entry,
    const struct partition_type *type, struct str key, struct str json)
{
	LIST_RESERVE(index->arena, index->at, index->count, index->room, 1);

	struct delete_file *d = &index->at[index->count++];

	*d = (struct delete_file){ .sequence_number = entry->sequence_number,
		.partition = key,
		.json = json,
		.number = -1 };
	if (entry->file.content == FILE_POSITION_DELETES)
		place_positions(index->arena, &entry->file, d);
	else
		d->scope = is_partitioned(type) ? DELETES_BY_EQUALITY
						: DELETES_EVERYWHERE;
}

/* ---- order: place, then age */
static struct str
place_of(const struct delete_file *d)
{
	if (d->scope == DELETES_EVERYWHERE)
		return STR("");
	return d->path.ptr != NULL ? d->path : d->partition;
}

static int
compare_place(
    enum delete_scope scope, struct str place, const struct delete_file *d)
{
	if (scope != d->scope)
		return scope < d->scope ? -1 : 1;
	return str_cmp(place, place_of(d));
}

static int
compare(const void *a, const void *b)
{
	const struct delete_file *x = a, *y = b;
	int order = compare_place(x->scope, place_of(x), y);

	if (order != 0)
		return order;
	return (x->sequence_number > y->sequence_number) -
	       (x->sequence_number < y->sequence_number);
}

enum err
delete_index_sort(struct delete_index *index, struct error *e)
{
	if (index->count != 0)
		qsort(index->at, index->count, sizeof(*index->at), compare);
	for (size_t i = 1; i < index->count; i++) {
		const struct delete_file *d = &index->at[i];

		if (d->scope == DELETES_BY_VECTOR &&
		    compare_place(d->scope, d->path, d - 1) == 0)
			return fail(e, ERR_VALIDATION,
			    "The snapshot has two deletion vectors "
			    "for " STR_FMT,
			    STR_ARG(d->path));
	}
	return OK;
}

/* ---- finding */

/* The first of a place that is as new as `sequence`, or what follows it. */
static size_t
first_of(const struct delete_index *index, enum delete_scope scope,
    struct str place, int64_t sequence)
{
	size_t from = 0, to = index->count;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		const struct delete_file *d = &index->at[mid];
		int order = compare_place(scope, place, d);

		if (order > 0 || (order == 0 && d->sequence_number < sequence))
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static bool
may_name(const struct delete_file *d, struct str path)
{
	return (d->lower.ptr == NULL || str_cmp(d->lower, path) <= 0) &&
	       (d->upper.ptr == NULL || str_cmp(path, d->upper) <= 0);
}

static void
add_match(struct arena *a, struct delete_matches *m, size_t i)
{
	LIST_RESERVE(a, m->at, m->count, m->room, 1);
	m->at[m->count++] = i;
}

struct query {
	const struct delete_index *index;
	struct arena *arena;
	const struct manifest_entry *data;
	struct str key;
	struct work_budget *budget;
	struct delete_matches *matches;
};

/* Those of a place that are `sequence` or newer, and of the same partition
 * unless they are of all.  A place may have all delete files there are, and
 * each of them names as long as a block: steps are counted by both. */
static void
find_at(const struct query *q, enum delete_scope scope, struct str place,
    int64_t sequence)
{
	const struct delete_index *index = q->index;
	const size_t steps =
	    1 + (place.len + q->key.len + q->data->file.path.len) / 256;

	for (size_t i = first_of(index, scope, place, sequence);
	     i < index->count &&
	     compare_place(scope, place, &index->at[i]) == 0 &&
	     work_steps(q->budget, steps);
	     i++) {
		const struct delete_file *d = &index->at[i];

		if ((scope == DELETES_EVERYWHERE ||
			str_eq(d->partition, q->key)) &&
		    may_name(d, q->data->file.path))
			add_match(q->arena, q->matches, i);
	}
}

void
delete_index_find(const struct delete_index *index, struct arena *a,
    const struct manifest_entry *data, struct str key,
    struct work_budget *budget, struct delete_matches *ret)
{
	const struct query q = { index, a, data, key, budget, ret };
	int64_t age = data->sequence_number;

	*ret = (struct delete_matches){ 0 };
	if (index->count == 0)
		return;
	find_at(&q, DELETES_BY_VECTOR, data->file.path, age);
	if (ret->count == 0) { /* else it has all deletes by position */
		find_at(&q, DELETES_FROM_FILE, data->file.path, age);
		find_at(&q, DELETES_BY_POSITION, key, age);
	}
	if (age == INT64_MAX) /* nothing is newer */
		return;
	find_at(&q, DELETES_BY_EQUALITY, key, age + 1);
	find_at(&q, DELETES_EVERYWHERE, STR(""), age + 1);
}
