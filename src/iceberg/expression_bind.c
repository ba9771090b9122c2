/*
 * expression_bind.c - binds names, types and values of a filter to the schema.
 */
#include <stdlib.h>

#include "iceberg/expression_reader.h"
#include "iceberg/transform_apply.h"

static enum err
find_field(struct expression_reader *r, const struct place *place,
    struct str name, const struct schema_field **ret)
{
	struct column_name found = column_names_find(&r->names, r->arena, name);

	if (found.first == NULL)
		return expression_refuse(r, place, "no column '" STR_FMT "'",
		    STR_ARG(expression_shown(name)));
	if (found.second != NULL)
		return expression_refuse(r, place,
		    "the name '" STR_FMT "' is both " STR_FMT " and " STR_FMT,
		    STR_ARG(expression_shown(name)),
		    STR_ARG(expression_shown(found.first->path)),
		    STR_ARG(expression_shown(found.second->path)));
	*ret = found.first;
	return OK;
}

static bool
may_be_null(const struct schema *schema, const struct schema_field *field)
{
	while (field->required && field->parent != SCHEMA_TOP)
		field = &schema->fields[field->parent];
	return !field->required;
}

enum err
term_bind(struct expression_reader *r, const struct place *place,
    struct str name, int64_t id, struct term *ret)
{
	const struct schema *schema = r->context->schema;
	const struct schema_field *field = NULL;

	if (name.ptr != NULL)
		TRY(find_field(r, place, name, &field));
	else
		field = schema_field_of(schema, id);
	if (field == NULL)
		return expression_refuse(
		    r, place, "no column with the id %lld", (long long)id);
	if (schema_repeated_parent(schema, field) != NULL)
		return expression_refuse(r, place,
		    "the column '" STR_FMT "' is inside a list or map",
		    STR_ARG(expression_shown(field->path)));
	*ret = (struct term){ .field = field,
		.type = field->type,
		.optional = may_be_null(schema, field) };
	return OK;
}

enum err
term_transform(const struct expression_reader *r, const struct place *place,
    struct str text, struct term *term)
{
	struct transform *transform = &term->transform;
	const struct type *source = &term->field->type;

	if (!transform_parse(text, transform) ||
	    transform->kind == TRANSFORM_UNKNOWN ||
	    transform->kind == TRANSFORM_VOID)
		return expression_refuse(r, place, "no transform '" STR_FMT "'",
		    STR_ARG(expression_shown(text)));
	if (!transform_accepts(transform, source->kind))
		return expression_refuse(r, place,
		    "the transform " STR_FMT
		    " does not take the column '" STR_FMT "' of type %s",
		    STR_ARG(expression_shown(text)),
		    STR_ARG(expression_shown(term->field->path)),
		    type_name(source->kind));
	term->type = transform_type(transform, source);
	return OK;
}

/* ---- predicates */

static bool
is_floating(enum type_kind kind)
{
	return kind == TYPE_FLOAT || kind == TYPE_DOUBLE;
}

enum err
predicate_unary(struct expression_reader *r, const struct place *place,
    struct expression *e, const struct expression **ret)
{
	enum type_kind type = e->term.type.kind;
	bool wants_null = e->kind == EXPRESSION_IS_NULL;

	*ret = e;
	if (e->kind == EXPRESSION_IS_NAN || e->kind == EXPRESSION_NOT_NAN) {
		if (is_floating(type))
			return OK;
		return expression_refuse(r, place,
		    "%s is of float and double, and the column '" STR_FMT
		    "' is of type %s",
		    expression_name(e->kind),
		    STR_ARG(expression_shown(e->term.field->path)),
		    type_name(type));
	}
	if (!e->term.optional)
		*ret = expression_constant(!wants_null);
	else if (type == TYPE_UNKNOWN) /* which has no values */
		*ret = expression_constant(wants_null);
	return OK;
}

/* Types of one family can be compared by promotion. */
static enum type_kind
family_of(enum type_kind kind)
{
	switch ((int)kind) {
	case TYPE_INT:
	case TYPE_LONG:
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
	case TYPE_DECIMAL:
		return TYPE_LONG;
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMP_NS:
		return TYPE_TIMESTAMP;
	case TYPE_TIMESTAMPTZ:
	case TYPE_TIMESTAMPTZ_NS:
		return TYPE_TIMESTAMPTZ;
	case TYPE_FIXED:
	case TYPE_BINARY:
		return TYPE_BINARY;
	default:
		return kind;
	}
}

static enum err
check_comparable(const struct expression_reader *r, const struct place *place,
    const struct term *term)
{
	enum type_kind kind = term->type.kind;

	if (kind >= TYPE_UNKNOWN)
		return expression_refuse(r, place,
		    "the column '" STR_FMT "' of type %s cannot be compared",
		    STR_ARG(expression_shown(term->field->path)),
		    type_name(kind));
	return OK;
}

static enum err
value_bind(const struct expression_reader *r, const struct operand *value,
    const struct term *term, struct literal *ret)
{
	const struct type *declared = value->type;
	struct literal ignored;

	if ((declared == NULL ||
		(family_of(declared->kind) == family_of(term->type.kind) &&
		    literal_from_json(
			r->arena, declared, value->value, &ignored))) &&
	    literal_from_json(r->arena, &term->type, value->value, ret))
		return OK;

	return expression_refuse(r, &value->place,
	    "the column '" STR_FMT "' of type %s cannot be compared with "
	    "%s%s" STR_FMT,
	    STR_ARG(expression_shown(term->field->path)),
	    type_name(term->type.kind),
	    declared != NULL ? type_name(declared->kind) : "",
	    declared != NULL ? " " : "",
	    STR_ARG(expression_shown(json_text(r->arena, value->value))));
}

/* Less than all: true of all that have an order. */
static enum err
compare_with_limit(struct expression_reader *r, const struct operand *value,
    struct expression *e, bool is_true, const struct expression **ret)
{
	*ret = expression_constant(is_true);
	if (!is_true || e->kind == EXPRESSION_NOT_EQ)
		return OK;
	e->kind = EXPRESSION_NOT_NULL;
	return predicate_unary(r, &value->place, e, ret);
}

/* x < 5.5 is x <= 5 where 5 is the value before. */
static enum expression_kind
before_gap(enum expression_kind kind)
{
	if (kind == EXPRESSION_LT)
		return EXPRESSION_LT_EQ;
	return kind == EXPRESSION_GT_EQ ? EXPRESSION_GT : kind;
}

enum err
predicate_compare(struct expression_reader *r, const struct operand *value,
    struct expression *e, const struct expression **ret)
{
	struct literal *literal = ARENA_NEW(r->arena, struct literal, 1);
	enum expression_kind kind = e->kind;
	bool less = kind == EXPRESSION_LT || kind == EXPRESSION_LT_EQ;
	bool prefix = kind == EXPRESSION_STARTS_WITH ||
		      kind == EXPRESSION_NOT_STARTS_WITH;
	bool equal = kind == EXPRESSION_EQ || kind == EXPRESSION_NOT_EQ;
	bool not_equal = kind == EXPRESSION_NOT_EQ;

	TRY(check_comparable(r, &value->place, &e->term));
	if (prefix && e->term.type.kind != TYPE_STRING)
		return expression_refuse(r, &value->place,
		    "%s is of strings, and the column '" STR_FMT
		    "' is of type %s",
		    expression_name(kind),
		    STR_ARG(expression_shown(e->term.field->path)),
		    type_name(e->term.type.kind));
	TRY(value_bind(r, value, &e->term, literal));
	if (literal->state == LITERAL_ABOVE)
		return compare_with_limit(r, value, e, less || not_equal, ret);
	if (literal->state == LITERAL_BELOW)
		return compare_with_limit(
		    r, value, e, !less && kind != EXPRESSION_EQ, ret);
	if (literal->state == LITERAL_BETWEEN && equal)
		return compare_with_limit(r, value, e, not_equal, ret);
	if (literal->state == LITERAL_BETWEEN)
		e->kind = before_gap(kind);
	literal->state = LITERAL_VALUE;
	e->values = literal;
	e->count = 1;
	*ret = e;
	return OK;
}

static int
by_value(const void *a, const void *b)
{
	return literal_compare(a, b);
}

static size_t
distinct(struct literal *values, size_t count)
{
	size_t kept = 0;

	if (count != 0)
		qsort(values, count, sizeof(*values), by_value);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 ||
		    literal_compare(&values[kept - 1], &values[i]) != 0)
			values[kept++] = values[i];
	return kept;
}

enum err
predicate_in(struct expression_reader *r, const struct operand *values,
    size_t count, struct expression *e, const struct expression **ret)
{
	struct literal *literals = ARENA_NEW(r->arena, struct literal, count);
	bool in = e->kind == EXPRESSION_IN;
	size_t kept = 0;

	if (count != 0)
		TRY(check_comparable(r, &values->place, &e->term));
	for (size_t i = 0; i < count; i++) {
		TRY(value_bind(r, &values[i], &e->term, &literals[kept]));
		if (literals[kept].state == LITERAL_VALUE)
			kept++;
	}
	e->values = literals;
	e->count = distinct(literals, kept);
	*ret = e;
	if (e->count == 0)
		*ret = expression_constant(!in);
	else if (e->count == 1)
		e->kind = in ? EXPRESSION_EQ : EXPRESSION_NOT_EQ;
	return OK;
}

enum err
predicate_check_pair(struct expression_reader *r, const struct operand *left,
    const struct operand *right)
{
	if (!left->is_term)
		return OK;
	TRY(check_comparable(r, &left->place, &left->term));
	TRY(check_comparable(r, &right->place, &right->term));
	if (family_of(left->term.type.kind) != family_of(right->term.type.kind))
		return expression_refuse(r, &right->place,
		    "the column '" STR_FMT "' of type %s cannot be compared "
		    "with one of type %s",
		    STR_ARG(expression_shown(left->term.field->path)),
		    type_name(left->term.type.kind),
		    type_name(right->term.type.kind));
	return OK;
}
