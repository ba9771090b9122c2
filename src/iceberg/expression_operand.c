/*
 * expression_operand.c - reads value expressions, and the deprecated terms
 * (expressions spec, Appendix B).
 */
#include "iceberg/expression_reader.h"

static struct str
type_of(const yyjson_val *json)
{
	return json_str(json_member(json, STR("type")));
}

enum err
operand_type(struct expression_reader *r, const struct place *up,
    const yyjson_val *object, const struct type **ret)
{
	const yyjson_val *json = json_member(object, STR("data-type"));
	struct place place = { up, "data-type", 0 };
	struct type *type = ARENA_NEW(r->arena, struct type, 1);
	struct str text = json_str(json);

	*ret = NULL;
	if (json == NULL)
		return OK;
	if (text.ptr == NULL || !type_parse(text, type))
		return expression_refuse(r, &place, "is no primitive type");
	*ret = type;
	return OK;
}

/* The name is the member `term` in the deprecated form. */
static enum err
read_reference(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, struct operand *ret)
{
	yyjson_val *id = json_member(json, STR("id"));
	struct str name = json_str(json_member(json, STR("name")));

	TRY(expression_members(r, place, json, "type id name term"));
	if (name.ptr == NULL)
		name = json_str(json_member(json, STR("term")));
	if ((name.ptr == NULL) == !yyjson_is_int(id) ||
	    (id != NULL && !yyjson_is_int(id)))
		return expression_refuse(
		    r, place, "a reference has either a name or an id");
	return term_bind(r, place, name, yyjson_get_sint(id), &ret->term);
}

/* {"type":"transform","transform":"bucket[4]","term":TERM} */
static enum err
read_transform(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, struct operand *ret)
{
	struct str transform = json_str(json_member(json, STR("transform")));
	const yyjson_val *term = json_member(json, STR("term"));
	struct place inner = { place, "term", 0 };

	TRY(expression_members(r, place, json, "type transform term"));
	if (transform.ptr == NULL)
		return expression_refuse(r, place, "missing field 'transform'");
	if (str_eq(type_of(term), STR("transform")))
		return expression_refuse(
		    r, &inner, "a transform of a transform is not supported");
	TRY(operand_read(r, &inner, term, true, ret));
	return term_transform(r, place, transform, &ret->term);
}

/* Functions other than Iceberg's own are not known here. */
static enum err
read_function(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, struct str *ret)
{
	yyjson_val *function = json_member(json, STR("function"));
	struct str catalog = STR("iceberg_functions");

	if (yyjson_is_obj(function)) {
		yyjson_val *named = json_member(function, STR("catalog"));

		if (named != NULL && !yyjson_is_null(named))
			catalog = json_str(named);
		function = json_member(function, STR("identifier"));
	}
	if (yyjson_is_arr(function) && yyjson_arr_size(function) == 1)
		function = yyjson_arr_get_first(function);
	*ret = json_str(function);
	if (ret->ptr == NULL || !str_eq(catalog, STR("iceberg_functions")))
		return expression_refuse(
		    r, place, "the function is none of Iceberg's");
	return OK;
}

/* day(ts) is the transform day; bucket(16, id) is bucket[16]. */
static enum err
read_apply(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, struct operand *ret)
{
	yyjson_val *arguments = json_member(json, STR("arguments"));
	yyjson_val *first = yyjson_arr_get(arguments, 0);
	size_t count = yyjson_arr_size(arguments);
	struct place list = { place, "arguments", 0 };
	struct place last = { &list, NULL, count - 1 };
	struct str name;

	TRY(expression_members(r, place, json, "type function arguments"));
	TRY(read_function(r, place, json, &name));
	if (str_eq(type_of(first), STR("literal")))
		first = json_member(first, STR("value"));
	if (count == 2 && yyjson_is_int(first))
		name = arena_printf(r->arena, STR_FMT "[%lld]", STR_ARG(name),
		    (long long)yyjson_get_sint(first));
	else if (count != 1)
		return expression_refuse(r, &list,
		    "a transform has one argument, or a number before it");
	TRY(operand_read(r, &last, yyjson_arr_get_last(arguments), false, ret));
	if (!ret->is_term || ret->term.transform.kind != TRANSFORM_IDENTITY)
		return expression_refuse(r, &last, "is no column");
	return term_transform(r, place, name, &ret->term);
}

static enum err
read_term(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, bool deprecated, struct operand *ret)
{
	struct str type = type_of(json), name = json_str(json);

	ret->is_term = true;
	if (str_eq(type, STR("reference")))
		return read_reference(r, place, json, ret);
	if (!deprecated && str_eq(type, STR("apply")))
		return read_apply(r, place, json, ret);
	if (deprecated && str_eq(type, STR("transform")))
		return read_transform(r, place, json, ret);
	if (!deprecated || name.ptr == NULL)
		return expression_refuse(r, place,
		    deprecated ? "is no term" : "is no value expression");
	return term_bind(r, place, name, 0, &ret->term);
}

enum err
operand_read(struct expression_reader *r, const struct place *place,
    const yyjson_val *json, bool deprecated, struct operand *ret)
{
	yyjson_val *v = (yyjson_val *)(uintptr_t)json;

	*ret = (struct operand){ .value = json, .place = *place };
	if (json == NULL)
		return expression_refuse(
		    r, place->up, "missing field '%s'", place->name);
	if (deprecated || yyjson_is_arr(v))
		return read_term(r, place, json, deprecated, ret);
	if (!yyjson_is_obj(v))
		return OK;
	if (!str_eq(type_of(json), STR("literal")))
		return read_term(r, place, json, deprecated, ret);
	TRY(expression_members(r, place, json, "type value data-type"));
	ret->value = json_member(json, STR("value"));
	if (ret->value == NULL)
		return expression_refuse(r, place, "missing field 'value'");
	return operand_type(r, place, json, &ret->type);
}
