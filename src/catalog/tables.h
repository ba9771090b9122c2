/*
 * tables.h - tables: entries of a branch that point to metadata files.
 *
 * The store holds the pointer, object storage the metadata.  A file is
 * written and durable before the unit that points to it is handed in; one
 * whose unit is known to have failed is deleted, one whose fate is unknown
 * stays.
 */
#ifndef PANGOLIN_TABLES_H
#define PANGOLIN_TABLES_H

#include "base/json.h"
#include "catalog/relations.h"

struct table_request {
	struct ident ident;
	const yyjson_val *body; /* CreateTableRequest of the REST spec */
	bool stage;             /* its stage-create: store nothing */
};

/* CommitTableRequest: both lists NULL or arrays. */
struct table_change {
	struct ident ident;
	const yyjson_val *requirements, *updates;
	const char *where; /* JSON pointer to it in the request; NULL: it is
			    * the request */
};

/* ERR_NO_SUCH_NAMESPACE, ERR_ALREADY_EXISTS (a table or a view). */
MUST_CHECK enum err tables_create(struct call *, const struct branch *,
    const struct table_request *, struct relation *ret);

/*
 * Check the requirements, apply the updates, write the files, move the
 * pointers: of all tables in one unit, or of none.  Tried again while others
 * are faster.  With `assert-create` a table is made.  `ret` has one place for
 * each change.  ERR_COMMIT_FAILED: a requirement does not hold;
 * ERR_COMMIT_UNKNOWN: nobody can say what became of it; ERR_BAD_REQUEST: a
 * table is named twice.
 */
MUST_CHECK enum err tables_commit(struct call *, const struct branch *,
    const struct table_change *, size_t count, struct relation *ret);

/* An entry for a metadata file that is there; with `overwrite` in the place
 * of the one that has the name. */
MUST_CHECK enum err tables_register(struct call *, const struct branch *,
    struct ident, struct str metadata_location, bool overwrite,
    struct relation *ret);

#endif
