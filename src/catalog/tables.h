/*
 * tables.h - creates, commits and registers tables.
 *
 * The store holds the pointer to a table's metadata file, object storage the
 * file.  A file is written and durable before the unit that points to it is
 * handed in; when the unit is known to have failed it is deleted, when its fate
 * is unknown it stays.
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
	const char *where; /* JSON pointer to it; NULL: it is the whole
			    * request */
};

/* Creates a table.  ERR_NO_SUCH_NAMESPACE, ERR_ALREADY_EXISTS (a table or a
 * view). */
MUST_CHECK enum err tables_create(struct call *, const struct branch *,
    const struct table_request *, struct relation *ret);

/*
 * Checks the requirements, applies the updates, writes the files and moves the
 * pointers: of all tables in one unit, or of none.  It tries again while other
 * commits are faster.  With `assert-create` a table is made.  `ret` has one
 * place for each change.  ERR_COMMIT_FAILED: a requirement does not hold;
 * ERR_COMMIT_UNKNOWN: nobody knows whether it was committed; ERR_BAD_REQUEST: a
 * table is named twice.
 */
MUST_CHECK enum err tables_commit(struct call *, const struct branch *,
    const struct table_change *, size_t count, struct relation *ret);

/* Makes an entry for an existing metadata file; with `overwrite` it replaces
 * the entry of that name. */
MUST_CHECK enum err tables_register(struct call *, const struct branch *,
    struct ident, struct str metadata_location, bool overwrite,
    struct relation *ret);

#endif
