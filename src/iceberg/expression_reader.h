/*
 * expression_reader.h - shared by the files that read expressions: the grammar
 * (expression_read.c), its operands (expression_operand.c), and binding to the
 * schema (expression_bind.c).
 */
#ifndef PANGOLIN_EXPRESSION_READER_H
#define PANGOLIN_EXPRESSION_READER_H

#include "iceberg/column_names.h"
#include "iceberg/expression.h"

struct expression_reader {
	struct arena *arena;
	const struct expression_context *context;
	struct column_names names;
	size_t depth;
	size_t predicates, values; /* read so far */
	struct error *error;
};

/* Where something is in the body, up to the filter itself. */
struct place {
	const struct place *up; /* NULL: the filter */
	const char *name;       /* NULL: an element of an array */
	size_t index;
};

/* A literal, or a term that a predicate can be about. */
struct operand {
	bool is_term;
	struct term term;
	const yyjson_val *value;
	const struct type *type; /* `data-type` of the value; NULL: none */
	struct place place;
};

/* Fails: "Invalid filter at /filter/left: ..." */
enum err expression_refuse(const struct expression_reader *,
    const struct place *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The beginning of what a client wrote, whole characters: for messages. */
struct str expression_shown(struct str);

/* The object at `place` has members of these names only, each once; `names` are
 * separated by spaces. */
MUST_CHECK enum err expression_members(const struct expression_reader *,
    const struct place *, const yyjson_val *object, const char *names);

/* The value expression, or with `deprecated` the term, at `place`.  `json` may
 * be NULL: there is none. */
MUST_CHECK enum err operand_read(struct expression_reader *,
    const struct place *, const yyjson_val *json, bool deprecated,
    struct operand *ret);

/* The `data-type` of an object, if it has one. */
MUST_CHECK enum err operand_type(struct expression_reader *,
    const struct place *up, const yyjson_val *object, const struct type **ret);

/* A field, by its name or else by its id. */
MUST_CHECK enum err term_bind(struct expression_reader *, const struct place *,
    struct str name, int64_t id, struct term *ret);
MUST_CHECK enum err term_transform(const struct expression_reader *,
    const struct place *, struct str transform, struct term *);

/* A predicate whose kind and term are known; the result is decided where the
 * schema can. */
MUST_CHECK enum err predicate_unary(struct expression_reader *,
    const struct place *, struct expression *, const struct expression **ret);
MUST_CHECK enum err predicate_compare(struct expression_reader *,
    const struct operand *value, struct expression *,
    const struct expression **ret);
MUST_CHECK enum err predicate_in(struct expression_reader *,
    const struct operand *values, size_t count, struct expression *,
    const struct expression **ret);

/* Two columns can be compared. */
MUST_CHECK enum err predicate_check_pair(struct expression_reader *,
    const struct operand *left, const struct operand *right);

/* The name of a kind in JSON. */
const char *expression_name(enum expression_kind);

#endif
