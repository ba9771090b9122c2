#include "base/list.h"

/* Most lists have few elements. */
#define ROOM_FIRST 8

void *
list_grow(struct arena *a, void *at, size_t size, size_t count, size_t more,
    size_t *io_room)
{
	size_t room = *io_room < ROOM_FIRST ? ROOM_FIRST : *io_room * 2;

	if (room - count < more)
		room = count + more;
	at = arena_grow(a, at, *io_room * size, room * size);
	*io_room = room;
	return at;
}
