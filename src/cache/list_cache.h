/*
 * list_cache.h - caches whole lists of names, as the texts that answer them.
 *
 * A list of a branch's head is good until the branch moves (read_cache.h).  At
 * a fixed position it changes when history is erased only, and is cached for
 * ever.
 */
#ifndef PANGOLIN_LIST_CACHE_H
#define PANGOLIN_LIST_CACHE_H

#include "cache/read_cache.h"

/* The result of a look-up; after a miss, what list_cache_put() needs. */
struct cached_list {
	struct str value; /* ptr NULL: make it */
	struct cached_text at_head;
	struct str past; /* its name; ptr NULL: the list is of a head */
};

/* Looks up the list of a namespace at `at`: the head of a branch or a position,
 * with the last time that its history was erased (NULL: it is a head).  `what`
 * tells lists of one namespace apart.
 * ERR_WOULD_BLOCK where a cache level would have to be waited for. */
MUST_CHECK enum err list_cache_find(struct call *, struct point at,
    const int64_t *erased_us, const char *what, struct str ns,
    struct cached_list *ret);

void list_cache_put(struct call *, const struct cached_list *, struct str text);

#endif
