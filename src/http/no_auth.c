#include "http/no_auth.h"

#include "config/network.h"
#include "http/own_origin.h"

/* Without its port: "[::1]:8181" is "[::1]". */
static struct str
host_of(struct str authority)
{
	struct str rest = authority, host;

	if (!str_starts_with(authority, STR("[")))
		return str_cut(&rest, ':');
	host = str_cut(&rest, ']');
	host.len += rest.ptr != NULL;
	return host;
}

/* 127.0.0.0/8, as IPv4 and inside of IPv6, and ::1. */
static bool
is_loopback(struct str host)
{
	static const struct ip one = { { [15] = 1 } };
	static const uint8_t mapped[13] = { [10] = 0xFF, 0xFF, 127 };
	struct ip ip;

	if (str_eq_nocase(host, STR("localhost")))
		return true;
	if (str_starts_with(host, STR("[")) && str_ends_with(host, STR("]")))
		host = (struct str){ host.ptr + 1, host.len - 2 };
	return ip_parse(host, &ip) &&
	       (memcmp(&ip, &one, sizeof(ip)) == 0 ||
		   memcmp(&ip, mapped, sizeof(mapped)) == 0);
}

static bool
is_own(struct str authority, struct str public_url)
{
	struct str host = host_of(authority);

	return is_loopback(host) ||
	       (public_url.len != 0 &&
		   str_eq_nocase(host, host_of(url_authority(public_url))));
}

/* No browser leaves the header out.  A target in absolute form has the word
 * that counts (RFC 9112, 3.2.2). */
static enum err
check_host(struct request *r, struct str public_url)
{
	struct str authority = request_header(r, STR("Host"));
	bool absolute = r->target.len != 0 && r->target.ptr[0] != '/';

	if ((authority.ptr == NULL || is_own(authority, public_url)) &&
	    (!absolute || is_own(url_authority(r->target), public_url)))
		return OK;
	return fail(&r->error, ERR_FORBIDDEN,
	    "Host: without authentication it must be localhost, a loopback "
	    "address or the host of public_url.");
}

static enum err
check_origin(struct request *r, struct str public_url)
{
	if (origin_is_own(r, public_url))
		return OK;
	return fail(&r->error, ERR_FORBIDDEN,
	    "Origin: without authentication no other site may send requests; "
	    "public_url names the address that this one is reached by.");
}

/* A browser that follows a link to a page gets the page. */
static bool
is_navigation(const struct request *r)
{
	return r->method == METHOD_GET &&
	       str_eq(
		   request_header(r, STR("Sec-Fetch-Mode")), STR("navigate")) &&
	       str_eq(
		   request_header(r, STR("Sec-Fetch-Dest")), STR("document"));
}

static enum err
check_site(struct request *r)
{
	if (fetch_site_is_own(r) || is_navigation(r))
		return OK;
	return fail(&r->error, ERR_FORBIDDEN,
	    "Sec-Fetch-Site: without authentication no other site may send "
	    "requests.");
}

static bool
has_body(const struct request *r)
{
	struct str length = request_header(r, STR("Content-Length"));

	return request_header(r, STR("Transfer-Encoding")).ptr != NULL ||
	       (length.ptr != NULL && !str_eq(length, STR("0")));
}

static enum err
check_type(struct request *r)
{
	struct str type = request_header(r, STR("Content-Type"));

	if (!has_body(r) || str_eq_nocase(str_trim(str_cut(&type, ';')),
				STR("application/json")))
		return OK;
	return fail(&r->error, ERR_MEDIA_TYPE,
	    "Content-Type: without authentication a body must be "
	    "application/json.");
}

enum err
no_auth_check(struct request *r, struct str public_url)
{
	TRY(check_host(r, public_url));
	TRY(check_site(r));
	TRY(check_origin(r, public_url));
	if ((r->route->flags & ROUTE_CREDENTIALS) != 0)
		return fail(&r->error, ERR_FORBIDDEN,
		    "auth.enabled is false: nobody signs in, and no "
		    "credentials are made or changed.");
	return check_type(r);
}
