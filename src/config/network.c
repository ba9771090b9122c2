#include "config/network.h"

#include <arpa/inet.h>
#include <stdio.h>

_Static_assert(IP_TEXT == INET6_ADDRSTRLEN, "any address has room");

#define IPV4_PREFIX 96 /* bits before an IPv4 address */

static struct ip
mapped(struct in_addr in4)
{
	struct ip ret = { .b = { [10] = 0xFF, [11] = 0xFF } };

	memcpy(&ret.b[12], &in4, sizeof(in4));
	return ret;
}

static bool
is_ipv4(const struct ip *address)
{
	static const uint8_t prefix[IPV4_PREFIX / 8] = {
		[10] = 0xFF, [11] = 0xFF
	};

	return memcmp(address->b, prefix, sizeof(prefix)) == 0;
}

bool
ip_parse(struct str text, struct ip *ret)
{
	char terminated[IP_TEXT];
	struct in_addr in4;

	if (text.len == 0 || text.len >= sizeof(terminated) ||
	    memchr(text.ptr, '\0', text.len) != NULL)
		return false;
	memcpy(terminated, text.ptr, text.len);
	terminated[text.len] = '\0';
	if (inet_pton(AF_INET, terminated, &in4) != 1)
		return inet_pton(AF_INET6, terminated, ret->b) == 1;
	*ret = mapped(in4);
	return true;
}

void
ip_format(const struct ip *address, char ret[IP_TEXT])
{
	bool four = is_ipv4(address);
	const void *at = four ? &address->b[12] : &address->b[0];

	(void)inet_ntop(four ? AF_INET : AF_INET6, at, ret, IP_TEXT);
}

/* The address with the bits behind the prefix cleared. */
static struct ip
masked(const struct ip *address, unsigned bits)
{
	struct ip ret = *address;

	for (unsigned i = 0; i < sizeof(ret.b); i++) {
		unsigned kept = bits > i * 8 ? bits - i * 8 : 0;

		if (kept < 8)
			ret.b[i] &= (uint8_t)(0xFF00U >> kept);
	}
	return ret;
}

bool
network_parse(struct str text, struct network *ret)
{
	struct str rest = text, address = str_cut(&rest, '/');
	bool four = memchr(address.ptr, ':', address.len) == NULL;
	int64_t most = four ? 32 : 128, bits = most;

	if (!ip_parse(address, &ret->address) ||
	    (rest.ptr != NULL && !str_to_int(rest, &bits)) || bits < 0 ||
	    bits > most)
		return false;
	ret->bits = (unsigned)bits + (four ? IPV4_PREFIX : 0);

	struct ip net = masked(&ret->address, ret->bits);

	return memcmp(&net, &ret->address, sizeof(net)) == 0;
}

void
network_format(const struct network *n, char ret[NETWORK_TEXT])
{
	bool four = is_ipv4(&n->address) && n->bits >= IPV4_PREFIX;
	unsigned bits = n->bits - (four ? IPV4_PREFIX : 0);
	char address[IP_TEXT];

	ip_format(&n->address, address);
	if (n->bits == 128)
		(void)snprintf(ret, NETWORK_TEXT, "%s", address);
	else
		(void)snprintf(ret, NETWORK_TEXT, "%s/%u", address, bits);
}

bool
networks_hold(const struct networks *networks, const struct ip *address)
{
	for (size_t i = 0; i < networks->count; i++) {
		const struct network *n = &networks->at[i];
		struct ip net = masked(address, n->bits);

		if (memcmp(&net, &n->address, sizeof(net)) == 0)
			return true;
	}
	return false;
}
