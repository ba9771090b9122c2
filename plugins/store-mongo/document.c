/* document.c - rows as documents, tests as filters. */
#include "document.h"

#include "base/hex.h"
#include "plugins/contract/prefix.h"
#include "plugins/contract/value.h"

const char *
array_name(uint32_t i, char room[16])
{
	const char *name;

	(void)bson_uint32_to_string(i, &name, room, 16);
	return name;
}

const char *
field_path(const struct entity *t, uint16_t field)
{
	return t->key_count == 1 && field == 0 ? "_id" : t->fields[field].name;
}

void
add_text(bson_t *b, const char *path, struct str s)
{
	bson_append_utf8(b, path, -1, s.len != 0 ? s.ptr : "", (int)s.len);
}

static void
add_hex(bson_t *b, const char *path, struct str s)
{
	char *hex = bson_malloc(s.len * 2 + 1);

	hex_write(hex, s);
	add_text(b, path, (struct str){ hex, s.len * 2 });
	bson_free(hex);
}

void
add_value(bson_t *b, const char *path, const struct value *v)
{
	switch (v->type) {
	case VALUE_NULL:
		bson_append_null(b, path, -1);
		break;
	case VALUE_INT:
		bson_append_int64(b, path, -1, v->as.i);
		break;
	case VALUE_TEXT:
		add_text(b, path, v->as.s);
		break;
	case VALUE_BYTES:
		add_hex(b, path, v->as.s);
		break;
	case VALUE_ID:
		bson_append_binary(
		    b, path, -1, BSON_SUBTYPE_UUID, v->as.id.b, 16);
		break;
	}
}

void
add_row(bson_t *b, const struct entity *t, const struct value *row)
{
	for (uint16_t i = 0; i < t->field_count; i++)
		if (row[i].type != VALUE_NULL)
			add_value(b, field_path(t, i), &row[i]);
}

void
add_key(bson_t *b, const struct entity *t, const struct value *key)
{
	for (uint16_t i = 0; i < t->key_count; i++)
		add_value(b, field_path(t, i), &key[i]);
}

/* ---- reading */

static struct value
bytes_of_hex(struct arena *a, struct str hex)
{
	char *p = arena_alloc(a, 1, hex.len / 2 + 1);

	for (size_t i = 0; i + 1 < hex.len; i += 2)
		p[i / 2] = (char)(str_hex_digit(hex.ptr[i]) << 4 |
				  str_hex_digit(hex.ptr[i + 1]));
	return (struct value){ VALUE_BYTES, { .s = { p, hex.len / 2 } } };
}

static struct str
text_at(const bson_iter_t *at)
{
	uint32_t len = 0;
	const char *text = bson_iter_utf8(at, &len);

	return (struct str){ text, text != NULL ? len : 0 };
}

/* A value of another type than that of the field reads as NULL. */
static struct value
value_at(struct arena *a, const bson_iter_t *at, enum value_type type)
{
	struct value v = { .type = VALUE_NULL };
	const uint8_t *bytes = NULL;
	uint32_t len = 0;

	switch (type) {
	case VALUE_INT:
		if (BSON_ITER_HOLDS_INT64(at) || BSON_ITER_HOLDS_INT32(at))
			v = (struct value){ VALUE_INT,
				{ .i = bson_iter_as_int64(at) } };
		break;
	case VALUE_TEXT:
		if (BSON_ITER_HOLDS_UTF8(at))
			v = (struct value){ VALUE_TEXT,
				{ .s = arena_copy(a, text_at(at)) } };
		break;
	case VALUE_BYTES:
		if (BSON_ITER_HOLDS_UTF8(at))
			v = bytes_of_hex(a, text_at(at));
		break;
	case VALUE_ID:
		if (BSON_ITER_HOLDS_BINARY(at))
			bson_iter_binary(at, NULL, &len, &bytes);
		if (len == sizeof(v.as.id.b)) {
			v.type = VALUE_ID;
			memcpy(v.as.id.b, bytes, sizeof(v.as.id.b));
		}
		break;
	case VALUE_NULL:
		break;
	}
	return v;
}

const struct value *
document_row(struct arena *a, const struct entity *t, const bson_t *document)
{
	struct value *row = ARENA_NEW(a, struct value, t->field_count);
	bson_iter_t at;

	if (!bson_iter_init(&at, document))
		return row;
	while (bson_iter_next(&at)) {
		const char *name = bson_iter_key(&at);
		uint16_t i = 0;

		while (
		    i < t->field_count && strcmp(name, field_path(t, i)) != 0)
			i++;
		if (i < t->field_count)
			row[i] = value_at(a, &at, t->fields[i].type);
	}
	return row;
}

/* ---- filters */

/* {path: {op: value}} */
static void
add_compare(
    bson_t *filter, const char *path, const char *op, const struct value *v)
{
	bson_t inner;

	bson_append_document_begin(filter, path, -1, &inner);
	add_value(&inner, op, v);
	bson_append_document_end(filter, &inner);
}

/* {path: {$in: []}}: no document passes. */
static void
add_never(bson_t *filter, const char *path)
{
	bson_t inner, none;

	bson_append_document_begin(filter, path, -1, &inner);
	bson_append_array_begin(&inner, "$in", -1, &none);
	bson_append_array_end(&inner, &none);
	bson_append_document_end(filter, &inner);
}

static void
add_prefix(bson_t *filter, const char *path, struct str prefix)
{
	struct arena *a = arena_new();
	const struct value *end = text_behind(a, prefix);
	bson_t inner;

	bson_append_document_begin(filter, path, -1, &inner);
	add_text(&inner, "$gte", prefix);
	if (end != NULL)
		add_value(&inner, "$lt", end);
	bson_append_document_end(filter, &inner);
	arena_free(a);
}

static void
add_test(bson_t *filter, const struct entity *t, const struct test *test)
{
	static const char *const op[] = {
		[TEST_EQ] = "$eq",
		[TEST_NE] = "$ne",
		[TEST_LT] = "$lt",
		[TEST_LE] = "$lte",
		[TEST_GT] = "$gt",
		[TEST_GE] = "$gte",
	};
	const char *path = field_path(t, test->field);
	bool null = test->value.type == VALUE_NULL;

	if (test->op == TEST_EQ)
		add_value(filter, path, &test->value);
	else if (test->op == TEST_ABSENT || (null && test->op != TEST_NE))
		add_never(filter, path);
	else if (test->op == TEST_PREFIX)
		add_prefix(filter, path, test->value.as.s);
	else
		add_compare(filter, path, op[test->op], &test->value);
}

static bool
is_first_of_field(const struct test *test, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (test[k].field == test[i].field)
			return false;
	return true;
}

/* A document has each name once: further tests of a field go into $and. */
void
add_tests(bson_t *filter, const struct entity *t, const struct test *test,
    size_t count)
{
	char room[16];
	uint32_t further = 0;
	bson_t all, one;

	for (size_t i = 0; i < count; i++) {
		if (is_first_of_field(test, i))
			add_test(filter, t, &test[i]);
		else
			further++;
	}
	if (further == 0)
		return;
	further = 0;
	bson_append_array_begin(filter, "$and", -1, &all);
	for (size_t i = 0; i < count; i++) {
		if (is_first_of_field(test, i))
			continue;
		bson_append_document_begin(
		    &all, array_name(further++, room), -1, &one);
		add_test(&one, t, &test[i]);
		bson_append_document_end(&all, &one);
	}
	bson_append_array_end(filter, &all);
}

/* Rows behind a value, NULL being the first of all. */
static void
add_behind(
    bson_t *filter, const char *path, const struct value *v, bool descending)
{
	bson_t inner;

	if (!descending) {
		add_compare(
		    filter, path, v->type == VALUE_NULL ? "$ne" : "$gt", v);
		return;
	}
	/* not {$lt: v}, which does not find NULL */
	bson_append_document_begin(filter, path, -1, &inner);
	add_compare(&inner, "$not", "$gte", v);
	bson_append_document_end(filter, &inner);
}

void
add_after(bson_t *filter, const struct entity *t, const struct scan *scan,
    const struct value *after)
{
	struct order o = order_of(t, scan->index);
	char room[16];
	uint32_t n = 0;
	bson_t any, one;

	if (after == NULL)
		return;
	bson_append_array_begin(filter, "$or", -1, &any);
	for (uint16_t i = 0; i < o.count; i++) {
		const struct value *v = &after[o.field[i]];

		if (scan->descending && v->type == VALUE_NULL)
			continue;
		bson_append_document_begin(
		    &any, array_name(n++, room), -1, &one);
		for (uint16_t k = 0; k < i; k++)
			add_value(&one, field_path(t, o.field[k]),
			    &after[o.field[k]]);
		add_behind(
		    &one, field_path(t, o.field[i]), v, scan->descending);
		bson_append_document_end(&any, &one);
	}
	bson_append_array_end(filter, &any);
}

void
add_sort(bson_t *options, const struct entity *t, const struct scan *scan)
{
	struct order o = order_of(t, scan->index);
	bson_t sort;

	bson_append_document_begin(options, "sort", -1, &sort);
	for (uint16_t i = 0; i < o.count; i++)
		bson_append_int32(&sort, field_path(t, o.field[i]), -1,
		    scan->descending ? -1 : 1);
	bson_append_document_end(options, &sort);
}
