/* shares_fixture.h - requests of tenants that ask for permits of S3. */
#ifndef PANGOLIN_SHARES_FIXTURE_H
#define PANGOLIN_SHARES_FIXTURE_H

#include "base/clock.h"
#include "calls/bulkheads.h"
#include "tests/unit/unit.h"

#define PERMITS 8

static struct bulkheads bulkheads;
static struct shares *const s3 = &bulkheads.bulkhead[BULKHEAD_S3].shares;

/* One request of a tenant for a bucket. */
struct asker {
	struct usage usage;
	struct call call;
	struct error error;
	struct bulkhead_waiter waiter;
	uint64_t bucket;
	int told;
};

static inline void
tell(struct bulkhead_waiter *w)
{
	char *p = (char *)w - offsetof(struct asker, waiter);

	((struct asker *)(void *)p)->told++;
}

static inline void
asker_init(struct asker *a, uint8_t tenant, uint64_t bucket)
{
	*a = (struct asker){ .usage = { .bulkheads = &bulkheads,
				 .tenant = { { tenant } } },
		.waiter = { .ready = tell },
		.bucket = bucket };
	a->call = (struct call){ .error = &a->error,
		.deadline_us = clock_mono_us() + 10 * CLOCK_SECOND,
		.usage = &a->usage };
}

static inline enum err
enter(struct asker *a, uint8_t tenant, uint64_t bucket)
{
	asker_init(a, tenant, bucket);
	return bucket_enter(&a->call, bucket);
}

static inline void
leave(struct asker *a)
{
	(void)bucket_leave(&a->call, a->bucket, OK);
}

static inline int
begin(void **state)
{
	static const unsigned permits[BULKHEAD_COUNT] = {
		[BULKHEAD_S3] = PERMITS, [BULKHEAD_WRITE] = PERMITS
	};

	(void)state;
	bulkheads_init(&bulkheads, permits);
	return 0;
}

/* Tenants 1 and 9, and buckets 1 and 9, are known to want some. */
static inline int
begin_among_rivals(void **state)
{
	struct asker a;

	(void)begin(state);
	for (uint8_t i = 1; i <= 9; i += 8) {
		assert_int_equal(enter(&a, i, i), OK);
		leave(&a);
	}
	return 0;
}

static inline int
end(void **state)
{
	(void)state;
	assert_int_equal(s3->count, 0);
	assert_int_equal(s3->free, PERMITS);
	assert_int_equal(s3->waiting, 0);
	bulkheads_clear(&bulkheads);
	return 0;
}

#endif
