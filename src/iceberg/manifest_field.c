#include "iceberg/manifest_field.h"

#include <stdio.h>

enum err
file_failed(const char *what, struct str path, enum err err, struct error *e)
{
	char why[sizeof(e->message)];

	if (err != ERR_BAD_REQUEST)
		return err;
	memcpy(why, e->message, sizeof(why));
	return fail(e, err, "%s " STR_FMT ": %s", what, STR_ARG(path), why);
}

static enum err
misfit(const struct record *r, int id, const char *how)
{
	return fail(r->error, ERR_BAD_REQUEST, "%s " STR_FMT ": field %d %s",
	    r->what, STR_ARG(r->path), id, how);
}

/* Some writers have other ideas of what is a text and what bytes. */
static bool
is_of(const struct avro_value *v, enum avro_kind kind)
{
	enum avro_kind has = v->type->kind;

	if (kind == AVRO_LONG)
		return avro_is_number(v);
	if (kind == AVRO_BYTES)
		return has == AVRO_STRING || has == AVRO_BYTES ||
		       has == AVRO_FIXED;
	return has == kind;
}

enum err
field_find(const struct record *r, int id, enum avro_kind kind,
    const struct avro_value **ret)
{
	const struct avro_value *v = avro_field(r->value, id);

	if (v != NULL && !is_of(v, kind))
		return misfit(r, id, "has another type");
	*ret = v;
	return OK;
}

enum err
field_of(const struct record *r, int id, enum avro_kind kind,
    const struct avro_value **ret)
{
	const struct avro_value *v = NULL;

	TRY(field_find(r, id, kind, &v));
	if (v == NULL)
		return misfit(r, id, "is missing");
	*ret = v;
	return OK;
}

enum err
field_long(const struct record *r, int id, int64_t *ret)
{
	const struct avro_value *v = NULL;

	TRY(field_find(r, id, AVRO_LONG, &v));
	if (v == NULL)
		return misfit(r, id, "is missing");
	*ret = v->as.i;
	return OK;
}

enum err
field_str(const struct record *r, int id, struct str *ret)
{
	const struct avro_value *v = NULL;

	TRY(field_find(r, id, AVRO_BYTES, &v));
	if (v == NULL)
		return misfit(r, id, "is missing");
	*ret = v->as.s;
	return OK;
}

enum err
field_long_or(const struct record *r, int id, int64_t absent, int64_t *ret)
{
	const struct avro_value *v = NULL;

	TRY(field_find(r, id, AVRO_LONG, &v));
	*ret = v != NULL ? v->as.i : absent;
	return OK;
}

enum err
field_str_or(const struct record *r, int id, struct str *ret)
{
	const struct avro_value *v = NULL;

	TRY(field_find(r, id, AVRO_BYTES, &v));
	*ret = v != NULL ? v->as.s : (struct str){ 0 };
	return OK;
}
