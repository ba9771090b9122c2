#include "options.h"

#include <stdlib.h>

#include "base/amount.h"

enum option_number {
	OPTION_URL,
	OPTION_SCHEMA,
	OPTION_MAX,
	OPTION_MIN,
	OPTION_CONNECT,
	OPTION_ACQUIRE,
	OPTION_IDLE,
	OPTION_LIFETIME,
	OPTION_COUNT
};

/* clang-format off */
const struct plugin_option option_table[OPTION_COUNT + 1] = {
[OPTION_URL] = { "url", NULL, true,
    "postgresql://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full" },
[OPTION_SCHEMA] = { "schema", "", false,
    "The schema of the tables, made if missing; empty: the server's choice." },
[OPTION_MAX] = { "max_connections", "24", false,
    "Connections of this node at most, shared by its workers." },
[OPTION_MIN] = { "min_connections", "2", false,
    "Connections of this node that stay open when nothing is done." },
[OPTION_CONNECT] = { "connect_timeout", "5s", false,
    "How long a server that does not answer is tried." },
[OPTION_ACQUIRE] = { "acquire_timeout", "5s", false,
    "How long a call waits for a connection." },
[OPTION_IDLE] = { "idle_timeout", "10m", false,
    "Connections beyond the least are closed when idle for so long." },
[OPTION_LIFETIME] = { "max_lifetime", "30m", false,
    "A connection is renewed when it is so old, a tenth more or less." },
};
/* clang-format on */

static enum err
bad(enum option_number option, struct error *e)
{
	return fail(e, ERR_VALIDATION,
	    "store.options.%s has no value that can be used.",
	    option_table[option].name);
}

static enum err
read_time(const struct plugin_settings *s, enum option_number option,
    int64_t *ret, struct error *e)
{
	if (!amount_parse(s->value[option], amount_times, ret) || *ret == 0)
		return bad(option, e);
	return OK;
}

/* The share of this process, at least 1 if there is any. */
static enum err
read_count(const struct plugin_settings *s, enum option_number option,
    int64_t least, size_t *ret, struct error *e)
{
	int64_t n, processes = s->processes != 0 ? s->processes : 1;

	if (!str_to_int(s->value[option], &n) || n < least || n > 10000)
		return bad(option, e);
	*ret = (size_t)((n + processes - 1) / processes);
	return OK;
}

/* Plain names only: the schema is part of the text of a statement. */
static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_')
			return false;
	}
	return s.len <= 63;
}

static char *
copy(struct str s)
{
	char *p = strndup(s.len != 0 ? s.ptr : "", s.len);

	if (p == NULL)
		abort(); /* as the arena does without memory */
	return p;
}

enum err
options_read(
    const struct plugin_settings *s, struct options *ret, struct error *e)
{
	struct options o = { .max = 0 };

	TRY(read_count(s, OPTION_MAX, 1, &o.max, e));
	TRY(read_count(s, OPTION_MIN, 0, &o.min, e));
	TRY(read_time(s, OPTION_CONNECT, &o.connect_us, e));
	TRY(read_time(s, OPTION_ACQUIRE, &o.acquire_us, e));
	TRY(read_time(s, OPTION_IDLE, &o.idle_us, e));
	TRY(read_time(s, OPTION_LIFETIME, &o.lifetime_us, e));
	if (!is_name(s->value[OPTION_SCHEMA]))
		return bad(OPTION_SCHEMA, e);
	if (o.min > o.max)
		o.min = o.max;
	o.url = copy(s->value[OPTION_URL]);
	o.schema = copy(s->value[OPTION_SCHEMA]);
	*ret = o;
	return OK;
}

void
options_clear(struct options *o)
{
	free((char *)o->url);
	free((char *)o->schema);
	*o = (struct options){ .url = NULL };
}
