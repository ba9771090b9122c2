/* sorted.h - a sorted array of pointers: binary search, memmove. */
#ifndef PANGOLIN_SORTED_H
#define PANGOLIN_SORTED_H

#include <stddef.h>

struct sorted {
	void **at;
	size_t count, room;
};

/* Negative when the place looked for is before the item. */
typedef int sorted_compare(const void *place, const void *item);

/* The index of the first item that the place is not behind. */
size_t sorted_find(const struct sorted *, sorted_compare *, const void *place);

void sorted_insert(struct sorted *, size_t at, void *item);
void sorted_remove(struct sorted *, size_t at);

#endif
