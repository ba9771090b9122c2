/* test_endpoint_guard.c - no endpoint is an address inside, unless allowed. */
#include "object/endpoint_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "tests/unit/unit.h"

static bool
may_be(const char *text, const struct networks *allowed)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
		return endpoint_may_be((struct sockaddr *)&in4, allowed);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return endpoint_may_be((struct sockaddr *)&in6, allowed);
}

static void
only_public_addresses_are_asked(void **state)
{
	static const char *const inside[] = { "0.0.0.0", "10.1.2.3",
		"100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1",
		"168.63.129.16", "224.0.0.1", "255.255.255.255", "::", "::1",
		"::2", "::7f00:1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
		"64:ff9b::7f00:1", "2002:7f00:1::", "fc00::1", "fd00:ec2::254",
		"fe80::1", "ff02::1" };
	static const char *const outside[] = { "1.1.1.1", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "172.15.255.255", "172.32.0.0",
		"192.167.255.255", "223.255.255.255", "2600:1::1", "2a05::1" };
	const struct networks none = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++)
		if (may_be(inside[i], &none))
			fail_msg("%s may be asked", inside[i]);
	for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++)
		if (!may_be(outside[i], &none))
			fail_msg("%s may not be asked", outside[i]);
}

static void
the_operator_may_allow_networks(void **state)
{
	struct network at[2];
	const struct networks allowed = { at, 2 };

	(void)state;
	assert_true(network_parse(STR("10.1.0.0/16"), &at[0]));
	assert_true(network_parse(STR("::1"), &at[1]));
	assert_true(may_be("10.1.2.3", &allowed));
	assert_true(may_be("::1", &allowed));
	assert_true(may_be("1.1.1.1", &allowed));
	assert_false(may_be("10.2.0.1", &allowed));
	assert_false(may_be("127.0.0.1", &allowed));
}

static void
other_families_are_refused(void **state)
{
	const struct sockaddr local = { .sa_family = AF_UNIX };
	const struct networks none = { 0 };

	(void)state;
	assert_false(endpoint_may_be(&local, &none));
}

static void
a_name_before_a_sign_in_an_url_is_no_host(void **state)
{
	static const char *const others[] = { "http://minio:x@169.254.169.254",
		"http://minio:x@169.254.169.254:80", "http://minio@10.0.0.1",
		"http://a@minio", "http://minio:9000:80",
		"http://minio:", "http://minio?@10.0.0.1",
		"http://minio#@10.0.0.1", "http://minio\\@10.0.0.1",
		"http://127.0.0.1/minio", "http://minio.example", "minio" };
	static const char *const named[] = { "http://minio",
		"https://MINIO:9001/", "http://s3:9000" };
	struct str hosts[] = { STR("minio"), STR("s3:9000") };
	const struct endpoint_rules rules = { .hosts = hosts, .host_count = 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (endpoint_host_is_allowed(&rules, str_from(others[i])))
			fail_msg("%s is allowed", others[i]);
	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++)
		if (!endpoint_host_is_allowed(&rules, str_from(named[i])))
			fail_msg("%s is not allowed", named[i]);
	assert_false(endpoint_host_is_allowed(&rules, STR("http://s3:9001")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_public_addresses_are_asked),
		cmocka_unit_test(the_operator_may_allow_networks),
		cmocka_unit_test(other_families_are_refused),
		cmocka_unit_test(a_name_before_a_sign_in_an_url_is_no_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
