/*
 * partition_transform.c - the table of transforms: name, width, source types.
 */
#include "iceberg/partition_transform.h"

#define BIT(kind) (1u << (kind))
#define NUMBERS (BIT(TYPE_INT) | BIT(TYPE_LONG) | BIT(TYPE_DECIMAL))
#define DATES BIT(TYPE_DATE)
#define TIMESTAMPS                                                             \
	(BIT(TYPE_TIMESTAMP) | BIT(TYPE_TIMESTAMPTZ) |                         \
	    BIT(TYPE_TIMESTAMP_NS) | BIT(TYPE_TIMESTAMPTZ_NS))
#define TEXTS (BIT(TYPE_STRING) | BIT(TYPE_BINARY))
#define NESTED (BIT(TYPE_STRUCT) | BIT(TYPE_LIST) | BIT(TYPE_MAP))
#define OPAQUE (BIT(TYPE_VARIANT) | BIT(TYPE_GEOMETRY) | BIT(TYPE_GEOGRAPHY))

struct transform_row {
	const char *name;
	bool sized;
	unsigned sources; /* BIT(type_kind) of each type it takes */
};

/* clang-format off */
static const struct transform_row rows[] = {
	[TRANSFORM_IDENTITY] = { "identity", false, ~(NESTED | OPAQUE) },
	[TRANSFORM_YEAR]     = { "year",     false, DATES | TIMESTAMPS },
	[TRANSFORM_MONTH]    = { "month",    false, DATES | TIMESTAMPS },
	[TRANSFORM_DAY]      = { "day",      false, DATES | TIMESTAMPS },
	[TRANSFORM_HOUR]     = { "hour",     false, TIMESTAMPS },
	[TRANSFORM_BUCKET]   = { "bucket",   true,  NUMBERS | DATES |
	    BIT(TYPE_TIME) | TIMESTAMPS | TEXTS | BIT(TYPE_UUID) |
	    BIT(TYPE_FIXED) },
	[TRANSFORM_TRUNCATE] = { "truncate", true,  NUMBERS | TEXTS },
	[TRANSFORM_VOID]     = { "void",     false, ~0u },
	[TRANSFORM_UNKNOWN]  = { "",         false, ~0u },
};
/* clang-format on */

static enum transform_kind
kind_of(struct str name)
{
	int kind = TRANSFORM_IDENTITY;

	while (kind < TRANSFORM_UNKNOWN &&
	       !str_eq_nocase(name, str_from(rows[kind].name)))
		kind++;
	return (enum transform_kind)kind;
}

/* "16]" */
static bool
width_parse(struct str text, int32_t *ret)
{
	int64_t width = 0;

	if (!str_ends_with(text, STR("]")))
		return false;
	text.len--;
	if (!str_to_int(str_trim(text), &width) || width <= 0 ||
	    width > INT32_MAX)
		return false;
	*ret = (int32_t)width;
	return true;
}

bool
transform_parse(struct str text, struct transform *ret)
{
	struct str rest = text, name = str_cut(&rest, '[');
	struct transform transform = { .kind = kind_of(name), .text = text };

	if (text.len == 0)
		return false;
	if (transform.kind != TRANSFORM_UNKNOWN) {
		if (rows[transform.kind].sized != (rest.ptr != NULL))
			return false;
		if (rest.ptr != NULL && !width_parse(rest, &transform.width))
			return false;
	}
	*ret = transform;
	return true;
}

bool
transform_equal(const struct transform *a, const struct transform *b)
{
	if (a->kind != b->kind || a->width != b->width)
		return false;
	return a->kind != TRANSFORM_UNKNOWN || str_eq(a->text, b->text);
}

bool
transform_accepts(const struct transform *transform, enum type_kind type)
{
	return (rows[transform->kind].sources & BIT(type)) != 0;
}
