/*
 * param.h - encodes values for the server and decodes its rows, in PostgreSQL's
 * binary form: nothing is printed or parsed.
 *
 * Four types are stored: bigint, text, bytea, uuid.
 */
#ifndef PANGOLIN_PARAM_H
#define PANGOLIN_PARAM_H

#include <libpq-fe.h>

#include "base/buf.h"
#include "plugin/store.h"

#define PARAMS_MAX 64

struct params {
	struct arena *arena;
	int count;
	Oid type[PARAMS_MAX];
	const char *value[PARAMS_MAX]; /* NULL: NULL */
	int length[PARAMS_MAX];
	int binary[PARAMS_MAX];
};

struct params params_in(struct arena *);
void params_add(struct params *, const struct value *);
void params_add_int(struct params *, int64_t);
void params_add_text(struct params *, struct str);

/* An array of one type; values are added to it one by one. */
struct array {
	enum value_type type;
	struct buf items;
	int32_t count;
};

struct array array_of(struct arena *, enum value_type);
void array_add(struct array *, const struct value *);
void array_add_int(struct array *, int64_t);
void array_add_text(struct array *, struct str); /* absent: NULL */
void array_add_bytes(struct array *, struct str);
void array_add_id(struct array *, struct id);
void params_add_array(struct params *, const struct array *);

/* One field of a result, copied. */
struct value field_value(
    struct arena *, const PGresult *, int row, int field, enum value_type);
/* Of a field that is never NULL. */
int64_t field_int(const PGresult *, int row, int field);
/* The first fields of a result, as those of the entity. */
const struct value *result_row(
    struct arena *, const PGresult *, int row, const struct entity *);
struct rows result_rows(
    struct arena *, const PGresult *, const struct entity *);

#endif
