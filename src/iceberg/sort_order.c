/* sort_order.c - reads and checks sort orders. */
#include "iceberg/sort_order.h"

#include "iceberg/member.h"

/* One of two words, in either case. */
static enum err
read_choice(const yyjson_mut_val *json, const char *name,
    const char *const words[2], bool *ret, struct error *e)
{
	struct str text;

	TRY(member_string(json, name, &text, e));
	*ret = str_eq_nocase(text, str_from(words[0]));
	if (!*ret && !str_eq_nocase(text, str_from(words[1])))
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid %s: " STR_FMT " is neither %s nor %s", name,
		    STR_ARG(text), words[0], words[1]);
	return OK;
}

static enum err
read_field(yyjson_mut_val *json, struct sort_field *field, struct error *e)
{
	static const char *const directions[] = { "asc", "desc" };
	static const char *const nulls[] = { "nulls-first", "nulls-last" };
	struct str transform;

	if (!member_is(json, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST,
		    "Each entry of 'fields' in a sort order must be an object");
	field->json = json;
	TRY(member_int(json, "source-id", &field->source_id, e));
	TRY(member_string(json, "transform", &transform, e));
	TRY(read_choice(json, "direction", directions, &field->ascending, e));
	TRY(read_choice(json, "null-order", nulls, &field->nulls_first, e));
	if (!transform_parse(transform, &field->transform))
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid transform of sort field %d: " STR_FMT,
		    field->source_id, STR_ARG(transform));
	return OK;
}

enum err
sort_order_read(struct arena *a, yyjson_mut_val *json, struct sort_order *ret,
    struct error *e)
{
	yyjson_mut_val *fields = NULL, *field;
	struct sort_order order = { 0 };

	TRY(member_check_id(json, "order-id", e));
	TRY(member_get(json, "fields", MEMBER_ARRAY, &fields, e));
	order.fields =
	    ARENA_NEW(a, struct sort_field, yyjson_mut_arr_size(fields));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(fields);

	while ((field = yyjson_mut_arr_iter_next(&it)) != NULL)
		TRY(read_field(field, &order.fields[order.count++], e));
	*ret = order;
	return OK;
}

enum err
sort_order_check(const struct sort_order *order, const struct schema *schema,
    struct error *e)
{
	for (size_t i = 0; i < order->count; i++) {
		const struct sort_field *field = &order->fields[i];
		const struct schema_field *source =
		    schema_field_of(schema, field->source_id);

		if (source == NULL)
			return fail(e, ERR_VALIDATION,
			    "Cannot find source column for sort field: " STR_FMT
			    "(%d)",
			    STR_ARG(field->transform.text), field->source_id);
		if (type_is_nested(source->type.kind))
			return fail(e, ERR_VALIDATION,
			    "Cannot sort by non-primitive source field: %s",
			    type_name(source->type.kind));
		if (!transform_accepts(&field->transform, source->type.kind))
			return fail(e, ERR_VALIDATION,
			    "Invalid source type %s for transform: " STR_FMT,
			    type_name(source->type.kind),
			    STR_ARG(field->transform.text));
	}
	return OK;
}

bool
sort_order_equal(const struct sort_order *a, const struct sort_order *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->fields[i].source_id != b->fields[i].source_id ||
		    a->fields[i].ascending != b->fields[i].ascending ||
		    a->fields[i].nulls_first != b->fields[i].nulls_first ||
		    !transform_equal(
			&a->fields[i].transform, &b->fields[i].transform))
			return false;
	return true;
}
