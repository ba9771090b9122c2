#include "catalog/property_limits.h"

enum err
properties_fit(struct pairs pairs, const char *field, struct error *e)
{
	size_t bytes = 0;

	if (pairs.count > PROPERTIES_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "%s: at most %d are kept together, these would be %zu",
		    field, PROPERTIES_MAX, pairs.count);
	for (size_t i = 0; i < pairs.count; i++)
		bytes += pairs.at[i].name.len + pairs.at[i].value.len;
	if (bytes > PROPERTIES_BYTES_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "%s: names and values have at most %d bytes together, "
		    "these would have %zu",
		    field, PROPERTIES_BYTES_MAX, bytes);
	return OK;
}
