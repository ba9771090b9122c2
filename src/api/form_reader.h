/*
 * form_reader.h - reads single values of a form, and reports errors with a JSON
 * pointer; for form_decode.c only.
 *
 * The place of a value is a chain on the stack; it becomes a JSON pointer (RFC
 * 6901) only when something is wrong there.
 */
#ifndef PANGOLIN_FORM_READER_H
#define PANGOLIN_FORM_READER_H

#include "api/form.h"

struct place {
	const struct place *up; /* NULL: in the body itself */
	struct str name;        /* of a member; ptr NULL: an element */
	size_t index;
};

struct reader {
	struct arena *arena;
	struct error *error;
	enum err misfit; /* the error of a value that does not fit */
};

/* Fail with "/the/pointer: what"; p NULL is the body. */
enum err misfit(const struct reader *, const struct place *, struct str what);

bool has_nul(struct str);

/* Refuses U+0000 in any string or name of `v`: no store can hold it in a
 * text. */
MUST_CHECK enum err refuse_nul(
    const struct reader *, const struct place *, yyjson_val *v);

MUST_CHECK enum err read_text(
    const struct reader *, const struct place *, yyjson_val *, struct str *ret);
MUST_CHECK enum err read_int(
    const struct reader *, const struct place *, yyjson_val *, int64_t *ret);
MUST_CHECK enum err read_bool(const struct reader *, const struct place *,
    yyjson_val *, enum form_bool *ret);
MUST_CHECK enum err read_id(
    const struct reader *, const struct place *, yyjson_val *, struct id *ret);
MUST_CHECK enum err read_time(
    const struct reader *, const struct place *, yyjson_val *, int64_t *ret);
MUST_CHECK enum err read_choice(const struct reader *, const struct place *,
    const char *const *choices, yyjson_val *, int *ret);

#endif
