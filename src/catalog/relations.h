/*
 * relations.h - tables and views as entries of a branch that point to metadata
 * files: all operations that do not read the file.
 *
 * Tables and views share the names of a namespace.  `kind` is KIND_TABLE or
 * KIND_VIEW; an entry of the other kind counts as missing.
 */
#ifndef PANGOLIN_RELATIONS_H
#define PANGOLIN_RELATIONS_H

#include "catalog/page.h"

struct relation {
	enum kind kind;
	struct ident ident;
	struct id object;
	struct str metadata_location; /* ptr NULL: staged, nothing is stored */
	struct str metadata;          /* JSON text of the file */
	struct str location; /* to be written: its own place; ptr NULL: it
			      * stays where it is */
	bool is_fresh;       /* the server chose that place just now */
	bool is_chosen;      /* the server chose it, when it was staged */
	struct point at;     /* of its commit; branch 0: there was none */
};

/* "Table", "View": how messages begin. */
const char *kind_title(enum kind);

/* Lists the tables or views of a namespace by name.  ERR_NO_SUCH_NAMESPACE. */
MUST_CHECK enum err relations_list(struct call *, const struct branch *,
    enum kind, struct str ns, struct listing *io);

/* The entry, without its file.  ERR_NO_SUCH_TABLE or ERR_NO_SUCH_VIEW, also
 * when the namespace is not there. */
MUST_CHECK enum err relation_get(struct call *, const struct branch *,
    enum kind, struct ident, struct version *ret);

/* Deletes the entry; the files stay, unless a purge is asked for (purges.h),
 * until nothing shows the table any more. */
MUST_CHECK enum err relation_drop(
    struct call *, const struct branch *, enum kind, struct ident, bool purge);

/* The same, and returns what the entry pointed to. */
MUST_CHECK enum err relation_unregister(struct call *, const struct branch *,
    enum kind, struct ident, struct relation *ret);

/* Renames an entry; its location and object stay.  ERR_ALREADY_EXISTS when
 * either kind has the name. */
MUST_CHECK enum err relation_rename(struct call *, const struct branch *,
    enum kind, struct ident from, struct ident to);

#endif
