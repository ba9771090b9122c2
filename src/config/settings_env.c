/*
 * settings_env.c - reads settings from the environment.
 *
 * Each setting has its own variable and perhaps an alias; its own wins.
 * Variables of other programs that combine settings are taken apart here.
 */
#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/oidc_settings.h"
#include "config/oidc_variables.h"

#include "base/did_you_mean.h"
#include "base/list.h"

/* The value of a variable; absent when it is not set, or empty. */
static struct str
env(const char *name)
{
	struct str value = str_from(getenv(name));

	return value.len != 0 ? value : (struct str){ 0 };
}

/* ---- names that earlier deployments use */

/* DATABASE_URL: the scheme chooses the plugin; the URL is one option. */
static const struct scheme {
	const char *name, *plugin, *option;
} schemes[] = {
	{ "sqlite:", "sqlite", "path" },
	{ "postgres:", "postgres", "url" },
	{ "postgresql:", "postgres", "url" },
	{ "mongodb:", "mongo", "url" },
	{ "mongodb+srv:", "mongo", "url" },
};

/* sqlite:FILE, sqlite://FILE and sqlite:///FILE, without parameters. */
static struct str
sqlite_path(struct str url)
{
	struct str rest = str_skip(url, STR("sqlite:").len);

	if (str_starts_with(rest, STR("//")))
		rest = str_skip(rest, 2);
	return str_cut(&rest, '?');
}

/* Variables that say more about the database of DATABASE_URL; a number of
 * seconds may stand without its unit. */
static void
read_database_options(struct load *l, const char *plugin)
{
	/* clang-format off */
	static const struct {
		const char *plugin, *variable, *option, *unit;
	} rows[] = {
		{ "postgres", "DATABASE_MAX_CONNECTIONS", "max_connections", "" },
		{ "postgres", "DATABASE_MIN_CONNECTIONS", "min_connections", "" },
		{ "postgres", "DATABASE_CONNECT_TIMEOUT", "connect_timeout", "s" },
		{ "mongo", "MONGO_DB_NAME", "database", "" },
		{ "mongo", "MONGO_MAX_POOL_SIZE", "max_connections", "" },
		{ "mongo", "MONGO_MIN_POOL_SIZE", "min_connections", "" },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str value = env(rows[i].variable);
		int64_t number;

		if (value.ptr == NULL || strcmp(rows[i].plugin, plugin) != 0)
			continue;
		if (str_to_int(value, &number))
			value = arena_printf(l->arena, STR_FMT "%s",
			    STR_ARG(value), rows[i].unit);
		settings_give_option(
		    l, &(struct option){ .name = str_from(rows[i].option),
			   .value = value,
			   .where = str_from(rows[i].variable) });
	}
}

static enum err
read_database_url(struct load *l)
{
	struct str url = env("DATABASE_URL");
	struct str where = STR("DATABASE_URL");

	if (url.ptr == NULL)
		return OK;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		const struct scheme *s = &schemes[i];

		if (!str_starts_with(url, str_from(s->name)))
			continue;
		settings_give_option(
		    l, &(struct option){ .name = str_from(s->option),
			   .value = i == 0 ? sqlite_path(url) : url,
			   .where = where });
		read_database_options(l, s->plugin);
		return settings_give(
		    l, STR("store.plugin"), str_from(s->plugin), where);
	}
	return fail(l->error, ERR_VALIDATION,
	    "DATABASE_URL: the URL must begin with sqlite:, postgres:, "
	    "postgresql:, mongodb: or mongodb+srv:");
}

static enum err
read_storage_type(struct load *l)
{
	struct str type = env("PANGOLIN_STORAGE_TYPE");

	if (type.ptr == NULL)
		return OK;
	if (str_eq(type, STR("postgresql")))
		type = STR("postgres");
	if (str_eq(type, STR("mongodb")))
		type = STR("mongo");
	return settings_give(
	    l, STR("store.plugin"), type, STR("PANGOLIN_STORAGE_TYPE"));
}

/* One half each of server.listen. */
static enum err
read_bind_address(struct load *l)
{
	const struct address *now = &l->settings->listen;
	struct str host = env("PANGOLIN_BIND_ADDRESS"), port = env("PORT");
	struct str where =
	    host.ptr != NULL ? STR("PANGOLIN_BIND_ADDRESS") : STR("PORT");

	if (host.ptr == NULL && port.ptr == NULL)
		return OK;
	if (host.ptr == NULL)
		host = now->host;
	if (port.ptr == NULL)
		port = arena_printf(l->arena, "%u", (unsigned)now->port);

	bool bare6 = host.ptr[0] != '[' && memchr(host.ptr, ':', host.len);

	return settings_give(l, STR("server.listen"),
	    arena_printf(l->arena,
		bare6 ? "[" STR_FMT "]:" STR_FMT : STR_FMT ":" STR_FMT,
		STR_ARG(host), STR_ARG(port)),
	    where);
}

/* ---- the settings' own variables */

static enum err
read_alias(struct load *l, const struct setting *row)
{
	struct str text = row->alias ? env(row->alias) : (struct str){ 0 };
	struct toml_node node;

	if (text.ptr == NULL)
		return OK;
	node = *setting_node(l->arena, row, text);
	if ((row->flags & SETTING_NEGATED) != 0 && node.kind == TOML_BOOL)
		node.boolean = !node.boolean;
	return setting_assign(l->arena, row,
	    (struct given){ &node, str_from(row->alias) }, l->settings,
	    l->error);
}

static enum err
read_secret_file(struct load *l, const struct setting *row, const char *name)
{
	struct str where = arena_printf(l->arena, "%s_FILE", name);
	struct str path = env(where.ptr);

	if (path.ptr == NULL || (row->flags & SETTING_SECRET) == 0)
		return OK;
	if (env(name).ptr != NULL)
		return fail(l->error, ERR_VALIDATION,
		    STR_FMT ": give %s or " STR_FMT ", not both",
		    STR_ARG(where), name, STR_ARG(where));
	return settings_give(
	    l, arena_printf(l->arena, "%s_file", row->key), path, where);
}

static enum err
read_variable(struct load *l, const struct setting *row)
{
	char name[SETTING_ENV];

	setting_env(row, name);
	TRY(read_alias(l, row));
	TRY(read_secret_file(l, row, name));
	if (env(name).ptr == NULL)
		return OK;
	return settings_give(l, str_from(row->key), env(name),
	    arena_copy(l->arena, str_from(name)));
}

/* ---- options of plugins, and what nobody knows */

/* NAME in lower case. */
static struct str
lowered(struct load *l, struct str name)
{
	struct buf b = buf_in(l->arena);

	for (size_t i = 0; i < name.len; i++)
		buf_add_char(&b, (char)tolower((unsigned char)name.ptr[i]));
	return buf_str(&b);
}

/* PANGOLIN_STORE_OPTIONS_PATH, PANGOLIN_CACHE_OPTIONS_REDIS_URL */
static bool
read_option(struct load *l, struct str name, struct str value)
{
	struct str store = STR("PANGOLIN_STORE_OPTIONS_");
	struct str cache = STR("PANGOLIN_CACHE_OPTIONS_");
	struct option o = { .value = value, .where = name };

	if (str_starts_with(name, store)) {
		o.name = lowered(l, str_skip(name, store.len));
	} else if (str_starts_with(name, cache)) {
		o.name = lowered(l, str_skip(name, cache.len));
		o.plugin = str_cut(&o.name, '_');
	} else {
		return false;
	}
	if (o.name.len == 0)
		return false;
	if (value.len != 0)
		settings_give_option(l, &o);
	return true;
}

/* Variables of other catalogs above, of other programs of ours, and of tests.
 */
static const char *const foreign[] = { "PANGOLIN_BIND_ADDRESS",
	"PANGOLIN_STORAGE_TYPE", "PANGOLIN_CONFIG", "PANGOLIN_URL",
	"PANGOLIN_TENANT",
	"PANGOLIN_SEED_ADMIN" /* the first start does, `bootstrap` */ };

static bool
is_foreign(struct str name)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (str_eq(name, str_from(foreign[i])))
			return true;
	return str_starts_with(name, STR("PANGOLIN_TEST_"));
}

static bool
is_of_setting(const struct setting *row, struct str name)
{
	char own[SETTING_ENV];

	setting_env(row, own);
	if ((row->flags & SETTING_SECRET) != 0 &&
	    str_ends_with(name, STR("_FILE")) &&
	    str_eq(str_from(own), (struct str){ name.ptr, name.len - 5 }))
		return true;
	return str_eq(name, str_from(own)) ||
	       (row->alias != NULL && str_eq(name, str_from(row->alias)));
}

static bool
is_known(struct str name)
{
	for (const struct setting *row = settings_table; row->key; row++)
		if (is_of_setting(row, name))
			return true;
	return is_foreign(name) || oidc_variable_is_known(name);
}

static void
note_unknown(struct load *l, struct str name)
{
	struct str_list *list = &l->settings->unknown_env;

	LIST_RESERVE(l->arena, list->at, list->count, list->room, 1);
	list->at[list->count++] = name;
}

static enum err
read_others(struct load *l)
{
	bool known;

	for (char **p = environ; p != NULL && *p != NULL; p++) {
		struct str value = arena_copy(l->arena, str_from(*p));
		struct str name = str_cut(&value, '=');

		TRY(oidc_give_variable(l, name, value, &known));
		if (!known && str_starts_with(name, STR("PANGOLIN_")) &&
		    !read_option(l, name, value) && !is_known(name))
			note_unknown(l, name);
	}
	return OK;
}

enum err
settings_read_env(struct load *l)
{
	TRY(read_database_url(l));
	TRY(read_storage_type(l));
	TRY(read_bind_address(l));
	for (const struct setting *row = settings_table; row->key; row++)
		TRY(read_variable(l, row));
	TRY(oidc_variables_read(l));
	TRY(read_others(l));
	return oidc_variables_complete(l);
}

/* ---- what was meant by a variable that nobody knows */

#define PREFIX "PANGOLIN_" /* which all of them share */

static const char *
own_variable(struct arena *a, const struct setting *row)
{
	char name[SETTING_ENV];

	setting_env(row, name);
	return arena_cstr(a, str_from(name));
}

static void
offer(struct did_you_mean *n, const char *variable)
{
	if (variable != NULL &&
	    str_starts_with(str_from(variable), STR(PREFIX)))
		did_you_mean_offer(n, variable + STR(PREFIX).len);
}

/* PANGOLIN_LISTEN for PANGOLIN_SERVER_LISTEN */
static const char *
with_a_section(struct arena *a, struct str bare)
{
	for (const struct setting *row = settings_table; row->key; row++) {
		const char *own = own_variable(a, row);
		struct str tail = arena_printf(a, "_" STR_FMT, STR_ARG(bare));

		if (str_ends_with(str_from(own), tail))
			return own + STR(PREFIX).len;
	}
	return NULL;
}

struct str
settings_unknown_variable(struct arena *a, struct str name)
{
	struct str bare = str_skip(name, STR(PREFIX).len);
	struct did_you_mean n = did_you_mean(bare);
	const char *best = bare.len != 0 ? with_a_section(a, bare) : NULL;

	for (const struct setting *row = settings_table; row->key; row++) {
		offer(&n, own_variable(a, row));
		offer(&n, row->alias);
	}
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		offer(&n, foreign[i]);
	if (best == NULL)
		best = n.best;
	return arena_printf(a,
	    "no setting is named by the variable " STR_FMT "%s%s%s",
	    STR_ARG(name), best != NULL ? "; did you mean " PREFIX : "",
	    best != NULL ? best : "", best != NULL ? "?" : "");
}
