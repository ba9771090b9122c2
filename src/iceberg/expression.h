/*
 * expression.h - filters of rows (Iceberg expressions spec; REST spec,
 * `Predicate`), bound to a schema as they are read.
 *
 * What is known from the schema alone is decided: x > 2^40 of an int is false,
 * not-null of a required column is true.  `not` is pushed down to predicates.
 * Between predicates it is exact (2-valued logic), but for order comparisons
 * in the deprecated form of `term` and `value`: there not(x < 1) is x >= 1,
 * which is what the clients that write this form mean by it.
 */
#ifndef PANGOLIN_EXPRESSION_H
#define PANGOLIN_EXPRESSION_H

#include "iceberg/literal.h"
#include "iceberg/partition_transform.h"
#include "iceberg/schema.h"

#define EXPRESSION_DEPTH_MAX 90 /* of and, or, not within one another */
#define EXPRESSION_PREDICATES_MAX 10000
#define EXPRESSION_VALUES_MAX 100000 /* in all predicates together */

/* In pairs of which one is the other's complement. */
enum expression_kind {
	EXPRESSION_TRUE,
	EXPRESSION_FALSE,
	EXPRESSION_AND,
	EXPRESSION_OR,
	EXPRESSION_IS_NULL,
	EXPRESSION_NOT_NULL,
	EXPRESSION_IS_NAN,
	EXPRESSION_NOT_NAN,
	EXPRESSION_LT,
	EXPRESSION_GT_EQ,
	EXPRESSION_GT,
	EXPRESSION_LT_EQ,
	EXPRESSION_EQ,
	EXPRESSION_NOT_EQ,
	EXPRESSION_IN,
	EXPRESSION_NOT_IN,
	EXPRESSION_STARTS_WITH,
	EXPRESSION_NOT_STARTS_WITH,
	EXPRESSION_OTHER, /* of two columns, or none: kept as it came */
	EXPRESSION_NOT_OTHER,
};

struct term {
	const struct schema_field *field;
	struct transform transform; /* TRANSFORM_IDENTITY: the field itself */
	struct type type;           /* of the term's values */
	bool optional;              /* may be null */
};

struct expression {
	enum expression_kind kind;
	const struct expression *left, *right; /* AND, OR */
	struct term term;                      /* of a predicate */
	const struct literal *values;          /* all are LITERAL_VALUE */
	size_t count;    /* of IN, NOT_IN: at least 2, sorted, distinct */
	bool deprecated; /* read, and so written, with `term` */
	const yyjson_val *json; /* OTHER */
};

struct expression_context {
	const struct schema *schema; /* outlives the expression */
	bool case_sensitive; /* else A is a; other letters stay what they are */
	const char *pointer; /* where the filter is in the body: "/filter" */
};

/* ERR_BAD_REQUEST: not of the grammar, with the JSON pointer; or no such
 * column, one that no predicate can be about, or a value not of its type, with
 * the column's name. */
MUST_CHECK enum err expression_read(struct arena *, const yyjson_val *json,
    const struct expression_context *, const struct expression **ret,
    struct error *);

/* The other kind of its pair. */
static inline enum expression_kind
expression_complement(enum expression_kind kind)
{
	return (enum expression_kind)(kind ^ 1u);
}

/* JSON that reads as the same expression. */
void expression_write(struct buf *, const struct expression *);

/* Of parts; what is constant is folded. */
const struct expression *expression_and(
    struct arena *, const struct expression *, const struct expression *);
const struct expression *expression_or(
    struct arena *, const struct expression *, const struct expression *);
const struct expression *expression_constant(bool);

#endif
