/*
 * expression_read.c - reads the grammar of predicates (expressions spec,
 * Appendix B).
 */
#include <stdarg.h>
#include <stdio.h>

#include "iceberg/expression_reader.h"

enum form {
	FORM_CONSTANT,
	FORM_JUNCTION,
	FORM_NOT,
	FORM_UNARY,
	FORM_COMPARISON,
	FORM_SET,
};

/* The members of each form, and where it has one, of the deprecated one. */
static const struct {
	const char *members, *deprecated;
} forms[] = {
	[FORM_CONSTANT] = { "type", "type" },
	[FORM_JUNCTION] = { "type left right", "type left right" },
	[FORM_NOT] = { "type child", "type child" },
	[FORM_UNARY] = { "type child", "type term" },
	[FORM_COMPARISON] = { "type left right", "type term value" },
	[FORM_SET] = { "type child values", "type term values" },
};

struct row {
	const char *name;
	enum form form;
};

/* clang-format off */
static const struct row rows[] = {
	[EXPRESSION_TRUE]            = { "true",            FORM_CONSTANT },
	[EXPRESSION_FALSE]           = { "false",           FORM_CONSTANT },
	[EXPRESSION_AND]             = { "and",             FORM_JUNCTION },
	[EXPRESSION_OR]              = { "or",              FORM_JUNCTION },
	[EXPRESSION_IS_NULL]         = { "is-null",         FORM_UNARY },
	[EXPRESSION_NOT_NULL]        = { "not-null",        FORM_UNARY },
	[EXPRESSION_IS_NAN]          = { "is-nan",          FORM_UNARY },
	[EXPRESSION_NOT_NAN]         = { "not-nan",         FORM_UNARY },
	[EXPRESSION_LT]              = { "lt",              FORM_COMPARISON },
	[EXPRESSION_GT_EQ]           = { "gt-eq",           FORM_COMPARISON },
	[EXPRESSION_GT]              = { "gt",              FORM_COMPARISON },
	[EXPRESSION_LT_EQ]           = { "lt-eq",           FORM_COMPARISON },
	[EXPRESSION_EQ]              = { "eq",              FORM_COMPARISON },
	[EXPRESSION_NOT_EQ]          = { "not-eq",          FORM_COMPARISON },
	[EXPRESSION_IN]              = { "in",              FORM_SET },
	[EXPRESSION_NOT_IN]          = { "not-in",          FORM_SET },
	[EXPRESSION_STARTS_WITH]     = { "starts-with",     FORM_COMPARISON },
	[EXPRESSION_NOT_STARTS_WITH] = { "not-starts-with", FORM_COMPARISON },
	[EXPRESSION_OTHER]           = { "not",             FORM_NOT },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const char *
expression_name(enum expression_kind kind)
{
	return rows[kind].name;
}

/* ---- refusing */

#define SHOWN_MAX 100 /* bytes of what a client wrote, in a message */

struct str
expression_shown(struct str s)
{
	if (s.len <= SHOWN_MAX)
		return s;
	s.len = SHOWN_MAX;
	while (s.len != 0 && ((unsigned char)s.ptr[s.len] & 0xc0) == 0x80)
		s.len--;
	return s;
}

static void
add_pointer(struct buf *b, const char *root, const struct place *place)
{
	if (place->up == NULL) {
		buf_add(b, str_from(root));
		return;
	}
	add_pointer(b, root, place->up);
	if (place->name != NULL)
		buf_printf(b, "/%s", place->name);
	else
		buf_printf(b, "/%zu", place->index);
}

enum err
expression_refuse(const struct expression_reader *r, const struct place *place,
    const char *fmt, ...)
{
	struct buf pointer = buf_in(r->arena);
	char why[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	add_pointer(&pointer, r->context->pointer, place);
	return fail(r->error, ERR_BAD_REQUEST,
	    "Invalid filter at " STR_FMT ": %s", STR_ARG(buf_str(&pointer)),
	    why);
}

static bool
name_listed(struct str name, const char *names)
{
	struct str rest = str_from(names);

	while (rest.ptr != NULL)
		if (str_eq(str_cut(&rest, ' '), name))
			return true;
	return false;
}

enum err
expression_members(const struct expression_reader *r, const struct place *place,
    const yyjson_val *object, const char *names)
{
	yyjson_obj_iter it =
	    yyjson_obj_iter_with((yyjson_val *)(uintptr_t)object);
	yyjson_val *key;

	while ((key = yyjson_obj_iter_next(&it)) != NULL) {
		struct str name = json_str(key);

		if (!name_listed(name, names))
			return expression_refuse(r, place,
			    "unknown field '" STR_FMT "'",
			    STR_ARG(expression_shown(name)));
		if (json_member(object, name) != yyjson_obj_iter_get_val(key))
			return expression_refuse(r, place,
			    "field '" STR_FMT "' is given twice",
			    STR_ARG(name));
	}
	return OK;
}

/* ---- the grammar */

/* A predicate, or with `negate` its complement. */
static enum err read_predicate(struct expression_reader *, const struct place *,
    const yyjson_val *json, bool negate, const struct expression **ret);

static enum err
read_member(struct expression_reader *r, const struct place *up,
    const yyjson_val *json, const char *name, bool negate,
    const struct expression **ret)
{
	struct place place = { up, name, 0 };
	const yyjson_val *child = json_member(json, str_from(name));

	if (child == NULL)
		return expression_refuse(r, up, "missing field '%s'", name);
	return read_predicate(r, &place, child, negate, ret);
}

static enum err
read_junction(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, enum expression_kind kind, bool negate,
    const struct expression **ret)
{
	const struct expression *left = NULL, *right = NULL;

	TRY(read_member(r, place, json, "left", negate, &left));
	TRY(read_member(r, place, json, "right", negate, &right));
	*ret = kind == EXPRESSION_AND ? expression_and(r->arena, left, right)
				      : expression_or(r->arena, left, right);
	return OK;
}

static struct expression *
new_predicate(struct expression_reader *r, enum expression_kind kind,
    const struct operand *about, bool deprecated)
{
	struct expression *e = ARENA_NEW(r->arena, struct expression, 1);

	e->kind = kind;
	e->term = about->term;
	e->deprecated = deprecated;
	return e;
}

/* The operand that a test is about. */
static enum err
read_tested(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, bool deprecated, struct operand *ret)
{
	const char *name = deprecated ? "term" : "child";
	struct place at = { place, name, 0 };

	TRY(operand_read(
	    r, &at, json_member(json, str_from(name)), deprecated, ret));
	if (!ret->is_term)
		return expression_refuse(r, &at, "a value is no column");
	return OK;
}

static enum err
read_unary(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, enum expression_kind kind, bool deprecated,
    const struct expression **ret)
{
	struct operand about;

	TRY(read_tested(r, place, json, deprecated, &about));
	return predicate_unary(
	    r, place, new_predicate(r, kind, &about, deprecated), ret);
}

/* With the operands in the other order. */
static enum expression_kind
mirrored(enum expression_kind kind)
{
	switch ((int)kind) {
	case EXPRESSION_LT:
		return EXPRESSION_GT;
	case EXPRESSION_GT:
		return EXPRESSION_LT;
	case EXPRESSION_LT_EQ:
		return EXPRESSION_GT_EQ;
	case EXPRESSION_GT_EQ:
		return EXPRESSION_LT_EQ;
	default:
		return kind;
	}
}

static bool
is_prefix_test(enum expression_kind kind)
{
	return kind == EXPRESSION_STARTS_WITH ||
	       kind == EXPRESSION_NOT_STARTS_WITH;
}

static bool
is_order(enum expression_kind kind)
{
	return mirrored(kind) != kind;
}

/* Neither null nor NaN is less or greater than anything, so that both are in
 * the complement of an order comparison. */
static enum err
add_unordered(struct expression_reader *r, const struct place *place,
    const struct operand *about, const struct expression **e)
{
	enum type_kind type = about->term.type.kind;
	const struct expression *null = NULL, *nan = NULL;

	TRY(predicate_unary(r, place,
	    new_predicate(r, EXPRESSION_IS_NULL, about, false), &null));
	*e = expression_or(r->arena, *e, null);
	if (type != TYPE_FLOAT && type != TYPE_DOUBLE)
		return OK;
	TRY(predicate_unary(
	    r, place, new_predicate(r, EXPRESSION_IS_NAN, about, false), &nan));
	*e = expression_or(r->arena, *e, nan);
	return OK;
}

/* Of two columns, or of two values: nothing that is known here decides it. */
static enum err
read_other(struct expression_reader *r, const yyjson_val *json,
    const struct operand *left, const struct operand *right, bool negate,
    const struct expression **ret)
{
	struct operand none = { 0 };

	TRY(predicate_check_pair(r, left, right));

	struct expression *other = new_predicate(
	    r, negate ? EXPRESSION_NOT_OTHER : EXPRESSION_OTHER, &none, false);

	other->json = json;
	*ret = other;
	return OK;
}

static enum err
read_comparison(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, enum expression_kind kind, bool negate,
    const struct expression **ret)
{
	bool deprecated = json_member(json, STR("term")) != NULL;
	struct place at[] = { { place, deprecated ? "term" : "left", 0 },
		{ place, deprecated ? "value" : "right", 0 } };
	struct operand left, right;

	TRY(operand_read(r, &at[0], json_member(json, str_from(at[0].name)),
	    deprecated, &left));
	TRY(operand_read(
	    r, &at[1], json_member(json, str_from(at[1].name)), false, &right));
	if (left.is_term == right.is_term)
		return read_other(r, json, &left, &right, negate, ret);
	if (right.is_term) {
		struct operand value = left;

		if (is_prefix_test(kind))
			return expression_refuse(
			    r, &at[0], "a value is no column");
		left = right;
		right = value;
		kind = mirrored(kind);
	}
	TRY(predicate_compare(
	    r, &right, new_predicate(r, kind, &left, deprecated), ret));
	if (negate && !deprecated && is_order(kind))
		return add_unordered(r, place, &left, ret);
	return OK;
}

static enum err
read_values(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, const struct type *type, struct operand *ret)
{
	yyjson_arr_iter it =
	    yyjson_arr_iter_with((yyjson_val *)(uintptr_t)json);
	const yyjson_val *element;
	size_t i = 0;

	while ((element = yyjson_arr_iter_next(&it)) != NULL) {
		struct place at = { place, NULL, i };

		TRY(operand_read(r, &at, element, false, &ret[i]));
		if (ret[i].is_term)
			return expression_refuse(
			    r, &at, "a column is no value");
		if (type != NULL)
			ret[i].type = type;
		i++;
	}
	return OK;
}

static enum err
read_set(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, enum expression_kind kind, bool deprecated,
    const struct expression **ret)
{
	const yyjson_val *values = json_member(json, STR("values"));
	struct place outer = { place, "values", 0 }, inner = outer;
	const struct type *type = NULL;
	struct operand about;

	TRY(read_tested(r, place, json, deprecated, &about));
	if (str_eq(
		json_str(json_member(values, STR("type"))), STR("literals"))) {
		TRY(expression_members(
		    r, &outer, values, "type values data-type"));
		TRY(operand_type(r, &outer, values, &type));
		values = json_member(values, STR("values"));
		inner = (struct place){ &outer, "values", 0 };
	}
	if (!yyjson_is_arr((yyjson_val *)(uintptr_t)values))
		return expression_refuse(r, &inner, "must be an array");

	size_t count = yyjson_arr_size((yyjson_val *)(uintptr_t)values);

	if (count > EXPRESSION_VALUES_MAX - r->values)
		return expression_refuse(
		    r, &inner, "more than %d values", EXPRESSION_VALUES_MAX);
	r->values += count;

	struct operand *operands = ARENA_NEW(r->arena, struct operand, count);

	TRY(read_values(r, &inner, values, type, operands));
	return predicate_in(r, operands, count,
	    new_predicate(r, kind, &about, deprecated), ret);
}

static enum err
read_row(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, enum expression_kind kind, bool negate,
    const struct expression **ret)
{
	bool deprecated = json_member(json, STR("term")) != NULL;
	enum form form = rows[kind].form;
	enum expression_kind meant =
	    negate ? expression_complement(kind) : kind;

	TRY(expression_members(r, place, json,
	    deprecated ? forms[form].deprecated : forms[form].members));
	if (form == FORM_UNARY || form == FORM_COMPARISON || form == FORM_SET)
		r->predicates++;
	if (r->predicates > EXPRESSION_PREDICATES_MAX)
		return expression_refuse(r, place, "more than %d predicates",
		    EXPRESSION_PREDICATES_MAX);
	switch (form) {
	case FORM_CONSTANT:
		*ret = expression_constant(meant == EXPRESSION_TRUE);
		return OK;
	case FORM_JUNCTION:
		return read_junction(r, place, json, meant, negate, ret);
	case FORM_NOT:
		return read_member(r, place, json, "child", !negate, ret);
	case FORM_UNARY:
		return read_unary(r, place, json, meant, deprecated, ret);
	case FORM_COMPARISON:
		return read_comparison(r, place, json, meant, negate, ret);
	case FORM_SET:
		return read_set(r, place, json, meant, deprecated, ret);
	}
	return OK;
}

static enum err
read_predicate(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, bool negate, const struct expression **ret)
{
	yyjson_val *v = (yyjson_val *)(uintptr_t)json;
	struct str type = json_str(json_member(json, STR("type")));

	if (yyjson_is_bool(v)) {
		*ret = expression_constant(yyjson_get_bool(v) != negate);
		return OK;
	}
	if (!yyjson_is_obj(v))
		return expression_refuse(
		    r, place, "must be a boolean or an object");
	if (type.ptr == NULL)
		return expression_refuse(r, place, "missing field 'type'");
	if (r->depth == EXPRESSION_DEPTH_MAX)
		return expression_refuse(r, place,
		    "nested deeper than %d levels", EXPRESSION_DEPTH_MAX);
	for (size_t kind = 0; kind < ROWS; kind++) {
		if (!str_eq(type, str_from(rows[kind].name)))
			continue;
		r->depth++;
		TRY(read_row(
		    r, place, json, (enum expression_kind)kind, negate, ret));
		r->depth--;
		return OK;
	}
	return expression_refuse(r, place, "unknown type '" STR_FMT "'",
	    STR_ARG(expression_shown(type)));
}

enum err
expression_read(struct arena *a, const yyjson_val *json,
    const struct expression_context *context, const struct expression **ret,
    struct error *e)
{
	struct expression_reader reader = {
		.arena = a, .context = context, .error = e
	};

	reader.names.schema = context->schema;
	reader.names.case_sensitive = context->case_sensitive;

	return read_predicate(&reader, &(struct place){ 0 }, json, false, ret);
}
