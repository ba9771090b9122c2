/*
 * arena.h - an arena: memory that is freed all at once.
 *
 * One arena lives as long as one request (or one background job).  Code that is
 * handed an arena allocates from it and never frees.  Allocation does not
 * return NULL: a system without memory ends the process, as it does in
 * kore_malloc().
 *
 * An arena may have a ceiling.  Beyond it allocation goes on and arena_check()
 * fails, so code that loops over what a client sent, or is about to do a large
 * step, calls it; arena_try() is for sizes that an input names.
 */
#ifndef PANGOLIN_ARENA_H
#define PANGOLIN_ARENA_H

#include <stddef.h>

#include "base/budget.h"
#include "base/error.h"
#include "base/str.h"

struct arena; /* opaque: see arena.c */

struct arena *arena_new(void);
void arena_free(struct arena *); /* accepts NULL */

/* An arena for secrets that stay: it is locked into memory as far as the system
 * lets, left out of core files, and zeroed when it is freed.  Each block takes
 * pages of its own. */
struct arena *arena_new_hidden(void);

/* From now on bytes that are freed are zeroed, also those that are there: for a
 * request that has secrets.  arena_reset() ends it. */
void arena_wipe(struct arena *);

/* Everything allocated is gone; the first block is kept for what follows. */
void arena_reset(struct arena *);

/* The amount allocated now; arena_cut() back to it frees what came later.
 * Earlier allocations must not have been grown or released since. */
struct arena_mark {
	void *block, *large;
	size_t used;
};
struct arena_mark arena_mark(const struct arena *);
void arena_cut(struct arena *, struct arena_mark);

/* Zeroed memory for `count` objects of `size` bytes, aligned for any type. */
void *arena_alloc(struct arena *, size_t size, size_t count);

#define ARENA_NEW(a, type, count)                                              \
	((type *)arena_alloc((a), sizeof(type), (count)))

/* Grows `p` from `old` to `size` bytes and moves its content.  The newest
 * allocation grows in place.  New bytes are not zeroed. */
void *arena_grow(struct arena *, void *p, size_t old, size_t size);

/* Gives a large allocation back to the system now; a small one stays.  `size`
 * is what it was allocated or grown to. */
void arena_release(struct arena *, void *p, size_t size);

/* Whether so many more bytes are below the ceiling, and are reserved or fit
 * into the budget.  False: arena_check() fails from now on. */
MUST_CHECK bool arena_fits(struct arena *, size_t more);

/* Allocates bytes without zeroing them.  NULL: they do not fit. */
void *arena_try(struct arena *, size_t size);

/* Sets the ceiling; 0, as at first: none, and the budget of the process does
 * not bind the arena. */
void arena_set_ceiling(struct arena *, size_t bytes);

/* OK, or ERR_MEMORY beyond the ceiling, or ERR_UNAVAILABLE when the arena has
 * grown while the process held more than it may.  NULL is OK. */
MUST_CHECK enum err arena_check(const struct arena *, struct error *);

/* Counts so many bytes now that the arena will hold later.  False: the budget
 * has no room, and nothing has changed. */
MUST_CHECK bool arena_reserve(struct arena *, size_t more);

/* Gives back what is reserved and not held. */
void arena_unreserve(struct arena *);

/* Bytes that the arena holds, and that it may take until its ceiling. */
size_t arena_held(const struct arena *);
size_t arena_room(const struct arena *);

struct str arena_copy(struct arena *, struct str);
const char *arena_cstr(struct arena *, struct str); /* NUL-terminated copy */
struct str arena_printf(struct arena *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
