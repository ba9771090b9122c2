/*
 * warehouse_storage.h - how a warehouse's storage is reached, from its row.
 *
 * Secrets are sealed in the row (catalog/sealing.h) and in the clear only in
 * the arena of the call that asks for them here.
 */
#ifndef PANGOLIN_WAREHOUSE_STORAGE_H
#define PANGOLIN_WAREHOUSE_STORAGE_H

#include "catalog/storage_config.h"
#include "catalog/vending_strategy.h"
#include "catalog/warehouses.h"
#include "object/endpoint_guard.h"
#include "object/s3_client.h"

/* Sets the addresses that warehouses of this process may have besides public
 * ones; borrowed.  Called once, before there are threads. */
void warehouse_storage_allow(const struct endpoint_rules *);

/* The settings of a client of an S3 warehouse, with its secrets, in the call's
 * arena.  ERR_BAD_REQUEST: it is none of S3; ERR_UNAVAILABLE: this server has
 * no key that opens its secrets. */
MUST_CHECK enum err warehouse_s3_settings(
    struct call *, const struct warehouse *, struct s3_settings *ret);

/* Whether the row says "true" of STORAGE_ENGINE_GC or STORAGE_BY_DEFAULT. */
bool warehouse_lets(const struct warehouse *, const char *what);

/* Whether the warehouse of a name says "true" of STORAGE_BY_DEFAULT, without
 * reading the rest of its row; false when there is none. */
MUST_CHECK enum err warehouse_vends_by_default(
    struct call *, struct id tenant, struct str name, bool *ret);

/* All that the row says, secrets in the clear. */
struct storage_access {
	struct storage_config config;
	struct vending_strategy vending;
	struct s3_settings s3; /* of STORAGE_S3 */
	struct str sts;        /* URL */
	bool sts_any_address;  /* as in s3.http */
};
MUST_CHECK enum err warehouse_storage_access(
    struct call *, const struct warehouse *, struct storage_access *ret);

/* The settings of a warehouse that is made or changed, not yet in a row. */
struct storage_draft {
	struct str root;
	struct pairs config; /* as rows have it, secrets in the clear */
	struct storage_config storage;
	struct vending_strategy vending;
	struct str none; /* how VENDING_NONE was said; ptr NULL: not at all */
	bool use_sts;
};

/* Applies a change to a warehouse, which is a new one when `from` has only its
 * id.  ERR_BAD_REQUEST names the field that cannot be. */
MUST_CHECK enum err storage_draft_make(struct call *,
    const struct warehouse *from, const struct warehouse_change *,
    struct storage_draft *ret);

/* Whether the draft says anything else than the row. */
bool storage_draft_differs(
    struct call *, const struct warehouse *, const struct storage_draft *);

/* The texts for the row, with secrets sealed. */
MUST_CHECK enum err storage_draft_seal(struct call *, struct id warehouse,
    const struct storage_draft *, struct pairs *ret_config,
    struct str *ret_vending);

/* The settings of a client for a draft. */
struct s3_settings storage_draft_s3(const struct storage_draft *);

/* The vending_strategy of a row for readers: its secrets masked. */
MUST_CHECK enum err warehouse_vending_shown(
    struct call *, struct str row_vending, struct str *ret);

#endif
