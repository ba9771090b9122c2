#include "sorted.h"

#include <stdlib.h>
#include <string.h>

size_t
sorted_find(const struct sorted *s, sorted_compare *compare, const void *place)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(place, s->at[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
sorted_insert(struct sorted *s, size_t at, void *item)
{
	if (s->count == s->room) {
		size_t room = s->room < 16 ? 16 : s->room * 2;
		void **grown = reallocarray(s->at, room, sizeof(*grown));

		if (grown == NULL)
			abort(); /* as the arena does */
		s->at = grown;
		s->room = room;
	}
	memmove(&s->at[at + 1], &s->at[at], (s->count - at) * sizeof(*s->at));
	s->at[at] = item;
	s->count++;
}

void
sorted_remove(struct sorted *s, size_t at)
{
	s->count--;
	memmove(&s->at[at], &s->at[at + 1], (s->count - at) * sizeof(*s->at));
}
