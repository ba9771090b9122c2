#include "catalog/vending_strategy.h"

#define WHAT "vending_strategy"

static const struct kind {
	const char *name;
	enum vending how;
	const char *needed[2]; /* members; NULL: no more */
	const char *optional;
} kinds[] = {
	{ "AwsStatic", VENDING_STATIC, { "access_key_id", "secret_access_key" },
	    NULL },
	{ "AwsSts", VENDING_STS, { "role_arn", NULL }, "external_id" },
};

static const struct kind *
kind_named(struct str name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(name, str_from(kinds[i].name)))
			return &kinds[i];
	return NULL;
}

static bool
is_none(const yyjson_val *v)
{
	struct str text = json_str(v);

	return yyjson_is_null((yyjson_val *)(uintptr_t)v) ||
	       (text.ptr != NULL && str_eq_nocase(text, STR("none")));
}

static enum err
unknown(struct error *e)
{
	return fail(e, ERR_BAD_REQUEST,
	    WHAT ": null, \"None\", {\"AwsStatic\": {..}} or {\"AwsSts\": "
		 "{..}} is expected");
}

static bool
is_member_of(const struct kind *k, struct str name)
{
	return str_eq(name, str_from(k->needed[0])) ||
	       (k->needed[1] != NULL && str_eq(name, str_from(k->needed[1]))) ||
	       (k->optional != NULL && str_eq(name, str_from(k->optional)));
}

static enum err
wrong(const struct kind *k, struct str name, const char *why, struct error *e)
{
	return fail(e, ERR_BAD_REQUEST, WHAT "/%s/" STR_FMT ": %s", k->name,
	    STR_ARG(name), why);
}

/* Members of an object, but the tag. */
static enum err
read_members(struct arena *a, const struct kind *k, yyjson_val *from,
    struct pairs *ret, struct error *e)
{
	struct pairs all = { ARENA_NEW(a, struct pair, 4), 0 };
	yyjson_val *key, *value;
	size_t i, max;

	yyjson_obj_foreach(from, i, max, key, value)
	{
		struct str name = json_str(key), text = json_str(value);

		if (str_eq(name, STR("type")) || yyjson_is_null(value))
			continue;
		if (!is_member_of(k, name))
			return wrong(k, name, "there is no such member", e);
		if (text.len == 0)
			return wrong(k, name, "a text is expected", e);
		if (pairs_find(all, name).ptr != NULL)
			return wrong(k, name, "it is given twice", e);
		all.at[all.count++] = (struct pair){ name, text };
	}
	for (i = 0; i < 2 && k->needed[i] != NULL; i++)
		if (pairs_find(all, str_from(k->needed[i])).ptr == NULL)
			return wrong(
			    k, str_from(k->needed[i]), "it is missing", e);
	*ret = all;
	return OK;
}

enum err
vending_strategy_read(struct arena *a, struct str json,
    struct vending_strategy *ret, struct error *e)
{
	struct vending_strategy made = { .how = VENDING_NONE };
	yyjson_val *root = NULL, *inside = NULL;
	const struct kind *k;

	*ret = made;
	if (json.ptr == NULL)
		return OK;
	TRY(json_parse(a, json, &root, e));
	if (is_none(root))
		return OK;
	k = kind_named(json_str(json_member(root, STR("type"))));
	if (k != NULL)
		inside = root;
	for (size_t i = 0; k == NULL && i < sizeof(kinds) / sizeof(kinds[0]);
	     i++) {
		inside = json_member(root, str_from(kinds[i].name));
		k = inside != NULL ? &kinds[i] : NULL;
	}
	if (k == NULL || !yyjson_is_obj(inside) ||
	    (inside != root && yyjson_obj_size(root) != 1))
		return unknown(e);
	made.how = k->how;
	TRY(read_members(a, k, inside, &made.fields, e));
	*ret = made;
	return OK;
}

struct str
vending_strategy_text(struct arena *a, const struct vending_strategy *v)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].how == v->how)
			return arena_printf(a, "{\"%s\":" STR_FMT "}",
			    kinds[i].name,
			    STR_ARG(json_of_pairs(a, v->fields)));
	return STR("\"None\"");
}
