/*
 * catalogs.h - the catalogs of a tenant: where each keeps its tables, and the
 * log of its main branch.
 */
#ifndef PANGOLIN_CATALOGS_H
#define PANGOLIN_CATALOGS_H

#include "base/json.h"
#include "catalog/warehouse_root.h"
#include "record/batch.h"

enum catalog_type { CATALOG_LOCAL, CATALOG_FEDERATED };

struct catalog {
	struct id id, tenant;
	struct str name;
	enum catalog_type type;
	struct str warehouse;        /* its name; ptr NULL: none */
	struct str storage_location; /* as given; ptr NULL: not given */
	struct str location;         /* its tables live below it, no
				      * slash at the end; or empty */
	struct roots allowed;        /* where single tables may be too;
				      * set by catalogs_get() */
	struct pairs properties;
	int64_t main_branch;
	bool is_shared;    /* it has or had a branch or tag beside main, so a
			    * file may be needed where nobody sees it */
	int64_t purged_us; /* history that was cached before may show what
			    * was erased since */
};

#define CATALOG_NAME_MAX 255

/* Checks a name: ERR_BAD_REQUEST unless 1 to 255 bytes of UTF-8 without control
 * characters, '/' or '@' (which names a branch), and not "." or "..". */
MUST_CHECK enum err catalog_name_check(struct str name, struct error *);

/* The catalog of a name; ERR_NO_SUCH_WAREHOUSE when the tenant has none. */
MUST_CHECK enum err catalogs_get(
    struct call *, struct id tenant, struct str name, struct catalog *ret);

/* The same without its place and properties, which only writers need. */
MUST_CHECK enum err catalogs_get_to_read(
    struct call *, struct id tenant, struct str name, struct catalog *ret);

/* Whether tables of the catalog may be at a location. */
bool catalog_holds(const struct catalog *, struct str location);

struct catalog_list {
	struct catalog *at;
	size_t count;
	bool more; /* there are more */
};
/* Lists by name, without the places; limit 0: as many as an answer may have. */
MUST_CHECK enum err catalogs_list(struct call *, struct id tenant,
    int64_t limit, int64_t offset, struct catalog_list *ret);

/* Makes the catalog and its branch `main` in one unit.  `new` needs tenant,
 * name, type, warehouse, storage_location, properties.  ERR_ALREADY_EXISTS;
 * ERR_BAD_REQUEST when the warehouse is not there. */
MUST_CHECK enum err catalogs_create(
    struct call *, const struct catalog *new, struct catalog *ret);

/* Changes what is set in `change` (ptr not NULL); name and type never
 * change. */
MUST_CHECK enum err catalogs_update(struct call *, struct id tenant,
    struct str name, const struct catalog *change, struct catalog *ret);

/* Adds the rows of a new catalog and its branch to a unit that makes more. */
void catalog_put(struct batch *, const struct catalog *);

/* In the unit that makes a branch or tag: the catalog must be there, and is
 * shared from then on. */
void catalog_share(struct batch *, const struct catalog *);

/* A number for a new branch: 47 random bits, never 0. */
int64_t branch_number(void);

#endif
