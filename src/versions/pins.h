/*
 * pins.h - pins: the positions of a catalog's logs that branches, tags and
 * merges still need below their horizons.
 *
 * A live branch and a live tag need what they were made of, and so does each
 * deleted branch that one of these needs.  Merges need the newest states that
 * two branches know of each other, and those that an open merge is about.  The
 * pins are of one instant: below a horizon that was raised before, nothing new
 * is needed but at a place that is pinned already.
 */
#ifndef PANGOLIN_PINS_H
#define PANGOLIN_PINS_H

#include "catalog/refs.h"
#include "iceberg/int_map.h"
#include "versions/knowledge.h"

struct pins {
	struct arena *arena;
	struct ref_list refs;  /* of the catalog, deleted ones too */
	struct int_map needed; /* by number, of branches */
	struct point *states;  /* for merges */
	size_t count, room;
};

/* ERR_SLOW_DOWN: the branches of the tenant change all the time. */
MUST_CHECK enum err pins_read(
    struct call *, const struct catalog *, struct pins *ret);

/* The branch with the lowest number above one; NULL: that was the last. */
const struct ref *pins_next_branch(const struct pins *, int64_t above);

/* Whether the branch is live, or needed by something that is. */
bool pins_need(const struct pins *, int64_t branch);

/* Positions of a branch that are needed, up to one that is the last of them:
 * ascending, each once. */
struct positions {
	int64_t *at;
	size_t count;
};
struct positions pins_of(const struct pins *, int64_t branch, int64_t upto);

#endif
