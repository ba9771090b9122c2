#include "iceberg/avro_write.h"

#include <string.h>

#include "iceberg/avro_codec.h"

/* Readers unpack a block at once, so that it is small for them. */
#define BLOCK_BYTES ((size_t)64 << 10)

/* ---- values */

/* Zigzag varint ("Primitive Types"). */
void
avro_put_long(struct buf *b, int64_t n)
{
	uint64_t left = (uint64_t)n << 1 ^ (uint64_t)(n >> 63);
	char *at = buf_reserve(b, 10), *begin = at;

	for (; left > 0x7F; left >>= 7)
		*at++ = (char)((left & 0x7F) | 0x80);
	*at++ = (char)left;
	b->len += (size_t)(at - begin);
}

void
avro_put_bool(struct buf *b, bool value)
{
	buf_add_char(b, (char)value);
}

void
avro_put_bytes(struct buf *b, struct str s)
{
	avro_put_long(b, (int64_t)s.len);
	buf_add(b, s);
}

/* Little-endian, as we are. */
static void
put_float(struct buf *b, double d)
{
	float f = (float)d;

	buf_add(b, (struct str){ (const char *)&f, sizeof(f) });
}

static void
put_items(
    struct buf *b, const struct avro_type *type, const struct avro_value *v)
{
	size_t each = type->kind == AVRO_MAP ? 2 : 1;
	size_t count = v->as.list.count / each;

	if (count != 0)
		avro_put_long(b, (int64_t)count);
	for (size_t i = 0; i < count; i++) {
		const struct avro_value *at = &v->as.list.at[i * each];

		if (each == 2)
			avro_put_bytes(b, at++->as.s);
		avro_put_value(b, type->item, at);
	}
	avro_put_long(b, 0);
}

/* A value keeps the type of the branch that it was read from. */
static void
put_branch(
    struct buf *b, const struct avro_type *type, const struct avro_value *v)
{
	size_t branch = 0;

	while (branch + 1 < type->count && type->fields[branch].type != v->type)
		branch++;
	avro_put_long(b, (int64_t)branch);
	avro_put_value(b, v->type, v);
}

static void
put_inside(
    struct buf *b, const struct avro_type *type, const struct avro_value *v)
{
	switch ((int)type->kind) {
	case AVRO_RECORD:
		for (size_t i = 0; i < type->count; i++)
			avro_put_value(
			    b, type->fields[i].type, &v->as.list.at[i]);
		return;
	case AVRO_UNION:
		put_branch(b, type, v);
		return;
	default:
		put_items(b, type, v);
	}
}

void
avro_put_value(
    struct buf *b, const struct avro_type *type, const struct avro_value *v)
{
	switch (type->kind) {
	case AVRO_NULL:
		return;
	case AVRO_BOOLEAN:
		avro_put_bool(b, v->as.b);
		return;
	case AVRO_INT:
	case AVRO_LONG:
	case AVRO_ENUM:
		avro_put_long(b, v->as.i);
		return;
	case AVRO_FLOAT:
		put_float(b, v->as.d);
		return;
	case AVRO_DOUBLE:
		buf_add(
		    b, (struct str){ (const char *)&v->as.d, sizeof(v->as.d) });
		return;
	case AVRO_BYTES:
	case AVRO_STRING:
		avro_put_bytes(b, v->as.s);
		return;
	case AVRO_FIXED:
		buf_add(b, v->as.s);
		return;
	case AVRO_RECORD:
	case AVRO_ARRAY:
	case AVRO_MAP:
	case AVRO_UNION:
		put_inside(b, type, v);
		return;
	}
}

/* ---- files */
static struct str
sync_of(const struct avro_writer *w)
{
	return (struct str){ (const char *)w->sync.b, sizeof(w->sync.b) };
}

static void
put_pair(struct buf *b, struct str name, struct str value)
{
	avro_put_bytes(b, name);
	avro_put_bytes(b, value);
}

struct avro_writer
avro_writer_new(struct arena *a, enum avro_packing packing, struct str schema,
    struct pairs meta, struct id sync)
{
	struct avro_writer w = { .file = buf_in(a),
		.block = buf_in(a),
		.packing = packing,
		.sync = sync };

	buf_add(&w.file, STR("Obj\x01"));
	avro_put_long(&w.file, (int64_t)meta.count + 2);
	put_pair(&w.file, STR("avro.schema"), schema);
	put_pair(&w.file, STR("avro.codec"),
	    packing == AVRO_DEFLATED ? STR("deflate") : STR("null"));
	for (size_t i = 0; i < meta.count; i++)
		put_pair(&w.file, meta.at[i].name, meta.at[i].value);
	avro_put_long(&w.file, 0);
	buf_add(&w.file, sync_of(&w));
	return w;
}

/* Packed bytes go where they belong but for the length before them. */
static void
put_deflated(struct buf *b, struct str bytes)
{
	const size_t length = 10; /* at most */
	char *room = buf_reserve(b, length + avro_deflate_bound(bytes.len));
	struct str packed = avro_deflate(bytes, room + length);

	avro_put_long(b, (int64_t)packed.len);
	memmove(b->data + b->len, packed.ptr, packed.len);
	b->len += packed.len;
}

static void
end_block(struct avro_writer *w)
{
	if (w->records == 0)
		return;
	avro_put_long(&w->file, w->records);
	if (w->packing == AVRO_DEFLATED)
		put_deflated(&w->file, buf_str(&w->block));
	else
		avro_put_bytes(&w->file, buf_str(&w->block));
	buf_add(&w->file, sync_of(w));
	w->block.len = 0;
	w->records = 0;
}

void
avro_writer_end_record(struct avro_writer *w)
{
	w->records++;
	if (w->block.len >= BLOCK_BYTES)
		end_block(w);
}

size_t
avro_writer_size(const struct avro_writer *w)
{
	return w->file.len + w->block.len;
}

enum err
avro_writer_finish(struct avro_writer *w, struct str *ret, struct error *e)
{
	end_block(w);
	TRY(arena_check(w->file.arena, e));
	*ret = buf_str(&w->file);
	return OK;
}
