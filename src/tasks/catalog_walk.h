/*
 * catalog_walk.h - walks over all tables of a branch, page by page, in an order
 * that a restart can continue: a namespace's tables by name, then its children.
 *
 * The branch is seen as it was at one position of its log.
 */
#ifndef PANGOLIN_CATALOG_WALK_H
#define PANGOLIN_CATALOG_WALK_H

#include "catalog/branch.h"

struct walk {
	struct chain chain; /* of the branch */
	struct point at;
	struct str ns;   /* the namespace reached; empty: before the first */
	struct str name; /* the last table that is done; empty: none */
	bool with_views; /* and views; not in the text of a walk */
};

/* Begins a walk over what the branch shows now. */
MUST_CHECK enum err walk_begin(
    struct call *, const struct branch *, struct walk *ret);

/* The next live tables, all of one namespace; none: this is the end.  The
 * caller does one after the other and sets walk.name to each that is done. */
MUST_CHECK enum err walk_page(
    struct call *, struct walk *, struct versions *ret);

/* As text, without NUL, and back: false for what is none. */
struct str walk_write(struct arena *, const struct walk *);
bool walk_read(struct str, const struct branch *, struct walk *ret);

#endif
