/*
 * arena.h - memory that is freed all at once.
 *
 * One arena lives as long as one request (or one background job).  Code that
 * is handed an arena allocates from it and never frees.  Allocation does not
 * return NULL: running out of memory ends the process, as kore_malloc() does.
 */
#ifndef PANGOLIN_ARENA_H
#define PANGOLIN_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena; /* opaque: see arena.c */

struct arena *arena_new(void);
void arena_free(struct arena *); /* accepts NULL */

/* Everything allocated is gone; the first block is kept for what follows. */
void arena_reset(struct arena *);

/* How much is allocated now; cutting back to it frees what came later.  What
 * was allocated before must not have been grown since. */
struct arena_mark {
	void *block;
	size_t used;
};
struct arena_mark arena_mark(const struct arena *);
void arena_cut(struct arena *, struct arena_mark);

/* Zeroed memory for `count` objects of `size` bytes, aligned for any type. */
void *arena_alloc(struct arena *, size_t size, size_t count);

#define ARENA_NEW(a, type, count)                                              \
	((type *)arena_alloc((a), sizeof(type), (count)))

/* `p` with room for `size` bytes instead of `old`; its content moves along.
 * The newest allocation grows in place.  What is new is not zeroed. */
void *arena_grow(struct arena *, void *p, size_t old, size_t size);

struct str arena_copy(struct arena *, struct str);
const char *arena_cstr(struct arena *, struct str); /* NUL-terminated copy */
struct str arena_printf(struct arena *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
