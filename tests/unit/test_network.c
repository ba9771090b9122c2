/* test_network.c - addresses, and which networks they are in. */
#include "config/network.h"

#include <stdio.h>

#include "tests/unit/unit.h"

static void
reads_addresses_in_both_families(void **state)
{
	static const struct {
		const char *text, *back; /* NULL: is none */
	} cases[] = {
		{ "192.0.2.7", "192.0.2.7" },
		{ "::ffff:192.0.2.7", "192.0.2.7" },
		{ "2001:DB8::0007", "2001:db8::7" },
		{ "::", "::" },
		{ "", NULL },
		{ "192.0.2", NULL },
		{ "192.0.2.256", NULL },
		{ "192.0.2.7 ", NULL },
		{ "fe80::1%eth0", NULL },
		{ "localhost", NULL },
		{ "[::1]", NULL },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip address;
		char text[IP_TEXT];
		bool ok = ip_parse(str_from(cases[i].text), &address);

		assert_int_equal(ok, cases[i].back != NULL);
		if (!ok)
			continue;
		ip_format(&address, text);
		assert_string_equal(text, cases[i].back);
	}
	assert_false(
	    ip_parse((struct str){ "1.2.3.4\0x", 9 }, &(struct ip){ 0 }));
}

static void
reads_networks_and_prints_them_back(void **state)
{
	static const struct {
		const char *text, *back;
	} cases[] = {
		{ "10.0.0.0/8", "10.0.0.0/8" },
		{ "10.0.0.7", "10.0.0.7" },
		{ "10.0.0.7/32", "10.0.0.7" },
		{ "0.0.0.0/0", "0.0.0.0/0" },
		{ "2001:db8::/32", "2001:db8::/32" },
		{ "::/0", "::/0" },
		{ "::1", "::1" },
		{ "10.0.0.1/8", NULL },
		{ "2001:db8::1/64", NULL },
		{ "10.0.0.0/33", NULL },
		{ "10.0.0.0/-1", NULL },
		{ "10.0.0.0/", NULL },
		{ "10.0.0.0/8/8", NULL },
		{ "::/129", NULL },
		{ "/8", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct network network;
		char text[NETWORK_TEXT];
		bool ok = network_parse(str_from(cases[i].text), &network);

		assert_int_equal(ok, cases[i].back != NULL);
		if (!ok)
			continue;
		network_format(&network, text);
		assert_string_equal(text, cases[i].back);
	}
}

static void
finds_an_address_in_its_networks_only(void **state)
{
	static const char *const held[] = { "10.128.0.0/9", "192.0.2.7",
		"2001:db8::/33" };
	static const struct {
		const char *address;
		bool inside;
	} cases[] = {
		{ "10.128.0.0", true },
		{ "10.255.255.255", true },
		{ "10.127.255.255", false },
		{ "::ffff:10.200.0.1", true },
		{ "192.0.2.7", true },
		{ "192.0.2.6", false },
		{ "2001:db8:7fff::1", true },
		{ "2001:db8:8000::1", false },
		{ "::10.200.0.1", false },
	};
	struct network at[3];
	struct networks networks = { at, 3 };

	(void)state;
	for (size_t i = 0; i < networks.count; i++)
		assert_true(network_parse(str_from(held[i]), &at[i]));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip address;

		assert_true(ip_parse(str_from(cases[i].address), &address));
		assert_int_equal(
		    networks_hold(&networks, &address), cases[i].inside);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_addresses_in_both_families),
		cmocka_unit_test(reads_networks_and_prints_them_back),
		cmocka_unit_test(finds_an_address_in_its_networks_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
