/*
 * int_map.h - pointers by 64-bit number, in an arena.
 *
 * A trie over a bijective hash: no rehashing, and no choice of keys makes it
 * deeper than 32 levels, which matters because clients choose the keys.
 */
#ifndef PANGOLIN_INT_MAP_H
#define PANGOLIN_INT_MAP_H

#include <stdint.h>

#include "base/arena.h"

struct int_map {
	struct int_node *root; /* zero is the empty map */
};

/* The place of a key; created, holding NULL, when the key is new. */
void **int_map_slot(struct int_map *, int64_t key, struct arena *);

/* The pointer of a key; NULL when there is none. */
void *int_map_find(const struct int_map *, int64_t key);

#endif
