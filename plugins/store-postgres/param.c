#include "param.h"

#include <endian.h>

/* Numbers of the server's own types, the same in every database. */
static const struct {
	Oid scalar, array;
} oids[] = {
	[VALUE_NULL] = { 25, 1009 },
	[VALUE_INT] = { 20, 1016 },
	[VALUE_TEXT] = { 25, 1009 },
	[VALUE_BYTES] = { 17, 1001 },
	[VALUE_ID] = { 2950, 2951 },
};

struct params
params_in(struct arena *a)
{
	return (struct params){ .arena = a };
}

static void
add(struct params *p, Oid type, struct str bytes)
{
	p->type[p->count] = type;
	p->value[p->count] = bytes.ptr;
	p->length[p->count] = (int)bytes.len;
	p->binary[p->count] = 1;
	p->count++;
}

static struct str
number_bytes(struct arena *a, int64_t n)
{
	uint64_t big = htobe64((uint64_t)n);

	return arena_copy(a, (struct str){ (char *)&big, sizeof(big) });
}

/* Borrowed where it can be; ptr NULL: NULL. */
static struct str
value_bytes(struct arena *a, const struct value *v)
{
	switch (v->type) {
	case VALUE_INT:
		return number_bytes(a, v->as.i);
	case VALUE_TEXT:
	case VALUE_BYTES:
		return v->as.s.len != 0 ? v->as.s : STR("");
	case VALUE_ID:
		return (struct str){ (const char *)v->as.id.b, 16 };
	case VALUE_NULL:
		break;
	}
	return (struct str){ 0 };
}

void
params_add(struct params *p, const struct value *v)
{
	add(p, oids[v->type].scalar, value_bytes(p->arena, v));
}

void
params_add_int(struct params *p, int64_t n)
{
	add(p, oids[VALUE_INT].scalar, number_bytes(p->arena, n));
}

void
params_add_text(struct params *p, struct str s)
{
	add(p, oids[VALUE_TEXT].scalar, s.len != 0 ? s : STR(""));
}

struct array
array_of(struct arena *a, enum value_type type)
{
	return (struct array){ .type = type, .items = buf_in(a) };
}

static void
add_number(struct buf *b, int32_t n)
{
	uint32_t big = htobe32((uint32_t)n);

	buf_add(b, (struct str){ (char *)&big, sizeof(big) });
}

void
array_add(struct array *x, const struct value *v)
{
	struct str bytes = value_bytes(x->items.arena, v);

	add_number(&x->items, bytes.ptr != NULL ? (int32_t)bytes.len : -1);
	buf_add(&x->items, bytes);
	x->count++;
}

void
array_add_int(struct array *x, int64_t n)
{
	array_add(x, &(struct value){ VALUE_INT, { .i = n } });
}

void
array_add_text(struct array *x, struct str s)
{
	enum value_type type = s.ptr != NULL ? VALUE_TEXT : VALUE_NULL;

	array_add(x, &(struct value){ type, { .s = s } });
}

void
array_add_bytes(struct array *x, struct str s)
{
	enum value_type type = s.ptr != NULL ? VALUE_BYTES : VALUE_NULL;

	array_add(x, &(struct value){ type, { .s = s } });
}

void
array_add_id(struct array *x, struct id id)
{
	array_add(x, &(struct value){ VALUE_ID, { .id = id } });
}

/* Dimensions, "has NULLs", type; then of each dimension its size and where
 * it begins; then the items.  An empty array has no dimension. */
void
params_add_array(struct params *p, const struct array *x)
{
	struct buf b = buf_in(p->arena);

	add_number(&b, x->count != 0);
	add_number(&b, 1);
	add_number(&b, (int32_t)oids[x->type].scalar);
	if (x->count != 0) {
		add_number(&b, x->count);
		add_number(&b, 1);
		buf_add(&b, buf_str(&x->items));
	}
	add(p, oids[x->type].array, buf_str(&b));
}

int64_t
field_int(const PGresult *r, int row, int field)
{
	uint64_t big = 0;

	memcpy(&big, PQgetvalue(r, row, field), sizeof(big));
	return (int64_t)be64toh(big);
}

struct value
field_value(struct arena *a, const PGresult *r, int row, int field,
    enum value_type type)
{
	struct value v = { .type = VALUE_NULL };
	struct str bytes = { PQgetvalue(r, row, field),
		(size_t)PQgetlength(r, row, field) };

	if (PQgetisnull(r, row, field))
		return v;
	v.type = type;
	switch (type) {
	case VALUE_INT:
		v.as.i = field_int(r, row, field);
		break;
	case VALUE_TEXT:
	case VALUE_BYTES:
		v.as.s = arena_copy(a, bytes);
		break;
	case VALUE_ID:
		memcpy(v.as.id.b, bytes.ptr, sizeof(v.as.id.b));
		break;
	case VALUE_NULL:
		break;
	}
	return v;
}

const struct value *
result_row(struct arena *a, const PGresult *r, int row, const struct entity *t)
{
	struct value *values = ARENA_NEW(a, struct value, t->field_count);

	for (uint16_t i = 0; i < t->field_count; i++)
		values[i] = field_value(a, r, row, i, t->fields[i].type);
	return values;
}

struct rows
result_rows(struct arena *a, const PGresult *r, const struct entity *t)
{
	int count = PQntuples(r);
	const struct value **row =
	    ARENA_NEW(a, const struct value *, (size_t)count);

	for (int i = 0; i < count; i++)
		row[i] = result_row(a, r, i, t);
	return (struct rows){ .row = row, .count = (size_t)count };
}
