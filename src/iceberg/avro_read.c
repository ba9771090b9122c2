/* avro_read.c - reads header and blocks of Avro files. */
#include <stdio.h>
#include <string.h>

#include "iceberg/avro_codec.h"
#include "iceberg/avro_decode.h"

#define MAGIC STR("Obj\x01")
#define SYNC 16
#define META_VALUES_MAX 10000 /* in the file's own metadata */

#define DIGITS_(n) #n
#define DIGITS(n) DIGITS_(n)

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

/* ---- the header */
static enum err
read_meta(struct avro_file *f, struct error *e)
{
	static const struct avro_type bytes = { .kind = AVRO_BYTES,
		.min_size = 1 };
	static const struct avro_type map = {
		.kind = AVRO_MAP, .item = &bytes, .min_size = 1
	};
	struct decoding d = decoding_of(f->arena, f->rest, META_VALUES_MAX,
	    "Avro file is damaged: its header is too long", f->budget, e);
	struct avro_value v;

	TRY(decode_value(&d, &map, &v));
	f->meta.count = v.as.list.count / 2;
	f->meta.at = ARENA_NEW(f->arena, struct pair, f->meta.count);
	for (size_t i = 0; i < f->meta.count; i++)
		f->meta.at[i] = (struct pair){ v.as.list.at[2 * i].as.s,
			v.as.list.at[2 * i + 1].as.s };
	f->rest = d.in;
	return OK;
}

static enum err
read_codec(struct avro_file *f, struct error *e)
{
	f->codec = pairs_find(f->meta, STR("avro.codec"));
	if (str_eq(f->codec, STR("null")))
		f->codec.len = 0;
	if (f->codec.len != 0 && avro_codec_find(f->codec) == NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "Avro file is packed by " STR_FMT
		    ", not by deflate, zstandard or snappy",
		    STR_ARG(f->codec));
	return OK;
}

/* Records without bytes would be as many as anybody says. */
static enum err
read_schema(struct avro_file *f, struct error *e)
{
	struct str text = pairs_find(f->meta, STR("avro.schema"));
	yyjson_val *schema = NULL;

	if (text.len > AVRO_SCHEMA_MAX)
		return avro_damaged(e, "its schema is too long");
	TRY(json_parse(f->arena, text, &schema, e));
	TRY(avro_type_read(f->arena, schema, &f->type, e));
	if (f->type->kind != AVRO_RECORD)
		return avro_damaged(e, "its schema is no record");
	if (f->type->min_size == 0)
		return avro_damaged(e, "its records have no bytes");
	return OK;
}

static enum err
read_header(struct avro_file *f, struct error *e)
{
	if (!str_starts_with(f->rest, MAGIC))
		return fail(e, ERR_BAD_REQUEST, "it is no Avro file");
	f->rest = str_skip(f->rest, MAGIC.len);
	TRY(read_meta(f, e));
	TRY(avro_take(&f->rest, SYNC, &f->sync, e));
	TRY(read_codec(f, e));
	return read_schema(f, e);
}

enum err
avro_open(struct arena *a, struct str bytes, const struct avro_wanted *wanted,
    struct work_budget *budget, struct avro_file *ret, struct error *e)
{
	struct avro_file f = { .arena = a,
		.budget = budget,
		.rest = bytes,
		.values_left = AVRO_FILE_VALUES_MAX,
		.bytes_left = AVRO_FILE_BYTES_MAX };

	TRY(read_header(&f, e));
	f.type = avro_type_select(a, f.type, wanted);
	*ret = f;
	return OK;
}

/* ---- blocks */

/* The bytes that a block may still have, unpacked, and why not more. */
static size_t
bytes_allowed(const struct avro_file *f, const char **ret_limit)
{
	size_t most = f->codec.len != 0 ? AVRO_BLOCK_MAX : SIZE_MAX;

	*ret_limit = "Avro file is damaged: a block unpacks to too much";
	if (f->bytes_left < most) {
		most = f->bytes_left;
		*ret_limit = "it unpacks to more than a file may";
	}
	if (f->budget->bytes < most) {
		most = f->budget->bytes;
		*ret_limit = "all files together unpack to more than those of "
			     "a request may";
	}
	return most;
}

static enum err
make_room(struct avro_file *f, size_t room, size_t most, struct error *e)
{
	if (f->unpacked != NULL)
		arena_release(f->arena, f->unpacked, f->unpacked_room);
	f->unpacked_room = room < most ? room : most;
	f->unpacked = arena_try(f->arena, f->unpacked_room);
	return f->unpacked != NULL ? OK : arena_check(f->arena, e);
}

/* Room that was too small becomes what the codec says, or twice as large. */
static enum err
unpack(struct avro_file *f, struct str packed, struct error *e)
{
	const struct avro_codec *codec = avro_codec_find(f->codec);
	const char *limit;
	size_t made = 0, most = bytes_allowed(f, &limit);

	if (f->unpacked == NULL)
		TRY(make_room(f, 8 * packed.len + 64, most, e));
	for (;;) {
		struct avro_room room = { f->unpacked,
			f->unpacked_room < most ? f->unpacked_room : most };
		enum unpacked result = codec->unpack(packed, room, &made);

		if (result == UNPACKED_DAMAGED)
			return avro_damaged(e, "a block cannot be unpacked");
		if (result == UNPACKED_OK)
			break;
		if (room.size == most || made > most)
			return fail(e, ERR_BAD_REQUEST, "%s", limit);
		TRY(make_room(
		    f, made > room.size ? made : 2 * room.size, most, e));
	}
	f->block = (struct str){ f->unpacked, made };
	return OK;
}

static enum err
spend_bytes(struct avro_file *f, struct error *e)
{
	const char *limit;

	if (f->block.len > bytes_allowed(f, &limit))
		return fail(e, ERR_BAD_REQUEST, "%s", limit);
	f->bytes_left -= f->block.len;
	f->budget->bytes -= f->block.len;
	return OK;
}

static enum err
next_block(struct avro_file *f, struct error *e)
{
	struct str packed, sync = { 0 };

	if (!work_look(f->budget))
		return work_check(f->budget, e);
	TRY(avro_take_long(&f->rest, &f->left, e));
	if (f->left < 0)
		return avro_damaged(e, "a count is below 0");
	TRY(avro_take_bytes(&f->rest, &packed, e));
	TRY(avro_take(&f->rest, SYNC, &sync, e));
	if (!str_eq(sync, f->sync))
		return avro_damaged(e, "a block does not end where it should");
	f->block = packed;
	if (f->left == 0)
		return OK;
	if (f->codec.len != 0)
		TRY(unpack(f, packed, e));
	TRY(spend_bytes(f, e));
	if ((uint64_t)f->left > f->block.len / f->type->min_size)
		return avro_damaged(
		    e, "a block has fewer records than it says");
	return OK;
}

/* ---- records */

/* The values that a record may have, and why not more. */
static size_t
values_allowed(const struct avro_file *f, const char **ret_limit)
{
	size_t most = AVRO_RECORD_VALUES_MAX;

	*ret_limit = "Avro file is damaged: a record has more than " DIGITS(
	    AVRO_RECORD_VALUES_MAX) " values";
	if (f->values_left < most) {
		most = f->values_left;
		*ret_limit =
		    "it has more than " DIGITS(AVRO_FILE_VALUES_MAX) " values";
	}
	if (f->budget->values < most) {
		most = f->budget->values;
		*ret_limit = "all files together have more values than those "
			     "of a request may";
	}
	return most;
}

/* "..., at f2.f108 of record 17" */
static enum err
failed_at(const struct decoding *d, const struct avro_file *f, enum err err)
{
	char what[sizeof(d->e->message)], place[256] = "";
	size_t len = 0;

	if (err != ERR_BAD_REQUEST)
		return err;
	memcpy(what, d->e->message, sizeof(what));
	for (unsigned i = 1; i <= d->depth; i++) {
		if (d->at[i] == NULL || d->at[i]->name.len > 64 ||
		    len + d->at[i]->name.len + 2 > sizeof(place))
			continue;
		len += (size_t)snprintf(place + len, sizeof(place) - len,
		    "%s" STR_FMT, len != 0 ? "." : "", STR_ARG(d->at[i]->name));
	}
	return fail(d->e, err, "%s, at %s%srecord %lld", what, place,
	    len != 0 ? " of " : "", (long long)f->records);
}

static enum err
next_record(struct avro_file *f, struct arena *a, struct avro_value *ret,
    struct error *e)
{
	const char *limit;
	size_t used, most = values_allowed(f, &limit);
	struct decoding d = decoding_of(a, f->block, most, limit, f->budget, e);
	enum err err = decode_value(&d, f->type, ret);

	if (err != OK)
		return failed_at(&d, f, err);
	used = most - d.more - d.values;
	f->values_left -= used;
	f->budget->values -= used;
	f->block = d.in;
	f->left--;
	f->records++;
	if (!work_steps(f->budget, used % WORK_SLICE))
		return work_check(f->budget, e);
	return OK;
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
	return next_record(f, a, ret, e);
}
