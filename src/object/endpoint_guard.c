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
	"168.63.129.16/32", /* Azure's, inside each of its machines */
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.0.0.0/24",
	"192.168.0.0/16",
	"198.18.0.0/15",
	"224.0.0.0/4",
	"240.0.0.0/4",
	"::/96",
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

/* ---- names */
static bool
is_host(struct str s)
{
	struct str port = s, host = str_cut(&port, ':');
	int64_t number;

	if (host.len == 0 || host.len > 253 ||
	    (port.ptr != NULL &&
		(!str_to_int(port, &number) || number < 1 || number > 65535)))
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '.' ||
			c == '_'))
			return false;
	}
	return true;
}

enum err
endpoint_rules_parse(struct arena *a, const struct str *items, size_t count,
    struct endpoint_rules *ret, struct error *e)
{
	struct endpoint_rules rules = {
		.networks = { ARENA_NEW(a, struct network, count), 0 },
		.hosts = ARENA_NEW(a, struct str, count),
	};

	for (size_t i = 0; i < count; i++) {
		struct str item = str_trim(items[i]);

		if (network_parse(
			item, &rules.networks.at[rules.networks.count]))
			rules.networks.count++;
		else if (is_host(item))
			rules.hosts[rules.host_count++] = item;
		else
			return fail(e, ERR_VALIDATION,
			    "warehouse.allowed_endpoints: \"" STR_FMT
			    "\" is no host, address or network",
			    STR_ARG(item));
	}
	*ret = rules;
	return OK;
}

bool
endpoint_host_is_allowed(const struct endpoint_rules *rules, struct str url)
{
	struct str rest = url, host, name;

	(void)str_cut(&rest, ':');
	if (!str_starts_with(rest, STR("//")))
		return false;
	rest = str_skip(rest, 2);
	host = str_cut(&rest, '/');
	if (!is_host(host))
		return false;
	rest = host;
	name = str_cut(&rest, ':');
	for (size_t i = 0; i < rules->host_count; i++)
		if (str_eq_nocase(rules->hosts[i], host) ||
		    str_eq_nocase(rules->hosts[i], name))
			return true;
	return false;
}
