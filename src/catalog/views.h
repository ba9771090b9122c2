/*
 * views.h - creates, replaces and registers views, which like tables are
 * entries that point to metadata files; relations.h has the operations that do
 * not read the file.
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

/* Creates a view.  ERR_NO_SUCH_NAMESPACE, ERR_ALREADY_EXISTS (a view or a
 * table). */
MUST_CHECK enum err views_create(struct call *, const struct branch *,
    const struct view_request *, struct relation *ret);

/* Checks the requirements, applies the updates, writes the file and moves the
 * pointer; it tries again while others are faster.  Errors as
 * tables_commit(). */
MUST_CHECK enum err views_replace(struct call *, const struct branch *,
    struct ident, const struct view_changes *, struct relation *ret);

/* Makes an entry for an existing metadata file. */
MUST_CHECK enum err views_register(struct call *, const struct branch *,
    struct ident, struct str metadata_location, struct relation *ret);

#endif
