/*
 * purge_check.h - what still shows objects that are to be purged.
 *
 * The history of the catalog is read once, for the names that the objects had;
 * then all that is live is asked for these.  A task reads all of it, a request
 * so much as takes some tenths of a second.
 */
#ifndef PANGOLIN_PURGE_CHECK_H
#define PANGOLIN_PURGE_CHECK_H

#include "catalog/names.h"
#include "catalog/refs.h"

/* For a request, which looks at the history of one branch first.  ERR_CONFLICT
 * names the branch or tag that shows the object; ERR_NOT_FOUND: history does
 * not know it.  *ret_whole: all of it was looked at. */
MUST_CHECK enum err purge_check(struct call *, const struct catalog *,
    int64_t branch, struct id object, bool *ret_whole);

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
