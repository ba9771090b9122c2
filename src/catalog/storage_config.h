/*
 * storage_config.h - what the storage_config of a warehouse says, in each
 * spelling that clients have for it.
 *
 * A field of an S3 warehouse has two names: "s3.bucket", as in Iceberg's
 * properties, and "bucket".  Rows have the first; where a client wrote the
 * second, the row says so in DIALECT, and readers are shown the second.
 * Fields that are not known here are kept as they came.
 */
#ifndef PANGOLIN_STORAGE_CONFIG_H
#define PANGOLIN_STORAGE_CONFIG_H

#include "base/json.h"

enum storage_scheme { STORAGE_FILE, STORAGE_S3 };

struct storage_config {
	enum storage_scheme scheme;
	struct str place; /* as it was given, "s3://bucket/a"; ptr NULL */

	/* of STORAGE_S3 alone; ptr NULL: not given */
	struct str bucket, prefix, endpoint, region, path_style;
	struct str access_key, secret_key, session_token;
	struct str role, external_id, sts_endpoint;
	struct str encryption; /* "none", "s3" or "kms" */
	struct str encryption_key;
	struct str engine_gc, by_default; /* see warehouse_lets() */
};

/* "true" lets engines delete files of their tables. */
#define STORAGE_ENGINE_GC "engine-gc"
/* "true" gives credentials to clients that ask for nothing. */
#define STORAGE_BY_DEFAULT "credentials-by-default"

/* Writes a client's config as rows have it.  ERR_BAD_REQUEST names a field
 * that is given twice, or that nothing would read. */
MUST_CHECK enum err storage_config_to_row(
    struct arena *, struct pairs given, struct pairs *ret, struct error *);

/* The config of a row as the client wrote it; values are not looked at. */
struct pairs storage_config_of_row(struct arena *, struct pairs row);

/* Reads a config as rows have it, with its secrets in the clear.
 * ERR_BAD_REQUEST names the field that is missing or wrong. */
MUST_CHECK enum err storage_config_read(
    struct pairs row, struct storage_config *ret, struct error *);

/* The place that an S3 config names: "s3://bucket/prefix", no slash at the
 * end. */
struct str storage_config_root(struct arena *, const struct storage_config *);

/* The name by which the client knows a field of a row. */
struct str storage_config_name(struct pairs row, struct str name);

#endif
