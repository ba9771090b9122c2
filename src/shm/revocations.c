#include "shm/revocations.h"

#include <stdatomic.h>
#include <string.h>

struct revocation {
	_Atomic uint64_t hash; /* of an id; 0: none was here */
	_Atomic int64_t until_s;
};

struct revocations {
	_Atomic unsigned next;
	_Atomic int64_t all_until_s; /* of all that were issued by then */
	struct revocation at[REVOCATIONS_MAX];
};

struct revocations *
revocations_new(struct shm *shm)
{
	return SHM_NEW(shm, struct revocations, 1);
}

size_t
revocations_size(void)
{
	return shm_size(sizeof(struct revocations), 1);
}

/* Ids are random: a part of one is as good as a hash. */
static uint64_t
hash_of(struct id id)
{
	uint64_t hash;

	memcpy(&hash, id.b, sizeof(hash));
	return hash != 0 ? hash : 1;
}

/* An entry that two write at once may be missing for a reader in between; its
 * token expires with the older of the two. */
void
revocations_add(
    struct revocations *r, struct id id, int64_t until_s, int64_t now_s)
{
	unsigned i = atomic_fetch_add(&r->next, 1) % REVOCATIONS_MAX;
	struct revocation *entry = &r->at[i];
	int64_t floor = atomic_load(&r->all_until_s);

	if (atomic_load(&entry->until_s) > now_s)
		while (floor < now_s && !atomic_compare_exchange_weak(
					    &r->all_until_s, &floor, now_s))
			continue;
	atomic_store(&entry->hash, hash_of(id));
	atomic_store(&entry->until_s, until_s);
}

bool
revocations_hold(const struct revocations *r, struct id id, int64_t issued_s)
{
	uint64_t hash = hash_of(id);

	if (issued_s <= atomic_load(&r->all_until_s))
		return true;
	for (size_t i = 0; i < REVOCATIONS_MAX; i++)
		if (atomic_load(&r->at[i].hash) == hash)
			return true;
	return false;
}
