#include "http/own_origin.h"

struct str
url_authority(struct str url)
{
	(void)str_cut(&url, '/');
	(void)str_cut(&url, '/');
	return str_cut(&url, '/');
}

/* A URL's scheme and authority, as browsers write them in Origin: without the
 * port that the scheme has anyway. */
static bool
is_origin_of(struct str origin, struct str url)
{
	struct str authority = url_authority(url);
	bool https = str_starts_with(url, STR("https:"));
	struct str usual = https ? STR(":443") : STR(":80");
	struct str scheme = https ? STR("https://") : STR("http://");

	if (str_ends_with(authority, usual))
		authority.len -= usual.len;
	return url.len != 0 && str_starts_with(origin, scheme) &&
	       str_eq_nocase(str_skip(origin, scheme.len), authority);
}

bool
origin_is_own(const struct request *r, struct str base)
{
	struct str origin = request_header(r, STR("Origin"));
	struct str own = arena_printf(r->arena, "%s://" STR_FMT,
	    r->over_tls ? "https" : "http",
	    STR_ARG(request_header(r, STR("Host"))));

	return origin.ptr == NULL || is_origin_of(origin, own) ||
	       is_origin_of(origin, base);
}

bool
fetch_site_is_own(const struct request *r)
{
	struct str site = request_header(r, STR("Sec-Fetch-Site"));

	return site.ptr == NULL || str_eq(site, STR("same-origin")) ||
	       str_eq(site, STR("none"));
}
