/*
 * vending.h - credentials for one table's directories in S3, for engines.
 *
 *	AwsStatic	the keys that the warehouse names for them
 *	AwsSts, or use_sts with a role
 *			keys of a session that ends within an hour and may
 *			read, or read and write, below these directories; it
 *			may not delete, which only sweeps do (tasks/), unless
 *			the warehouse lets engines (STORAGE_ENGINE_GC)
 *
 * Sessions are kept in this process and handed out again until shortly before
 * their end, to whoever may do the same.
 */
#ifndef PANGOLIN_VENDING_H
#define PANGOLIN_VENDING_H

#include "catalog/warehouses.h"

/* A session is handed out while it has so long to live. */
#define VENDED_LEAST_US ((int64_t)15 * 60 * 1000000)

struct vending_wish {
	struct str paths; /* of directories, "//bucket/a/t", one per line, as
			   * the entry of a table lists its claims */
	bool may_write;
	bool is_shared; /* another branch may need what is not seen here, so
			 * nothing may be deleted */
};

struct vended {
	struct str prefix;   /* "s3://bucket/a/t"; ptr NULL: there are none */
	struct pairs config; /* properties of Iceberg's FileIO, secrets too */
};

/* ERR_BAD_REQUEST for a directory that no policy can name; ERR_UNAVAILABLE:
 * STS gives none, or the server cannot open the warehouse's secrets. */
MUST_CHECK enum err vending_credentials(struct call *, const struct warehouse *,
    const struct vending_wish *, struct vended *ret);

/* The same without credentials: where the files are, for a client whose
 * requests are signed by the server (object/remote_sign.h). */
MUST_CHECK enum err vending_place(struct call *, const struct warehouse *,
    const struct vending_wish *, struct vended *ret);

/* The policy of a session, as JSON. */
struct storage_access;
MUST_CHECK enum err vending_policy(struct call *, const struct storage_access *,
    struct str role, const struct vending_wish *, bool may_delete,
    struct str *ret);

/* Whether whoever has the wish may delete files there, too. */
bool vending_may_delete(const struct warehouse *, const struct vending_wish *);

#endif
