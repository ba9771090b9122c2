/*
 * list.h - lists that grow in an arena, by doubling: an element moves once or
 * twice in its life, however many there are.
 *
 *     LIST_RESERVE(arena, l->at, l->count, l->room, 1);
 *     l->at[l->count++] = element;
 */
#ifndef PANGOLIN_LIST_H
#define PANGOLIN_LIST_H

#include "base/arena.h"

/* `at` of `count` elements of `size` bytes, with room for `more` behind them.
 * `io_room` is 0 and `at` NULL for a new list.  What is new is not zeroed. */
void *list_grow(struct arena *, void *at, size_t size, size_t count,
    size_t more, size_t *io_room);

static inline void *
list_reserve(struct arena *a, void *at, size_t size, size_t count, size_t more,
    size_t *io_room)
{
	return more <= *io_room - count
		   ? at
		   : list_grow(a, at, size, count, more, io_room);
}

/* `at`, `count` and `room` are the list's three variables. */
#define LIST_RESERVE(arena, at, count, room, more)                             \
	((at) = list_reserve(                                                  \
	     (arena), (at), sizeof(*(at)), (count), (more), &(room)))

#endif
