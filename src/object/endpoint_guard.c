#include "object/endpoint_guard.h"

#include <netinet/in.h>

/* Addresses that are no host of the internet (RFC 6890 and the registries of
 * special-purpose addresses), and those that hold an address of IPv4, which may
 * be one of them. */
static const char *const inner[] = {
	"0.0.0.0/8",
	"10.0.0.0/8",
	"100.64.0.0/10",
	"127.0.0.0/8",
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.0.0.0/24",
	"192.168.0.0/16",
	"198.18.0.0/15",
	"224.0.0.0/4",
	"240.0.0.0/4",
	"::/127",
	"64:ff9b::/96",
	"64:ff9b:1::/48",
	"2001::/32",
	"2002::/16",
	"fc00::/7",
	"fe80::/10",
	"fec0::/10",
	"ff00::/8",
};

static bool
is_inner(const struct ip *ip)
{
	struct network one;
	const struct networks list = { &one, 1 };

	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (!network_parse(str_from(inner[i]), &one) ||
		    networks_hold(&list, ip))
			return true;
	return false;
}

static bool
ip_of(const struct sockaddr *address, struct ip *ret)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	*ret = (struct ip){ .b = { [10] = 0xFF, [11] = 0xFF } };
	if (address->sa_family == AF_INET) {
		memcpy(&in4, address, sizeof(in4));
		memcpy(&ret->b[12], &in4.sin_addr, sizeof(in4.sin_addr));
		return true;
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&in6, address, sizeof(in6));
	memcpy(ret->b, &in6.sin6_addr, sizeof(ret->b));
	return true;
}

bool
endpoint_may_be(const struct sockaddr *address, const struct networks *allowed)
{
	struct ip ip;

	if (!ip_of(address, &ip))
		return false;
	return !is_inner(&ip) || networks_hold(allowed, &ip);
}
