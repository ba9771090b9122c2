/* target.c - origin-form and absolute-form; "*" and authority-form are none. */
#include "http/target.h"

/* What follows "scheme://host"; ptr NULL when `target` does not start so. */
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
	return host != 0 ? str_skip(rest, host) : absent;
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
