/*
 * branches.h - makes, changes and deletes branches: the cost does not depend on
 * the catalog's size.
 */
#ifndef PANGOLIN_BRANCHES_H
#define PANGOLIN_BRANCHES_H

#include "versions/ref_units.h"

#define CHAIN_LINKS_WANTED 8 /* a longer chain is folded */
#define PARTIAL_ASSETS_MAX 1000

struct branch_new {
	struct str name;
	enum branch_type type;
	struct ref_spec from;
	const struct str *assets; /* "ns.table" each */
	size_t asset_count;       /* 0: all that `from` shows */
	bool is_protected;
};

/*
 * ERR_ALREADY_EXISTS: a branch or tag has the name.  ERR_NO_SUCH_REF: there is
 * no such beginning; ERR_BAD_REQUEST: nothing has the name of an asset, or
 * several have; ERR_CONFLICT: the chain is too long to be read.
 */
MUST_CHECK enum err branches_create(struct call *, const struct catalog *,
    const struct branch_new *, const struct ref_author *, struct ref *ret);

/* ERR_NO_SUCH_REF, also for a tag. */
MUST_CHECK enum err branches_get(
    struct call *, const struct catalog *, struct str name, struct ref *ret);

struct branch_change {
	struct str name;  /* ptr NULL: stays */
	int is_protected; /* -1: stays; 0, 1 */
};

/* ERR_ALREADY_EXISTS; ERR_BAD_REQUEST: the default branch keeps its name;
 * ERR_CONFLICT: a protected one does, unless it stays so no longer. */
MUST_CHECK enum err branches_update(struct call *, const struct catalog *,
    struct str name, const struct branch_change *, const struct ref_author *,
    struct ref *ret);

/* ERR_BAD_REQUEST for the default branch, ERR_CONFLICT for one that is
 * protected, used by an open merge, or whose newest commit is not `head` (nil:
 * any). */
MUST_CHECK enum err branches_delete(struct call *, const struct catalog *,
    struct str name, struct id head, const struct ref_author *);

/* The newest commit of each, its own or that of its fork; nil: none. */
struct branch_head {
	struct id commit;
	int64_t seq; /* 0: it has none of its own */
};
MUST_CHECK enum err branch_heads(
    struct call *, const struct ref *, size_t count, struct branch_head *ret);

/* The tables that a partial branch began with, as "ns.table"; other branches
 * have none. */
struct asset_names {
	struct str *at;
	size_t count;
};
MUST_CHECK enum err branch_assets(
    struct call *, const struct ref *, struct asset_names *ret);

#endif
