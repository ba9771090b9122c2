/*
 * manifest_record.h - records of manifests and manifest lists as tables of
 * their fields, from which both the schema and the bytes are made.
 *
 * For manifest_write.c and manifest_list_write.c only.
 */
#ifndef PANGOLIN_MANIFEST_RECORD_H
#define PANGOLIN_MANIFEST_RECORD_H

#include "iceberg/avro_write.h"

#define RECORD_NEVER 99 /* no format version requires it */

struct record_field {
	int id;
	const char *name;
	const char *type;   /* JSON; NULL: one that the caller knows */
	int since, no_more; /* format versions: the first, the first without */
	int required_since; /* a format version */
	/* Appends the value that a subject has; false: nothing, it has none. */
	bool (*put)(struct buf *, const void *subject);
};

struct record_fields {
	const struct record_field *at;
	size_t count;
};

/* {"type":"record", ...}; `type` is that of the field without one. */
void record_fields_schema(struct buf *, const char *name, struct record_fields,
    int format_version, struct str type);

/* The values of a record; false: the subject lacks a required one. */
MUST_CHECK bool record_fields_put(struct buf *, struct record_fields,
    int format_version, const void *subject);

#endif
