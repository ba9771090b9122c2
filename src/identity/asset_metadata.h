/*
 * asset_metadata.h - business metadata: what administrators say of a table or
 * view beside its Iceberg metadata, above all its tags.
 *
 * It belongs to the object, so it follows renames, branches and merges.  Grants
 * on a tag cover what has it: a caller that may write tags gives rights.
 */
#ifndef PANGOLIN_ASSET_METADATA_H
#define PANGOLIN_ASSET_METADATA_H

#include "identity/grants.h"
#include "identity/principal.h"

#define ASSETS_DESCRIBED_MAX 10000 /* in a tenant: rights have them all */
#define ASSET_TAGS_MAX 16
#define ASSET_DESCRIPTION_MAX 4096 /* bytes */
#define ASSET_PROPERTIES_MAX 4096  /* bytes of JSON */

struct asset_metadata {
	struct id id;
	struct id object, catalog;
	struct str ns; /* where it was when this was last written */
	struct str description;
	const struct str *tags;
	size_t tag_count;
	struct str properties; /* JSON, an object */
	bool discoverable;
	struct id created_by, updated_by; /* nil: in no-auth mode */
	int64_t created_us, updated_us;
};

/* The description that a tenant gives of an object; ret->id nil: none. */
MUST_CHECK enum err asset_metadata_find(struct call *, struct id tenant,
    struct id object, struct asset_metadata *ret);

/* Replaces what is said, or says it first; ids, times and who did it are
 * written into *io.  ERR_BAD_REQUEST names the field. */
MUST_CHECK enum err asset_metadata_set(
    struct call *, const struct principal *by, struct asset_metadata *io);

/* ERR_NOT_FOUND. */
MUST_CHECK enum err asset_metadata_delete(
    struct call *, const struct principal *by, struct id object);

/* The objects of a tenant that have tags.  Cached until its control log
 * moves. */
MUST_CHECK enum err tagged_of_tenant(
    struct call *, struct id tenant, struct tagged_set *ret);

#endif
