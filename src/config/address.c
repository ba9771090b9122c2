/*
 * address.c - numeric addresses and ports to listen on.
 *
 * Names are not resolved, so that what is loopback is known without asking.
 */
#include "config/address.h"

#include <arpa/inet.h>

/* 127.0.0.0/8, ::1, and the former written as IPv6 (RFC 4291, 2.5.5.2). */
static bool
is_loopback6(const struct in6_addr *in6)
{
	return IN6_IS_ADDR_LOOPBACK(in6) ||
	       (IN6_IS_ADDR_V4MAPPED(in6) && in6->s6_addr[12] == 127);
}

static bool
read_host(struct str host, bool bracketed, struct arena *a, struct address *ret)
{
	struct in6_addr in6;
	struct in_addr in4;

	ret->host = arena_copy(a, host);
	if (bracketed) {
		if (inet_pton(AF_INET6, ret->host.ptr, &in6) != 1)
			return false;
		ret->loopback = is_loopback6(&in6);
		return true;
	}
	if (str_eq(host, STR("localhost")))
		ret->host = STR("127.0.0.1");
	if (inet_pton(AF_INET, ret->host.ptr, &in4) != 1)
		return false;
	ret->loopback = ntohl(in4.s_addr) >> 24 == 127;
	return true;
}

bool
address_parse(struct arena *a, struct str text, struct address *ret)
{
	const char *colon = memrchr(text.ptr, ':', text.len);
	int64_t port;

	if (colon == NULL)
		return false;

	struct str host = { text.ptr, (size_t)(colon - text.ptr) };
	struct str digits = str_skip(text, host.len + 1);
	bool bracketed = str_starts_with(host, STR("[")) &&
			 str_ends_with(host, STR("]")) && host.len >= 2;

	if (!str_to_int(digits, &port) || port < 1 || port > 65535)
		return false;
	if (bracketed)
		host = (struct str){ host.ptr + 1, host.len - 2 };
	if (!read_host(host, bracketed, a, ret))
		return false;
	ret->port = (uint16_t)port;
	ret->text =
	    arena_printf(a, bracketed ? "[" STR_FMT "]:%u" : STR_FMT ":%u",
		STR_ARG(ret->host), (unsigned)ret->port);
	return true;
}
