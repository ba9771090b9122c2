#include "catalog/retention.h"

#include "base/amount.h"

static enum err
read(struct pairs properties, int64_t absent, int64_t *ret, struct error *e)
{
	struct str text = pairs_find(properties, RETENTION_PROPERTY);

	*ret = absent;
	if (text.ptr == NULL || amount_parse(text, amount_times, ret))
		return OK;
	return fail(e, ERR_BAD_REQUEST,
	    "/properties/history.retention: expected a time such as \"30d\" "
	    "or \"12h\"");
}

enum err
retention_of(struct call *c, const struct catalog *catalog, int64_t setting_us,
    int64_t *ret)
{
	return read(catalog->properties, setting_us, ret, c->error);
}

enum err
retention_check(struct pairs properties, struct error *e)
{
	int64_t ignored;

	return read(properties, 0, &ignored, e);
}
