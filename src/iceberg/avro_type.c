/*
 * avro_type.c - Avro schemas (Avro specification 1.11, "Schema Declaration").
 *
 * Iceberg's schemas are trees: a type that names itself is refused.  A name
 * brings the height of the type that it is for, so that no value is deeper
 * than AVRO_DEPTH_MAX however its types refer to each other.
 */
#include "iceberg/avro_type.h"

struct reading {
	struct arena *arena;
	struct error *e;
	struct {
		struct str name;
		const struct avro_type *type;
	} named[AVRO_NAMED_MAX];
	size_t named_count;
	struct str place; /* the field being read, for messages */
};

static enum err read_type(struct reading *, const yyjson_val *, unsigned depth,
    const struct avro_type **ret);

static const struct {
	const char *name;
	struct avro_type type;
} primitives[] = {
	{ "null", { .kind = AVRO_NULL } },
	{ "boolean", { .kind = AVRO_BOOLEAN, .min_size = 1 } },
	{ "int", { .kind = AVRO_INT, .min_size = 1 } },
	{ "long", { .kind = AVRO_LONG, .min_size = 1 } },
	{ "float", { .kind = AVRO_FLOAT, .min_size = 4 } },
	{ "double", { .kind = AVRO_DOUBLE, .min_size = 8 } },
	{ "bytes", { .kind = AVRO_BYTES, .min_size = 1 } },
	{ "string", { .kind = AVRO_STRING, .min_size = 1 } },
};

static enum err
too_deep(const struct reading *r)
{
	return fail(r->e, ERR_BAD_REQUEST,
	    "its schema is nested deeper than %d levels, at '" STR_FMT "'",
	    AVRO_DEPTH_MAX, STR_ARG(r->place));
}

/* A type that holds values of another one is higher than that. */
static enum err
contain(const struct reading *r, struct avro_type *outer,
    const struct avro_type *inner)
{
	if (inner->height >= AVRO_DEPTH_MAX)
		return too_deep(r);
	if (outer->height <= inner->height)
		outer->height = inner->height + 1;
	return OK;
}

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
	if (r->named_count == AVRO_NAMED_MAX)
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
	ret->id = yyjson_is_int(id) ? yyjson_get_sint(id) : AVRO_ID_NONE;
	r->place = ret->name;
	return read_type(r, json_member(json, STR("type")), depth, &ret->type);
}

/* Room for the fields or branches of a type, of which there may be `most`. */
static enum err
new_fields(const struct reading *r, const yyjson_val *list, size_t most,
    struct avro_field **ret)
{
	size_t count = yyjson_arr_size((yyjson_val *)(uintptr_t)list);

	if (count > most)
		return fail(r->e, ERR_BAD_REQUEST,
		    "an Avro type has more than %zu fields or branches, at "
		    "'" STR_FMT "'",
		    most, STR_ARG(r->place));
	*ret = ARENA_NEW(r->arena, struct avro_field, count);
	return OK;
}

/* A sum of 1,000 fields in each of 32 levels would not fit. */
static size_t
sum_of(size_t a, size_t b)
{
	return a + b < AVRO_FIXED_MAX ? a + b : AVRO_FIXED_MAX;
}

static enum err
read_record(struct reading *r, const yyjson_val *json, unsigned depth,
    struct avro_type *type)
{
	yyjson_val *list = json_member(json, STR("fields")), *field;
	yyjson_arr_iter it = yyjson_arr_iter_with(list);
	struct avro_field *fields = NULL;

	TRY(new_fields(r, list, AVRO_FIELDS_MAX, &fields));
	type->kind = AVRO_RECORD;
	type->height = 1;
	type->fields = fields;
	while ((field = yyjson_arr_iter_next(&it)) != NULL) {
		struct avro_field *f = &fields[type->count++];

		TRY(read_field(r, field, depth, f));
		r->place = json_str(json_member(json, STR("name")));
		TRY(contain(r, type, f->type));
		type->min_size = sum_of(type->min_size, f->type->min_size);
	}
	return remember(r, json, type);
}

static enum err
read_branch(struct reading *r, const yyjson_val *json, unsigned depth,
    struct avro_type *of, struct avro_field *ret)
{
	ret->id = AVRO_ID_NONE;
	TRY(read_type(r, json, depth, &ret->type));
	if (ret->type->kind == AVRO_UNION)
		return fail(r->e, ERR_BAD_REQUEST,
		    "an Avro union holds a union, at '" STR_FMT "'",
		    STR_ARG(r->place));
	return contain(r, of, ret->type);
}

static enum err
read_union(struct reading *r, const yyjson_val *json, unsigned depth,
    struct avro_type *type)
{
	yyjson_val *list = (yyjson_val *)(uintptr_t)json, *branch;
	yyjson_arr_iter it = yyjson_arr_iter_with(list);
	struct avro_field *branches = NULL;

	TRY(new_fields(r, list, AVRO_BRANCHES_MAX, &branches));
	type->kind = AVRO_UNION;
	type->height = 1;
	type->fields = branches;
	type->min_size = 1;
	while ((branch = yyjson_arr_iter_next(&it)) != NULL)
		TRY(read_branch(
		    r, branch, depth, type, &branches[type->count++]));
	return OK;
}

static enum err
read_list(struct reading *r, const yyjson_val *item, unsigned depth,
    enum avro_kind kind, struct avro_type *type)
{
	type->kind = kind;
	type->height = 1;
	type->min_size = 1;
	TRY(read_type(r, item, depth, &type->item));
	return contain(r, type, type->item);
}

static enum err
read_fixed(struct reading *r, const yyjson_val *json, struct avro_type *type)
{
	yyjson_val *size = json_member(json, STR("size"));

	if (!yyjson_is_uint(size) || yyjson_get_uint(size) > AVRO_FIXED_MAX)
		return fail(r->e, ERR_BAD_REQUEST, "an Avro fixed has no size");
	type->kind = AVRO_FIXED;
	type->size = type->min_size = yyjson_get_uint(size);
	return remember(r, json, type);
}

static enum err
read_enum(struct reading *r, const yyjson_val *json, struct avro_type *type)
{
	type->kind = AVRO_ENUM;
	type->min_size = 1;
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
	if (str_eq(name, STR("array")))
		return read_list(r, json_member(json, STR("items")), depth,
		    AVRO_ARRAY, type);
	if (str_eq(name, STR("map")))
		return read_list(
		    r, json_member(json, STR("values")), depth, AVRO_MAP, type);
	return find_named(r, name, ret);
}

static enum err
read_type(struct reading *r, const yyjson_val *json, unsigned depth,
    const struct avro_type **ret)
{
	if (depth == 0)
		return too_deep(r);
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

/* ---- what is wanted */
static const struct avro_wanted *
find_wanted(const struct avro_wanted *wanted, int64_t id)
{
	for (; wanted->id != AVRO_ID_NONE; wanted++)
		if (wanted->id == id)
			return wanted;
	return NULL;
}

static bool
has_field(const struct avro_type *record, int64_t id)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->fields[i].id == id)
			return true;
	return false;
}

/* Of two fields of one id avro_field() finds the first.  What is skipped and
 * has no bytes need not be there at all. */
static void
select_fields(struct arena *a, const struct avro_type *from,
    const struct avro_wanted *wanted, struct avro_type *to)
{
	struct avro_field *fields =
	    ARENA_NEW(a, struct avro_field, from->count);

	to->fields = fields;
	to->count = 0;
	for (size_t i = 0; i < from->count; i++) {
		struct avro_field field = from->fields[i];
		const struct avro_wanted *w = find_wanted(wanted, field.id);

		if (w != NULL && !has_field(to, field.id))
			field.type = avro_type_select(a, field.type, w->inside);
		else
			field = (struct avro_field){ field.name, AVRO_ID_NONE,
				field.type, true };
		if (!field.skipped || field.type->min_size != 0)
			fields[to->count++] = field;
	}
}

const struct avro_type *
avro_type_select(struct arena *a, const struct avro_type *type,
    const struct avro_wanted *wanted)
{
	bool is_union = type->kind == AVRO_UNION;
	struct avro_type *selected;
	struct avro_field *branches;

	if (wanted == NULL || (type->kind != AVRO_RECORD && !is_union))
		return type;
	selected = ARENA_NEW(a, struct avro_type, 1);
	*selected = *type;
	if (!is_union) {
		select_fields(a, type, wanted, selected);
		return selected;
	}
	branches = ARENA_NEW(a, struct avro_field, type->count);
	selected->fields = branches;
	for (size_t i = 0; i < type->count; i++) {
		branches[i] = type->fields[i];
		branches[i].type =
		    avro_type_select(a, type->fields[i].type, wanted);
	}
	return selected;
}
