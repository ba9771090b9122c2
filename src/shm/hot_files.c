/*
 * hot_files.c - groups of four places, found by a hash of the location.
 *
 * A place whose owner died while writing it has a length of 0, or a text that
 * is no location: readers of the list find no such file.
 */
#include "shm/hot_files.h"

#include <stdlib.h>

#include "base/hash.h"
#include "shm/shared_lock.h"

#define WAYS 4
#define GROUPS (HOT_FILES_MAX / WAYS)
#define HASHED 32 /* last bytes of a location: there stands a uuid */

struct place {
	uint32_t asked, len;
	char text[HOT_LOCATION_MAX];
};

struct hot_files {
	struct shared_lock lock;
	struct place at[GROUPS][WAYS];
};

size_t
hot_files_size(void)
{
	return sizeof(struct hot_files) + 64;
}

struct hot_files *
hot_files_new(struct shm *shm)
{
	struct hot_files *h = SHM_NEW(shm, struct hot_files, 1);

	shared_lock_init(&h->lock);
	return h;
}

static size_t
group_of(struct str location)
{
	size_t from = location.len > HASHED ? location.len - HASHED : 0;
	uint64_t hash =
	    hash_add(HASH_START, location.ptr + from, location.len - from);

	return (size_t)(hash % GROUPS);
}

static struct str
text_of(const struct place *p)
{
	return (struct str){ p->text, p->len };
}

static void
count_in(struct place group[WAYS], struct str location)
{
	struct place *least = &group[0];

	for (struct place *p = group; p < group + WAYS; p++) {
		if (str_eq(text_of(p), location)) {
			p->asked++;
			return;
		}
		if (p->asked < least->asked)
			least = p;
	}
	if (least->asked > 0) {
		least->asked--;
		return;
	}
	least->len = 0;
	memcpy(least->text, location.ptr, location.len);
	least->len = (uint32_t)location.len;
	least->asked = 1;
}

void
hot_files_note(struct hot_files *h, struct str location)
{
	if (h == NULL || location.len == 0 || location.len > HOT_LOCATION_MAX ||
	    !shared_lock_try(&h->lock))
		return;
	count_in(h->at[group_of(location)], location);
	shared_lock_drop(&h->lock);
}

static int
by_requests(const void *a, const void *b)
{
	uint32_t x = ((const struct place *)a)->asked;
	uint32_t y = ((const struct place *)b)->asked;

	return (x < y) - (x > y);
}

struct hot_list
hot_files_list(struct hot_files *h, struct arena *a)
{
	struct place *copy = ARENA_NEW(a, struct place, HOT_FILES_MAX);
	struct hot_list list = { ARENA_NEW(a, struct str, HOT_FILES_MAX), 0 };

	(void)shared_lock_take(&h->lock);
	memcpy(copy, h->at, sizeof(h->at));
	shared_lock_drop(&h->lock);
	qsort(copy, HOT_FILES_MAX, sizeof(*copy), by_requests);
	for (size_t i = 0; i < HOT_FILES_MAX; i++)
		if (copy[i].len != 0 && copy[i].len <= HOT_LOCATION_MAX)
			list.at[list.count++] = text_of(&copy[i]);
	return list;
}
