/*
 * warehouses.h - the warehouses of a tenant: places where catalogs keep tables.
 *
 * The place comes from storage_config, member `root`, `location` or `path`:
 * "file:///srv/warehouse", or for S3 from `s3.bucket` (storage_config.h).
 * `allowed-locations` may name more places, with commas between them, where
 * clients put single tables.
 */
#ifndef PANGOLIN_WAREHOUSES_H
#define PANGOLIN_WAREHOUSES_H

#include "base/json.h"
#include "catalog/warehouse_root.h"
#include "record/batch.h"

#define WAREHOUSE_NAME_MAX 255

struct warehouse {
	struct id id, tenant;
	struct str name;      /* unique in its tenant */
	struct str root;      /* "file:///srv/warehouse": no slash at the end */
	struct roots allowed; /* where single tables may be besides */
	bool use_sts;
	struct pairs storage_config; /* masked, see config_mask.h */
	struct str vending_strategy; /* the same; JSON; ptr NULL: none */
	int64_t created_us;

	/* as the row has them, with secrets sealed: warehouse_storage.h */
	struct pairs row_config;
	struct str row_vending;
	int64_t revision; /* moves with the row */
};

struct warehouse_list {
	struct warehouse *at;
	size_t count;
	bool more; /* there are more */
};

/* The warehouse of a name; ERR_NO_SUCH_WAREHOUSE. */
MUST_CHECK enum err warehouses_get(
    struct call *, struct id tenant, struct str name, struct warehouse *ret);

/* Lists by name; limit 0: as many as an answer may have. */
MUST_CHECK enum err warehouses_list(struct call *, struct id tenant,
    int64_t limit, int64_t offset, struct warehouse_list *ret);

/* Makes a warehouse and its directory; a bucket is tried first, where the
 * rules say so.  `new` needs tenant, name, use_sts, storage_config,
 * vending_strategy.  ERR_BAD_REQUEST for a place that the rules
 * (NULL: there are none) do not allow or that overlaps another tenant's;
 * ERR_ALREADY_EXISTS. */
MUST_CHECK enum err warehouses_create(struct call *, const struct root_rules *,
    const struct warehouse *new, struct warehouse *ret);

/* The same of a first warehouse, which no other can be in the way of: it is
 * not stored, but ready for warehouse_put(). */
MUST_CHECK enum err warehouses_prepare(
    struct call *, const struct warehouse *new, struct warehouse *ret);

struct warehouse_change {
	struct str name;             /* ptr NULL: stays */
	struct pairs storage_config; /* the whole of it; at NULL: stays */
	int use_sts;                 /* -1: stays; 0, 1 */
	struct str vending_strategy; /* JSON; ptr NULL: stays */
};

/* Changes a warehouse.  Its name and place stay while a catalog uses it:
 * ERR_CONFLICT. */
MUST_CHECK enum err warehouses_update(struct call *, const struct root_rules *,
    struct id tenant, struct str name, const struct warehouse_change *,
    struct warehouse *ret);

/* Tries what a change would make of a warehouse, of this name or a new one:
 * whether objects can be put, read, listed and deleted in its place.  A
 * directory is made, nothing else changes. */
struct storage_probe;
MUST_CHECK enum err warehouses_probe(struct call *, const struct root_rules *,
    struct id tenant, struct str name, const struct warehouse_change *,
    struct storage_probe *ret);

/* Deletes a warehouse; files stay.  ERR_CONFLICT while a catalog uses it. */
MUST_CHECK enum err warehouses_delete(
    struct call *, struct id tenant, struct str name);

/* Adds the row of a new warehouse to a unit that makes more. */
void warehouse_put(struct batch *, const struct warehouse *);

#endif
