#include "iceberg/manifest_record.h"

static bool
is_there(const struct record_field *f, int version)
{
	return version >= f->since && version < f->no_more;
}

static void
add_field(
    struct buf *b, const struct record_field *f, int version, struct str type)
{
	if (f->type != NULL)
		type = str_from(f->type);
	buf_printf(b, "{\"name\":\"%s\",\"type\":", f->name);
	if (version < f->required_since)
		buf_add(b, STR("[\"null\","));
	buf_add(b, type);
	if (version < f->required_since)
		buf_add(b, STR("],\"default\":null"));
	buf_printf(b, ",\"field-id\":%d}", f->id);
}

void
record_fields_schema(struct buf *b, const char *name,
    struct record_fields fields, int version, struct str type)
{
	char before = '[';

	buf_printf(b, "{\"type\":\"record\",\"name\":\"%s\",\"fields\":", name);
	for (size_t i = 0; i < fields.count; i++) {
		if (!is_there(&fields.at[i], version))
			continue;
		buf_add_char(b, before);
		add_field(b, &fields.at[i], version, type);
		before = ',';
	}
	buf_add(b, STR("]}"));
}

/* Null is the first branch of an optional field. */
static bool
put_field(struct buf *b, const struct record_field *f, int version,
    const void *subject)
{
	size_t begin = b->len;

	if (version >= f->required_since)
		return f->put(b, subject);
	avro_put_long(b, 1);
	if (!f->put(b, subject)) {
		b->len = begin;
		avro_put_long(b, 0);
	}
	return true;
}

bool
record_fields_put(struct buf *b, struct record_fields fields, int version,
    const void *subject)
{
	for (size_t i = 0; i < fields.count; i++)
		if (is_there(&fields.at[i], version) &&
		    !put_field(b, &fields.at[i], version, subject))
			return false;
	return true;
}
