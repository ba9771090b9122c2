/* test_traffic.c - counts of replies, by worker and route. */
#include "shm/traffic.h"

#include "tests/unit/unit.h"

static struct traffic
traffic_of(unsigned workers, size_t routes)
{
	struct error e = { 0 };
	struct shm *s = NULL;

	assert_int_equal(shm_new(traffic_size(workers, routes), &s, &e), OK);
	return traffic_new(s, workers, routes);
}

static void
adds_up_what_the_workers_counted(void **state)
{
	struct traffic t = traffic_of(3, 2);

	(void)state;
	traffic_count(traffic_at(t, 0, 1), 200, 100, 10);
	traffic_count(traffic_at(t, 2, 1), 201, 300, 20);
	traffic_count(traffic_at(t, 2, 1), 503, 40000000, 0);

	struct traffic_sum sum = traffic_sum(t, 1);

	assert_int_equal(sum.count, 3);
	assert_int_equal(sum.in_class[1], 2);
	assert_int_equal(sum.in_class[4], 1);
	assert_int_equal(sum.in_bucket[0], 1);
	assert_int_equal(sum.in_bucket[1], 1);
	assert_int_equal(sum.in_bucket[TRAFFIC_BUCKETS - 1], 1);
	assert_int_equal(sum.duration_us, 40000400);
	assert_int_equal(sum.body_bytes, 30);
}

static void
keeps_routes_apart_and_has_a_row_for_none(void **state)
{
	struct traffic t = traffic_of(2, 2);

	(void)state;
	traffic_count(traffic_at(t, 1, 2), 404, 1, 1);
	assert_int_equal(traffic_sum(t, 0).count, 0);
	assert_int_equal(traffic_sum(t, 1).count, 0);
	assert_int_equal(traffic_sum(t, 2).count, 1);
	assert_int_equal(traffic_sum(t, 2).in_class[3], 1);
}

/* A bucket holds what took as long as its upper end, as Prometheus' `le`. */
static void
a_bucket_includes_its_end(void **state)
{
	struct traffic t = traffic_of(1, 1);

	(void)state;
	for (size_t i = 0; i < TRAFFIC_BUCKETS - 1; i++) {
		traffic_count(traffic_at(t, 0, 0), 200, traffic_end_us[i], 0);
		assert_int_equal(traffic_sum(t, 0).in_bucket[i], 1);
		if (i != 0)
			assert_true(traffic_end_us[i] > traffic_end_us[i - 1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_up_what_the_workers_counted),
		cmocka_unit_test(keeps_routes_apart_and_has_a_row_for_none),
		cmocka_unit_test(a_bucket_includes_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
