/* slots.c - the slots of all workers. */
#include "shm/slots.h"

#include <unistd.h>

size_t
slots_size(unsigned workers)
{
	return workers * sizeof(struct slot);
}

struct slots
slots_new(struct shm *shm, unsigned workers)
{
	return (struct slots){ SHM_NEW(shm, struct slot, workers), workers };
}

struct slot *
slot_take(struct slots slots, unsigned index)
{
	struct slot *s = &slots.at[index];

	slot_set(s, GAUGE_CONNECTIONS, 0);
	slot_set(s, GAUGE_POOLED, 0);
	slot_set(s, GAUGE_BODY_BYTES, 0);
	atomic_store(&s->pid, getpid());
	return s;
}

int64_t
slots_sum(struct slots slots, enum gauge g)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < slots.count; i++)
		sum += atomic_load_explicit(
		    &slots.at[i].gauge[g], memory_order_relaxed);
	return sum;
}
