/*
 * purge_check.h - what still shows objects that are to be purged.
 *
 * The whole history of the catalog is read once, for the names that the objects
 * had; then all that is live is asked for these.
 */
#ifndef PANGOLIN_PURGE_CHECK_H
#define PANGOLIN_PURGE_CHECK_H

#include "catalog/names.h"
#include "catalog/refs.h"

/* ERR_CONFLICT names the branch or tag that shows the object; ERR_NOT_FOUND:
 * history does not know it. */
MUST_CHECK enum err purge_check(
    struct call *, const struct catalog *, struct id object);

struct purge_subject {
	struct id object;
	bool is_known;              /* some version is of it */
	const struct ref *shown_by; /* NULL: nothing shows it */
	struct ident shown_as;
};

/* The same of many; `beat` is called between pages, if there is one, and may
 * put the call's deadline off. */
MUST_CHECK enum err purge_find_shown(struct call *, const struct catalog *,
    struct purge_subject *, size_t count, enum err (*beat)(void *), void *arg);

#endif
