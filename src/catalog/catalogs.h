/*
 * catalogs.h - the catalogs of a tenant: where tables live, and on which log.
 */
#ifndef PANGOLIN_CATALOGS_H
#define PANGOLIN_CATALOGS_H

#include "base/json.h"
#include "catalog/place.h"
#include "record/batch.h"

enum catalog_type { CATALOG_LOCAL, CATALOG_FEDERATED };

struct catalog {
	struct id id, tenant;
	struct str name;
	enum catalog_type type;
	struct str warehouse;        /* its name; ptr NULL: none */
	struct str storage_location; /* as given; ptr NULL: not given */
	struct str location;         /* below which its tables live, no slash
				      * at the end; len 0: it has no place */
	struct places allowed;       /* by catalogs_get(): where single tables
				      * may be besides */
	struct pairs properties;
	int64_t main_branch;
};

#define CATALOG_NAME_MAX 255

/* A name: ERR_BAD_REQUEST unless 1 to 255 bytes of UTF-8 without control
 * characters, '/' or '@' (which names a branch), and not "." or "..". */
MUST_CHECK enum err catalog_name_check(struct str name, struct error *);

/* ERR_NO_SUCH_WAREHOUSE when the tenant has none of this name. */
MUST_CHECK enum err catalogs_get(
    struct call *, struct id tenant, struct str name, struct catalog *ret);

/* The same without what only writers need: its place and its properties. */
MUST_CHECK enum err catalogs_find(
    struct call *, struct id tenant, struct str name, struct catalog *ret);

/* Whether a location is one where its tables may be. */
bool catalog_holds(const struct catalog *, struct str location);

struct catalog_list {
	struct catalog *at;
	size_t count;
};
/* By name; limit 0: all. */
MUST_CHECK enum err catalogs_list(struct call *, struct id tenant,
    int64_t limit, int64_t offset, struct catalog_list *ret);

/* Makes the catalog and its branch `main` in one unit.  `new` needs tenant,
 * name, type, warehouse, storage_location, properties.  ERR_ALREADY_EXISTS;
 * ERR_BAD_REQUEST when the warehouse is not there. */
MUST_CHECK enum err catalogs_create(
    struct call *, const struct catalog *new, struct catalog *ret);

/* What is set in `change` (ptr not NULL); name and type never change. */
MUST_CHECK enum err catalogs_update(struct call *, struct id tenant,
    struct str name, const struct catalog *change, struct catalog *ret);

/* Frees the name; the branches become REF_DELETED, versions stay for prune. */
MUST_CHECK enum err catalogs_delete(
    struct call *, struct id tenant, struct str name);

/* The rows of a new catalog and its branch, for a unit that makes more. */
void catalog_put(struct batch *, const struct catalog *);

/* A number for a new branch: 47 random bits, never 0. */
int64_t branch_number(void);

#endif
