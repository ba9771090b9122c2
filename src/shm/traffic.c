/* traffic.c - counting replies, and adding the counts up. */
#include "shm/traffic.h"

/* From a reply out of memory to the longest a request may take. */
const int64_t traffic_end_us[TRAFFIC_BUCKETS - 1] = { 250, 500, 1000, 2500,
	5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000, 30000000 };

static size_t
rows(unsigned workers, size_t routes)
{
	return workers * (routes + 1);
}

size_t
traffic_size(unsigned workers, size_t routes)
{
	/* shm.h hands out whole cache lines */
	return rows(workers, routes) * sizeof(struct traffic_row) + 64;
}

struct traffic
traffic_new(struct shm *shm, unsigned workers, size_t routes)
{
	return (struct traffic){ .at = SHM_NEW(shm, struct traffic_row,
				     rows(workers, routes)),
		.workers = workers,
		.routes = routes };
}

struct traffic_row *
traffic_at(struct traffic t, unsigned worker, size_t route)
{
	return &t.at[worker * (t.routes + 1) + route];
}

static int64_t
get(const _Atomic int64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

/* One writer: no locked instruction is needed. */
static void
add(_Atomic int64_t *n, int64_t more)
{
	atomic_store_explicit(n, get(n) + more, memory_order_relaxed);
}

static size_t
bucket_of(int64_t duration_us)
{
	size_t i = 0;

	while (i < TRAFFIC_BUCKETS - 1 && duration_us > traffic_end_us[i])
		i++;
	return i;
}

void
traffic_count(struct traffic_row *row, int status, int64_t duration_us,
    int64_t body_bytes)
{
	add(&row->in_class[status / 100 - 1], 1);
	add(&row->in_bucket[bucket_of(duration_us)], 1);
	add(&row->duration_us, duration_us);
	add(&row->body_bytes, body_bytes);
}

struct traffic_sum
traffic_sum(struct traffic t, size_t route)
{
	struct traffic_sum sum = { .count = 0 };

	for (unsigned w = 0; w < t.workers; w++) {
		const struct traffic_row *row = traffic_at(t, w, route);

		for (size_t i = 0; i < TRAFFIC_CLASSES; i++)
			sum.in_class[i] += get(&row->in_class[i]);
		for (size_t i = 0; i < TRAFFIC_BUCKETS; i++)
			sum.in_bucket[i] += get(&row->in_bucket[i]);
		sum.duration_us += get(&row->duration_us);
		sum.body_bytes += get(&row->body_bytes);
	}
	for (size_t i = 0; i < TRAFFIC_BUCKETS; i++)
		sum.count += sum.in_bucket[i];
	return sum;
}
