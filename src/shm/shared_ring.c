#include "shm/shared_ring.h"

#include <string.h>

#include "shm/shared_lock.h"

struct shared_ring {
	struct shared_lock lock;
	size_t size, room, first, count;
	int64_t lost;
	char *entries; /* behind it, at the same address in all workers */
};

struct shared_ring *
shared_ring_new(struct shm *shm, size_t size, size_t room)
{
	struct shared_ring *r = SHM_NEW(shm, struct shared_ring, 1);

	shared_lock_init(&r->lock);
	r->size = size;
	r->room = room;
	r->entries = shm_alloc(shm, size, room);
	return r;
}

size_t
shared_ring_size(size_t size, size_t room)
{
	return shm_size(sizeof(struct shared_ring), 1) + shm_size(size, room);
}

/* The entries that a dead worker left may be torn. */
static void
enter(struct shared_ring *r)
{
	if (!shared_lock_take(&r->lock))
		return;
	r->lost += (int64_t)r->count + 1;
	r->first = r->count = 0;
}

static char *
entry_at(struct shared_ring *r, size_t i)
{
	return r->entries + (r->first + i) % r->room * r->size;
}

bool
shared_ring_put(struct shared_ring *r, const void *entry)
{
	bool fits;

	enter(r);
	fits = r->count < r->room;
	if (fits)
		memcpy(entry_at(r, r->count++), entry, r->size);
	else
		r->lost++;
	shared_lock_drop(&r->lock);
	return fits;
}

size_t
shared_ring_look(struct shared_ring *r, void *ret, size_t most)
{
	size_t n;

	enter(r);
	n = r->count < most ? r->count : most;
	for (size_t i = 0; i < n; i++)
		memcpy((char *)ret + i * r->size, entry_at(r, i), r->size);
	shared_lock_drop(&r->lock);
	return n;
}

void
shared_ring_drop(struct shared_ring *r, size_t count)
{
	enter(r);
	if (count > r->count) /* a worker died meanwhile */
		count = r->count;
	r->first = (r->first + count) % r->room;
	r->count -= count;
	shared_lock_drop(&r->lock);
}

int64_t
shared_ring_lost(struct shared_ring *r)
{
	int64_t lost;

	enter(r);
	lost = r->lost;
	r->lost = 0;
	shared_lock_drop(&r->lock);
	return lost;
}
