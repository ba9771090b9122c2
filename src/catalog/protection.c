#include "catalog/protection.h"

#include "catalog/table_file.h"

#define PROPERTY STR("protected")

static enum err
is_protected(struct call *c, const char *what, struct str name)
{
	return fail(c->error, ERR_CONFLICT,
	    "%s is protected: take its property `protected` away "
	    "first: " STR_FMT,
	    what, STR_ARG(name));
}

enum err
protection_check(
    struct call *c, const char *what, struct str name, struct pairs properties)
{
	if (str_eq_nocase(pairs_find(properties, PROPERTY), STR("true")))
		return is_protected(c, what, name);
	return OK;
}

enum err
protection_check_namespace(
    struct call *c, const struct version *entry, struct str path)
{
	struct pairs properties = { 0 };

	TRY(json_to_pairs(c->arena, entry->body, &properties, c->error));
	return protection_check(
	    c, "Namespace", path_shown(c->arena, path), properties);
}

static bool
says_so(struct call *c, struct str text)
{
	const yyjson_val *properties;
	struct error ignored;
	yyjson_val *json;

	if (json_parse(c->arena, text, &json, &ignored) != OK)
		return false;
	properties = json_member(json, STR("properties"));
	if (properties == NULL)
		return false;

	yyjson_val *value = json_member(properties, PROPERTY);

	return value != NULL && yyjson_is_str(value) &&
	       str_eq_nocase(json_str(value), STR("true"));
}

enum err
protection_check_relation(
    struct call *c, const struct version *entry, struct ident ident)
{
	struct arena *a = c->arena;
	struct error why;
	struct call look = *c;
	struct str text;

	look.error = &why;

	enum err err = table_file_read(&look, entry->location, &text);

	if (err == ERR_NOT_FOUND || err == ERR_VALIDATION ||
	    err == ERR_BAD_REQUEST || err == ERR_INTERNAL)
		return OK;
	if (err != OK) {
		*c->error = why;
		return err;
	}
	if (!says_so(c, text))
		return OK;
	return is_protected(
	    c, kind_title((enum kind)entry->kind), ident_shown(a, ident));
}
