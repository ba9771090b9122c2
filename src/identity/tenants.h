/*
 * tenants.h - tenants: get, list, create, update, delete; actions.def says that
 * only root does most of it.
 */
#ifndef PANGOLIN_TENANTS_H
#define PANGOLIN_TENANTS_H

#include "base/json.h"
#include "identity/principal.h"
#include "record/batch.h"

struct tenant {
	struct id id;
	struct str name; /* unique */
	struct pairs properties;
	int64_t created_us;
};

struct tenant_list {
	struct tenant *at;
	size_t count;
	bool more; /* there are more */
};

/* Gets a tenant; root sees all, others their own: ERR_NOT_FOUND. */
MUST_CHECK enum err tenants_get(struct call *, const struct principal *by,
    struct id id, struct tenant *ret);

/* For the server's own use, without a check of rights: ERR_NOT_FOUND. */
MUST_CHECK enum err tenants_get_named(
    struct call *, struct str name, struct tenant *ret);

/* By name; limit 0: as many as an answer may have. */
MUST_CHECK enum err tenants_list(
    struct call *, int64_t limit, int64_t offset, struct tenant_list *ret);

/* `new` needs name and properties. */
MUST_CHECK enum err tenants_create(
    struct call *, const struct tenant *new, struct tenant *ret);

/* Changes what is set in `change` (ptr, at not NULL): the name, all
 * properties. */
MUST_CHECK enum err tenants_update(struct call *, struct id id,
    const struct tenant *change, struct tenant *ret);

/* ERR_CONFLICT while it has users, service users, warehouses or catalogs. */
MUST_CHECK enum err tenants_delete(struct call *, struct id id);

/* The row of a new tenant, for a unit that makes more than that. */
void tenant_put(struct batch *, const struct tenant *);

#endif
