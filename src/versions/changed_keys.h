/* changed_keys.h - collects the keys that one side of a merge has changed. */
#ifndef PANGOLIN_CHANGED_KEYS_H
#define PANGOLIN_CHANGED_KEYS_H

#include "base/str_map.h"
#include "versions/knowledge.h"

/* Each key once, in the order of their first change. */
struct key_set {
	struct arena *arena;
	struct str_map map; /* by key_text(); what the caller puts there */
	struct key *at;
	size_t count, room;
};

static inline struct key_set
key_set_in(struct arena *a)
{
	return (struct key_set){ .arena = a, .map = str_map_in(a) };
}

/* No two keys have the same, and no two objects. */
struct str key_text(struct arena *, struct key);
struct str object_text(struct arena *, struct id object);

/* Copies the key.  False: it is there. */
bool key_set_add(struct key_set *, struct key);

/* A version on a link of the chain that `known` does not cover. */
typedef enum err changed_fn(void *arg, const struct version *);

/*
 * All of them: what the links of `chain` hold above what `known` knows of
 * each.  Claims of locations are left out: they follow from the tables.
 */
MUST_CHECK enum err changed_each(struct call *, struct chain,
    const struct knowledge *known, changed_fn *, void *arg);

/* More keys than this are no merge: one unit has to hold them. */
#define MERGE_KEYS_MAX 50000

/* ERR_BAD_REQUEST beyond MERGE_KEYS_MAX. */
MUST_CHECK enum err changed_keys(struct call *, struct chain,
    const struct knowledge *known, struct key_set *io);

#endif
