/*
 * target_access.h - authorizes what a request names in its path, query and
 * body, where that goes by grants.
 *
 * The functions that find targets (request_target.h, ref_target.h,
 * merge_target.h) ask here, so handlers cannot forget to: an answer of a
 * request that nobody has authorized is an error.  A refusal is the same
 * whether the target is there or not.
 */
#ifndef PANGOLIN_TARGET_ACCESS_H
#define PANGOLIN_TARGET_ACCESS_H

#include "catalog/page.h"
#include "http/request.h"
#include "identity/authorize.h"

/* Any branch or tag, also those that no pattern of a grant matches. */
#define REF_ANY ((struct str){ 0 })
/* A place whose branch is not known: only grants for all of them count. */
#define REF_EVERY STR("")

/* The action of the route, at a catalog as one of its branches and tags shows
 * it. */
MUST_CHECK enum err access_catalog(
    struct request *, const struct catalog *, struct str ref);

/* The same of another action, beside that of the route. */
MUST_CHECK enum err access_catalog_as(
    struct request *, enum action, const struct catalog *, struct str ref);

/* Of the catalog and branch that an address names, "sales@dev", and that was
 * opened with this result.  Nothing of it is told to whom may see nothing
 * there. */
MUST_CHECK enum err access_opened(struct request *, struct call *,
    struct str address, enum err, const struct branch *);

/* The same of a catalog's name, and the catalog. */
MUST_CHECK enum err access_catalog_named(struct request *, struct call *,
    struct str name, struct str ref, struct catalog *ret);

/* Of what a new branch or tag will show: who may read some branches only must
 * not name another one so that they may. */
MUST_CHECK enum err access_source(
    struct request *, const struct catalog *, struct str ref);

/* Of another branch or tag of a catalog that was opened. */
MUST_CHECK enum err access_ref(
    struct request *, const struct catalog *, struct str ref);

MUST_CHECK enum err access_namespace(
    struct request *, const struct branch *, struct str ns);
MUST_CHECK enum err access_namespace_as(
    struct request *, enum action, const struct branch *, struct str ns);

/* A table or view, which need not be there.  One that is not there may be
 * written by whom may create it. */
MUST_CHECK enum err access_relation(struct request *, struct call *,
    const struct branch *, enum kind, struct ident);

/* The views of the query's `referenced-by`, through which an engine came to the
 * table or view (REST spec, loadTable): each must be one that the principal may
 * read.  ERR_BAD_REQUEST. */
MUST_CHECK enum err access_chain(
    struct request *, struct call *, const struct branch *);

/* The same of a table that is known by its uuid alone: namespaces do not
 * count. */
MUST_CHECK enum err access_object(
    struct request *, struct id catalog, struct id object);

/* Whether the request may write the table or view that it has named, or has
 * created. */
bool access_writes(const struct request *);

/* Lets a list show what the principal may see; the caches have the lists that
 * show everything only.  True: it shows everything. */
bool access_filter(struct request *, const struct branch *, enum space,
    struct str ns, struct listing *io);

/* Whether a list of catalogs shows this one, and a list of its branches and
 * tags this ref (REF_ANY: any at all). */
bool access_shows(
    const struct request *, const struct catalog *, struct str ref);

/* Whether the principal sees some branches and tags of the catalog only. */
bool access_is_by_ref(const struct request *, const struct catalog *);

/* The name of the branch or tag that a branch was opened by. */
struct str access_ref_of(const struct branch *);

#endif
