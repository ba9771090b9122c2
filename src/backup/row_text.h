/*
 * row_text.h - writes a stored row as one line of JSON, by its entity, and
 * reads it back.
 *
 * Members are the fields that are not NULL, in their order, so equal rows are
 * equal lines.  Bytes are hexadecimal, ids are UUIDs, integers stay exact.
 */
#ifndef PANGOLIN_ROW_TEXT_H
#define PANGOLIN_ROW_TEXT_H

#include "base/buf.h"
#include "base/json.h"
#include "plugin/store.h"

void row_write(struct buf *, const struct entity *, const struct value *row);

/* Reads a row; `ret` has room for all fields; absent ones are NULL.
 * ERR_BAD_REQUEST names the member. */
MUST_CHECK enum err row_read(struct arena *, const struct entity *,
    yyjson_val *object, struct value *ret, struct error *);

/* The versions of logs, which are no entity of the schema, as rows of one. */
#define VERSION_COLUMNS 12
extern const struct entity version_entity;

void version_to_values(
    const struct version *, struct value ret[VERSION_COLUMNS]);
struct version version_of_values(const struct value *row);

#endif
