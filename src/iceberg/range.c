#include "iceberg/range.h"

static enum match
choose(bool none, bool all)
{
	return none ? MATCHES_NONE : all ? MATCHES_ALL : MATCHES_SOME;
}

/* Among equal numbers, writers and readers differ on which zero is less. */
static bool
both_zero(const struct literal *a, const struct literal *b)
{
	return (a->kind == TYPE_FLOAT || a->kind == TYPE_DOUBLE) &&
	       !(a->as.d < 0 || a->as.d > 0) && !(b->as.d < 0 || b->as.d > 0);
}

/* ---- a literal beside the bounds; an unknown bound is beside nothing */

/* The literal is less than all values, in any order of zeros. */
static bool
is_below(const struct literal *l, const struct range *r)
{
	return r->lower.state == LITERAL_VALUE &&
	       literal_compare(l, &r->lower) < 0 && !both_zero(l, &r->lower);
}

/* Or equal to the lower bound. */
static bool
is_not_above_lower(const struct literal *l, const struct range *r)
{
	return r->lower.state == LITERAL_VALUE &&
	       literal_compare(l, &r->lower) <= 0;
}

static bool
is_above(const struct literal *l, const struct range *r)
{
	return r->upper.state == LITERAL_VALUE &&
	       literal_compare(l, &r->upper) > 0 && !both_zero(l, &r->upper) &&
	       !(r->open && str_starts_with(l->as.s, r->upper.as.s));
}

static bool
is_not_below_upper(const struct literal *l, const struct range *r)
{
	return r->upper.state == LITERAL_VALUE &&
	       literal_compare(l, &r->upper) >= 0 &&
	       !(r->open && str_starts_with(l->as.s, r->upper.as.s));
}

static bool
is_only_value(const struct literal *l, const struct range *r)
{
	return r->lower.state == LITERAL_VALUE &&
	       r->upper.state == LITERAL_VALUE && !r->open &&
	       literal_compare(l, &r->lower) == 0 &&
	       literal_compare(l, &r->upper) == 0;
}

/* The values are sorted, so that the first one which is not below decides. */
static enum match
judge_in(const struct expression *e, const struct range *r)
{
	size_t from = 0, to = e->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (is_below(&e->values[middle], r))
			from = middle + 1;
		else
			to = middle;
	}
	if (from == e->count || is_above(&e->values[from], r))
		return MATCHES_NONE;
	return choose(false, is_only_value(&e->values[from], r));
}

static enum match
judge_buckets(const struct expression *e, const struct range *r)
{
	if ((e->kind != EXPRESSION_EQ && e->kind != EXPRESSION_IN) ||
	    e->count > RANGE_HASHED_MAX)
		return MATCHES_SOME;
	for (size_t i = 0; i < e->count; i++) {
		struct literal bucket =
		    transform_apply(r->bucket, &e->values[i]);

		if (!is_below(&bucket, r) && !is_above(&bucket, r))
			return MATCHES_SOME;
	}
	return MATCHES_NONE;
}

static struct str
cut(struct str s, size_t len)
{
	return (struct str){ s.ptr, s.len < len ? s.len : len };
}

static enum match
judge_prefix(struct str prefix, const struct range *r)
{
	bool lower = r->lower.state == LITERAL_VALUE;
	bool upper = r->upper.state == LITERAL_VALUE;

	if (lower && str_cmp(cut(r->lower.as.s, prefix.len), prefix) > 0)
		return MATCHES_NONE;
	if (upper && str_cmp(cut(r->upper.as.s, prefix.len), prefix) < 0 &&
	    !(r->open && str_starts_with(prefix, r->upper.as.s)))
		return MATCHES_NONE;
	return choose(false, lower && upper &&
				 str_starts_with(r->lower.as.s, prefix) &&
				 str_starts_with(r->upper.as.s, prefix));
}

/* Of values that are neither null nor NaN. */
static enum match
judge_values(const struct expression *e, const struct range *r)
{
	const struct literal *l = e->values;

	if (e->kind == EXPRESSION_IS_NULL || e->kind == EXPRESSION_IS_NAN)
		return MATCHES_NONE;
	if (r->bucket != NULL)
		return judge_buckets(e, r);
	switch ((int)e->kind) {
	case EXPRESSION_LT:
		return choose(is_not_above_lower(l, r), is_above(l, r));
	case EXPRESSION_LT_EQ:
		return choose(is_below(l, r), is_not_below_upper(l, r));
	case EXPRESSION_GT:
		return choose(is_not_below_upper(l, r), is_below(l, r));
	case EXPRESSION_GT_EQ:
		return choose(is_above(l, r), is_not_above_lower(l, r));
	case EXPRESSION_EQ:
		return choose(
		    is_below(l, r) || is_above(l, r), is_only_value(l, r));
	case EXPRESSION_IN:
		return judge_in(e, r);
	default:
		return judge_prefix(l->as.s, r);
	}
}

/* Null matches is-null only, and NaN is-nan, of the predicates that are not
 * another's complement (expressions spec, "Comparisons"). */
static enum match
judge_positive(const struct expression *e, const struct range *r)
{
	bool null = e->kind == EXPRESSION_IS_NULL;
	bool nan = e->kind == EXPRESSION_IS_NAN;
	enum match values = r->value ? judge_values(e, r) : MATCHES_NONE;
	bool some =
	    (r->null && null) || (r->nan && nan) || values != MATCHES_NONE;
	bool all = (!r->null || null) && (!r->nan || nan) &&
		   (!r->value || values == MATCHES_ALL);

	return choose(!some, all);
}

enum match
range_judge(const struct expression *e, const struct range *r)
{
	struct expression positive = *e;

	switch ((int)e->kind) {
	case EXPRESSION_NOT_NULL:
	case EXPRESSION_NOT_NAN:
	case EXPRESSION_NOT_EQ:
	case EXPRESSION_NOT_IN:
	case EXPRESSION_NOT_STARTS_WITH:
		positive.kind = expression_complement(e->kind);
		return (enum match)(MATCHES_ALL - judge_positive(&positive, r));
	default:
		return judge_positive(e, r);
	}
}
