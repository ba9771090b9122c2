/* test_shares.c - what tenants and buckets have of the permits of S3, and who
 * of those that wait is told. */
#include "calls/shares.h"

#include <pthread.h>

#include "tests/unit/shares_fixture.h"

static void
waits(struct asker *a, uint8_t tenant, uint64_t bucket)
{
	assert_int_equal(enter(a, tenant, bucket), ERR_WOULD_BLOCK);
	assert_true(bulkheads_wait(&a->usage, &a->waiter));
}

/* How many of so many it lets in. */
static int
enters(struct asker *a, int count, uint8_t tenant, uint64_t bucket)
{
	int entered = 0;

	while (entered < count && enter(&a[entered], tenant, bucket) == OK)
		entered++;
	return entered;
}

static void
leave_all(struct asker *a, int count)
{
	for (int i = 0; i < count; i++)
		leave(&a[i]);
}

static void
gives_all_to_who_is_alone(void **state)
{
	struct asker a[PERMITS], b;

	(void)state;
	assert_int_equal(enters(a, PERMITS, 1, 1), PERMITS);
	waits(&b, 2, 2);
	leave_all(a, PERMITS);
	assert_int_equal(b.told, 1);
	/* from now on it is not alone */
	assert_int_equal(enters(a, PERMITS, 1, 1), PERMITS / 2);
	leave_all(a, PERMITS / 2);
}

static void
gives_a_bucket_half_and_a_tenant_three_quarters(void **state)
{
	struct asker a[PERMITS], b[PERMITS];

	(void)state;
	assert_int_equal(enters(a, PERMITS, 1, 1), 4);
	assert_int_equal(enters(b, PERMITS, 2, 1), 0); /* another's, too */
	assert_int_equal(enters(a + 4, 4, 1, 2), 2);
	assert_int_equal(enters(b, PERMITS, 1, 3), 0);
	assert_int_equal(enters(b, PERMITS, 2, 3), 2);
	leave_all(b, 2);
	leave_all(a, 6);
}

static void
shares_permits_of_writes_by_tenant(void **state)
{
	struct asker a[PERMITS], b;
	int entered = 0;

	(void)state;
	asker_init(&b, 2, 0);
	assert_int_equal(bulkhead_enter(&b.call, BULKHEAD_WRITE), OK);
	(void)bulkhead_leave(&b.call, BULKHEAD_WRITE, OK);
	for (; entered < PERMITS; entered++) {
		asker_init(&a[entered], 1, 0);
		if (bulkhead_enter(&a[entered].call, BULKHEAD_WRITE) != OK)
			break;
	}
	assert_int_equal(entered, PERMITS / 4 * 3);
	assert_int_equal(bulkhead_enter(&b.call, BULKHEAD_WRITE), OK);
}

static void
gives_at_least_one(void **state)
{
	static struct shares one;
	const struct share_key a = { { { 1 } }, 1 }, b = { { { 2 } }, 2 };

	(void)state;
	shares_init(&one, 1);
	shares_ask(&one, a, 1);
	shares_ask(&one, b, 1);
	assert_true(shares_have_room(&one, a));
	shares_hold(&one, a);
	assert_false(shares_have_room(&one, b));
	shares_drop(&one, a);
	assert_true(shares_have_room(&one, b));
}

static void
forgets_who_wants_nothing_any_more(void **state)
{
	static struct shares s;
	const struct share_key a = { { { 1 } }, 1 }, b = { { { 2 } }, 2 };

	(void)state;
	shares_init(&s, 2);
	shares_ask(&s, a, 1);
	shares_hold(&s, a);
	assert_true(shares_have_room(&s, a));
	shares_ask(&s, b, 1);
	assert_false(shares_have_room(&s, a));
	shares_ask(&s, a, SHARES_RIVALS_US);
	assert_false(shares_have_room(&s, a));
	shares_ask(&s, a, 2 * SHARES_RIVALS_US);
	assert_true(shares_have_room(&s, a));
}

static void
passes_over_those_whose_share_is_full(void **state)
{
	struct asker a[7], b[2], queue[3], late;

	(void)state;
	assert_int_equal(enters(a, 4, 1, 1), 4);
	assert_int_equal(enters(a + 4, 2, 1, 2), 2);
	assert_int_equal(enters(b, 2, 2, 3), 2);
	for (int i = 0; i < 3; i++)
		waits(&queue[i], 1, (uint64_t)i + 1);
	waits(&late, 2, 3);
	leave(&b[0]);
	assert_int_equal(late.told, 1);
	leave(&b[1]);
	assert_int_equal(queue[0].told + queue[1].told + queue[2].told, 0);
	leave(&a[4]); /* there is room for the tenant, in no full bucket */
	assert_int_equal(queue[0].told, 0);
	assert_int_equal(queue[1].told, 1);
	leave(&a[0]);
	assert_int_equal(queue[0].told + queue[2].told, 2);
	leave_all(a + 1, 3);
	leave(&a[5]);
}

/* The tenant may be in another bucket, another tenant in the bucket. */
static void
tells_two_when_there_is_room_in_two_shares(void **state)
{
	struct asker a[6], other_bucket, other_tenant;

	(void)state;
	assert_int_equal(enters(a, 4, 1, 1), 4);
	assert_int_equal(enters(a + 4, 2, 1, 2), 2);
	waits(&other_bucket, 1, 3);
	waits(&other_tenant, 2, 1);
	leave(&a[0]);
	assert_int_equal(other_bucket.told, 1);
	assert_int_equal(other_tenant.told, 1);
	leave_all(a + 1, 5);
}

static void
tells_one_of_each_tenant_in_turn(void **state)
{
	struct asker held[PERMITS], many[4], few[2];

	(void)state;
	assert_int_equal(enters(held, 4, 3, 3), 4);
	assert_int_equal(enters(held + 4, 4, 4, 4), 4);
	for (int i = 0; i < 4; i++) /* of two buckets */
		waits(&many[i], 1, (uint64_t)i % 2 + 5);
	waits(&few[0], 2, 7);
	waits(&few[1], 2, 7);
	for (int i = 0; i < 4; i++) { /* who was told has taken it */
		struct asker *next = i % 2 == 0 ? &many[i / 2] : &few[i / 2];

		leave(&held[i]);
		assert_int_equal(next->told, 1);
		assert_int_equal(bucket_enter(&next->call, next->bucket), OK);
	}
	assert_int_equal(many[2].told + many[3].told, 0);
	leave_all(few, 2);
	leave_all(many, 2);
	leave_all(held + 4, 4);
	assert_int_equal(many[2].told + many[3].told, 2);
}

static void *
write_one(void *arg)
{
	struct asker *a = arg;

	a->told = bucket_enter_write(&a->call, a->bucket) == OK;
	return NULL;
}

static void
begin_writer(struct asker *a, uint8_t tenant, uint64_t bucket, pthread_t *ret)
{
	asker_init(a, tenant, bucket);
	assert_int_equal(pthread_create(ret, NULL, write_one, a), 0);
}

static int
threads_that_wait(void)
{
	int count = 0;

	(void)pthread_mutex_lock(&bulkheads.lock);
	for (const struct bulkhead_thread *t =
		 bulkheads.bulkhead[BULKHEAD_S3].threads;
	     t != NULL; t = t->next)
		count++;
	(void)pthread_mutex_unlock(&bulkheads.lock);
	return count;
}

static void
a_thread_whose_share_is_full_is_in_nobodys_way(void **state)
{
	struct asker a[6], b[2], writer, other, waiter;
	pthread_t thread, other_thread;

	(void)state;
	assert_int_equal(enters(a, 4, 1, 1), 4);
	assert_int_equal(enters(a + 4, 2, 1, 2), 2);
	assert_int_equal(enters(b, 2, 2, 3), 2);
	waits(&waiter, 2, 3);
	begin_writer(&writer, 1, 1, &thread);
	while (threads_that_wait() != 1)
		;
	leave(&b[0]);
	assert_int_equal(waiter.told, 1);
	assert_int_equal(bucket_enter(&waiter.call, 3), OK);

	/* nor in that of another thread */
	begin_writer(&other, 2, 3, &other_thread);
	while (threads_that_wait() != 2)
		;
	leave(&b[1]);
	(void)pthread_join(other_thread, NULL);
	assert_true(other.told);
	assert_int_equal(threads_that_wait(), 1);
	leave(&a[0]);
	(void)pthread_join(thread, NULL);
	assert_true(writer.told);
	leave(&writer);
	leave(&other);
	leave(&waiter);
	leave_all(a + 1, 5);
}

static void
a_thread_that_gives_up_is_forgotten(void **state)
{
	struct asker a[4], writer;

	(void)state;
	assert_int_equal(enters(a, 4, 1, 1), 4);
	asker_init(&writer, 1, 1);
	writer.call.deadline_us = clock_mono_us();
	assert_int_equal(bucket_enter_write(&writer.call, 1), ERR_SLOW_DOWN);
	assert_int_equal(threads_that_wait(), 0);
	leave_all(a, 4);
}

#define CROWD 300

/* Half of them are one tenant's, in a bucket each; the others' in one. */
static void
tells_more_than_there_are_shares(void **state)
{
	static struct asker crowd[CROWD];
	struct asker held[PERMITS], seldom;
	int told = 0;

	(void)state;
	assert_int_equal(enters(held, 4, 3, 3), 4);
	assert_int_equal(enters(held + 4, 4, 4, 4), 4);
	for (int i = 0; i < CROWD; i++) {
		if (i < CROWD / 2)
			waits(&crowd[i], 1, 100 + (uint64_t)i);
		else
			waits(&crowd[i], (uint8_t)(i - CROWD / 2 + 10), 1);
		assert_in_range(s3->count, 1, SHARES_MAX);
	}
	waits(&seldom, 1, 1);
	leave_all(held, PERMITS);
	for (bool any = true; any;) {
		any = false;
		for (int i = 0; i < CROWD; i++) {
			if (crowd[i].told != 1)
				continue;
			any = true;
			crowd[i].told++;
			told++;
			if (bucket_enter(&crowd[i].call, crowd[i].bucket) == OK)
				leave(&crowd[i]);
			else
				fail_msg("%d was told of no room", i);
			bulkheads_tell_next(&bulkheads, BULKHEAD_S3);
		}
	}
	assert_int_equal(told, CROWD);
	assert_int_equal(seldom.told, 1);
}

/* Its further buckets share one, which is told of room by what this one has,
 * though the bucket has none. */
static void
a_tenant_with_many_buckets_has_some_shares_only(void **state)
{
	struct asker held[PERMITS], queue[30], last;
	int told = 0;

	(void)state;
	assert_int_equal(enters(held, 4, 3, 1), 4);
	assert_int_equal(enters(held + 4, 4, 4, 4), 4);
	for (int i = 0; i < 14; i++)
		waits(&queue[i], 1, (uint64_t)i % 7 + 10);
	waits(&last, 1, 1);
	for (int i = 14; i < 30; i++)
		waits(&queue[i], 1, (uint64_t)i + 10);
	assert_int_equal(s3->count, 2 + SHARES_OF_TENANT);
	for (int i = 0; i < 7; i++) { /* others are faster than who is told */
		leave(&held[7]);
		assert_int_equal(bucket_enter(&held[7].call, 4), OK);
	}
	leave(&held[7]);
	assert_int_equal(last.told, 1);
	assert_int_equal(bucket_enter(&last.call, last.bucket), OK);
	leave(&last);
	for (int i = 0; i < 30; i++)
		bulkheads_tell_next(&bulkheads, BULKHEAD_S3);
	for (int i = 0; i < 30; i++)
		told += queue[i].told;
	assert_int_equal(told, 30);
	leave_all(held, PERMITS - 1);
}

/* Which share a permit was counted in may be another one when it comes back. */
static void
counts_add_up_when_shares_come_and_go(void **state)
{
	static struct shares s;
	static struct share_key held[SHARES_MAX * 4];
	unsigned dice = 1, count = 0;

	(void)state;
	shares_init(&s, SHARES_MAX * 4);
	for (int i = 0; i < 100000; i++) {
		dice = dice * 1103515245 + 12345;
		if (count < SHARES_MAX * 4 && (dice >> 16) % 100 < 52) {
			held[count] = (struct share_key){
				.tenant = { { (uint8_t)(dice >> 18) % 80 } },
				.bucket = (dice >> 25) % 20
			};
			shares_hold(&s, held[count++]);
		} else if (count != 0) {
			unsigned n = (dice >> 16) % count;

			shares_drop(&s, held[n]);
			held[n] = held[--count];
		}
		assert_int_equal(s.free, SHARES_MAX * 4 - count);
	}
	while (count != 0)
		shares_drop(&s, held[--count]);
	assert_int_equal(s.count, 0);
}

static void
gives_up_who_has_waited_too_long_in_any_share(void **state)
{
	struct asker a[4], queue[3];
	int64_t middle;

	(void)state;
	assert_int_equal(enters(a, 4, 1, 1), 4);
	waits(&queue[0], 1, 1);
	waits(&queue[1], 2, 1);
	for (middle = clock_mono_us() + 1; clock_mono_us() <= middle;)
		;
	waits(&queue[2], 1, 1);

	struct bulkhead_waiter *late = bulkheads_expire(&bulkheads, middle);

	assert_non_null(late);
	assert_non_null(late->next);
	assert_null(late->next->next);
	leave(&a[0]);
	assert_int_equal(queue[2].told, 1);
	assert_int_equal(queue[0].told + queue[1].told, 0);
	leave_all(a + 1, 3);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, begin_among_rivals, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    gives_all_to_who_is_alone, begin, end),
		TEST(gives_a_bucket_half_and_a_tenant_three_quarters),
		TEST(shares_permits_of_writes_by_tenant),
		TEST(gives_at_least_one),
		TEST(forgets_who_wants_nothing_any_more),
		TEST(passes_over_those_whose_share_is_full),
		TEST(tells_two_when_there_is_room_in_two_shares),
		TEST(tells_one_of_each_tenant_in_turn),
		TEST(a_thread_whose_share_is_full_is_in_nobodys_way),
		TEST(a_thread_that_gives_up_is_forgotten),
		TEST(tells_more_than_there_are_shares),
		TEST(a_tenant_with_many_buckets_has_some_shares_only),
		TEST(counts_add_up_when_shares_come_and_go),
		TEST(gives_up_who_has_waited_too_long_in_any_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
