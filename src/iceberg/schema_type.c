/* schema_type.c - the table of types, and the text forms with parameters. */
#include "iceberg/schema_type.h"

#include "iceberg/member.h"

/* The JSON value that stands for a single value of the type. */
enum form {
	FORM_NONE, /* only null, or nothing at all */
	FORM_BOOL,
	FORM_INTEGER,
	FORM_NUMBER,
	FORM_STRING,
	FORM_EMPTY_OBJECT, /* fields of a struct carry their own defaults */
};

struct type_row {
	const char *name;
	int since;
	enum form form;
};

/* clang-format off */
static const struct type_row rows[] = {
	[TYPE_BOOLEAN]        = { "boolean",        1, FORM_BOOL },
	[TYPE_INT]            = { "int",            1, FORM_INTEGER },
	[TYPE_LONG]           = { "long",           1, FORM_INTEGER },
	[TYPE_FLOAT]          = { "float",          1, FORM_NUMBER },
	[TYPE_DOUBLE]         = { "double",         1, FORM_NUMBER },
	[TYPE_DECIMAL]        = { "decimal",        1, FORM_STRING },
	[TYPE_DATE]           = { "date",           1, FORM_STRING },
	[TYPE_TIME]           = { "time",           1, FORM_STRING },
	[TYPE_TIMESTAMP]      = { "timestamp",      1, FORM_STRING },
	[TYPE_TIMESTAMPTZ]    = { "timestamptz",    1, FORM_STRING },
	[TYPE_TIMESTAMP_NS]   = { "timestamp_ns",   3, FORM_STRING },
	[TYPE_TIMESTAMPTZ_NS] = { "timestamptz_ns", 3, FORM_STRING },
	[TYPE_STRING]         = { "string",         1, FORM_STRING },
	[TYPE_UUID]           = { "uuid",           1, FORM_STRING },
	[TYPE_FIXED]          = { "fixed",          1, FORM_STRING },
	[TYPE_BINARY]         = { "binary",         1, FORM_STRING },
	[TYPE_UNKNOWN]        = { "unknown",        3, FORM_NONE },
	[TYPE_VARIANT]        = { "variant",        3, FORM_NONE },
	[TYPE_GEOMETRY]       = { "geometry",       3, FORM_NONE },
	[TYPE_GEOGRAPHY]      = { "geography",      3, FORM_NONE },
	[TYPE_STRUCT]         = { "struct",         1, FORM_EMPTY_OBJECT },
	[TYPE_LIST]           = { "list",           1, FORM_NONE },
	[TYPE_MAP]            = { "map",            1, FORM_NONE },
};
/* clang-format on */

const char *
type_name(enum type_kind kind)
{
	return rows[kind].name;
}

int
type_since(enum type_kind kind)
{
	return rows[kind].since;
}

bool
type_is_nested(enum type_kind kind)
{
	return kind == TYPE_STRUCT || kind == TYPE_LIST || kind == TYPE_MAP;
}

bool
type_equal(const struct type *a, const struct type *b)
{
	return a->kind == b->kind && a->size == b->size &&
	       a->scale == b->scale && str_eq(a->parameters, b->parameters);
}

bool
type_takes_default(enum type_kind kind, const yyjson_mut_val *value)
{
	yyjson_mut_val *v = (yyjson_mut_val *)(uintptr_t)value;

	switch (rows[kind].form) {
	case FORM_NONE:
		return false;
	case FORM_BOOL:
		return yyjson_mut_is_bool(v);
	case FORM_INTEGER:
		return member_is(
		    v, kind == TYPE_INT ? MEMBER_INT : MEMBER_LONG);
	case FORM_NUMBER:
		return yyjson_mut_is_num(v);
	case FORM_STRING:
		return yyjson_mut_is_str(v);
	case FORM_EMPTY_OBJECT:
		return yyjson_mut_is_obj(v) && yyjson_mut_obj_size(v) == 0;
	}
	return false;
}

static bool
small_number(struct str text, int32_t least, int32_t most, int32_t *ret)
{
	int64_t n = 0;

	if (!str_to_int(str_trim(text), &n) || n < least || n > most)
		return false;
	*ret = (int32_t)n;
	return true;
}

static bool
decimal_parse(struct str inner, struct type *type)
{
	struct str precision = str_cut(&inner, ',');

	return small_number(precision, 1, 38, &type->size) &&
	       small_number(inner, 0, 38, &type->scale) &&
	       type->scale <= type->size;
}

static bool
parameters_parse(struct str inner, char open, struct type *type)
{
	if (type->kind == TYPE_DECIMAL)
		return open == '(' && decimal_parse(inner, type);
	if (type->kind == TYPE_FIXED)
		return open == '[' &&
		       small_number(inner, 0, INT32_MAX, &type->size);
	if (type->kind == TYPE_GEOMETRY || type->kind == TYPE_GEOGRAPHY) {
		type->parameters = str_trim(inner);
		return open == '(' && type->parameters.len != 0;
	}
	return false;
}

static bool
kind_parse(struct str name, enum type_kind *ret)
{
	for (int kind = TYPE_BOOLEAN; kind < TYPE_STRUCT; kind++)
		if (str_eq_nocase(name, str_from(rows[kind].name))) {
			*ret = (enum type_kind)kind;
			return true;
		}
	return false;
}

bool
type_parse(struct str text, struct type *ret)
{
	size_t open = 0;

	while (
	    open < text.len && text.ptr[open] != '(' && text.ptr[open] != '[')
		open++;

	struct type type = { 0 };

	if (!kind_parse(str_trim((struct str){ text.ptr, open }), &type.kind))
		return false;
	if (open == text.len) {
		if (type.kind == TYPE_DECIMAL || type.kind == TYPE_FIXED)
			return false;
	} else {
		char opening = text.ptr[open];
		struct str inner = str_skip(text, open + 1);

		if (!str_ends_with(inner, opening == '(' ? STR(")") : STR("]")))
			return false;
		inner.len--;
		if (!parameters_parse(inner, opening, &type))
			return false;
	}
	*ret = type;
	return true;
}
