/* test_bodies.c - who may hold how much, and what stays for others. */
#include "http/bodies.h"

#include <stdio.h>

#include "tests/unit/unit.h"

#define KIB 1024
#define MIB (1024 * KIB)

static const struct limits limits = {
	.body_bytes = 16 * MIB,
	.public_body_bytes = 64 * KIB,
	.bodies_bytes = 100 * MIB,
	.bodies_tenant_percent = 75,
	.bodies_address_percent = 10,
	.bodies_small_percent = 12,
};

static const struct principal *const somebody =
    (const struct principal *)(const void *)&limits;

static struct bodies bodies;

static int
begin(void **state)
{
	(void)state;
	bodies = (struct bodies){ .held = 0 };
	bodies_init(&bodies);
	return 0;
}

static struct request
from(const char *address)
{
	return (struct request){ .method = METHOD_POST,
		.client = str_from(address) };
}

static struct request
of_tenant(uint8_t tenant)
{
	struct request r = from("192.0.2.1");

	r.principal = somebody;
	r.holding.tenant = (struct id){ { tenant } };
	return r;
}

static bool
takes(struct request *r, int64_t bytes)
{
	return bodies_take(&bodies, &limits, r, bytes);
}

static void
assert_nothing_held(void)
{
	assert_int_equal(bodies.held, 0);
	assert_int_equal(bodies.unknown, 0);
	for (size_t row = 0; row < BODIES_ROWS; row++)
		for (size_t i = 0; i < BODIES_BUCKETS; i++)
			assert_int_equal(bodies.by_payer[row][i], 0);
}

static void
leaves_others_something_of_one_tenant(void **state)
{
	struct request greedy = of_tenant(1), other = of_tenant(2);

	(void)state;
	assert_true(takes(&greedy, 75 * MIB));
	assert_false(takes(&greedy, 1));
	assert_true(takes(&other, 13 * MIB));
	bodies_release(&bodies, &greedy);
	bodies_release(&bodies, &other);
	assert_nothing_held();
}

static void
leaves_others_something_of_one_address(void **state)
{
	struct request greedy = from("192.0.2.7"), other = from("192.0.2.8");
	struct request known = of_tenant(1);

	(void)state;
	known.client = greedy.client;
	assert_true(takes(&greedy, 10 * MIB));
	assert_false(takes(&greedy, 1));
	assert_true(takes(&other, 64 * KIB));
	/* whoever shows credentials is not counted by address */
	assert_true(takes(&known, 16 * MIB));
	bodies_release(&bodies, &greedy);
	bodies_release(&bodies, &other);
	bodies_release(&bodies, &known);
	assert_nothing_held();
}

static void
takes_a_subnet_of_ipv6_for_one_address(void **state)
{
	struct request first = from("2001:db8:1:2::1");
	struct request same = from("2001:db8:1:2:ffff::2");
	struct request other = from("2001:db8:1:3::1");

	(void)state;
	assert_true(takes(&first, 10 * MIB));
	assert_false(takes(&same, 1));
	assert_true(takes(&other, 10 * MIB));
}

static void
leaves_half_to_those_it_knows(void **state)
{
	struct request strangers[6], known = of_tenant(1);
	char name[6][24];

	(void)state;
	for (int i = 0; i < 6; i++) {
		(void)snprintf(name[i], sizeof(name[i]), "192.0.2.%d", i);
		strangers[i] = from(name[i]);
		assert_int_equal(takes(&strangers[i], 10 * MIB), i < 5);
	}
	assert_true(takes(&known, 38 * MIB));
}

static void
leaves_something_to_small_bodies(void **state)
{
	struct request large[3] = { of_tenant(1), of_tenant(2), of_tenant(3) };
	struct request small = of_tenant(4), grows = of_tenant(5);

	(void)state;
	assert_true(takes(&large[0], 70 * MIB));
	assert_true(takes(&large[1], 18 * MIB));
	assert_false(takes(&large[2], 65 * KIB));
	assert_true(takes(&small, 64 * KIB));
	assert_true(takes(&grows, 64 * KIB));
	assert_false(takes(&grows, 1));
}

static void
lets_the_tenant_pay_once_it_is_known(void **state)
{
	struct request r = from("192.0.2.7"), again = from("192.0.2.7");

	(void)state;
	assert_true(takes(&r, 10 * MIB));
	r.principal = somebody;
	r.holding.tenant = (struct id){ { 1 } };
	assert_int_equal(bodies_identified(&bodies, &limits, &r), OK);
	assert_int_equal(bodies_identified(&bodies, &limits, &r), OK);
	assert_int_equal(bodies.unknown, 0);
	assert_true(takes(&again, 10 * MIB));
	assert_true(takes(&r, 65 * MIB));
	assert_false(takes(&r, 1));
	bodies_release(&bodies, &r);
	bodies_release(&bodies, &again);
	assert_nothing_held();
}

static void
refuses_a_body_whose_tenant_holds_enough(void **state)
{
	struct request greedy = of_tenant(1), late = from("192.0.2.7");

	(void)state;
	assert_true(takes(&greedy, 75 * MIB));
	assert_true(takes(&late, 5));
	late.principal = somebody;
	late.holding.tenant = greedy.holding.tenant;
	assert_int_equal(
	    bodies_identified(&bodies, &limits, &late), ERR_SLOW_DOWN);
	bodies_release(&bodies, &late);
	bodies_release(&bodies, &greedy);
	assert_nothing_held();
}

static void
always_has_a_share_for_one_body(void **state)
{
	const struct limits tiny = { .body_bytes = 64 * KIB,
		.public_body_bytes = 1 * KIB,
		.bodies_bytes = 64 * KIB,
		.bodies_tenant_percent = 1,
		.bodies_address_percent = 1,
		.bodies_small_percent = 90 };
	struct request one = of_tenant(1), stranger = from("192.0.2.7");

	(void)state;
	assert_true(bodies_take(&bodies, &tiny, &one, 64 * KIB));
	bodies_release(&bodies, &one);
	assert_true(bodies_take(&bodies, &tiny, &stranger, 1 * KIB));
	bodies_release(&bodies, &stranger);
}

static void
tells_reads_503_and_others_429(void **state)
{
	struct request r = of_tenant(1);

	(void)state;
	assert_int_equal(
	    bodies_hold(&bodies, &limits, &r, 101 * MIB), ERR_SLOW_DOWN);
	r.method = METHOD_GET;
	assert_int_equal(
	    bodies_hold(&bodies, &limits, &r, 101 * MIB), ERR_UNAVAILABLE);
	assert_nothing_held();
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
	const struct CMUnitTest tests[] = {
		TEST(leaves_others_something_of_one_tenant),
		TEST(leaves_others_something_of_one_address),
		TEST(takes_a_subnet_of_ipv6_for_one_address),
		TEST(leaves_half_to_those_it_knows),
		TEST(leaves_something_to_small_bodies),
		TEST(lets_the_tenant_pay_once_it_is_known),
		TEST(refuses_a_body_whose_tenant_holds_enough),
		TEST(always_has_a_share_for_one_body),
		TEST(tells_reads_503_and_others_429),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
