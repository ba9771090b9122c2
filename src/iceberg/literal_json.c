/*
 * literal_json.c - reads literals from requests.
 *
 * A value for a number column becomes an exact number first, rounded down, and
 * is then compared with the range of the column's type.
 */
#include <float.h>
#include <math.h>

#include "base/hex.h"
#include "base/uuid.h"
#include "iceberg/decimal.h"
#include "iceberg/literal.h"
#include "iceberg/moment.h"

/* The least and the greatest value of a type; false: not one of numbers. */
static bool
range_of(const struct type *type, int128 *ret_least, int128 *ret_most)
{
	switch ((int)type->kind) {
	case TYPE_INT:
	case TYPE_DATE:
		*ret_least = INT32_MIN;
		*ret_most = INT32_MAX;
		return true;
	case TYPE_TIME:
		*ret_least = 0;
		*ret_most = DAY_SECONDS * moment_unit(TYPE_TIME) - 1;
		return true;
	case TYPE_DECIMAL:
		*ret_most = decimal_power(type->size) - 1;
		*ret_least = -*ret_most;
		return true;
	case TYPE_LONG:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
	case TYPE_TIMESTAMP_NS:
	case TYPE_TIMESTAMPTZ_NS:
		*ret_least = INT64_MIN;
		*ret_most = INT64_MAX;
		return true;
	default:
		return false;
	}
}

static enum literal_state
fit(const struct rounded *r, int128 least, int128 most)
{
	if (r->n > most)
		return LITERAL_ABOVE;
	if (r->n < least)
		return LITERAL_BELOW;
	return r->more ? LITERAL_BETWEEN : LITERAL_VALUE;
}

/* Of a number in JSON. */
static bool
from_number(struct arena *a, const struct type *type, const yyjson_val *json,
    struct rounded *ret)
{
	int32_t scale = type->kind == TYPE_DECIMAL ? type->scale : 0;
	bool whole = type->kind != TYPE_INT && type->kind != TYPE_LONG &&
		     type->kind != TYPE_DECIMAL;

	if (!decimal_parse(json_text(a, json), scale, ret) ||
	    (whole && ret->more))
		return false;
	/* numbers are microseconds, also where nanoseconds are kept */
	if (type->kind == TYPE_TIMESTAMP_NS ||
	    type->kind == TYPE_TIMESTAMPTZ_NS)
		ret->n = ret->n > INT64_MAX || ret->n < INT64_MIN
			     ? ret->n
			     : ret->n * 1000;
	return true;
}

static bool
from_text(const struct type *type, struct str text, struct rounded *ret)
{
	if (type->kind == TYPE_DECIMAL)
		return decimal_parse(text, type->scale, ret);
	return type->kind != TYPE_INT && type->kind != TYPE_LONG &&
	       moment_parse(type->kind, text, ret);
}

static bool
is_number(const yyjson_val *json)
{
	yyjson_val *v = (yyjson_val *)(uintptr_t)json;

	return yyjson_is_num(v) || yyjson_is_raw(v);
}

static bool
exact_from_json(struct arena *a, const struct type *type,
    const yyjson_val *json, struct literal *ret)
{
	struct str text = json_str(json);
	int128 least = 0, most = 0;
	struct rounded r;

	if (!range_of(type, &least, &most) ||
	    !(text.ptr != NULL
		    ? from_text(type, text, &r)
		    : is_number(json) && from_number(a, type, json, &r)))
		return false;
	ret->state = fit(&r, least, most);
	if (type->kind == TYPE_DECIMAL)
		ret->as.n = r.n;
	else
		ret->as.i = (int64_t)r.n;
	return true;
}

/* A number that no double can hold lies between the last one and infinity. */
static bool
double_from_json(
    const struct type *type, const yyjson_val *json, struct literal *ret)
{
	yyjson_val *v = (yyjson_val *)(uintptr_t)json;
	double most = type->kind == TYPE_FLOAT ? (double)FLT_MAX : DBL_MAX;
	bool negative = yyjson_is_raw(v) && *yyjson_get_raw(v) == '-';
	double d = yyjson_is_raw(v) ? (negative ? -HUGE_VAL : HUGE_VAL)
				    : yyjson_get_num(v);

	if (str_eq(json_str(json), STR("Infinity")) ||
	    str_eq(json_str(json), STR("-Infinity"))) {
		ret->as.d = *json_str(json).ptr == '-' ? -HUGE_VAL : HUGE_VAL;
		return true;
	}
	if (!is_number(json))
		return false;
	if (d > most || d < -most) {
		ret->state = LITERAL_BETWEEN;
		ret->as.d = d > 0 ? most : -HUGE_VAL;
	} else {
		ret->as.d = type->kind == TYPE_FLOAT ? (double)(float)d : d;
	}
	return true;
}

static bool
uuid_from_json(struct arena *a, struct str text, struct literal *ret)
{
	struct id id;

	if (text.ptr == NULL || !id_parse(text, &id))
		return false;
	ret->as.s = arena_copy(a, (struct str){ (char *)id.b, sizeof(id.b) });
	return true;
}

static bool
bytes_from_json(struct arena *a, const struct type *type, struct str text,
    struct literal *ret)
{
	if (text.ptr == NULL ||
	    (type->kind == TYPE_FIXED && text.len / 2 != (size_t)type->size))
		return false;
	return hex_read(a, text, &ret->as.s);
}

bool
literal_from_json(struct arena *a, const struct type *type,
    const yyjson_val *json, struct literal *ret)
{
	yyjson_val *v = (yyjson_val *)(uintptr_t)json;

	*ret = (struct literal){
		.state = LITERAL_VALUE, .kind = type->kind, .scale = type->scale
	};
	switch ((int)type->kind) {
	case TYPE_BOOLEAN:
		ret->as.b = yyjson_get_bool(v);
		return yyjson_is_bool(v);
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
		return double_from_json(type, json, ret);
	case TYPE_STRING:
		ret->as.s = json_str(json);
		return ret->as.s.ptr != NULL;
	case TYPE_UUID:
		return uuid_from_json(a, json_str(json), ret);
	case TYPE_FIXED:
	case TYPE_BINARY:
		return bytes_from_json(a, type, json_str(json), ret);
	default:
		return exact_from_json(a, type, json, ret);
	}
}
