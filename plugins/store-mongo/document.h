/*
 * document.h - rows as documents, tests as filters.
 *
 * A key of one field is the document's _id; longer keys are fields with a
 * unique index.  NULL is a field that is not there.  INT is a 64-bit number,
 * ID binary of subtype 4, and BYTES hexadecimal text, because MongoDB orders
 * binary values by their length first.
 */
#ifndef PANGOLIN_DOCUMENT_H
#define PANGOLIN_DOCUMENT_H

#include <mongoc/mongoc.h>

#include "plugin/store.h"

/* A document that ends with its scope. */
#define DOCUMENT __attribute__((cleanup(bson_destroy))) bson_t

/* Where a field is in the documents of its entity. */
const char *field_path(const struct entity *, uint16_t field);

void add_value(bson_t *, const char *path, const struct value *);
void add_text(bson_t *, const char *path, struct str);

/* {path: value, ...} of a whole row, NULLs left out. */
void add_row(bson_t *, const struct entity *, const struct value *row);

/* {path: value, ...} of the key's fields. */
void add_key(bson_t *, const struct entity *, const struct value *key);

/* The row that a document holds; texts are copied into the arena. */
const struct value *document_row(
    struct arena *, const struct entity *, const bson_t *);

/* Members of a filter: of tests, and of what is behind a row in the order of
 * the scan (`after` NULL: everything). */
void add_tests(
    bson_t *filter, const struct entity *, const struct test *, size_t count);
void add_after(bson_t *filter, const struct entity *, const struct scan *,
    const struct value *after);

/* sort: {path: 1, ...} */
void add_sort(bson_t *options, const struct entity *, const struct scan *);

/* "0", "1", ...: names of an array's members. */
const char *array_name(uint32_t, char room[16]);

static inline struct value
of_int(int64_t n)
{
	return (struct value){ VALUE_INT, { .i = n } };
}

/* A str whose ptr is NULL becomes NULL. */
static inline struct value
of_text(struct str s)
{
	struct value v = { .type = VALUE_NULL };

	if (s.ptr != NULL)
		v = (struct value){ VALUE_TEXT, { .s = s } };
	return v;
}

static inline struct value
of_id(struct id id)
{
	return (struct value){ VALUE_ID, { .id = id } };
}

static inline int64_t
int_or(struct value v, int64_t otherwise)
{
	return v.type == VALUE_INT ? v.as.i : otherwise;
}

#endif
