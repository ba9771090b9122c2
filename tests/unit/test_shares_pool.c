/* test_shares_pool.c - requests of many tenants on a pool of threads, as
 * http/exchange_threads.c runs them: nobody waits for ever. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/shares_fixture.h"

#define THREADS 24 /* three for each permit */
#define REQUESTS 64
#define ROUNDS 400

static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct hammer {
		struct asker asker; /* first: told() has its waiter */
		uint8_t tenant;
		unsigned rounds;
		bool was_told;
		struct hammer *next;
	} requests[REQUESTS], *first;
	unsigned left;
	atomic_uint of_tenant[4], of_bucket[4];
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.more = PTHREAD_COND_INITIALIZER };

static void
push(struct hammer *h)
{
	(void)pthread_mutex_lock(&pool.lock);
	h->next = pool.first;
	pool.first = h;
	(void)pthread_cond_signal(&pool.more);
	(void)pthread_mutex_unlock(&pool.lock);
}

static void
told(struct bulkhead_waiter *w)
{
	char *p = (char *)w - offsetof(struct hammer, asker.waiter);
	struct hammer *h = (struct hammer *)(void *)p;

	h->was_told = true;
	push(h);
}

static void
prepare(struct hammer *h)
{
	unsigned n = (unsigned)(h - pool.requests) + h->rounds;

	h->tenant = n % 4 < 2 ? 1 : n % 4;
	asker_init(&h->asker, h->tenant, n % 3 + 1);
	h->asker.call.deadline_us = INT64_MAX;
	h->asker.waiter.ready = told;
}

static bool
hit(struct hammer *h)
{
	struct asker *a = &h->asker;
	bool writes = h->rounds % 8 == 0;
	enum err err = writes ? bucket_enter_write(&a->call, a->bucket)
			      : bucket_enter(&a->call, a->bucket);

	if (err != OK)
		return false;
	if (atomic_fetch_add(&pool.of_tenant[h->tenant], 1) >=
		PERMITS / 4 * 3 ||
	    atomic_fetch_add(&pool.of_bucket[a->bucket], 1) >= PERMITS / 2)
		abort();
	for (int i = 0; i < 5; i++)
		(void)sched_yield();
	(void)atomic_fetch_sub(&pool.of_tenant[h->tenant], 1);
	(void)atomic_fetch_sub(&pool.of_bucket[a->bucket], 1);
	leave(a);
	return true;
}

/* After a wait another thread may have it. */
static void
run(struct hammer *h)
{
	bool was_told = h->was_told, done;

	h->was_told = false;
	do
		done = hit(h);
	while (!done && !bulkheads_wait(&h->asker.usage, &h->asker.waiter));
	if (was_told)
		bulkheads_tell_next(&bulkheads, BULKHEAD_S3);
	if (!done)
		return;
	if (++h->rounds < ROUNDS) {
		prepare(h);
		push(h);
		return;
	}
	(void)pthread_mutex_lock(&pool.lock);
	pool.left--;
	(void)pthread_cond_broadcast(&pool.more);
	(void)pthread_mutex_unlock(&pool.lock);
}

static void *
work(void *arg)
{
	(void)pthread_mutex_lock(&pool.lock);
	while (pool.left != 0) {
		struct hammer *h = pool.first;

		if (h == NULL) {
			(void)pthread_cond_wait(&pool.more, &pool.lock);
			continue;
		}
		pool.first = h->next;
		(void)pthread_mutex_unlock(&pool.lock);
		run(h);
		(void)pthread_mutex_lock(&pool.lock);
	}
	(void)pthread_mutex_unlock(&pool.lock);
	return arg;
}

static void
everybody_gets_on(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	(void)alarm(120); /* a waiter that is not told waits for ever */
	pool.left = REQUESTS;
	for (int i = 0; i < REQUESTS; i++) {
		prepare(&pool.requests[i]);
		push(&pool.requests[i]);
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, work, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	(void)alarm(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    everybody_gets_on, begin_among_rivals, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
