/*
 * avro_type.c - Avro schemas (Avro specification 1.11, "Schema Declaration").
 *
 * Iceberg's schemas are trees: a type that names itself is refused, so values
 * are as deep as their schema.
 */
#include "iceberg/avro.h"

#define NAMED_MAX 1000

struct reading {
	struct arena *arena;
	struct error *e;
	struct {
		struct str name;
		const struct avro_type *type;
	} named[NAMED_MAX];
	size_t named_count;
};

static enum err read_type(struct reading *, const yyjson_val *, unsigned depth,
    const struct avro_type **ret);

static const struct {
	const char *name;
	struct avro_type type;
} primitives[] = {
	{ "null", { .kind = AVRO_NULL } },
	{ "boolean", { .kind = AVRO_BOOLEAN } },
	{ "int", { .kind = AVRO_INT } },
	{ "long", { .kind = AVRO_LONG } },
	{ "float", { .kind = AVRO_FLOAT } },
	{ "double", { .kind = AVRO_DOUBLE } },
	{ "bytes", { .kind = AVRO_BYTES } },
	{ "string", { .kind = AVRO_STRING } },
};

/* Names are unique in a schema of Iceberg's: namespaces say nothing more. */
static struct str
short_name(struct str name)
{
	for (size_t i = name.len; i-- > 0;)
		if (name.ptr[i] == '.')
			return str_skip(name, i + 1);
	return name;
}

static enum err
find_named(
    const struct reading *r, struct str name, const struct avro_type **ret)
{
	for (size_t i = 0; i < sizeof(primitives) / sizeof(primitives[0]); i++)
		if (str_eq(name, str_from(primitives[i].name))) {
			*ret = &primitives[i].type;
			return OK;
		}
	for (size_t i = 0; i < r->named_count; i++)
		if (str_eq(short_name(name), r->named[i].name)) {
			*ret = r->named[i].type;
			return OK;
		}
	return fail(r->e, ERR_BAD_REQUEST, "unknown Avro type: " STR_FMT,
	    STR_ARG(name));
}

static enum err
remember(
    struct reading *r, const yyjson_val *json, const struct avro_type *type)
{
	struct str name = json_str(json_member(json, STR("name")));

	if (name.len == 0)
		return fail(r->e, ERR_BAD_REQUEST, "an Avro type has no name");
	if (r->named_count == NAMED_MAX)
		return fail(r->e, ERR_BAD_REQUEST, "too many Avro types");
	r->named[r->named_count].name = short_name(name);
	r->named[r->named_count++].type = type;
	return OK;
}

static enum err
read_field(struct reading *r, const yyjson_val *json, unsigned depth,
    struct avro_field *ret)
{
	yyjson_val *id = json_member(json, STR("field-id"));

	ret->name = json_str(json_member(json, STR("name")));
	ret->id = yyjson_is_int(id) ? yyjson_get_sint(id) : -1;
	return read_type(r, json_member(json, STR("type")), depth, &ret->type);
}

static enum err
read_record(struct reading *r, const yyjson_val *json, unsigned depth,
    struct avro_type *type)
{
	yyjson_val *list = json_member(json, STR("fields")), *field;
	struct avro_field *fields =
	    ARENA_NEW(r->arena, struct avro_field, yyjson_arr_size(list));
	yyjson_arr_iter it = yyjson_arr_iter_with(list);

	type->kind = AVRO_RECORD;
	type->fields = fields;
	while ((field = yyjson_arr_iter_next(&it)) != NULL)
		TRY(read_field(r, field, depth, &fields[type->count++]));
	return remember(r, json, type);
}

static enum err
read_union(struct reading *r, const yyjson_val *json, unsigned depth,
    struct avro_type *type)
{
	yyjson_val *list = (yyjson_val *)(uintptr_t)json, *branch;
	struct avro_field *branches =
	    ARENA_NEW(r->arena, struct avro_field, yyjson_arr_size(list));
	yyjson_arr_iter it = yyjson_arr_iter_with(list);

	type->kind = AVRO_UNION;
	type->fields = branches;
	while ((branch = yyjson_arr_iter_next(&it)) != NULL) {
		branches[type->count].id = -1;
		TRY(read_type(r, branch, depth, &branches[type->count++].type));
	}
	return OK;
}

static enum err
read_fixed(struct reading *r, const yyjson_val *json, struct avro_type *type)
{
	yyjson_val *size = json_member(json, STR("size"));

	if (!yyjson_is_uint(size) || yyjson_get_uint(size) > AVRO_BLOCK_MAX)
		return fail(r->e, ERR_BAD_REQUEST, "an Avro fixed has no size");
	type->kind = AVRO_FIXED;
	type->size = yyjson_get_uint(size);
	return remember(r, json, type);
}

static enum err
read_enum(struct reading *r, const yyjson_val *json, struct avro_type *type)
{
	type->kind = AVRO_ENUM;
	type->size = yyjson_arr_size(json_member(json, STR("symbols")));
	return remember(r, json, type);
}

static enum err
read_complex(struct reading *r, const yyjson_val *json, struct str name,
    unsigned depth, const struct avro_type **ret)
{
	struct avro_type *type = ARENA_NEW(r->arena, struct avro_type, 1);

	*ret = type;
	if (str_eq(name, STR("record")))
		return read_record(r, json, depth, type);
	if (str_eq(name, STR("fixed")))
		return read_fixed(r, json, type);
	if (str_eq(name, STR("enum")))
		return read_enum(r, json, type);
	if (str_eq(name, STR("array"))) {
		type->kind = AVRO_ARRAY;
		return read_type(
		    r, json_member(json, STR("items")), depth, &type->item);
	}
	if (str_eq(name, STR("map"))) {
		type->kind = AVRO_MAP;
		return read_type(
		    r, json_member(json, STR("values")), depth, &type->item);
	}
	return find_named(r, name, ret);
}

static enum err
read_type(struct reading *r, const yyjson_val *json, unsigned depth,
    const struct avro_type **ret)
{
	if (depth == 0)
		return fail(
		    r->e, ERR_BAD_REQUEST, "its schema is nested too deeply");
	if (json_str(json).ptr != NULL)
		return find_named(r, json_str(json), ret);
	if (yyjson_is_arr((yyjson_val *)(uintptr_t)json)) {
		struct avro_type *type =
		    ARENA_NEW(r->arena, struct avro_type, 1);

		*ret = type;
		return read_union(r, json, depth - 1, type);
	}

	yyjson_val *inner = json_member(json, STR("type"));

	/* {"type": {"type": ...}} is as good as what is inside */
	if (inner != NULL && json_str(inner).ptr == NULL)
		return read_type(r, inner, depth - 1, ret);
	return read_complex(r, json, json_str(inner), depth - 1, ret);
}

enum err
avro_type_read(struct arena *a, const yyjson_val *json,
    const struct avro_type **ret, struct error *e)
{
	struct reading *r = ARENA_NEW(a, struct reading, 1);

	r->arena = a;
	r->e = e;
	return read_type(r, json, AVRO_DEPTH_MAX, ret);
}
