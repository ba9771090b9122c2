/*
 * manifest_field.h - fields of records of manifests and manifest lists, by
 * id, with the types that the specification gives them.
 *
 * For manifest.c and manifest_list.c only.
 */
#ifndef PANGOLIN_MANIFEST_FIELD_H
#define PANGOLIN_MANIFEST_FIELD_H

#include "iceberg/avro.h"

struct record {
	const struct avro_value *value;
	const char *what; /* "Manifest", "Manifest list" */
	struct str path;  /* of the file, for messages */
	struct error *error;
};

/* Say which file a failure of avro.h is about, unless it is about the time;
 * returns its code. */
enum err file_failed(
    const char *what, struct str path, enum err, struct error *);

/* A field that must be there. */
MUST_CHECK enum err field_long(const struct record *, int id, int64_t *ret);
MUST_CHECK enum err field_str(const struct record *, int id, struct str *ret);
MUST_CHECK enum err field_of(const struct record *, int id, enum avro_kind,
    const struct avro_value **ret);

/* One that need not be; of another type is an error. */
MUST_CHECK enum err field_long_or(
    const struct record *, int id, int64_t absent, int64_t *ret);
MUST_CHECK enum err field_str_or(
    const struct record *, int id, struct str *ret);
MUST_CHECK enum err field_find(const struct record *, int id, enum avro_kind,
    const struct avro_value **ret);

#endif
