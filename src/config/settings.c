/*
 * settings.c - loads defaults, file, environment and command line into struct
 * settings, in this order: each overwrites the earlier ones.
 */
#include "config/settings.h"

#include <errno.h>
#include <stdio.h>

#include "base/list.h"
#include "config/oidc_settings.h"

#define FILE_MAX ((size_t)1024 * 1024)
#define SECRET_MAX ((size_t)64 * 1024)

/* ---- what the sources have in common */

enum err
settings_read_file(struct load *l, struct str where, const char *path,
    size_t max, struct str *ret)
{
	struct buf b = buf_in(l->arena);
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return fail(l->error, ERR_VALIDATION,
		    STR_FMT ": cannot read %s: %s", STR_ARG(where), path,
		    strerror(errno));
	(void)setvbuf(f, NULL, _IONBF, 0); /* a buffer would keep secrets */
	b.len = fread(buf_reserve(&b, max + 1), 1, max + 1, f);

	int failed = ferror(f) != 0 ? errno : 0;

	(void)fclose(f);
	if (failed != 0)
		return fail(l->error, ERR_VALIDATION,
		    STR_FMT ": cannot read %s: %s", STR_ARG(where), path,
		    strerror(failed));
	if (b.len > max)
		return fail(l->error, ERR_VALIDATION,
		    STR_FMT ": %s is larger than %zu bytes", STR_ARG(where),
		    path, max);
	*ret = buf_str(&b);
	return OK;
}

/* Defaults, variables and flags are text; the file has nodes of its own. */
enum err
settings_give_text(struct load *l, const struct setting *row, struct str text,
    struct str where)
{
	struct given g = { setting_node(l->arena, row, text), where };

	return setting_assign(l->arena, row, g, l->into, l->error);
}

void
settings_note_secret_file(struct load *l, struct str path)
{
	struct str_list *list = &l->settings->secret_files;

	LIST_RESERVE(l->arena, list->at, list->count, list->room, 1);
	list->at[list->count++] = arena_copy(l->arena, path);
}

enum err
settings_give_secret(
    struct load *l, const struct setting *row, struct given path)
{
	struct str text = { 0 };

	if (path.node->kind != TOML_STRING)
		return fail(l->error, ERR_VALIDATION,
		    STR_FMT ": %s_file must be a string, not %s",
		    STR_ARG(path.where), row->key,
		    toml_kind_name(path.node->kind));
	TRY(settings_read_file(l, path.where,
	    arena_cstr(l->arena, path.node->text), SECRET_MAX, &text));
	/* the end of the line that an editor leaves is not part of it */
	if (str_ends_with(text, STR("\n")))
		text.len--;
	if (str_ends_with(text, STR("\r")))
		text.len--;
	if (text.len == 0)
		return fail(l->error, ERR_VALIDATION,
		    STR_FMT ": the file that %s_file names is empty",
		    STR_ARG(path.where), row->key);
	settings_note_secret_file(l, path.node->text);
	return settings_give_text(l, row, text, path.where);
}

enum err
settings_refuse_unknown(struct load *l, struct str key, struct str where)
{
	const char *near = setting_nearest(key);

	return fail(l->error, ERR_VALIDATION,
	    STR_FMT ": unknown key \"" STR_FMT "\"%s%s%s", STR_ARG(where),
	    STR_ARG(key), near != NULL ? "; did you mean " : "",
	    near != NULL ? near : "", near != NULL ? "?" : "");
}

/* A store's option has no plugin; "" is a cache of that name. */
static bool
same_plugin(struct str a, struct str b)
{
	return (a.ptr == NULL) == (b.ptr == NULL) && str_eq(a, b);
}

void
settings_give_option(struct load *l, const struct option *given)
{
	struct options *list = given->plugin.ptr == NULL
				   ? &l->settings->store_options
				   : &l->settings->cache_options;
	struct option o = {
		.plugin = arena_copy(l->arena, given->plugin),
		.name = arena_copy(l->arena, given->name),
		.value = arena_copy(l->arena, given->value),
		.where = arena_copy(l->arena, given->where),
	};

	for (size_t i = 0; i < list->count; i++) {
		if (same_plugin(list->at[i].plugin, o.plugin) &&
		    str_eq(list->at[i].name, o.name)) {
			list->at[i] = o;
			return;
		}
	}
	LIST_RESERVE(l->arena, list->at, list->count, list->room, 1);
	list->at[list->count++] = o;
}

/* "store.options.NAME" or "cache.options.PLUGIN.NAME". */
static bool
split_option(struct str key, struct option *ret)
{
	if (str_starts_with(key, STR("store.options."))) {
		ret->plugin = (struct str){ 0 };
		ret->name = str_skip(key, STR("store.options.").len);
		return ret->name.len != 0;
	}
	if (!str_starts_with(key, STR("cache.options.")))
		return false;
	ret->name = str_skip(key, STR("cache.options.").len);
	ret->plugin = str_cut(&ret->name, '.');
	return ret->plugin.len != 0 && ret->name.len != 0;
}

enum err
settings_give(struct load *l, struct str key, struct str text, struct str where)
{
	const struct setting *row = setting_find(key);
	const struct setting *secret = setting_find_secret_file(key);
	struct option o = { .value = text, .where = where };

	if (row != NULL)
		return settings_give_text(l, row, text, where);
	if (secret != NULL)
		return settings_give_secret(l, secret,
		    (struct given){
			setting_node(l->arena, secret, text), where });
	if (str_starts_with(key, STR("oidc.")))
		return oidc_give_text(
		    l, str_skip(key, STR("oidc.").len), text, where);
	if (!split_option(key, &o))
		return settings_refuse_unknown(l, key, where);
	settings_give_option(l, &o);
	return OK;
}

/* ---- the file */

/* Passed by value: the loader, and the name of the file for messages. */
struct document {
	struct load *load;
	struct str name;
};

static enum err apply_table(
    struct document, const struct toml_node *table, struct str prefix);

/* How messages about the file begin. */
static struct str
place_text(struct document d, struct toml_place place)
{
	return arena_printf(d.load->arena, STR_FMT ":%u:%u", STR_ARG(d.name),
	    place.line, place.column);
}

static struct str
join(struct document d, struct str prefix, struct str key)
{
	if (prefix.len == 0)
		return key;
	return arena_printf(
	    d.load->arena, STR_FMT "." STR_FMT, STR_ARG(prefix), STR_ARG(key));
}

static enum err
must_be_table(struct document d, const struct toml_node *n, struct str path)
{
	struct str where = place_text(d, n->at);

	if (n->kind == TOML_TABLE)
		return OK;
	return fail(d.load->error, ERR_VALIDATION,
	    STR_FMT ": " STR_FMT " must be a table, not %s", STR_ARG(where),
	    STR_ARG(path), toml_kind_name(n->kind));
}

/* Options are text for the plugin; what it can only misread is refused. */
static enum err
apply_option(struct document d, const struct toml_node *n, struct str plugin,
    struct str path)
{
	struct option o = { plugin, n->key, n->text, place_text(d, n->at) };

	if (n->kind == TOML_INTEGER)
		o.value =
		    arena_printf(d.load->arena, "%lld", (long long)n->integer);
	else if (n->kind == TOML_BOOL)
		o.value = n->boolean ? STR("true") : STR("false");
	else if (n->kind != TOML_STRING)
		return fail(d.load->error, ERR_VALIDATION,
		    STR_FMT ": " STR_FMT
			    " must be a string, an integer or a boolean, "
			    "not %s",
		    STR_ARG(o.where), STR_ARG(path), toml_kind_name(n->kind));
	settings_give_option(d.load, &o);
	return OK;
}

static enum err
apply_options(struct document d, const struct toml_node *table,
    struct str plugin, struct str path)
{
	TRY(must_be_table(d, table, path));
	for (const struct toml_node *n = table->first; n; n = n->next)
		TRY(apply_option(d, n, plugin, join(d, path, n->key)));
	return OK;
}

static enum err
apply_cache_options(
    struct document d, const struct toml_node *table, struct str path)
{
	TRY(must_be_table(d, table, path));
	for (const struct toml_node *n = table->first; n; n = n->next)
		TRY(apply_options(d, n, n->key, join(d, path, n->key)));
	return OK;
}

static enum err
apply_oidc(struct document d, const struct toml_node *table, struct str path)
{
	TRY(must_be_table(d, table, path));
	return oidc_give_table(d.load, table, d.name);
}

/* KEY_file.  Within one source it and KEY exclude each other; between
 * sources the later one wins as always. */
static enum err
apply_secret_file(struct document d, const struct toml_node *table,
    const struct toml_node *n, const struct setting *row)
{
	struct given path = { n, place_text(d, n->at) };

	if (toml_find(table, str_from(setting_name(row))) != NULL)
		return fail(d.load->error, ERR_VALIDATION,
		    STR_FMT ": give %s or %s_file, not both",
		    STR_ARG(path.where), row->key, row->key);
	return settings_give_secret(d.load, row, path);
}

/* Unknown, or a table in which the first unknown key is named. */
static enum err
apply_unknown(struct document d, const struct toml_node *n, struct str path)
{
	if (n->kind == TOML_TABLE && n->first != NULL)
		return apply_table(d, n, path);
	return settings_refuse_unknown(d.load, path, place_text(d, n->key_at));
}

static enum err
apply_member(struct document d, const struct toml_node *table,
    const struct toml_node *n, struct str path)
{
	struct load *l = d.load;
	const struct setting *row = setting_find(path);
	const struct setting *secret = setting_find_secret_file(path);

	/* the quoted key "a.b" is not b of table a */
	if (memchr(n->key.ptr, '.', n->key.len) != NULL)
		return settings_refuse_unknown(
		    l, path, place_text(d, n->key_at));
	if (row != NULL && (row->flags & SETTING_SECRET) != 0)
		settings_note_secret_file(l, d.name);
	if (row != NULL)
		return setting_assign(l->arena, row,
		    (struct given){ n, place_text(d, n->at) }, l->settings,
		    l->error);
	if (secret != NULL)
		return apply_secret_file(d, table, n, secret);
	if (str_eq(path, STR("store.options")))
		return apply_options(d, n, (struct str){ 0 }, path);
	if (str_eq(path, STR("cache.options")))
		return apply_cache_options(d, n, path);
	if (str_eq(path, STR("oidc")))
		return apply_oidc(d, n, path);
	if (!setting_is_section(path))
		return apply_unknown(d, n, path);
	TRY(must_be_table(d, n, path));
	return apply_table(d, n, path);
}

static enum err
apply_table(struct document d, const struct toml_node *table, struct str prefix)
{
	for (const struct toml_node *n = table->first; n; n = n->next)
		TRY(apply_member(d, table, n, join(d, prefix, n->key)));
	return OK;
}

static enum err
read_document(struct load *l, const char *file)
{
	struct document d = { l, str_from(file) };
	struct toml_node *root = NULL;
	struct str text = { 0 };

	TRY(settings_read_file(l, STR("configuration"), file, FILE_MAX, &text));
	TRY(toml_parse(l->arena, d.name, text, &root, l->error));
	l->settings->file = arena_copy(l->arena, d.name);
	return apply_table(d, root, STR(""));
}

/* ---- all sources */

static enum err
read_defaults(struct load *l)
{
	for (const struct setting *row = settings_table; row->key; row++)
		TRY(settings_give_text(
		    l, row, str_from(row->fallback), STR("default")));
	return OK;
}

enum err
settings_load(struct arena *a, const char *file,
    const struct override *overrides, size_t count, struct settings *ret,
    struct error *e)
{
	/* `ret` stays as it was when anything is refused: a reload may
	 * pass the settings in force */
	struct settings s = { 0 };
	struct load l = { a, &s, e, &s };

	TRY(read_defaults(&l));
	if (file != NULL)
		TRY(read_document(&l, file));
	TRY(settings_read_env(&l));
	for (size_t i = 0; i < count; i++)
		TRY(settings_give(&l, overrides[i].key, overrides[i].value,
		    STR("command line")));
	TRY(settings_derive(&l));
	TRY(settings_check(&s, e));
	*ret = s;
	return OK;
}
