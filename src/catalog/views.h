/*
 * views.h - views: as tables they are entries that point to metadata files;
 * see relations.h for what needs no look into one.
 */
#ifndef PANGOLIN_VIEWS_H
#define PANGOLIN_VIEWS_H

#include "base/json.h"
#include "catalog/relations.h"

struct view_request {
	struct ident ident;
	const yyjson_val *body; /* CreateViewRequest of the REST spec */
};

/* CommitViewRequest: both NULL or arrays. */
struct view_changes {
	const yyjson_val *requirements, *updates;
};

/* ERR_NO_SUCH_NAMESPACE, ERR_ALREADY_EXISTS (a view or a table). */
MUST_CHECK enum err views_create(struct call *, const struct branch *,
    const struct view_request *, struct relation *ret);

/* Check the requirements, apply the updates, write the file, move the pointer;
 * tried again while others are faster.  Errors as tables_commit(). */
MUST_CHECK enum err views_replace(struct call *, const struct branch *,
    struct ident, const struct view_changes *, struct relation *ret);

/* An entry for a metadata file that is there. */
MUST_CHECK enum err views_register(struct call *, const struct branch *,
    struct ident, struct str metadata_location, struct relation *ret);

#endif
