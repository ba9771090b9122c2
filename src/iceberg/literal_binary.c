/* literal_binary.c - reads literals from manifests. */
#include "iceberg/decimal.h"
#include "iceberg/literal.h"
#include "iceberg/moment.h"

#define UUID_BYTES 16

static struct literal
value_of(const struct type *type)
{
	return (struct literal){
		.state = LITERAL_VALUE, .kind = type->kind, .scale = type->scale
	};
}

/* A 4 or 8 byte little-endian integer. */
static uint64_t
little_endian(struct str bytes)
{
	uint64_t n = 0;

	for (size_t i = bytes.len; i-- != 0;)
		n = n << 8 | (unsigned char)bytes.ptr[i];
	return n;
}

static int64_t
signed_of(struct str bytes)
{
	uint64_t n = little_endian(bytes);

	return bytes.len == 4 ? (int64_t)(int32_t)(uint32_t)n : (int64_t)n;
}

static double
float_of(struct str bytes)
{
	uint64_t n = little_endian(bytes);
	uint32_t half = (uint32_t)n;
	double d;
	float f;

	if (bytes.len == 4) {
		memcpy(&f, &half, sizeof(f));
		return (double)f;
	}
	memcpy(&d, &n, sizeof(d));
	return d;
}

/* An integer of the column, or of a date that became a timestamp. */
static bool
take_integer(struct literal *l, int64_t n, bool narrow)
{
	bool moment = l->kind == TYPE_TIMESTAMP || l->kind == TYPE_TIMESTAMP_NS;

	l->as.i = n;
	if (l->kind == TYPE_TIME)
		return n >= 0 && n < DAY_SECONDS * moment_unit(TYPE_TIME);
	return !narrow || !moment ||
	       !__builtin_mul_overflow(
		   n, DAY_SECONDS * moment_unit(l->kind), &l->as.i);
}

static bool
integer_from_bytes(struct literal *l, struct str bytes)
{
	bool four = false, eight = false;

	switch ((int)l->kind) {
	case TYPE_INT:
	case TYPE_DATE:
		four = true;
		break;
	case TYPE_LONG:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMP_NS:
		four = eight = true;
		break;
	case TYPE_TIME:
	case TYPE_TIMESTAMPTZ:
	case TYPE_TIMESTAMPTZ_NS:
		eight = true;
		break;
	default:
		break;
	}
	return ((four && bytes.len == 4) || (eight && bytes.len == 8)) &&
	       take_integer(l, signed_of(bytes), bytes.len == 4);
}

static bool
take_text(struct literal *l, struct str text)
{
	l->as.s = text;
	return str_is_utf8(text);
}

static bool
take_bytes(struct literal *l, struct str bytes)
{
	l->as.s = bytes;
	return l->kind != TYPE_UUID || bytes.len == UUID_BYTES;
}

bool
literal_from_bytes(
    const struct type *type, struct str bytes, struct literal *ret)
{
	bool narrow = bytes.len == 4, wide = bytes.len == 8;

	*ret = value_of(type);
	switch ((int)type->kind) {
	case TYPE_BOOLEAN:
		ret->as.b = bytes.len == 1 && *bytes.ptr != 0;
		return bytes.len == 1;
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
		if (!narrow && !(wide && type->kind == TYPE_DOUBLE))
			return false;
		ret->as.d = float_of(bytes);
		return true;
	case TYPE_DECIMAL:
		return decimal_from_bytes(bytes, &ret->as.n);
	case TYPE_STRING:
		return take_text(ret, bytes);
	case TYPE_UUID:
	case TYPE_FIXED:
	case TYPE_BINARY:
		return take_bytes(ret, bytes);
	default:
		return integer_from_bytes(ret, bytes);
	}
}

static bool
is_integer(enum type_kind kind)
{
	return kind == TYPE_INT || kind == TYPE_LONG || kind == TYPE_DATE ||
	       kind == TYPE_TIME || kind == TYPE_TIMESTAMP ||
	       kind == TYPE_TIMESTAMPTZ || kind == TYPE_TIMESTAMP_NS ||
	       kind == TYPE_TIMESTAMPTZ_NS;
}

static bool
from_avro_integer(struct literal *l, int64_t n, bool narrow)
{
	if ((l->kind == TYPE_INT || l->kind == TYPE_DATE) && n != (int32_t)n)
		return false;
	return is_integer(l->kind) && take_integer(l, n, narrow);
}

static bool
from_avro_bytes(struct literal *l, struct str bytes)
{
	switch ((int)l->kind) {
	case TYPE_DECIMAL:
		return decimal_from_bytes(bytes, &l->as.n);
	case TYPE_STRING:
		return take_text(l, bytes);
	case TYPE_UUID:
	case TYPE_FIXED:
	case TYPE_BINARY:
		return take_bytes(l, bytes);
	default:
		return false;
	}
}

bool
literal_from_avro(const struct type *type, const struct avro_value *value,
    struct literal *ret)
{
	*ret = (struct literal){
		.state = LITERAL_NULL, .kind = type->kind, .scale = type->scale
	};
	if (value == NULL || value->type->kind == AVRO_NULL)
		return true;
	ret->state = LITERAL_VALUE;
	switch ((int)value->type->kind) {
	case AVRO_BOOLEAN:
		ret->as.b = value->as.b;
		return type->kind == TYPE_BOOLEAN;
	case AVRO_INT:
	case AVRO_LONG:
		return from_avro_integer(
		    ret, value->as.i, value->type->kind == AVRO_INT);
	case AVRO_FLOAT:
	case AVRO_DOUBLE:
		ret->as.d = value->as.d;
		return type->kind == TYPE_DOUBLE || type->kind == TYPE_FLOAT;
	case AVRO_STRING:
	case AVRO_BYTES:
	case AVRO_FIXED:
		return from_avro_bytes(ret, value->as.s);
	default:
		return false;
	}
}

/* ---- and back */
static void
put_bytes(struct buf *b, const void *at, size_t size)
{
	buf_add(b, (struct str){ at, size }); /* little-endian, as we are */
}

void
literal_to_bytes(struct buf *b, const struct literal *l)
{
	char decimal[DECIMAL_BYTES];
	int32_t narrow = (int32_t)l->as.i;
	float f = (float)l->as.d;

	switch ((int)l->kind) {
	case TYPE_BOOLEAN:
		buf_add_char(b, (char)l->as.b);
		return;
	case TYPE_INT:
	case TYPE_DATE:
		put_bytes(b, &narrow, sizeof(narrow));
		return;
	case TYPE_FLOAT:
		put_bytes(b, &f, sizeof(f));
		return;
	case TYPE_DOUBLE:
		put_bytes(b, &l->as.d, sizeof(l->as.d));
		return;
	case TYPE_DECIMAL:
		put_bytes(b, decimal, decimal_to_bytes(l->as.n, decimal));
		return;
	case TYPE_STRING:
	case TYPE_UUID:
	case TYPE_FIXED:
	case TYPE_BINARY:
		buf_add(b, l->as.s);
		return;
	default:
		put_bytes(b, &l->as.i, sizeof(l->as.i));
	}
}
