#include "plugins/contract/token.h"

#include "base/buf.h"
#include "base/hex.h"
#include "plugins/contract/value.h"

#define TOKEN_VERSION 1

/* FNV-1a: finds accidents; a token grants nothing that a scan does not. */
static uint32_t
checksum(uint32_t sum, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		sum = (sum ^ (unsigned char)s.ptr[i]) * 16777619u;
	return sum;
}

static uint32_t
scan_name(const struct entity *t, const struct scan *s)
{
	uint32_t sum = checksum(2166136261u, str_from(t->name));

	if (s->index != INDEX_KEY)
		sum = checksum(sum, str_from(t->indexes[s->index].name));
	return checksum(sum, s->descending ? STR("<") : STR(">"));
}

static void
add_number(struct buf *b, uint64_t n, int bytes)
{
	while (bytes-- > 0)
		buf_add_char(b, (char)(n >> (8 * bytes) & 0xFF));
}

static void
add_value(struct buf *b, const struct value *v)
{
	buf_add_char(b, (char)v->type);
	switch (v->type) {
	case VALUE_NULL:
		break;
	case VALUE_INT:
		add_number(b, (uint64_t)v->as.i, 8);
		break;
	case VALUE_TEXT:
	case VALUE_BYTES:
		add_number(b, v->as.s.len, 4);
		buf_add(b, v->as.s);
		break;
	case VALUE_ID:
		buf_add(b, (struct str){ (const char *)v->as.id.b, 16 });
		break;
	}
}

struct str
token_write(struct arena *a, const struct entity *t, const struct scan *s,
    const struct value *row)
{
	struct order o = order_of(t, s->index);
	struct buf body = buf_in(a), all = buf_in(a);
	char *text;

	for (uint16_t i = 0; i < o.count; i++)
		add_value(&body, &row[o.field[i]]);
	buf_add_char(&all, TOKEN_VERSION);
	add_number(&all, checksum(scan_name(t, s), buf_str(&body)), 4);
	buf_add(&all, buf_str(&body));
	text = arena_alloc(a, 1, 2 * all.len);
	hex_write(text, buf_str(&all));
	return (struct str){ text, 2 * all.len };
}

static bool
take(struct str *from, size_t n, struct str *ret)
{
	if (from->len < n)
		return false;
	*ret = (struct str){ from->ptr, n };
	*from = str_skip(*from, n);
	return true;
}

static bool
take_number(struct str *from, size_t bytes, uint64_t *ret)
{
	struct str s;

	*ret = 0;
	if (!take(from, bytes, &s))
		return false;
	for (size_t i = 0; i < s.len; i++)
		*ret = *ret << 8 | (unsigned char)s.ptr[i];
	return true;
}

static bool
take_value(struct str *from, enum value_type type, struct value *ret)
{
	uint64_t n;
	struct str s;

	if (!take_number(from, 1, &n) || (n != VALUE_NULL && n != type))
		return false;
	ret->type = (enum value_type)n;
	switch (ret->type) {
	case VALUE_NULL:
		return true;
	case VALUE_INT:
		if (!take_number(from, 8, &n))
			return false;
		ret->as.i = (int64_t)n;
		return true;
	case VALUE_TEXT:
	case VALUE_BYTES:
		return take_number(from, 4, &n) && take(from, n, &ret->as.s);
	case VALUE_ID:
		if (!take(from, 16, &s))
			return false;
		memcpy(ret->as.id.b, s.ptr, 16);
		return true;
	}
	return false;
}

static bool
take_row(struct str from, const struct entity *t, const struct scan *s,
    struct value *row)
{
	struct order o = order_of(t, s->index);

	for (uint16_t i = 0; i < o.count; i++) {
		uint16_t field = o.field[i];

		if (!take_value(&from, t->fields[field].type, &row[field]))
			return false;
	}
	return from.len == 0;
}

enum err
token_parse(struct arena *a, const struct entity *t, const struct scan *s,
    const struct value **ret, struct error *e)
{
	struct value *row = NULL;
	struct str raw;

	if (s->after.ptr != NULL) {
		uint64_t version, sum;

		row = ARENA_NEW(a, struct value, t->field_count);
		if (!hex_read(a, s->after, &raw) ||
		    !take_number(&raw, 1, &version) ||
		    version != TOKEN_VERSION || !take_number(&raw, 4, &sum) ||
		    sum != checksum(scan_name(t, s), raw) ||
		    !take_row(raw, t, s, row))
			return fail(e, ERR_BAD_REQUEST,
			    "The page token is not of this list.");
	}
	*ret = row;
	return OK;
}
