/*
 * str_map.h - a hash map of pointers by text, in an arena.
 *
 * Clients choose the texts, so the hash is SipHash with a key that this
 * process drew: nobody can choose texts that collide.  Texts are borrowed.
 */
#ifndef PANGOLIN_STR_MAP_H
#define PANGOLIN_STR_MAP_H

#include "base/arena.h"

struct str_slot {
	uint64_t hash;
	struct str text; /* ptr NULL: the slot is free */
	void *value;
};

struct str_map {
	struct arena *arena;
	struct str_slot *at;
	size_t count, room; /* room: a power of two, at least 2 * count */
};

static inline struct str_map
str_map_in(struct arena *a)
{
	return (struct str_map){ .arena = a };
}

/* The place of a text; made, holding NULL, when the text is new.  Valid until
 * the next text is new. */
void **str_map_slot(struct str_map *, struct str text);

/* The pointer of a text; NULL when there is none. */
void *str_map_find(const struct str_map *, struct str text);

#endif
