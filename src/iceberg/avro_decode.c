#include "iceberg/avro_decode.h"

#include <string.h>

#include "base/list.h"

enum err
avro_damaged(struct error *e, const char *what)
{
	return fail(e, ERR_BAD_REQUEST, "Avro file is damaged: %s", what);
}

/* ---- bytes */

/* Zigzag varint ("Primitive Types"). */
enum err
avro_take_long(struct str *in, int64_t *ret, struct error *e)
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
	return avro_damaged(e, "a number does not end");
}

enum err
avro_take(struct str *in, size_t size, struct str *ret, struct error *e)
{
	if (in->len < size)
		return avro_damaged(e, "it ends too early");
	*ret = (struct str){ in->ptr, size };
	*in = str_skip(*in, size);
	return OK;
}

enum err
avro_take_bytes(struct str *in, struct str *ret, struct error *e)
{
	int64_t size = 0;

	TRY(avro_take_long(in, &size, e));
	if (size < 0)
		return avro_damaged(e, "a length is below 0");
	return avro_take(in, (size_t)size, ret, e);
}

/* ---- bounds */
struct decoding
decoding_of(struct arena *a, struct str in, size_t values, const char *limit,
    struct work_budget *budget, struct error *e)
{
	size_t slice = values < WORK_SLICE ? values : WORK_SLICE;

	return (struct decoding){ .arena = a,
		.in = in,
		.budget = budget,
		.values = slice,
		.more = values - slice,
		.limit = limit,
		.e = e };
}

/* The slice of values is used up. */
static enum err
next_slice(struct decoding *d)
{
	size_t slice = d->more < WORK_SLICE ? d->more : WORK_SLICE;

	if (slice == 0)
		return fail(d->e, ERR_BAD_REQUEST, "%s", d->limit);
	if (!work_steps(d->budget, WORK_SLICE))
		return work_check(d->budget, d->e);
	d->more -= slice;
	d->values = slice;
	return OK;
}

static inline enum err
spend_value(struct decoding *d)
{
	if (d->values == 0)
		TRY(next_slice(d));
	d->values--;
	return OK;
}

static enum err
go_deeper(struct decoding *d)
{
	if (d->depth == AVRO_DEPTH_MAX)
		return avro_damaged(d->e, "values are nested too deeply");
	d->at[++d->depth] = NULL;
	return OK;
}

/* ---- lists */

/* A part of an array or map: "Arrays". */
struct part {
	size_t count;     /* 0: it was the last */
	bool has_bytes;   /* it says how many it takes */
	struct str bytes; /* if so, these */
};

/* An item takes bytes, so that a list cannot be longer than what is left. */
static enum err
take_part(struct decoding *d, const struct avro_type *item, struct part *ret)
{
	int64_t count = 0, bytes = 0;

	*ret = (struct part){ 0 };
	TRY(spend_value(d));
	TRY(avro_take_long(&d->in, &count, d->e));
	if (count < 0) {
		TRY(avro_take_long(&d->in, &bytes, d->e));
		if (count == INT64_MIN || bytes < 0 ||
		    (uint64_t)bytes > d->in.len)
			return avro_damaged(d->e, "a list has no such size");
		ret->has_bytes = true;
		ret->bytes = (struct str){ d->in.ptr, (size_t)bytes };
		count = -count;
	}
	if (item->min_size != 0 && (uint64_t)count > d->in.len / item->min_size)
		return avro_damaged(d->e, "a list is longer than its block");
	ret->count = (size_t)count;
	return OK;
}

/* The type that the items of an array, and the pairs of a map, are at least as
 * long as. */
static const struct avro_type *
least_item(const struct avro_type *list)
{
	static const struct avro_type key = { .kind = AVRO_STRING,
		.min_size = 1 };

	return list->kind == AVRO_MAP ? &key : list->item;
}

/* ---- values that nobody wants */
static enum err skip_value(struct decoding *, const struct avro_type *);

static enum err
skip_items(struct decoding *d, const struct avro_type *type, size_t count)
{
	struct str key;

	if (least_item(type)->min_size == 0)
		return OK;
	for (size_t i = 0; i < count; i++) {
		if (type->kind == AVRO_MAP)
			TRY(avro_take_bytes(&d->in, &key, d->e));
		TRY(skip_value(d, type->item));
	}
	return OK;
}

static enum err
skip_list(struct decoding *d, const struct avro_type *type)
{
	struct part part;

	do {
		TRY(take_part(d, least_item(type), &part));
		if (part.has_bytes)
			d->in = str_skip(d->in, part.bytes.len);
		else
			TRY(skip_items(d, type, part.count));
	} while (part.count != 0);
	return OK;
}

static enum err
take_branch(struct decoding *d, const struct avro_type *type,
    const struct avro_type **ret)
{
	int64_t branch = 0;

	TRY(avro_take_long(&d->in, &branch, d->e));
	if (branch < 0 || (size_t)branch >= type->count)
		return avro_damaged(d->e, "a union has no such branch");
	*ret = type->fields[branch].type;
	return OK;
}

static enum err
skip_inside(struct decoding *d, const struct avro_type *type)
{
	const struct avro_type *branch = NULL;

	switch ((int)type->kind) {
	case AVRO_RECORD:
		for (size_t i = 0; i < type->count; i++)
			TRY(skip_value(d, type->fields[i].type));
		return OK;
	case AVRO_UNION:
		TRY(take_branch(d, type, &branch));
		return skip_value(d, branch);
	default:
		return skip_list(d, type);
	}
}

static enum err
skip_value(struct decoding *d, const struct avro_type *type)
{
	int64_t number;
	struct str bytes;

	TRY(spend_value(d));
	switch (type->kind) {
	case AVRO_NULL:
		return OK;
	case AVRO_INT:
	case AVRO_LONG:
	case AVRO_ENUM:
		return avro_take_long(&d->in, &number, d->e);
	case AVRO_BYTES:
	case AVRO_STRING:
		return avro_take_bytes(&d->in, &bytes, d->e);
	case AVRO_BOOLEAN:
	case AVRO_FLOAT:
	case AVRO_DOUBLE:
	case AVRO_FIXED:
		return avro_take(&d->in, type->min_size, &bytes, d->e);
	case AVRO_RECORD:
	case AVRO_ARRAY:
	case AVRO_MAP:
	case AVRO_UNION:
		break;
	}
	TRY(go_deeper(d));
	TRY(skip_inside(d, type));
	d->depth--;
	return OK;
}

/* ---- values */
static enum err
read_float(struct decoding *d, struct avro_value *ret)
{
	struct str bytes = { 0 };
	float f;

	TRY(avro_take(&d->in, sizeof(f), &bytes, d->e));
	memcpy(&f, bytes.ptr, sizeof(f)); /* little-endian, as we are */
	ret->as.d = (double)f;
	return OK;
}

static enum err
read_double(struct decoding *d, struct avro_value *ret)
{
	struct str bytes = { 0 };

	TRY(avro_take(&d->in, sizeof(ret->as.d), &bytes, d->e));
	memcpy(&ret->as.d, bytes.ptr, sizeof(ret->as.d));
	return OK;
}

static enum err
read_boolean(struct decoding *d, struct avro_value *ret)
{
	struct str byte = { 0 };

	TRY(avro_take(&d->in, 1, &byte, d->e));
	ret->as.b = *byte.ptr != 0;
	return OK;
}

static enum err
read_symbol(
    struct decoding *d, const struct avro_type *type, struct avro_value *ret)
{
	TRY(avro_take_long(&d->in, &ret->as.i, d->e));
	if (ret->as.i < 0 || (size_t)ret->as.i >= type->size)
		return avro_damaged(d->e, "an enum has no such symbol");
	return OK;
}

static enum err
read_record(
    struct decoding *d, const struct avro_type *type, struct avro_value *ret)
{
	static const struct avro_type null = { .kind = AVRO_NULL };
	struct avro_value *at =
	    ARENA_NEW(d->arena, struct avro_value, type->count);

	for (size_t i = 0; i < type->count; i++) {
		const struct avro_field *field = &type->fields[i];

		d->at[d->depth] = field;
		at[i].type = &null;
		if (field->skipped)
			TRY(skip_value(d, field->type));
		else
			TRY(decode_value(d, field->type, &at[i]));
	}
	ret->as.list.at = at;
	ret->as.list.count = type->count;
	return OK;
}

/* A loop over items that have no bytes could count for ever. */
static enum err
check_items(
    struct decoding *d, const struct avro_type *item, size_t count, size_t each)
{
	if (item->min_size == 0 && count != 0)
		return avro_damaged(d->e, "the items of a list have no bytes");
	if (count * each > d->values + d->more)
		return fail(d->e, ERR_BAD_REQUEST, "%s", d->limit);
	return OK;
}

static enum err
read_list(
    struct decoding *d, const struct avro_type *type, struct avro_value *ret)
{
	bool is_map = type->kind == AVRO_MAP;
	const struct avro_type *first = least_item(type);
	size_t count = 0, room = 0, each = is_map ? 2 : 1;
	struct avro_value *at = NULL;
	struct part part;

	for (;;) {
		TRY(take_part(d, first, &part));
		if (part.count == 0)
			break;
		TRY(check_items(d, first, part.count, each));
		LIST_RESERVE(d->arena, at, count, room, part.count * each);
		for (size_t i = 0; i < part.count; i++) {
			if (is_map)
				TRY(decode_value(d, first, &at[count++]));
			TRY(decode_value(d, type->item, &at[count++]));
		}
	}
	ret->as.list.at = at;
	ret->as.list.count = count;
	return OK;
}

static enum err
read_inside(
    struct decoding *d, const struct avro_type *type, struct avro_value *ret)
{
	const struct avro_type *branch = NULL;

	switch ((int)type->kind) {
	case AVRO_RECORD:
		return read_record(d, type, ret);
	case AVRO_UNION:
		TRY(take_branch(d, type, &branch));
		return decode_value(d, branch, ret);
	default:
		return read_list(d, type, ret);
	}
}

enum err
decode_value(
    struct decoding *d, const struct avro_type *type, struct avro_value *ret)
{
	TRY(spend_value(d));
	*ret = (struct avro_value){ .type = type };
	switch (type->kind) {
	case AVRO_NULL:
		return OK;
	case AVRO_BOOLEAN:
		return read_boolean(d, ret);
	case AVRO_INT:
	case AVRO_LONG:
		return avro_take_long(&d->in, &ret->as.i, d->e);
	case AVRO_FLOAT:
		return read_float(d, ret);
	case AVRO_DOUBLE:
		return read_double(d, ret);
	case AVRO_BYTES:
	case AVRO_STRING:
		return avro_take_bytes(&d->in, &ret->as.s, d->e);
	case AVRO_FIXED:
		return avro_take(&d->in, type->size, &ret->as.s, d->e);
	case AVRO_ENUM:
		return read_symbol(d, type, ret);
	case AVRO_RECORD:
	case AVRO_ARRAY:
	case AVRO_MAP:
	case AVRO_UNION:
		break;
	}
	TRY(go_deeper(d));
	TRY(read_inside(d, type, ret));
	d->depth--;
	return OK;
}
