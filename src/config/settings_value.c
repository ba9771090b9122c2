/*
 * settings_value.c - one value of one setting, from TOML or text to its field
 * and back.
 *
 * Text is first made the TOML node that it stands for, so that every source
 * passes the same checks.
 */
#include "config/settings_value.h"

#include <unistd.h>

#include "base/clock.h"
#include "config/public_url.h"

/* A value is shown in messages up to this length. */
#define SHOWN_MAX 64

/* ---- text to node */

static struct toml_node *
string_node(struct arena *a, struct str text)
{
	struct toml_node *n = ARENA_NEW(a, struct toml_node, 1);

	n->kind = TOML_STRING;
	n->text = arena_copy(a, text);
	return n;
}

/* A text that is no integer stays a string, and is refused or is an amount. */
static void
make_integer(struct toml_node *n)
{
	int64_t integer;

	if (!str_to_int(n->text, &integer))
		return;
	n->kind = TOML_INTEGER;
	n->integer = integer;
}

static void
make_bool(struct toml_node *n)
{
	static const char *const words[] = { "false", "true", "no", "yes",
		"off", "on", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq_nocase(n->text, str_from(words[i]))) {
			n->kind = TOML_BOOL;
			n->boolean = i % 2 == 1;
			return;
		}
}

static void
make_array(struct arena *a, struct toml_node *n)
{
	struct str rest = n->text;
	struct toml_node **end = &n->first;

	n->kind = TOML_ARRAY;
	n->first = n->last = NULL;
	n->count = 0;
	while (rest.len != 0) {
		struct str part = str_trim(str_cut(&rest, ','));

		*end = n->last = string_node(a, part);
		end = &n->last->next;
		n->count++;
	}
}

const struct toml_node *
setting_node(struct arena *a, const struct setting *row, struct str text)
{
	struct toml_node *n = string_node(a, text);

	switch (row->type) {
	case SETTING_INT:
	case SETTING_DURATION:
	case SETTING_SIZE:
		make_integer(n);
		break;
	case SETTING_BOOL:
		make_bool(n);
		break;
	case SETTING_LIST:
	case SETTING_NETWORKS:
		make_array(a, n);
		break;
	case SETTING_STRING:
	case SETTING_PATH:
	case SETTING_ADDRESS:
	case SETTING_URL:
	case SETTING_ENUM:
		break;
	}
	return n;
}

/* ---- messages */

/* The kind of value that a setting wants. */
static struct str
wanted(struct arena *a, const struct setting *row)
{
	static const char *const forms[] = {
		[SETTING_STRING] = "a string",
		[SETTING_PATH] = "a string, the path of a file or folder",
		[SETTING_ADDRESS] =
		    "ADDRESS:PORT with a numeric address or localhost",
		[SETTING_INT] = "an integer",
		[SETTING_DURATION] =
		    "a number of seconds, or a string such as \"250ms\", "
		    "\"10s\", \"5m\", \"1h\" or \"2d\"",
		[SETTING_SIZE] = "a number of bytes, or a string such as "
				 "\"16KiB\", \"64MiB\" or \"1GiB\"",
		[SETTING_BOOL] = "true or false",
		[SETTING_LIST] = "an array of strings",
		[SETTING_URL] = "an http or https URL without a query, such as "
				"\"https://example.com/catalog\"",
		[SETTING_NETWORKS] = "an array of addresses and networks, such "
				     "as [\"10.0.0.7\", \"fd00::/8\"]",
	};
	struct buf b = buf_in(a);

	if (row->type != SETTING_ENUM)
		return str_from(forms[row->type]);
	buf_add(&b, STR("one of"));
	for (size_t i = 0; row->choices[i] != NULL; i++)
		buf_printf(&b, "%s \"%s\"", i != 0 ? "," : "", row->choices[i]);
	return buf_str(&b);
}

/* The value, for a message; a secret only by its kind. */
static struct str
shown(struct arena *a, const struct setting *row, const struct toml_node *n)
{
	struct buf b = buf_in(a);
	struct str text = n->text;

	if ((row->flags & SETTING_SECRET) != 0)
		return str_from(toml_kind_name(n->kind));
	if (n->kind == TOML_INTEGER)
		return arena_printf(a, "%lld", (long long)n->integer);
	if (n->kind != TOML_STRING)
		return str_from(toml_kind_name(n->kind));
	if (text.len > SHOWN_MAX)
		return STR("that long a string");
	buf_add_json(&b, text);
	return buf_str(&b);
}

static enum err
refuse(struct arena *a, const struct setting *row, struct given g,
    struct str must_be, struct error *e)
{
	struct str not = shown(a, row, g.node);

	return fail(e, ERR_VALIDATION,
	    STR_FMT ": %s must be " STR_FMT ", not " STR_FMT, STR_ARG(g.where),
	    row->key, STR_ARG(must_be), STR_ARG(not ));
}

/* ---- amounts */

const struct amount_unit *
setting_units(const struct setting *row)
{
	return row->type == SETTING_DURATION ? amount_times
	       : row->type == SETTING_SIZE   ? amount_sizes
					     : amount_plain;
}

/* A bare number: of seconds, or of bytes. */
static bool
scale(const struct setting *row, int64_t n, int64_t *ret)
{
	int64_t factor = row->type == SETTING_DURATION ? CLOCK_SECOND : 1;

	return !__builtin_mul_overflow(n, factor, ret);
}

static bool
get_amount(const struct setting *row, const struct toml_node *n, int64_t *ret)
{
	if (n->kind == TOML_INTEGER)
		return scale(row, n->integer, ret);
	return n->kind == TOML_STRING && row->type != SETTING_INT &&
	       amount_parse(n->text, setting_units(row), ret);
}

static enum err
assign_amount(struct arena *a, const struct setting *row, struct given g,
    void *field, struct error *e)
{
	struct buf b = buf_in(a);
	int64_t n;

	if (!get_amount(row, g.node, &n))
		return refuse(a, row, g, wanted(a, row), e);
	if (n < row->min || n > row->max) {
		buf_add(&b, STR("from "));
		amount_add(&b, setting_units(row), row->min);
		buf_add(&b, STR(" to "));
		amount_add(&b, setting_units(row), row->max);
		return refuse(a, row, g, buf_str(&b), e);
	}
	memcpy(field, &n, sizeof(n));
	return OK;
}

/* ---- strings */

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7F)
			return true;
	return false;
}

/* Checks the rules of every string, whatever it means. */
static enum err
check_string(
    struct arena *a, const struct setting *row, struct given g, struct error *e)
{
	if (g.node->kind != TOML_STRING)
		return refuse(a, row, g, wanted(a, row), e);
	if (has_control(g.node->text))
		return fail(e, ERR_VALIDATION,
		    STR_FMT ": %s must not contain control characters",
		    STR_ARG(g.where), row->key);
	return OK;
}

/* A length outside the range is an error, but for "" where that is the
 * default: it then means that nothing was given. */
static enum err
assign_string(struct arena *a, const struct setting *row, struct given g,
    void *field, struct error *e)
{
	TRY(check_string(a, row, g, e));

	struct str s = g.node->text;
	bool absent = s.len == 0 && row->fallback[0] == '\0';

	if (!absent && ((int64_t)s.len < row->min || (int64_t)s.len > row->max))
		return fail(e, ERR_VALIDATION,
		    STR_FMT ": %s must have %lld to %lld bytes, not %zu",
		    STR_ARG(g.where), row->key, (long long)row->min,
		    (long long)row->max, s.len);
	if (row->type == SETTING_PATH && s.len != 0 && s.ptr[0] != '/') {
		char cwd[4096];

		if (getcwd(cwd, sizeof(cwd)) == NULL)
			return refuse(a, row, g, STR("an absolute path"), e);
		s = arena_printf(a, "%s/" STR_FMT, cwd, STR_ARG(s));
	}
	memcpy(field, &s, sizeof(s));
	return OK;
}

static enum err
assign_choice(struct arena *a, const struct setting *row, struct given g,
    void *field, struct error *e)
{
	TRY(check_string(a, row, g, e));
	for (int i = 0; row->choices[i] != NULL; i++)
		if (str_eq(g.node->text, str_from(row->choices[i]))) {
			memcpy(field, &i, sizeof(i));
			return OK;
		}
	return refuse(a, row, g, wanted(a, row), e);
}

static enum err
assign_list(struct arena *a, const struct setting *row, struct given g,
    void *field, struct error *e)
{
	struct str_list list = { 0 };

	if (g.node->kind != TOML_ARRAY)
		return refuse(a, row, g, wanted(a, row), e);
	if ((int64_t)g.node->count > row->max)
		return fail(e, ERR_VALIDATION,
		    STR_FMT ": %s must have at most %lld elements, not %zu",
		    STR_ARG(g.where), row->key, (long long)row->max,
		    g.node->count);
	list.at = ARENA_NEW(a, struct str, g.node->count);
	for (const struct toml_node *n = g.node->first; n; n = n->next) {
		struct given item = { n, g.where };

		TRY(check_string(a, row, item, e));
		if (n->text.len == 0)
			return refuse(
			    a, row, item, STR("an array of names"), e);
		list.at[list.count++] = n->text;
	}
	memcpy(field, &list, sizeof(list));
	return OK;
}

static enum err
assign_networks(struct arena *a, const struct setting *row, struct given g,
    void *field, struct error *e)
{
	struct networks networks = { 0 };
	struct str_list list = { 0 };

	TRY(assign_list(a, row, g, &list, e));
	networks.at = ARENA_NEW(a, struct network, list.count);
	for (const struct toml_node *n = g.node->first; n; n = n->next) {
		struct given item = { n, g.where };

		if (!network_parse(n->text, &networks.at[networks.count++]))
			return refuse(a, row, item, wanted(a, row), e);
	}
	memcpy(field, &networks, sizeof(networks));
	return OK;
}

/* A slash at its end is the same URL to people. */
static enum err
assign_url(struct arena *a, const struct setting *row, struct given g,
    void *field, struct error *e)
{
	struct str url;

	TRY(assign_string(a, row, g, &url, e));
	while (str_ends_with(url, STR("/")))
		url.len--;
	if (g.node->text.len != 0 && !public_url_is_valid(url))
		return refuse(a, row, g, wanted(a, row), e);
	memcpy(field, &url, sizeof(url));
	return OK;
}

static enum err
assign_bool(struct arena *a, const struct setting *row, struct given g,
    void *field, struct error *e)
{
	if (g.node->kind != TOML_BOOL)
		return refuse(a, row, g, wanted(a, row), e);
	memcpy(field, &g.node->boolean, sizeof(bool));
	return OK;
}

static enum err
assign_address(struct arena *a, const struct setting *row, struct given g,
    void *field, struct error *e)
{
	struct address address;

	TRY(check_string(a, row, g, e));
	if (!address_parse(a, g.node->text, &address))
		return refuse(a, row, g, wanted(a, row), e);
	memcpy(field, &address, sizeof(address));
	return OK;
}

/* ---- all types */

enum err
setting_assign(struct arena *a, const struct setting *row, struct given g,
    void *ret, struct error *e)
{
	void *field = (char *)ret + row->offset;

	switch (row->type) {
	case SETTING_STRING:
	case SETTING_PATH:
		return assign_string(a, row, g, field, e);
	case SETTING_ADDRESS:
		return assign_address(a, row, g, field, e);
	case SETTING_INT:
	case SETTING_DURATION:
	case SETTING_SIZE:
		return assign_amount(a, row, g, field, e);
	case SETTING_BOOL:
		return assign_bool(a, row, g, field, e);
	case SETTING_ENUM:
		return assign_choice(a, row, g, field, e);
	case SETTING_LIST:
		return assign_list(a, row, g, field, e);
	case SETTING_URL:
		return assign_url(a, row, g, field, e);
	case SETTING_NETWORKS:
		return assign_networks(a, row, g, field, e);
	}
	return fail(e, ERR_INTERNAL, "%s has no type", row->key);
}
