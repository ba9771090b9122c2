#include "iceberg/table_path.h"

static bool
is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* RFC 3986, 3.1: "s3:", "file:" */
static bool
has_scheme(struct str path)
{
	for (size_t i = 0; i < path.len; i++) {
		char c = path.ptr[i];

		if (c == ':')
			return i != 0;
		if (!is_letter(c) && !(i != 0 && c >= '0' && c <= '9') &&
		    !(i != 0 && (c == '+' || c == '-' || c == '.')))
			return false;
	}
	return false;
}

struct str
table_path(struct arena *a, struct str table, struct str path)
{
	if (str_starts_with(path, STR("/")) || has_scheme(path))
		return path;
	while (str_ends_with(table, STR("/")))
		table.len--;
	return arena_printf(
	    a, STR_FMT "/" STR_FMT, STR_ARG(table), STR_ARG(path));
}
