#include "config/public_url.h"

#include "config/network.h"

#define HOST_MAX 255 /* RFC 1035, 2.3.4 */
#define PATH_MAX_BYTES 1024

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Each byte a letter, a digit or one of `others`. */
static bool
consists_of(struct str s, const char *others)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.ptr[i]) &&
		    (s.ptr[i] == '\0' || strchr(others, s.ptr[i]) == NULL))
			return false;
	return s.len != 0;
}

static bool
port_is_valid(struct str port)
{
	int64_t n;

	return consists_of(port, "") && str_to_int(port, &n) && n >= 1 &&
	       n <= 65535;
}

/* "[2001:db8::7]" and what is behind it. */
static bool
bracketed_is_valid(struct str host)
{
	struct str rest = str_skip(host, 1), inside = str_cut(&rest, ']');
	struct ip address;

	if (rest.ptr == NULL || !ip_parse(inside, &address) ||
	    memchr(inside.ptr, ':', inside.len) == NULL)
		return false;
	return rest.len == 0 ||
	       (rest.ptr[0] == ':' && port_is_valid(str_skip(rest, 1)));
}

bool
url_host_is_valid(struct str host)
{
	if (host.len > HOST_MAX)
		return false;
	if (str_starts_with(host, STR("[")))
		return bracketed_is_valid(host);

	struct str rest = host, name = str_cut(&rest, ':');

	return consists_of(name, ".-_") && is_alnum(name.ptr[0]) &&
	       (rest.ptr == NULL || port_is_valid(rest));
}

bool
url_path_is_valid(struct str path)
{
	struct str rest = path;

	if (path.len > PATH_MAX_BYTES || str_cut(&rest, '/').len != 0 ||
	    rest.ptr == NULL)
		return false;
	while (rest.ptr != NULL) {
		struct str segment = str_cut(&rest, '/');

		if (!consists_of(segment, "-._~") ||
		    str_eq(segment, STR(".")) || str_eq(segment, STR("..")))
			return false;
	}
	return true;
}

bool
public_url_is_valid(struct str url)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct str scheme = str_from(schemes[i]);

		if (!str_starts_with(url, scheme))
			continue;

		struct str path = str_skip(url, scheme.len);
		struct str host = str_cut(&path, '/');

		if (path.ptr != NULL) /* with its first slash */
			path = (struct str){ path.ptr - 1, path.len + 1 };
		return url_host_is_valid(host) &&
		       (path.ptr == NULL || url_path_is_valid(path));
	}
	return false;
}
