#include "backup/row_text.h"

#include "base/hex.h"
#include "record/value.h"

/* ---- versions */
enum {
	COLUMN_BRANCH,
	COLUMN_SEQ,
	COLUMN_SPACE,
	COLUMN_NS,
	COLUMN_NAME,
	COLUMN_ORIGIN_BRANCH,
	COLUMN_ORIGIN_SEQ,
	COLUMN_KIND,
	COLUMN_DELETED,
	COLUMN_OBJECT,
	COLUMN_LOCATION,
	COLUMN_BODY
};

/* clang-format off */
static const struct field columns[VERSION_COLUMNS] = {
	[COLUMN_BRANCH]        = { "branch",        VALUE_INT,  1 },
	[COLUMN_SEQ]           = { "seq",           VALUE_INT,  1 },
	[COLUMN_SPACE]         = { "space",         VALUE_INT,  1 },
	[COLUMN_NS]            = { "ns",            VALUE_TEXT, 1 },
	[COLUMN_NAME]          = { "name",          VALUE_TEXT, 1 },
	[COLUMN_ORIGIN_BRANCH] = { "origin_branch", VALUE_INT,  1 },
	[COLUMN_ORIGIN_SEQ]    = { "origin_seq",    VALUE_INT,  1 },
	[COLUMN_KIND]          = { "kind",          VALUE_INT,  1 },
	[COLUMN_DELETED]       = { "deleted",       VALUE_INT,  1 },
	[COLUMN_OBJECT]        = { "object",        VALUE_ID,   1 },
	[COLUMN_LOCATION]      = { "location",      VALUE_TEXT, 1 },
	[COLUMN_BODY]          = { "body",          VALUE_TEXT, 1 },
};
/* clang-format on */

const struct entity version_entity = { "versions", columns, NULL,
	VERSION_COLUMNS, 5, 0, 1 };

void
version_to_values(const struct version *v, struct value ret[VERSION_COLUMNS])
{
	ret[COLUMN_BRANCH] = value_int(v->at.branch);
	ret[COLUMN_SEQ] = value_int(v->at.seq);
	ret[COLUMN_SPACE] = value_int(v->key.space);
	ret[COLUMN_NS] = value_text(v->key.ns.len != 0 ? v->key.ns : STR(""));
	ret[COLUMN_NAME] = value_text(v->key.name);
	ret[COLUMN_ORIGIN_BRANCH] = value_int(v->origin.branch);
	ret[COLUMN_ORIGIN_SEQ] = value_int(v->origin.seq);
	ret[COLUMN_KIND] = value_int(v->kind);
	ret[COLUMN_DELETED] = value_int(v->deleted);
	ret[COLUMN_OBJECT] = value_id(v->object);
	ret[COLUMN_LOCATION] = value_text(v->location);
	ret[COLUMN_BODY] = value_text(v->body);
}

struct version
version_of_values(const struct value *row)
{
	return (struct version){
		.key = { (enum space)value_int_or(row[COLUMN_SPACE], -1),
		    value_str_or_absent(row[COLUMN_NS]),
		    value_str_or_absent(row[COLUMN_NAME]) },
		.at = { value_int_or(row[COLUMN_BRANCH], 0),
		    value_int_or(row[COLUMN_SEQ], 0) },
		.origin = { value_int_or(row[COLUMN_ORIGIN_BRANCH], 0),
		    value_int_or(row[COLUMN_ORIGIN_SEQ], 0) },
		.kind = (int)value_int_or(row[COLUMN_KIND], 0),
		.deleted = value_int_or(row[COLUMN_DELETED], 0) != 0,
		.object = value_id_or_nil(row[COLUMN_OBJECT]),
		.location = value_str_or_absent(row[COLUMN_LOCATION]),
		.body = value_str_or_absent(row[COLUMN_BODY]),
	};
}

/* ---- writing */
static void
add_hex(struct buf *b, struct str bytes)
{
	char *to = buf_reserve(b, 2 * bytes.len + 2);

	to[0] = '"';
	hex_write(to + 1, bytes);
	to[2 * bytes.len + 1] = '"';
	b->len += 2 * bytes.len + 2;
}

static void
add_value(struct buf *b, const struct value *v)
{
	char id[ID_TEXT];

	switch (v->type) {
	case VALUE_INT:
		buf_add_int(b, v->as.i);
		break;
	case VALUE_TEXT:
		buf_add_json(b, v->as.s);
		break;
	case VALUE_BYTES:
		add_hex(b, v->as.s);
		break;
	case VALUE_ID:
		id_format(v->as.id, id);
		buf_printf(b, "\"%s\"", id);
		break;
	case VALUE_NULL:
		break;
	}
}

void
row_write(struct buf *b, const struct entity *t, const struct value *row)
{
	char before = '{';

	for (uint16_t i = 0; i < t->field_count; i++) {
		if (row[i].type == VALUE_NULL)
			continue;
		buf_printf(b, "%c\"%s\":", before, t->fields[i].name);
		add_value(b, &row[i]);
		before = ',';
	}
	buf_add_char(b, '}');
}

/* ---- reading */
static bool
read_hex(struct arena *a, struct str hex, struct value *ret)
{
	struct str bytes;

	if (!hex_read(a, hex, &bytes))
		return false;
	*ret = value_bytes(bytes);
	return true;
}

static bool
read_value(
    struct arena *a, enum value_type type, yyjson_val *v, struct value *ret)
{
	struct str s = json_str(v);
	struct id id;

	switch (type) {
	case VALUE_INT:
		*ret = value_int(yyjson_get_sint(v));
		return yyjson_is_sint(v) ||
		       (yyjson_is_uint(v) && yyjson_get_uint(v) <= INT64_MAX);
	case VALUE_TEXT:
		*ret = value_text(s);
		return s.ptr != NULL;
	case VALUE_BYTES:
		return s.ptr != NULL && read_hex(a, s, ret);
	case VALUE_ID:
		if (s.ptr == NULL || !id_parse(s, &id))
			return false;
		*ret = value_id(id);
		return true;
	case VALUE_NULL:
		break;
	}
	return false;
}

static uint16_t
field_named(const struct entity *t, struct str name)
{
	uint16_t i = 0;

	while (i < t->field_count && !str_eq(str_from(t->fields[i].name), name))
		i++;
	return i;
}

enum err
row_read(struct arena *a, const struct entity *t, yyjson_val *object,
    struct value *ret, struct error *e)
{
	yyjson_obj_iter it = yyjson_obj_iter_with(object);
	yyjson_val *name;

	for (uint16_t i = 0; i < t->field_count; i++)
		ret[i] = value_null();
	while ((name = yyjson_obj_iter_next(&it)) != NULL) {
		uint16_t field = field_named(t, json_str(name));

		if (field == t->field_count ||
		    !read_value(a, t->fields[field].type,
			yyjson_obj_iter_get_val(name), &ret[field]))
			return fail(e, ERR_BAD_REQUEST,
			    STR_FMT " is no value of %s",
			    STR_ARG(json_str(name)), t->name);
	}
	for (uint16_t i = 0; i < t->key_count; i++)
		if (ret[i].type == VALUE_NULL)
			return fail(e, ERR_BAD_REQUEST, "a row of %s has no %s",
			    t->name, t->fields[i].name);
	return OK;
}
