#include "table.h"

#include <stdlib.h>

static void *
must(void *p)
{
	if (p == NULL)
		abort(); /* as the arena does */
	return p;
}

void
table_init(struct table *t, const struct entity *entity)
{
	*t = (struct table){ .entity = entity };
	t->by_index =
	    must(calloc(entity->index_count + 1u, sizeof(struct sorted)));
}

void
table_clear(struct table *t)
{
	for (size_t i = 0; i < t->by_key.count; i++)
		free(t->by_key.at[i]);
	free(t->by_key.at);
	for (uint16_t i = 0; i < t->entity->index_count; i++)
		free(t->by_index[i].at);
	free(t->by_index);
}

static bool
has_bytes(const struct value *v)
{
	return v->type == VALUE_TEXT || v->type == VALUE_BYTES;
}

struct value *
row_new(const struct entity *t, const struct value *from)
{
	size_t size = t->field_count * sizeof(struct value);

	for (uint16_t i = 0; i < t->field_count; i++)
		if (has_bytes(&from[i]))
			size += from[i].as.s.len;

	struct value *row = must(malloc(size));
	char *bytes = (char *)(row + t->field_count);

	for (uint16_t i = 0; i < t->field_count; i++) {
		row[i] = from[i];
		if (!has_bytes(&from[i]))
			continue;
		if (from[i].as.s.len != 0)
			memcpy(bytes, from[i].as.s.ptr, from[i].as.s.len);
		row[i].as.s.ptr = bytes;
		bytes += from[i].as.s.len;
	}
	return row;
}

/* Before or behind all rows that agree with `row` in the first fields. */
struct place {
	struct order order;
	uint16_t count;
	const struct value *row;
	bool behind;
};

static int
compare_place(const void *place, const void *item)
{
	const struct place *p = place;
	int order = order_compare(&p->order, p->count, p->row, item);

	return order != 0 ? order : p->behind ? 1 : 0;
}

static const struct sorted *
sorted_of(const struct table *t, uint16_t index)
{
	return index == INDEX_KEY ? &t->by_key : &t->by_index[index];
}

static size_t
find_whole(const struct table *t, uint16_t index, const struct value *row)
{
	struct place p = { .order = order_of(t->entity, index), .row = row };

	p.count = p.order.count;
	return sorted_find(sorted_of(t, index), compare_place, &p);
}

struct value *
table_find(const struct table *t, const struct value *key)
{
	struct place p = { .order = order_of(t->entity, INDEX_KEY),
		.count = t->entity->key_count,
		.row = key };
	size_t at = sorted_find(&t->by_key, compare_place, &p);

	if (at == t->by_key.count ||
	    order_compare(&p.order, p.count, key, t->by_key.at[at]) != 0)
		return NULL;
	return t->by_key.at[at];
}

static bool
has_null(const struct index *x, const struct value *row)
{
	for (uint16_t i = 0; i < x->field_count; i++)
		if (row[x->field[i]].type == VALUE_NULL)
			return true;
	return false;
}

static bool
same_in(const struct index *x, const struct value *a, const struct value *b)
{
	for (uint16_t i = 0; i < x->field_count; i++)
		if (value_compare(&a[x->field[i]], &b[x->field[i]]) != 0)
			return false;
	return true;
}

bool
table_clashes(
    const struct table *t, const struct value *old, const struct value *fresh)
{
	for (uint16_t i = 0; i < t->entity->index_count; i++) {
		const struct index *x = &t->entity->indexes[i];
		const struct sorted *rows = &t->by_index[i];
		struct place p = { .order = order_of(t->entity, i),
			.count = x->field_count,
			.row = fresh };

		if (!x->unique || has_null(x, fresh))
			continue;

		size_t at = sorted_find(rows, compare_place, &p);

		if (at < rows->count && rows->at[at] != old &&
		    same_in(x, rows->at[at], fresh))
			return true;
	}
	return false;
}

static void
replace_in(
    struct table *t, uint16_t index, struct value *old, struct value *fresh)
{
	struct sorted *rows =
	    index == INDEX_KEY ? &t->by_key : &t->by_index[index];

	if (old != NULL)
		sorted_remove(rows, find_whole(t, index, old));
	if (fresh != NULL)
		sorted_insert(rows, find_whole(t, index, fresh), fresh);
}

void
table_replace(struct table *t, struct value *old, struct value *fresh)
{
	replace_in(t, INDEX_KEY, old, fresh);
	for (uint16_t i = 0; i < t->entity->index_count; i++)
		replace_in(t, i, old, fresh);
}

/* The test that bounds a field from below (GT, GE) or above (LT, LE). */
static const struct test *
find_bound(const struct scan *s, uint16_t field, enum test_op strict,
    enum test_op loose)
{
	for (size_t i = 0; i < s->where_count; i++) {
		const struct test *t = &s->where[i];

		if (t->field == field && t->value.type != VALUE_NULL &&
		    (t->op == strict || t->op == loose))
			return t;
	}
	return NULL;
}

static size_t
find_edge(const struct table *t, const struct scan *s, struct place p,
    const struct test *bound, bool behind)
{
	struct value row[ENTITY_FIELDS_MAX];

	p.behind = behind;
	if (bound != NULL) {
		memcpy(row, p.row, sizeof(row));
		row[bound->field] = bound->value;
		p.row = row;
		p.count++;
		p.behind = bound->op == TEST_GT || bound->op == TEST_LE;
	}
	return sorted_find(sorted_of(t, s->index), compare_place, &p);
}

/* The part of an order that is left by tests which fix its first fields and
 * bound the next. */
static void
find_range(const struct table *t, const struct scan *s, size_t *ret_low,
    size_t *ret_high)
{
	struct value row[ENTITY_FIELDS_MAX] = { 0 };
	struct place p = { .order = order_of(t->entity, s->index), .row = row };
	const struct test *least = NULL, *most = NULL;

	while (p.count < p.order.count) {
		uint16_t field = p.order.field[p.count];
		const struct test *equal =
		    tests_find_equal(s->where, s->where_count, field);

		if (equal == NULL) {
			least = find_bound(s, field, TEST_GT, TEST_GE);
			most = find_bound(s, field, TEST_LT, TEST_LE);
			break;
		}
		row[field] = equal->value;
		p.count++;
	}
	*ret_low = find_edge(t, s, p, least, false);
	*ret_high = find_edge(t, s, p, most, true);
}

void
table_scan(const struct table *t, const struct scan *s,
    const struct value *after, row_found *found, void *arg)
{
	const struct sorted *rows = sorted_of(t, s->index);
	size_t low, high;

	find_range(t, s, &low, &high);
	if (after != NULL) {
		struct place p = { .order = order_of(t->entity, s->index),
			.row = after,
			.behind = !s->descending };

		p.count = p.order.count;

		size_t at = sorted_find(rows, compare_place, &p);

		if (s->descending)
			high = at < high ? at : high;
		else
			low = at > low ? at : low;
	}
	while (low < high) {
		const struct value *row =
		    rows->at[s->descending ? --high : low++];

		if (tests_pass(s->where, s->where_count, row) &&
		    !found(arg, row))
			return;
	}
}
