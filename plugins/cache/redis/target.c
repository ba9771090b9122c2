#include "target.h"

#include "base/amount.h"

#define PORT_DEFAULT 6379
#define TIMEOUT_MAX (10 * CLOCK_SECOND)

static enum err
refuse_url(struct error *e)
{
	return fail(e, ERR_VALIDATION,
	    "cache.options.redis.url must be like "
	    "redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE] or unix:PATH");
}

static bool
is_number(struct str s, int64_t max, int64_t *ret)
{
	return str_to_int(s, ret) && *ret >= 0 && *ret <= max;
}

/* A password may have any character but '/', so the last '@' ends it. */
static struct str
cut_credentials(struct str *rest, struct target *t)
{
	const char *at = memrchr(rest->ptr, '@', rest->len);

	if (at == NULL)
		return *rest;

	struct str who = { rest->ptr, (size_t)(at - rest->ptr) };
	struct str user = str_cut(&who, ':');

	if (user.len != 0)
		t->user = user;
	t->password = who;
	return str_skip(*rest, (size_t)(at - rest->ptr) + 1);
}

static enum err
read_address(
    struct arena *a, struct str rest, struct target *ret, struct error *e)
{
	struct str authority = str_cut(&rest, '/');
	struct str port = cut_credentials(&authority, ret);
	struct str host = str_cut(&port, ':');
	int64_t number = PORT_DEFAULT;
	int64_t database = 0;

	if (host.len == 0 ||
	    (port.ptr != NULL && !is_number(port, 65535, &number)) ||
	    (rest.len != 0 && !is_number(rest, INT32_MAX, &database)))
		return refuse_url(e);
	ret->host = arena_cstr(a, host);
	ret->port = (int)number;
	if (database != 0)
		ret->database = rest;
	return OK;
}

static enum err
read_url(struct arena *a, struct str url, struct target *ret, struct error *e)
{
	struct str tcp = STR("redis://"), local = STR("unix:");

	if (str_starts_with(url, tcp))
		return read_address(a, str_skip(url, tcp.len), ret, e);
	if (!str_starts_with(url, local) || url.len == local.len)
		return refuse_url(e);
	ret->path = arena_cstr(a, str_skip(url, local.len));
	return OK;
}

enum err
target_of(struct arena *a, const struct plugin_settings *settings,
    struct target *ret, struct error *e)
{
	struct target t = { 0 };
	int64_t us;

	TRY(read_url(a, settings->value[OPTION_URL], &t, e));
	t.prefix = settings->value[OPTION_PREFIX];
	if (t.prefix.len > PREFIX_MAX)
		return fail(e, ERR_VALIDATION,
		    "cache.options.redis.prefix must have at most %zu bytes",
		    PREFIX_MAX);
	if (!amount_parse(settings->value[OPTION_TIMEOUT], amount_times, &us) ||
	    us < CLOCK_MS || us > TIMEOUT_MAX)
		return fail(e, ERR_VALIDATION,
		    "cache.options.redis.timeout must be a time from 1ms to "
		    "10s");
	t.timeout = (struct timeval){ us / CLOCK_SECOND, us % CLOCK_SECOND };
	*ret = t;
	return OK;
}
