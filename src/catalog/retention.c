#include "catalog/retention.h"

#include "base/amount.h"
#include "base/clock.h"

#define INTERVAL_MIN CLOCK_SECOND

static enum err
read(struct pairs properties, struct str name, int64_t absent, int64_t *ret,
    struct error *e)
{
	struct str text = pairs_find(properties, name);

	*ret = absent;
	if (text.ptr == NULL || amount_parse(text, amount_times, ret))
		return OK;
	return fail(e, ERR_BAD_REQUEST,
	    "/properties/" STR_FMT ": expected a time such as \"30d\" or "
	    "\"12h\"",
	    STR_ARG(name));
}

enum err
retention_of(struct call *c, const struct catalog *catalog, int64_t setting_us,
    int64_t *ret)
{
	return read(
	    catalog->properties, RETENTION_PROPERTY, setting_us, ret, c->error);
}

enum err
upkeep_interval_of(
    struct pairs properties, int64_t setting_us, int64_t *ret, struct error *e)
{
	TRY(read(properties, UPKEEP_PROPERTY, setting_us, ret, e));
	if (*ret == 0 || *ret >= INTERVAL_MIN)
		return OK;
	return fail(e, ERR_BAD_REQUEST,
	    "/properties/history.upkeep_interval: expected 0s, for never, or "
	    "at least a second");
}

enum err
retention_check(struct pairs properties, struct error *e)
{
	int64_t ignored;

	TRY(upkeep_interval_of(properties, 0, &ignored, e));
	return read(properties, RETENTION_PROPERTY, 0, &ignored, e);
}
