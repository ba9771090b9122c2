#include "client/client_body.h"

#include "base/json.h"
#include "catalog/config_mask.h"
#include "client/secret_input.h"

/* A value that is being written. */
struct member {
	const struct client *client;
	const struct argument *argument;
	struct buf *to;
};

static enum client_exit
refuse(const struct member *m, const char *why)
{
	client_complain(
	    m->client, STR_FMT ": %s", STR_ARG(m->argument->flag), why);
	return CLIENT_BAD_LINE;
}

/* ---- values of one word */

/* "@FILE" is what is in the file. */
static enum client_exit
read_text(const struct member *m, const char *text, struct str *ret)
{
	struct error e = { 0 };

	*ret = str_from(text);
	if (text[0] != '@')
		return CLIENT_DONE;
	if (secret_read_all(
		m->client->arena, text + 1, CLIENT_BODY_MAX, ret, &e) == OK)
		return CLIENT_DONE;
	client_complain(m->client, "%s", e.message);
	return CLIENT_REFUSED;
}

static enum client_exit
add_json(const struct member *m, const char *text)
{
	struct error e = { 0 };
	struct str json;
	yyjson_val *v;
	enum client_exit read = read_text(m, text, &json);

	if (read != CLIENT_DONE)
		return read;
	if (json_parse(m->client->arena, json, &v, &e) != OK)
		return refuse(m, e.message);
	buf_add(m->to, json);
	return CLIENT_DONE;
}

/* `catalog_id` is of /api/v1/catalogs, `role-id` of /api/v1/roles. */
static struct str
list_of(struct arena *a, struct str name)
{
	struct str path;

	if (!str_ends_with(name, STR("_id")) &&
	    !str_ends_with(name, STR("-id")))
		return (struct str){ 0 };
	name.len -= 3;
	path = arena_printf(a, API_ROOT STR_FMT "s", STR_ARG(name));
	return route_command_route(METHOD_GET, path) != NULL
		   ? path
		   : (struct str){ 0 };
}

static enum client_exit
add_id(const struct member *m, const char *text)
{
	struct str id = str_from(text);
	struct str list = list_of(m->client->arena, m->argument->name);

	if (list.ptr != NULL) {
		enum client_exit found =
		    client_find_id(m->client, list, id, &id);

		if (found != CLIENT_DONE)
			return found;
	}
	buf_add_json(m->to, id);
	return CLIENT_DONE;
}

static enum client_exit
add_secret(const struct member *m, const char *file)
{
	struct arena *a = m->client->arena;
	struct error e = { 0 };
	struct str secret;
	enum err err = file != NULL
			   ? secret_read(a, file, &secret, &e)
			   : secret_ask(a, m->argument->name, &secret, &e);

	if (err != OK) {
		client_complain(m->client, "%s", e.message);
		return CLIENT_REFUSED;
	}
	buf_add_json(m->to, secret);
	return CLIENT_DONE;
}

/* ---- values of several words */
static const struct given *
next_given(const struct member *m, const struct given *before)
{
	const struct command_line *line = m->client->line;
	const struct given *g = before != NULL ? before + 1 : line->given;

	while (
	    g < line->given + line->given_count && g->argument != m->argument)
		g++;
	return g < line->given + line->given_count ? g : NULL;
}

/* "a,b", or the flag again and again. */
static void
add_texts(const struct member *m)
{
	const char *between = "";

	buf_add_char(m->to, '[');
	for (const struct given *g = NULL; (g = next_given(m, g)) != NULL;) {
		struct str rest = str_from(g->text);

		while (rest.len != 0) {
			buf_printf(m->to, "%s", between);
			buf_add_json(m->to, str_cut(&rest, ','));
			between = ",";
		}
	}
	buf_add_char(m->to, ']');
}

/* A warehouse's secrets are in files, as passwords are. */
static bool
is_secret(const struct member *m, struct pair pair)
{
	struct pairs one = { &pair, 1 };

	if ((m->client->line->command->route->flags & ROUTE_SECRETS) == 0 ||
	    pair.value.len == 0 || str_eq(pair.value, STR(CONFIG_MASK)))
		return false;
	config_mask(one);
	return str_eq(pair.value, STR(CONFIG_MASK));
}

static enum client_exit
refuse_secret(const struct member *m, struct str name)
{
	client_complain(m->client,
	    STR_FMT ": " STR_FMT " may be a secret, which others could see "
		    "here: " STR_FMT "=@FILE",
	    STR_ARG(m->argument->flag), STR_ARG(name), STR_ARG(name));
	return CLIENT_BAD_LINE;
}

/* "{...}" on the command line. */
static enum client_exit
add_object(const struct member *m, const char *text)
{
	struct error e = { 0 };
	struct pairs pairs;

	if (json_to_pairs(m->client->arena, str_from(text), &pairs, &e) != OK)
		return refuse(m, e.message);
	for (size_t i = 0; i < pairs.count; i++)
		if (is_secret(m, pairs.at[i]))
			return refuse_secret(m, pairs.at[i].name);
	buf_add(m->to, str_from(text));
	return CLIENT_DONE;
}

/* "name=value" or "name=@FILE" */
static enum client_exit
add_pair(const struct member *m, const char *text)
{
	struct str value = str_from(text), name = str_cut(&value, '=');
	bool from_file = str_starts_with(value, STR("@"));

	if (value.ptr == NULL || name.len == 0)
		return refuse(m, "is NAME=VALUE, or an object in JSON");
	if (!from_file && is_secret(m, (struct pair){ name, value }))
		return refuse_secret(m, name);
	if (from_file) {
		enum client_exit read = read_text(m, value.ptr, &value);

		if (read != CLIENT_DONE)
			return read;
		if (str_ends_with(value, STR("\n")))
			value.len--;
	}
	buf_add_json(m->to, name);
	buf_add_char(m->to, ':');
	buf_add_json(m->to, value);
	return CLIENT_DONE;
}

static enum client_exit
add_pairs(const struct member *m, const char *text)
{
	const char *between = "";

	if (text[0] == '{')
		return add_object(m, text);
	if (text[0] == '@')
		return add_json(m, text);
	buf_add_char(m->to, '{');
	for (const struct given *g = NULL; (g = next_given(m, g)) != NULL;) {
		enum client_exit added;

		buf_printf(m->to, "%s", between);
		added = add_pair(m, g->text);
		if (added != CLIENT_DONE)
			return added;
		between = ",";
	}
	buf_add_char(m->to, '}');
	return CLIENT_DONE;
}

/* ---- the body */
static enum client_exit
add_value(const struct member *m, const struct given *first)
{
	const char *text = first != NULL ? first->text : NULL;

	if (m->argument->type == FORM_SECRET)
		return add_secret(m, text);

	const char *last = command_line_value(m->client->line, m->argument);

	switch (m->argument->type) {
	case FORM_INT:
	case FORM_BOOL:
		buf_add(m->to, str_from(last));
		return CLIENT_DONE;
	case FORM_ID:
		return add_id(m, last);
	case FORM_TEXTS:
		if (text[0] == '[' || text[0] == '@')
			return add_json(m, text);
		add_texts(m);
		return CLIENT_DONE;
	case FORM_PAIRS:
		return add_pairs(m, text);
	case FORM_TEXT:
	case FORM_TIME:
	case FORM_CHOICE:
		buf_add_json(m->to, str_from(last));
		return CLIENT_DONE;
	case FORM_SECRET:
	case FORM_PATHS:
	case FORM_JSON:
	case FORM_RAW:
	case FORM_OBJECT:
	case FORM_LIST:
		break;
	}
	return add_json(m, last);
}

/* Members of one object inside follow one another. */
static void
open_object(struct buf *b, const struct form_field **io,
    const struct form_field *inside)
{
	if (*io != inside && *io != NULL)
		buf_add_char(b, '}');
	if (b->data[b->len - 1] != '{')
		buf_add_char(b, ',');
	if (*io != inside && inside != NULL) {
		buf_add_json(b, str_from(inside->name));
		buf_add(b, STR(":{"));
	}
	*io = inside;
}

static enum client_exit
add_members(const struct client *c, struct buf *b)
{
	const struct form_field *inside = NULL;

	buf_add_char(b, '{');
	for (size_t i = 0; i < c->line->arguments.count; i++) {
		struct member m = { c, &c->line->arguments.at[i], b };
		const struct given *first = next_given(&m, NULL);
		enum client_exit added;

		if (m.argument->place != ARGUMENT_BODY ||
		    (first == NULL && !(m.argument->required &&
					  m.argument->type == FORM_SECRET)))
			continue;
		open_object(b, &inside, m.argument->inside);
		buf_add_json(b, m.argument->name);
		buf_add_char(b, ':');
		added = add_value(&m, first);
		if (added != CLIENT_DONE)
			return added;
	}
	buf_add(b, inside != NULL ? STR("}}") : STR("}"));
	return CLIENT_DONE;
}

enum client_exit
client_body(const struct client *c, struct str *ret)
{
	const char *file = c->line->option[OPTION_BODY];
	struct buf b = buf_in(c->arena);
	struct error e = { 0 };
	enum client_exit added = CLIENT_DONE;

	*ret = (struct str){ 0 };
	if (c->line->command->route->body == NULL)
		return CLIENT_DONE;
	if (file == NULL) {
		added = add_members(c, &b);
		*ret = buf_str(&b);
	} else if (secret_read_all(c->arena, file, CLIENT_BODY_MAX, ret, &e) !=
		   OK) {
		client_complain(c, "%s", e.message);
		added = CLIENT_REFUSED;
	}
	return added;
}
