/* table_entry.h - what the operations on tables say and make alike. */
#ifndef PANGOLIN_TABLE_ENTRY_H
#define PANGOLIN_TABLE_ENTRY_H

#include "catalog/branch.h"

/* Failures, in the words that clients look for. */
enum err table_missing(struct call *, struct ident);
enum err table_races_lost(struct call *, struct ident);

/* ERR_ALREADY_EXISTS when what was read there is a live table or view. */
MUST_CHECK enum err table_name_free(
    struct call *, struct ident, const struct version *read);

/* A commit's message: "drop table a.b.t". */
struct str table_message(struct call *, const char *what, struct ident);

/* Where a new table goes: below its namespace's `location`, or the catalog's
 * place; the name ends in 8 digits of the object id, so that a table made
 * again never meets the files of the one before. */
struct str table_default_location(struct call *, const struct branch *,
    struct ident, struct str ns_location, struct id object);

#endif
