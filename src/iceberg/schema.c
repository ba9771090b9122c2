/* schema.c - answers questions about a schema that schema_read.c has built. */
#include "iceberg/schema.h"

#include <stdio.h>

#include "iceberg/member.h"

const struct schema_field *
schema_field_of(const struct schema *schema, int64_t id)
{
	return int_map_find(&schema->by_id, id);
}

int32_t
schema_highest_id(const struct schema *schema)
{
	int32_t highest = 0;

	for (size_t i = 0; i < schema->count; i++)
		if (schema->fields[i].id > highest)
			highest = schema->fields[i].id;
	return highest;
}

const struct schema_field *
schema_repeated_parent(
    const struct schema *schema, const struct schema_field *field)
{
	while (field->parent != SCHEMA_TOP) {
		field = &schema->fields[field->parent];
		if (field->type.kind != TYPE_STRUCT)
			return field;
	}
	return NULL;
}

/* One line about a field the format version cannot hold, or nothing. */
static struct str
problem_of(const struct schema_field *field, int version, char room[256])
{
	int since = type_since(field->type.kind), n = 0;

	if (version < since)
		n = snprintf(room, 256,
		    "\n- Invalid type for " STR_FMT
		    ": %s is not supported until v%d",
		    STR_ARG(field->path), type_name(field->type.kind), since);
	else if (version < 3 &&
		 member_find(field->json, "initial-default") != NULL)
		n = snprintf(room, 256,
		    "\n- Invalid initial default for " STR_FMT
		    ": non-null default is not supported until v3",
		    STR_ARG(field->path));
	return (struct str){ room, n < 256 ? (size_t)n : 255 };
}

enum err
schema_check_version(
    const struct schema *schema, int format_version, struct error *e)
{
	char problems[512] = "", line[256];
	size_t used = 0;

	for (size_t i = 0; i < schema->count; i++) {
		struct str one =
		    problem_of(&schema->fields[i], format_version, line);

		if (one.len == 0 || used + one.len >= sizeof(problems))
			continue;
		memcpy(problems + used, one.ptr, one.len);
		used += one.len;
	}
	if (used != 0)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid schema for v%d:%.*s", format_version, (int)used,
		    problems);
	return OK;
}

static bool
same_member(const yyjson_mut_val *a, const yyjson_mut_val *b, const char *name)
{
	yyjson_mut_val *left = member_find(a, name);
	yyjson_mut_val *right = member_find(b, name);

	if (left == NULL || right == NULL)
		return left == right;
	return yyjson_mut_equals(left, right);
}

static bool
field_equal(const struct schema_field *a, const struct schema_field *b)
{
	return a->id == b->id && a->required == b->required &&
	       a->parent == b->parent && str_eq(a->name, b->name) &&
	       type_equal(&a->type, &b->type) &&
	       same_member(a->json, b->json, "doc") &&
	       same_member(a->json, b->json, "initial-default") &&
	       same_member(a->json, b->json, "write-default");
}

bool
schema_equal(const struct schema *a, const struct schema *b)
{
	if (a->count != b->count || a->identifier_count != b->identifier_count)
		return false;
	for (size_t i = 0; i < a->identifier_count; i++)
		if (a->identifier_ids[i] != b->identifier_ids[i])
			return false;
	for (size_t i = 0; i < a->count; i++)
		if (!field_equal(&a->fields[i], &b->fields[i]))
			return false;
	return true;
}

void
schema_renumber(struct schema *schema, yyjson_mut_doc *doc)
{
	for (size_t i = 0; i < schema->count; i++) {
		struct schema_field *field = &schema->fields[i];

		field->id = (int32_t)i + 1;
		member_put_number(doc, field->json, field->id_name, field->id);
	}
	if (schema->identifier_count == 0)
		return;

	yyjson_mut_val *ids = yyjson_mut_arr(doc);

	for (size_t i = 0; i < schema->identifier_count; i++) {
		const struct schema_field *field =
		    schema_field_of(schema, schema->identifier_ids[i]);

		schema->identifier_ids[i] = field->id;
		yyjson_mut_arr_add_sint(doc, ids, field->id);
	}
	member_put(doc, schema->json, "identifier-field-ids", ids);
}
