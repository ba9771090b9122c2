/*
 * knowledge.h - what a ref knows at a position: every version that led to it.
 *
 * A branch knows itself, what its fork point knew, and what each branch that
 * was merged into it knew then.  So knowledge is one position per branch,
 * however many commits there are.  Forks are fields of refs, merges are rows of
 * ENTITY_MERGES: neither is ever pruned, and a walk reads one row for each.
 */
#ifndef PANGOLIN_KNOWLEDGE_H
#define PANGOLIN_KNOWLEDGE_H

#include "iceberg/int_map.h"
#include "plugin/store.h"
#include "record/batch.h"

/* The horizon of a branch of which nobody needs anything: its files have been
 * named as garbage. */
#define HORIZON_NONE INT64_MAX

/* The edges that were read so far: walks of one merge share them. */
struct log_edges;
struct lineage {
	struct call *call;
	struct int_map logs;
	struct log_edges **at; /* the same */
	size_t count, room;
};

/* The highest known position of each known branch. */
struct knowledge {
	struct int_map map;
	struct point **at;
	size_t count, room;
};

static inline struct lineage
lineage_of(struct call *c)
{
	return (struct lineage){ .call = c };
}

/* The knowledge of the branch of `from` at that position. */
MUST_CHECK enum err knowledge_of(
    struct lineage *, struct point from, struct knowledge *ret);

/* The highest position known of a branch; -1: none. */
int64_t known_upto(const struct knowledge *, int64_t branch);

static inline bool
knows(const struct knowledge *k, struct point p)
{
	return known_upto(k, p.branch) >= p.seq;
}

/* All that is known, as if these were the links of a chain. */
struct chain knowledge_links(struct arena *, const struct knowledge *);

/* Whether one knows a partial branch of which the other has never heard: its
 * chain tells nothing of what the branch does not show. */
bool knows_other_part(const struct lineage *, const struct knowledge *one,
    const struct knowledge *other);

/* The latest points that both know: none of them led to another.  There is
 * one, or more behind criss-cross merges.  Both must be of this lineage. */
struct points {
	struct point *at;
	size_t count;
};
MUST_CHECK enum err common_points(struct lineage *, const struct knowledge *,
    const struct knowledge *, struct points *ret);

/* The states just before each merge into a branch above a position, the lowest
 * first: between two of them it learns of nothing but its own commits. */
MUST_CHECK enum err states_before_merges(
    struct lineage *, struct point above, struct points *ret);

/* Each point that was forked or merged, of what was read so far. */
struct points lineage_sources(const struct lineage *);

/* The edge of a merge commit, for the unit that makes it.  A merge that puts
 * nothing makes none: its edge has an id of its own and a position. */
struct merge_edge {
	struct id commit;
	int64_t into, seq; /* -1: not known yet */
	struct point from;
};
void merge_edge_put(struct batch *, const struct merge_edge *);

/* Where the commit came to be: saves later walks a look, and may fail. */
void merge_edge_found(struct call *, struct id commit, int64_t seq);

#endif
