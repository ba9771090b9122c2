/*
 * schema_read.c - reads a schema from JSON, refusing what is malformed.
 *
 * The list of fields moves while it grows, so that fields are named by index
 * here; by_id is filled when it is complete.
 */
#include <stdlib.h>

#include "base/list.h"
#include "iceberg/member.h"
#include "iceberg/schema.h"

/* Paths repeat the names of parents: without a bound a long name above many
 * fields would multiply a request by the number of its fields. */
#define PATHS_MAX ((size_t)16 * 1024 * 1024)

struct reader {
	struct arena *arena;
	struct schema *schema;
	size_t room;       /* of schema->fields */
	size_t paths_size; /* bytes */
};

static enum err read_type(
    struct reader *, size_t index, yyjson_mut_val *type, struct error *);

static enum err
add_field(struct reader *r, struct schema_field field, struct error *e)
{
	struct schema *s = r->schema;

	field.path = field.name;
	if (field.parent != SCHEMA_TOP)
		field.path = arena_printf(r->arena, STR_FMT "." STR_FMT,
		    STR_ARG(s->fields[field.parent].path), STR_ARG(field.name));
	r->paths_size += field.path.len;
	if (r->paths_size > PATHS_MAX)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid schema: names are too long");
	TRY(arena_check(r->arena, e));
	LIST_RESERVE(r->arena, s->fields, s->count, r->room, 1);
	s->fields[s->count++] = field;
	return OK;
}

static enum err
add_struct_field(
    struct reader *r, size_t parent, yyjson_mut_val *json, struct error *e)
{
	struct schema_field field = {
		.parent = parent, .json = json, .id_name = "id"
	};
	yyjson_mut_val *required = NULL, *ignored = NULL;

	if (!member_is(json, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST,
		    "Each entry of 'fields' in a schema must be an object");
	TRY(member_int(json, "id", &field.id, e));
	TRY(member_string(json, "name", &field.name, e));
	TRY(member_get(json, "required", MEMBER_BOOL, &required, e));
	TRY(member_optional(json, "doc", MEMBER_STRING, &ignored, e));
	if (field.name.len == 0)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid schema: field %d has an empty name", field.id);
	field.required = yyjson_mut_get_bool(required);
	return add_field(r, field, e);
}

/* By path, because a column "a.b" hides the field b of a struct a. */
static enum err
check_names(struct reader *r, struct error *e)
{
	size_t count = r->schema->count;
	struct str *names = ARENA_NEW(r->arena, struct str, count);

	for (size_t i = 0; i < count; i++)
		names[i] = r->schema->fields[i].path;

	struct str twice = member_duplicate(names, count);

	if (twice.ptr != NULL)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid schema: multiple fields for name " STR_FMT,
		    STR_ARG(twice));
	return OK;
}

static enum err
check_default(
    const struct schema_field *field, const char *name, struct error *e)
{
	yyjson_mut_val *value = member_find(field->json, name);

	if (value != NULL && !type_takes_default(field->type.kind, value))
		return fail(e, ERR_BAD_REQUEST,
		    "Field '%s' of " STR_FMT " does not fit the type %s", name,
		    STR_ARG(field->path), type_name(field->type.kind));
	return OK;
}

static enum err
read_struct(
    struct reader *r, size_t parent, yyjson_mut_val *type, struct error *e)
{
	size_t from = r->schema->count;
	yyjson_mut_val *fields = NULL, *json;

	TRY(member_get(type, "fields", MEMBER_ARRAY, &fields, e));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(fields);

	while ((json = yyjson_mut_arr_iter_next(&it)) != NULL)
		TRY(add_struct_field(r, parent, json, e));

	size_t to = r->schema->count;

	for (size_t i = from; i < to; i++) {
		yyjson_mut_val *nested = NULL;

		json = r->schema->fields[i].json;
		TRY(member_get(json, "type", MEMBER_ANY, &nested, e));
		TRY(read_type(r, i, nested, e));
		TRY(check_default(&r->schema->fields[i], "initial-default", e));
		TRY(check_default(&r->schema->fields[i], "write-default", e));
	}
	return OK;
}

/* The names of a list's or map's parts in its JSON. */
struct part {
	struct str name;
	const char *type, *id, *required; /* required NULL: always */
};

static const struct part element = { { "element", 7 }, "element", "element-id",
	"element-required" };
static const struct part map_key = { { "key", 3 }, "key", "key-id", NULL };
static const struct part map_value = { { "value", 5 }, "value", "value-id",
	"value-required" };

static enum err
add_part(struct reader *r, size_t parent, yyjson_mut_val *json,
    const struct part *part, struct error *e)
{
	struct schema_field field = { .parent = parent,
		.json = json,
		.id_name = part->id,
		.name = part->name,
		.required = true };
	yyjson_mut_val *required = NULL;

	TRY(member_int(json, part->id, &field.id, e));
	if (part->required != NULL) {
		TRY(member_get(
		    json, part->required, MEMBER_BOOL, &required, e));
		field.required = yyjson_mut_get_bool(required);
	}
	return add_field(r, field, e);
}

static enum err
read_part(struct reader *r, size_t index, yyjson_mut_val *json,
    const struct part *part, struct error *e)
{
	yyjson_mut_val *type = NULL;

	TRY(member_get(json, part->type, MEMBER_ANY, &type, e));
	return read_type(r, index, type, e);
}

static enum err
read_map(struct reader *r, size_t parent, yyjson_mut_val *json, struct error *e)
{
	size_t key = r->schema->count;

	TRY(add_part(r, parent, json, &map_key, e));
	TRY(add_part(r, parent, json, &map_value, e));
	TRY(read_part(r, key, json, &map_key, e));
	return read_part(r, key + 1, json, &map_value, e);
}

static enum err
read_list(
    struct reader *r, size_t parent, yyjson_mut_val *json, struct error *e)
{
	size_t index = r->schema->count;

	TRY(add_part(r, parent, json, &element, e));
	return read_part(r, index, json, &element, e);
}

static enum err
read_type(struct reader *r, size_t index, yyjson_mut_val *type, struct error *e)
{
	struct type *ret = &r->schema->fields[index].type;
	struct str text = json_mut_str(type);

	if (text.ptr != NULL && type_parse(text, ret))
		return OK;
	if (text.ptr == NULL) {
		text = json_mut_str(member_find(type, "type"));
		if (text.ptr == NULL)
			return fail(e, ERR_BAD_REQUEST,
			    "Field 'type' of " STR_FMT
			    " must be a string or an object with a 'type'",
			    STR_ARG(r->schema->fields[index].path));
		if (str_eq(text, STR("struct"))) {
			ret->kind = TYPE_STRUCT;
			return read_struct(r, index, type, e);
		}
		if (str_eq(text, STR("list"))) {
			ret->kind = TYPE_LIST;
			return read_list(r, index, type, e);
		}
		if (str_eq(text, STR("map"))) {
			ret->kind = TYPE_MAP;
			return read_map(r, index, type, e);
		}
	}
	return fail(e, ERR_ILLEGAL_ARGUMENT,
	    "Cannot parse type of field " STR_FMT ": " STR_FMT,
	    STR_ARG(r->schema->fields[index].path), STR_ARG(text));
}

static enum err
index_ids(struct reader *r, struct error *e)
{
	struct schema *s = r->schema;

	for (size_t i = 0; i < s->count; i++) {
		void **slot =
		    int_map_slot(&s->by_id, s->fields[i].id, r->arena);

		if (*slot != NULL)
			return fail(e, ERR_ILLEGAL_ARGUMENT,
			    "Invalid schema: multiple fields with id %d",
			    s->fields[i].id);
		*slot = &s->fields[i];
	}
	return OK;
}

/* Iceberg table spec, "Identifier Field IDs". */
static enum err
check_identifier(const struct schema *s, int32_t id, struct error *e)
{
	const struct schema_field *field = schema_field_of(s, id);
	const char *why = NULL;

	if (field == NULL)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Cannot add fieldId %d as an identifier field: field does "
		    "not exist",
		    id);
	if (type_is_nested(field->type.kind) ||
	    field->type.kind == TYPE_VARIANT)
		why = "not a primitive type field";
	else if (!field->required)
		why = "not a required field";
	else if (field->type.kind == TYPE_FLOAT ||
		 field->type.kind == TYPE_DOUBLE)
		why = "must not be float or double field";
	else if (schema_repeated_parent(s, field) != NULL)
		why = "must not be nested in a list or map";
	for (const struct schema_field *up = field;
	     why == NULL && up->parent != SCHEMA_TOP;) {
		up = &s->fields[up->parent];
		if (!up->required)
			why = "must not be nested in an optional field";
	}
	if (why != NULL)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Cannot add field " STR_FMT " as an identifier field: %s",
		    STR_ARG(field->path), why);
	return OK;
}

static int
by_number(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static enum err
read_identifiers(struct reader *r, struct error *e)
{
	struct schema *s = r->schema;
	yyjson_mut_val *ids = NULL, *id;

	TRY(member_optional(
	    s->json, "identifier-field-ids", MEMBER_ARRAY, &ids, e));
	s->identifier_ids =
	    ARENA_NEW(r->arena, int32_t, yyjson_mut_arr_size(ids));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(ids);

	while ((id = yyjson_mut_arr_iter_next(&it)) != NULL) {
		if (!member_is(id, MEMBER_INT))
			return fail(e, ERR_BAD_REQUEST,
			    "Field 'identifier-field-ids' must hold 32-bit "
			    "integers");
		s->identifier_ids[s->identifier_count] =
		    (int32_t)member_number(id);
		TRY(check_identifier(
		    s, s->identifier_ids[s->identifier_count++], e));
	}
	if (s->identifier_count > 1)
		qsort(s->identifier_ids, s->identifier_count, sizeof(int32_t),
		    by_number);
	return OK;
}

enum err
schema_read(
    struct arena *a, yyjson_mut_val *json, struct schema *ret, struct error *e)
{
	struct schema schema = { .json = json };
	struct reader r = { .arena = a, .schema = &schema };
	struct str type;

	if (!member_is(json, MEMBER_OBJECT))
		return fail(
		    e, ERR_BAD_REQUEST, "Field 'schema' must be an object");
	TRY(member_check_id(json, "schema-id", e));
	TRY(member_string(json, "type", &type, e));
	if (!str_eq(type, STR("struct")))
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Cannot create schema, not a struct type: " STR_FMT,
		    STR_ARG(type));
	TRY(read_struct(&r, SCHEMA_TOP, json, e));
	TRY(check_names(&r, e));
	TRY(index_ids(&r, e));
	TRY(read_identifiers(&r, e));
	*ret = schema;
	return OK;
}
