#include "iceberg/transform_apply.h"

#include "base/calendar.h"
#include "iceberg/moment.h"

#define YEAR_1970 1970

struct type
transform_type(const struct transform *transform, const struct type *source)
{
	switch (transform->kind) {
	case TRANSFORM_YEAR:
	case TRANSFORM_MONTH:
	case TRANSFORM_HOUR:
	case TRANSFORM_BUCKET:
		return (struct type){ .kind = TYPE_INT };
	case TRANSFORM_DAY:
		return (struct type){ .kind = TYPE_DATE };
	case TRANSFORM_IDENTITY:
	case TRANSFORM_TRUNCATE:
	case TRANSFORM_VOID:
		return *source;
	case TRANSFORM_UNKNOWN:
		break;
	}
	return (struct type){ .kind = TYPE_UNKNOWN };
}

bool
transform_keeps_order(const struct transform *transform)
{
	return transform->kind != TRANSFORM_BUCKET &&
	       transform->kind != TRANSFORM_VOID &&
	       transform->kind != TRANSFORM_UNKNOWN;
}

/* ---- bucket */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static uint32_t
hash_long(int64_t n)
{
	char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (char)(unsigned char)((uint64_t)n >> (8 * i));
	return murmur3((struct str){ bytes, sizeof(bytes) });
}

static uint32_t
hash_of(const struct literal *v)
{
	char bytes[DECIMAL_BYTES];

	switch ((int)v->kind) {
	case TYPE_DECIMAL:
		return murmur3(
		    (struct str){ bytes, decimal_to_bytes(v->as.n, bytes) });
	case TYPE_STRING:
	case TYPE_UUID:
	case TYPE_FIXED:
	case TYPE_BINARY:
		return murmur3(v->as.s);
	case TYPE_TIMESTAMP_NS:
	case TYPE_TIMESTAMPTZ_NS:
		return hash_long(floor_div(v->as.i, 1000));
	default:
		return hash_long(v->as.i);
	}
}

/* ---- truncate */

/* The length of the first `n` code points. */
static size_t
code_points(struct str s, int32_t n)
{
	size_t len = 0;

	for (; len < s.len; len++)
		if (((unsigned char)s.ptr[len] & 0xc0) != 0x80 && n-- == 0)
			break;
	return len;
}

static size_t
truncated_length(enum type_kind kind, struct str s, int32_t width)
{
	if (kind == TYPE_STRING)
		return code_points(s, width);
	return s.len < (size_t)width ? s.len : (size_t)width;
}

static int64_t
clamp(int128 n, enum type_kind kind)
{
	bool narrow = kind == TYPE_DATE || kind == TYPE_INT;
	int128 least = narrow ? INT32_MIN : INT64_MIN;
	int128 most = narrow ? INT32_MAX : INT64_MAX;

	return (int64_t)(n < least ? least : n > most ? most : n);
}

static int128
truncated_number(int128 n, int32_t width)
{
	int128 rest = n % width;

	return n - (rest < 0 ? rest + width : rest);
}

/* A result below the least of its type becomes the least: the order is kept. */
static void
truncate_literal(struct literal *v, int32_t width)
{
	switch ((int)v->kind) {
	case TYPE_STRING:
	case TYPE_BINARY:
		v->as.s.len = truncated_length(v->kind, v->as.s, width);
		break;
	case TYPE_DECIMAL:
		v->as.n = truncated_number(v->as.n, width);
		break;
	default:
		v->as.i = clamp(truncated_number(v->as.i, width), v->kind);
		break;
	}
}

/* ---- year, month, day, hour */

static int64_t
days_of(const struct literal *v)
{
	if (v->kind == TYPE_DATE)
		return v->as.i;
	return floor_div(v->as.i, DAY_SECONDS * moment_unit(v->kind));
}

static int64_t
months_of(const struct literal *v)
{
	struct date date = date_of_days(days_of(v));

	return (date.year - YEAR_1970) * 12 + date.month - 1;
}

static int64_t
time_part(enum transform_kind part, const struct literal *v)
{
	if (part == TRANSFORM_YEAR)
		return floor_div(months_of(v), 12);
	if (part == TRANSFORM_MONTH)
		return months_of(v);
	if (part == TRANSFORM_DAY)
		return days_of(v);
	return floor_div(v->as.i, 3600 * moment_unit(v->kind));
}

struct literal
transform_apply(const struct transform *transform, const struct literal *value)
{
	struct type source = { .kind = value->kind, .scale = value->scale };
	struct type type = transform_type(transform, &source);
	struct literal ret = *value;

	if (value->state == LITERAL_NULL || transform->kind == TRANSFORM_VOID ||
	    transform->kind == TRANSFORM_UNKNOWN ||
	    !transform_accepts(transform, value->kind)) {
		ret.state = LITERAL_NULL;
	} else if (transform->kind == TRANSFORM_TRUNCATE) {
		truncate_literal(&ret, transform->width);
	} else if (transform->kind == TRANSFORM_BUCKET) {
		ret.as.i =
		    (int64_t)(hash_of(value) & INT32_MAX) % transform->width;
	} else if (transform->kind != TRANSFORM_IDENTITY) {
		ret.as.i = time_part(transform->kind, value);
	}
	ret.kind = type.kind;
	return ret;
}

/* ---- back */

/* The first day of what `n` counts. */
static int64_t
first_day(enum transform_kind part, int64_t n)
{
	if (part == TRANSFORM_DAY)
		return n;

	int64_t months = part == TRANSFORM_YEAR ? n * 12 : n;
	int64_t year = floor_div(months, 12);

	return date_days((struct date){
	    year + YEAR_1970, (int)(months - year * 12) + 1, 1 });
}

/* The first value of the source type that has the part `n`. */
static int128
first_moment(enum transform_kind part, const struct type *source, int64_t n)
{
	int128 unit = moment_unit(source->kind);

	if (part == TRANSFORM_HOUR)
		return n * unit * 3600;

	int128 days = first_day(part, n);

	return source->kind == TYPE_DATE ? days : days * unit * DAY_SECONDS;
}

/* False for a number that is no multiple of the width: where the least of a
 * type is none either, writers begin anew at the greatest. */
static bool
truncated_from(const struct literal *value, int32_t width, struct preimage *ret)
{
	switch ((int)value->kind) {
	case TYPE_STRING:
	case TYPE_BINARY:
		/* shorter ones were not cut */
		ret->open = truncated_length(value->kind, value->as.s,
				width - 1) < value->as.s.len;
		return true;
	case TYPE_DECIMAL:
		ret->upper.as.n += width - 1;
		return value->as.n % width == 0;
	default:
		ret->upper.as.i =
		    clamp((int128)value->as.i + width - 1, value->kind);
		return value->as.i % width == 0;
	}
}

bool
transform_preimage(const struct transform *transform, const struct type *source,
    const struct literal *value, struct preimage *ret)
{
	if (value->state != LITERAL_VALUE || !transform_keeps_order(transform))
		return false;
	*ret = (struct preimage){ *value, *value, false };
	if (transform->kind == TRANSFORM_TRUNCATE)
		return truncated_from(value, transform->width, ret);
	if (transform->kind != TRANSFORM_IDENTITY) {
		int128 next =
		    first_moment(transform->kind, source, value->as.i + 1);

		ret->lower.as.i =
		    clamp(first_moment(transform->kind, source, value->as.i),
			source->kind);
		ret->upper.as.i = clamp(next - 1, source->kind);
		ret->lower.kind = ret->upper.kind = source->kind;
	}
	return true;
}
