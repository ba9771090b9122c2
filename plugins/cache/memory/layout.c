/* layout.c - where everything lies in the shared memory. */
#include <sys/random.h>

#include "shard.h"

/* A shard has at least that much, so that a value of some megabytes fits. */
#define SHARD_MIN ((size_t)8 << 20)

/* One bucket for so many bytes. */
#define BUCKET_BYTES ((size_t)512)

static size_t
after(size_t at, size_t size)
{
	return (at + size + GRANULE - 1) & ~(GRANULE - 1);
}

static uint32_t
power_of_two_within(size_t n)
{
	uint32_t power = 1;

	while ((size_t)power * 2 <= n)
		power *= 2;
	return power;
}

struct layout
layout_of(size_t max_bytes, unsigned workers)
{
	uint32_t shards = power_of_two_within(max_bytes / SHARD_MIN);
	struct layout l = {
		.shards = shards < SHARDS_MAX ? shards : SHARDS_MAX,
		.workers = workers,
		.size = max_bytes,
	};

	l.buckets = power_of_two_within(max_bytes / l.shards / BUCKET_BYTES);
	l.pins_at = after(0, sizeof(struct shared));
	l.shards_at = after(l.pins_at, workers * sizeof(struct pins));
	l.buckets_at =
	    after(l.shards_at, l.shards * sizeof(struct shard_state));
	l.blocks_at = after(
	    l.buckets_at, (size_t)l.shards * l.buckets * sizeof(uint32_t));
	l.granules = (uint32_t)((max_bytes - l.blocks_at) / l.shards / GRANULE);
	return l;
}

static struct shard
shard_view(struct shared *shared, uint32_t number)
{
	const struct layout *l = &shared->layout;
	char *base = (char *)shared;
	void *state = base + l->shards_at + number * sizeof(struct shard_state);
	void *bucket = base + l->buckets_at +
		       (size_t)number * l->buckets * sizeof(uint32_t);

	return (struct shard){
		.state = state,
		.bucket = bucket,
		.blocks = base + l->blocks_at +
			  (size_t)number * l->granules * GRANULE,
		.granules = l->granules,
		.bucket_mask = l->buckets - 1,
		.number = number,
	};
}

void
shared_prepare(struct shared *shared, const struct layout *layout)
{
	shared->layout = *layout;
	while (getrandom(shared->seed, sizeof(shared->seed), 0) !=
	       (ssize_t)sizeof(shared->seed))
		continue;
	for (uint32_t i = 0; i < layout->shards; i++) {
		struct shard s = shard_view(shared, i);

		shard_init(&s);
	}
}

void
memory_attach(struct memory *m, struct shared *shared, unsigned worker)
{
	const struct layout *l = &shared->layout;
	void *pins = (char *)shared + l->pins_at;

	m->shared = shared;
	m->pins = pins;
	m->own = &m->pins[worker];
	for (uint32_t i = 0; i < l->shards; i++)
		m->shard[i] = shard_view(shared, i);
}
