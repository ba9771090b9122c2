/* avro_read.c - header, blocks and values of Avro files. */
#include <string.h>

#include "iceberg/avro.h"
#include "iceberg/avro_codec.h"

#define MAGIC STR("Obj\x01")
#define SYNC 16

/* Decoding: bytes from the front of `in`. */
struct decoding {
	struct arena *arena;
	struct str in;
	size_t values; /* still allowed in this record */
	struct error *e;
};

static enum err
damaged(struct error *e, const char *what)
{
	return fail(e, ERR_BAD_REQUEST, "Avro file is damaged: %s", what);
}

/* Zigzag varint ("Primitive Types"). */
static enum err
take_long(struct str *in, int64_t *ret, struct error *e)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64 && in->len != 0; shift += 7) {
		unsigned char byte = (unsigned char)*in->ptr;

		*in = str_skip(*in, 1);
		n |= (uint64_t)(byte & 0x7F) << shift;
		if (byte < 0x80) {
			*ret = (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
			return OK;
		}
	}
	return damaged(e, "a number does not end");
}

static enum err
take(struct str *in, size_t size, struct str *ret, struct error *e)
{
	if (in->len < size)
		return damaged(e, "it ends too early");
	*ret = (struct str){ in->ptr, size };
	*in = str_skip(*in, size);
	return OK;
}

static enum err
take_bytes(struct str *in, struct str *ret, struct error *e)
{
	int64_t size = 0;

	TRY(take_long(in, &size, e));
	if (size < 0)
		return damaged(e, "a length is below 0");
	return take(in, (size_t)size, ret, e);
}

/* ---- values */
static enum err read_value(
    struct decoding *, const struct avro_type *, struct avro_value *ret);

static enum err
read_float(struct decoding *d, struct avro_value *ret)
{
	struct str bytes = { 0 };
	float f;

	TRY(take(&d->in, sizeof(f), &bytes, d->e));
	memcpy(&f, bytes.ptr, sizeof(f)); /* little-endian, as we are */
	ret->as.d = (double)f;
	return OK;
}

static enum err
read_double(struct decoding *d, struct avro_value *ret)
{
	struct str bytes = { 0 };

	TRY(take(&d->in, sizeof(ret->as.d), &bytes, d->e));
	memcpy(&ret->as.d, bytes.ptr, sizeof(ret->as.d));
	return OK;
}

static enum err
read_boolean(struct decoding *d, struct avro_value *ret)
{
	struct str byte = { 0 };

	TRY(take(&d->in, 1, &byte, d->e));
	ret->as.b = *byte.ptr != 0;
	return OK;
}

static enum err
read_record(
    struct decoding *d, const struct avro_type *type, struct avro_value *ret)
{
	struct avro_value *at =
	    ARENA_NEW(d->arena, struct avro_value, type->count);

	for (size_t i = 0; i < type->count; i++)
		TRY(read_value(d, type->fields[i].type, &at[i]));
	ret->as.list.at = at;
	ret->as.list.count = type->count;
	return OK;
}

static enum err
read_union(
    struct decoding *d, const struct avro_type *type, struct avro_value *ret)
{
	int64_t branch = 0;

	TRY(take_long(&d->in, &branch, d->e));
	if (branch < 0 || (size_t)branch >= type->count)
		return damaged(d->e, "a union has no such branch");
	return read_value(d, type->fields[branch].type, ret);
}

static enum err
read_symbol(
    struct decoding *d, const struct avro_type *type, struct avro_value *ret)
{
	TRY(take_long(&d->in, &ret->as.i, d->e));
	if (ret->as.i < 0 || (size_t)ret->as.i >= type->size)
		return damaged(d->e, "an enum has no such symbol");
	return OK;
}

/* How many items the next part of an array or map has; 0: it is over.  A
 * count below 0 is followed by its bytes ("Arrays"). */
static enum err
take_count(struct decoding *d, size_t *ret)
{
	int64_t count = 0, bytes = 0;

	TRY(take_long(&d->in, &count, d->e));
	if (count < 0) {
		TRY(take_long(&d->in, &bytes, d->e));
		count = count == INT64_MIN ? 0 : -count;
	}
	if ((uint64_t)count > d->values)
		return damaged(d->e, "a list is too long");
	*ret = (size_t)count;
	return OK;
}

/* `each` is 2 for a map, of key and value. */
static enum err
read_list(struct decoding *d, const struct avro_type *type, size_t each,
    struct avro_value *ret)
{
	static const struct avro_type key = { .kind = AVRO_STRING };
	struct avro_value *at = NULL;
	size_t count = 0, more = 0;

	for (;;) {
		TRY(take_count(d, &more));
		if (more == 0)
			break;
		at = arena_grow(d->arena, at, count * sizeof(*at),
		    (count + more * each) * sizeof(*at));
		for (size_t end = count + more * each; count < end; count++) {
			bool is_key = each == 2 && count % 2 == 0;

			TRY(read_value(
			    d, is_key ? &key : type->item, &at[count]));
		}
	}
	ret->as.list.at = at;
	ret->as.list.count = count;
	return OK;
}

static enum err
read_value(
    struct decoding *d, const struct avro_type *type, struct avro_value *ret)
{
	if (d->values-- == 0)
		return damaged(d->e, "a record has too many values");
	*ret = (struct avro_value){ .type = type };
	switch (type->kind) {
	case AVRO_NULL:
		return OK;
	case AVRO_BOOLEAN:
		return read_boolean(d, ret);
	case AVRO_INT:
	case AVRO_LONG:
		return take_long(&d->in, &ret->as.i, d->e);
	case AVRO_FLOAT:
		return read_float(d, ret);
	case AVRO_DOUBLE:
		return read_double(d, ret);
	case AVRO_BYTES:
	case AVRO_STRING:
		return take_bytes(&d->in, &ret->as.s, d->e);
	case AVRO_FIXED:
		return take(&d->in, type->size, &ret->as.s, d->e);
	case AVRO_ENUM:
		return read_symbol(d, type, ret);
	case AVRO_RECORD:
		return read_record(d, type, ret);
	case AVRO_ARRAY:
		return read_list(d, type, 1, ret);
	case AVRO_MAP:
		return read_list(d, type, 2, ret);
	case AVRO_UNION:
		return read_union(d, type, ret);
	}
	return OK;
}

const struct avro_value *
avro_field(const struct avro_value *record, int64_t field_id)
{
	const struct avro_type *type = record->type;

	if (type->kind != AVRO_RECORD)
		return NULL;
	for (size_t i = 0; i < type->count; i++) {
		const struct avro_value *v = &record->as.list.at[i];

		if (type->fields[i].id == field_id)
			return v->type->kind == AVRO_NULL ? NULL : v;
	}
	return NULL;
}

/* ---- the file */
static enum err
read_meta(struct avro_file *f, struct error *e)
{
	static const struct avro_type bytes = { .kind = AVRO_BYTES };
	static const struct avro_type map = { .kind = AVRO_MAP,
		.item = &bytes };
	struct decoding d = { f->arena, f->rest, AVRO_VALUES_MAX, e };
	struct avro_value v;

	TRY(read_value(&d, &map, &v));
	f->meta.count = v.as.list.count / 2;
	f->meta.at = ARENA_NEW(f->arena, struct pair, f->meta.count);
	for (size_t i = 0; i < f->meta.count; i++)
		f->meta.at[i] = (struct pair){ v.as.list.at[2 * i].as.s,
			v.as.list.at[2 * i + 1].as.s };
	f->rest = d.in;
	return OK;
}

static enum err
read_header(struct avro_file *f, struct error *e)
{
	yyjson_val *schema = NULL;

	if (!str_starts_with(f->rest, MAGIC))
		return fail(e, ERR_BAD_REQUEST, "it is no Avro file");
	f->rest = str_skip(f->rest, MAGIC.len);
	TRY(read_meta(f, e));
	TRY(take(&f->rest, SYNC, &f->sync, e));
	f->codec = pairs_get(f->meta, STR("avro.codec"));
	if (str_eq(f->codec, STR("null")))
		f->codec.len = 0;
	if (f->codec.len != 0 && avro_codec_find(f->codec) == NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "Avro file is packed by " STR_FMT
		    ", not by deflate, zstandard or snappy",
		    STR_ARG(f->codec));
	TRY(json_parse(
	    f->arena, pairs_get(f->meta, STR("avro.schema")), &schema, e));
	TRY(avro_type_read(f->arena, schema, &f->type, e));
	if (f->type->kind != AVRO_RECORD)
		return damaged(e, "its schema is no record");
	return OK;
}

enum err
avro_open(
    struct arena *a, struct str bytes, struct avro_file *ret, struct error *e)
{
	struct avro_file f = { .arena = a, .rest = bytes };

	TRY(read_header(&f, e));
	*ret = f;
	return OK;
}

/* More room each time the last was too small: no codec but snappy says how
 * long a block is. */
static enum err
unpack(struct avro_file *f, struct str packed, struct error *e)
{
	const struct avro_codec *codec = avro_codec_find(f->codec);
	size_t made = 0;
	enum unpacked result = UNPACKED_SHORT;

	while (result == UNPACKED_SHORT) {
		struct avro_room room = { f->unpacked, f->unpacked_room };

		if (room.size != 0)
			result = codec->unpack(packed, room, &made);
		if (result != UNPACKED_SHORT)
			break;
		if (f->unpacked_room >= AVRO_BLOCK_MAX)
			return damaged(e, "a block is too large");
		f->unpacked_room =
		    room.size != 0 ? 2 * room.size : 8 * packed.len + 64;
		if (f->unpacked_room > AVRO_BLOCK_MAX)
			f->unpacked_room = AVRO_BLOCK_MAX;
		f->unpacked = arena_alloc(f->arena, 1, f->unpacked_room);
	}
	if (result == UNPACKED_DAMAGED)
		return damaged(e, "a block cannot be unpacked");
	f->block = (struct str){ f->unpacked, made };
	return OK;
}

static enum err
next_block(struct avro_file *f, struct error *e)
{
	struct str packed, sync = { 0 };

	TRY(take_long(&f->rest, &f->left, e));
	if (f->left < 0)
		return damaged(e, "a count is below 0");
	TRY(take_bytes(&f->rest, &packed, e));
	TRY(take(&f->rest, SYNC, &sync, e));
	if (!str_eq(sync, f->sync))
		return damaged(e, "a block does not end where it should");
	f->block = packed;
	return f->codec.len != 0 ? unpack(f, packed, e) : OK;
}

enum err
avro_next(struct avro_file *f, struct arena *a, struct avro_value *ret,
    struct error *e)
{
	while (f->left == 0) {
		if (f->rest.len == 0) {
			*ret = (struct avro_value){ .type = NULL };
			return OK;
		}
		TRY(next_block(f, e));
	}

	struct decoding d = { a, f->block, AVRO_VALUES_MAX, e };

	TRY(read_value(&d, f->type, ret));
	f->block = d.in;
	f->left--;
	return OK;
}
