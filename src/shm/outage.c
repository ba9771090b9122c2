#include "shm/outage.h"

static uint64_t
bit_of(unsigned worker)
{
	return (uint64_t)1 << worker;
}

bool
outage_begin(struct outage *o, unsigned worker, int64_t now_us)
{
	if (atomic_fetch_or(&o->workers, bit_of(worker)) != 0)
		return false;
	atomic_store(&o->since_us, now_us);
	return true;
}

int64_t
outage_end(struct outage *o, unsigned worker, int64_t now_us)
{
	uint64_t before = atomic_fetch_and(&o->workers, ~bit_of(worker));

	return before == bit_of(worker) ? now_us - atomic_load(&o->since_us)
					: -1;
}
