/*
 * target.c - takes origin-form and absolute-form; "*" and authority-form are
 * refused.
 */
#include "http/target.h"

static bool
is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Letters, digits and `others` only. */
static bool
consists_of(struct str s, const char *others)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!is_alphanumeric(c) &&
		    (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return true;
}

static bool
is_port(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	}
	return true;
}

/* A name may have a comma (RFC 3986, 3.2.2), but two Hosts joined into one
 * have it, too. */
bool
authority_is_valid(struct str authority)
{
	struct str rest = authority;

	if (!str_starts_with(authority, STR("["))) {
		struct str name = str_cut(&rest, ':');

		return consists_of(name, "-._~%!$&'()*+;=") && is_port(rest);
	}

	struct str address = str_cut(&rest, ']');

	return rest.ptr != NULL && consists_of(str_skip(address, 1), ":.-_~") &&
	       (rest.len == 0 || rest.ptr[0] == ':') &&
	       is_port(str_skip(rest, rest.len != 0));
}

/* The text behind "scheme://host"; ptr NULL when `target` does not start so. */
static struct str
after_authority(struct str target, struct str scheme)
{
	struct str absent = { NULL, 0 };

	if (target.len <= scheme.len ||
	    !str_eq_nocase((struct str){ target.ptr, scheme.len }, scheme))
		return absent;

	struct str rest = str_skip(target, scheme.len);
	size_t host = 0;

	while (
	    host < rest.len && rest.ptr[host] != '/' && rest.ptr[host] != '?')
		host++;
	if (host == 0 || !authority_is_valid((struct str){ rest.ptr, host }))
		return absent;
	return str_skip(rest, host);
}

bool
target_split(struct str target, struct str *ret_path, struct str *ret_query)
{
	if (target.len == 0 || memchr(target.ptr, '#', target.len) != NULL)
		return false;

	struct str rest = target;

	if (target.ptr[0] != '/')
		rest = after_authority(target, STR("http://"));
	if (rest.ptr == NULL)
		rest = after_authority(target, STR("https://"));
	if (rest.ptr == NULL)
		return false;

	struct str path = str_cut(&rest, '?');

	*ret_path = path.len != 0 ? path : STR("/");
	*ret_query = rest;
	return true;
}
