/*
 * member.h - members of JSON objects that came from outside, typed.
 *
 * A member that is null counts as absent: PyIceberg writes every optional
 * field as an explicit null.  Each failure is ERR_BAD_REQUEST and names the
 * member.  A result is borrowed from the document.
 */
#ifndef PANGOLIN_MEMBER_H
#define PANGOLIN_MEMBER_H

#include "base/json.h"

enum member_kind {
	MEMBER_ANY,
	MEMBER_BOOL,
	MEMBER_INT,  /* fits 32 bits, as every id but a snapshot's */
	MEMBER_LONG, /* fits 64 bits */
	MEMBER_STRING,
	MEMBER_OBJECT,
	MEMBER_ARRAY,
};

/* Whether `v` is there, not null, and of that kind. */
bool member_is(const yyjson_mut_val *v, enum member_kind);

/* The number of a value that is a MEMBER_INT or MEMBER_LONG. */
int64_t member_number(const yyjson_mut_val *v);

/* The member or NULL, unchecked; also NULL when `object` is no object. */
yyjson_mut_val *member_find(const yyjson_mut_val *object, const char *name);

/* An optional member: NULL when it is absent. */
MUST_CHECK enum err member_optional(const yyjson_mut_val *object,
    const char *name, enum member_kind, yyjson_mut_val **ret, struct error *);

/* An id that a client may give and the server assigns: it must be one. */
MUST_CHECK enum err member_check_id(
    const yyjson_mut_val *object, const char *name, struct error *);

/* A required member. */
MUST_CHECK enum err member_get(const yyjson_mut_val *object, const char *name,
    enum member_kind, yyjson_mut_val **ret, struct error *);

MUST_CHECK enum err member_int(const yyjson_mut_val *object, const char *name,
    int32_t *ret, struct error *);
MUST_CHECK enum err member_long(const yyjson_mut_val *object, const char *name,
    int64_t *ret, struct error *);
MUST_CHECK enum err member_long_or(const yyjson_mut_val *object,
    const char *name, int64_t absent, int64_t *ret, struct error *);
MUST_CHECK enum err member_string(const yyjson_mut_val *object,
    const char *name, struct str *ret, struct error *);

/* An object whose values are all strings; `name` is for the message. */
MUST_CHECK enum err member_strings_only(
    const yyjson_mut_val *object, const char *name, struct error *);

/* No object within `v` names a member twice: readers disagree on which of the
 * two counts. */
MUST_CHECK enum err member_names_unique(
    struct arena *, const yyjson_mut_val *v, struct error *);

/* Put `where` before the message of a failure that is about the shape of JSON,
 * and return the failure's code.  A JSON pointer grows from its end: within
 * "/updates/2", "/action: ..." becomes "/updates/2/action: ...". */
MUST_CHECK enum err member_within(
    enum err code, const char *where, struct error *);

/* Do they say the same?  The members of an object may come in any order. */
bool member_equal(
    struct arena *, const yyjson_mut_val *a, const yyjson_mut_val *b);

/* The same of two objects, whatever they say under the names of a list that
 * ends with NULL; a null is as good as nothing. */
bool member_equal_but(struct arena *, const yyjson_mut_val *a,
    const yyjson_mut_val *b, const char *const *names);

/* A name given twice in the sorted `names`; ptr is NULL when there is none. */
struct str member_duplicate(struct str *names, size_t count);

/* Replace a member where it stands, or append it.  `name` is a literal. */
void member_put(yyjson_mut_doc *, yyjson_mut_val *object, const char *name,
    yyjson_mut_val *value);
void member_put_number(
    yyjson_mut_doc *, yyjson_mut_val *object, const char *name, int64_t n);
void member_put_string(
    yyjson_mut_doc *, yyjson_mut_val *object, const char *name, struct str s);

#endif
