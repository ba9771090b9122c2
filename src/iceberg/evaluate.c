/*
 * evaluate.c - makes ranges of what manifests say, and evaluates expressions
 * over them.
 *
 * A predicate is tested against each partition field of its column: the bounds
 * of a field are taken back through its transform to bounds of the column.
 * That is the inclusive projection of "Scan Planning", and in one with it the
 * strict one that residuals need.
 */
#include "iceberg/evaluate.h"

#include "iceberg/range.h"

/* The subject of an expression: a file, a manifest or a partition. */
struct subject {
	const struct file_metrics *file;
	const struct partition_type *type;
	const struct partition_summary *summaries;
	const struct literal *values;
	struct work_budget *budget;
};

static bool
is_floating(enum type_kind kind)
{
	return kind == TYPE_FLOAT || kind == TYPE_DOUBLE;
}

/* LITERAL_NULL when there is none that can be read. */
static struct literal
bound_of(const struct type *type, struct str bytes)
{
	struct literal bound;

	if (bytes.ptr == NULL || !literal_from_bytes(type, bytes, &bound) ||
	    literal_is_nan(&bound))
		return (struct literal){ .state = LITERAL_NULL };
	return bound;
}

/* ---- what is known of a partition field */

static struct range
range_of_summary(
    const struct partition_column *column, const struct partition_summary *s)
{
	bool bounded = s->lower.ptr != NULL || s->upper.ptr != NULL;
	bool others = s->contains_null || s->contains_nan == 1;

	return (struct range){
		.null = s->contains_null,
		.nan = is_floating(column->type.kind) && s->contains_nan != 0,
		.value = bounded || !others,
		.lower = bound_of(&column->type, s->lower),
		.upper = bound_of(&column->type, s->upper),
	};
}

static struct range
range_of_value(const struct literal *value)
{
	bool null = value->state == LITERAL_NULL, nan = literal_is_nan(value);

	return (struct range){ .null = null,
		.nan = nan,
		.value = !null && !nan,
		.lower = *value,
		.upper = *value };
}

static void
forget_bounds(struct range *r)
{
	r->lower.state = r->upper.state = LITERAL_NULL;
}

/* From bounds of the partition to bounds of the column. */
static void
take_back(const struct partition_column *column, struct range *r)
{
	struct preimage of_lower, of_upper;

	if (transform_preimage(
		&column->transform, &column->source, &r->lower, &of_lower))
		r->lower = of_lower.lower;
	else
		r->lower.state = LITERAL_NULL;
	if (transform_preimage(
		&column->transform, &column->source, &r->upper, &of_upper)) {
		r->upper = of_upper.upper;
		r->open = of_upper.open;
	} else {
		r->upper.state = LITERAL_NULL;
	}
}

/* From bounds of the column to bounds of a term that transforms it. */
static void
apply_term(const struct term *term, struct range *r)
{
	if (!transform_keeps_order(&term->transform)) {
		forget_bounds(r);
		return;
	}
	r->lower = transform_apply(&term->transform, &r->lower);
	r->upper = transform_apply(&term->transform, &r->upper);
}

/* x <> v is held against bounds where they are the very values of a partition,
 * no further: so does the reference implementation. */
static bool
bounds_count(const struct expression *e, const struct partition_column *column)
{
	return (e->kind != EXPRESSION_NOT_EQ && e->kind != EXPRESSION_NOT_IN) ||
	       column->transform.kind == TRANSFORM_IDENTITY;
}

static void
fit_to_term(const struct expression *e, const struct partition_column *column,
    struct range *r)
{
	const struct term *term = &e->term;

	if (transform_equal(&term->transform, &column->transform))
		return;
	if (!bounds_count(e, column)) {
		forget_bounds(r);
	} else if (column->transform.kind == TRANSFORM_BUCKET &&
		   term->transform.kind == TRANSFORM_IDENTITY) {
		r->bucket = &column->transform;
	} else {
		take_back(column, r);
		apply_term(term, r);
	}
}

static bool
has_bytes(const struct literal *l)
{
	return l->kind == TYPE_STRING || l->kind == TYPE_UUID ||
	       l->kind == TYPE_FIXED || l->kind == TYPE_BINARY;
}

/* Steps that it takes to hash the values for the buckets of one partition. */
static size_t
hash_steps(const struct expression *e)
{
	size_t steps = 0;

	for (size_t i = 0; i < e->count && e->count <= RANGE_HASHED_MAX; i++)
		steps +=
		    4 +
		    (has_bytes(&e->values[i]) ? e->values[i].as.s.len / 16 : 0);
	return steps;
}

static enum match
judge_partition_field(
    const struct subject *s, size_t i, const struct expression *e)
{
	const struct partition_column *column = &s->type->columns[i];
	const struct type *source = &e->term.field->type;

	if (column->source_id != e->term.field->id ||
	    column->type.kind == TYPE_UNKNOWN ||
	    column->transform.kind == TRANSFORM_VOID ||
	    !type_equal(&column->source, source))
		return MATCHES_SOME;

	struct range r = s->summaries != NULL
			     ? range_of_summary(column, &s->summaries[i])
			     : range_of_value(&s->values[i]);

	fit_to_term(e, column, &r);
	if (r.bucket != NULL && !work_steps(s->budget, hash_steps(e)))
		return MATCHES_SOME;
	return range_judge(e, &r);
}

static enum match
judge_partition(const struct subject *s, const struct expression *e)
{
	if (!work_steps(s->budget, s->type->count))
		return MATCHES_SOME;
	for (size_t i = 0; i < s->type->count; i++) {
		enum match v = judge_partition_field(s, i, e);

		if (v != MATCHES_SOME)
			return v;
	}
	return MATCHES_SOME;
}

/* ---- what is known of a column of a file */

static struct column_metrics
metrics_of(const struct file_metrics *file, int32_t id)
{
	size_t from = 0, to = file->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (file->columns[middle].id == id)
			return file->columns[middle];
		if (file->columns[middle].id < id)
			from = middle + 1;
		else
			to = middle;
	}
	return (struct column_metrics){
		.id = id, .values = -1, .nulls = -1, .nans = -1
	};
}

static enum match
judge_column(const struct file_metrics *file, const struct expression *e)
{
	const struct type *type = &e->term.field->type;
	struct column_metrics m = metrics_of(file, e->term.field->id);
	bool only_nulls = m.values >= 0 && m.values == m.nulls;
	bool only_nans = m.values >= 0 && m.values == m.nans;
	struct range r = {
		.null = e->term.optional && m.nulls != 0 && !only_nans,
		.nan = is_floating(type->kind) && m.nans != 0 && !only_nulls,
		.value = !only_nulls && !only_nans,
	};

	/* see bounds_count() */
	if (e->kind != EXPRESSION_NOT_EQ && e->kind != EXPRESSION_NOT_IN) {
		r.lower = bound_of(type, m.lower);
		r.upper = bound_of(type, m.upper);
		apply_term(&e->term, &r);
	}
	return range_judge(e, &r);
}

/* ---- through an expression */

static enum match
judge(const struct subject *s, const struct expression *e)
{
	enum match left, right;

	if (!work_steps(s->budget, 1))
		return MATCHES_SOME;
	switch ((int)e->kind) {
	case EXPRESSION_TRUE:
		return MATCHES_ALL;
	case EXPRESSION_FALSE:
		return MATCHES_NONE;
	case EXPRESSION_AND:
		left = judge(s, e->left);
		if (left == MATCHES_NONE)
			return left;
		right = judge(s, e->right);
		return left < right ? left : right;
	case EXPRESSION_OR:
		left = judge(s, e->left);
		if (left == MATCHES_ALL)
			return left;
		right = judge(s, e->right);
		return left > right ? left : right;
	case EXPRESSION_OTHER:
	case EXPRESSION_NOT_OTHER:
		return MATCHES_SOME;
	default:
		return s->file != NULL ? judge_column(s->file, e)
				       : judge_partition(s, e);
	}
}

enum match
evaluate_manifest(const struct expression *e, const struct partition_type *type,
    const struct partition_summary *summaries, struct work_budget *budget)
{
	static const struct partition_type nothing;
	struct subject s = { .type = summaries != NULL ? type : &nothing,
		.summaries = summaries,
		.budget = budget };

	return judge(&s, e);
}

enum match
evaluate_partition(const struct expression *e,
    const struct partition_type *type, const struct literal *values,
    struct work_budget *budget)
{
	return judge(
	    &(struct subject){
		.type = type, .values = values, .budget = budget },
	    e);
}

enum match
evaluate_file(const struct expression *e, const struct file_metrics *file,
    struct work_budget *budget)
{
	if (file->records == 0)
		return MATCHES_NONE;
	return judge(&(struct subject){ .file = file, .budget = budget }, e);
}

const struct expression *
evaluate_residual(struct arena *a, const struct expression *e,
    const struct partition_type *type, const struct literal *values,
    struct work_budget *budget)
{
	const struct expression *left, *right;
	enum match v;

	if (e->kind != EXPRESSION_AND && e->kind != EXPRESSION_OR) {
		v = evaluate_partition(e, type, values, budget);
		return v == MATCHES_SOME
			   ? e
			   : expression_constant(v == MATCHES_ALL);
	}
	left = evaluate_residual(a, e->left, type, values, budget);
	right = evaluate_residual(a, e->right, type, values, budget);
	return e->kind == EXPRESSION_AND ? expression_and(a, left, right)
					 : expression_or(a, left, right);
}
