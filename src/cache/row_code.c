/* row_code.c - each value is a byte that tells its type, then the value. */
#include "cache/row_code.h"

#include "base/buf.h"

static void
add_bytes(struct buf *b, const void *bytes, size_t len)
{
	buf_add(b, (struct str){ bytes, len });
}

struct str
row_pack(struct arena *a, const struct value *row, size_t count)
{
	struct buf b = buf_in(a);

	for (size_t i = 0; i < count; i++) {
		const struct value *v = &row[i];
		uint32_t len = (uint32_t)v->as.s.len;

		buf_add_char(&b, (char)v->type);
		switch (v->type) {
		case VALUE_NULL:
			break;
		case VALUE_INT:
			add_bytes(&b, &v->as.i, sizeof(v->as.i));
			break;
		case VALUE_ID:
			add_bytes(&b, v->as.id.b, sizeof(v->as.id.b));
			break;
		case VALUE_TEXT:
		case VALUE_BYTES:
			add_bytes(&b, &len, sizeof(len));
			buf_add(&b, v->as.s);
			break;
		}
	}
	return buf_str(&b);
}

static bool
take(struct str *io, void *ret, size_t len)
{
	if (io->len < len)
		return false;
	memcpy(ret, io->ptr, len);
	*io = str_skip(*io, len);
	return true;
}

static bool
take_text(struct str *io, struct str *ret)
{
	uint32_t len;

	if (!take(io, &len, sizeof(len)) || io->len < len)
		return false;
	*ret = (struct str){ io->ptr, len };
	*io = str_skip(*io, len);
	return true;
}

static bool
take_value(struct str *io, struct value *ret)
{
	char type;

	if (!take(io, &type, 1))
		return false;
	ret->type = (enum value_type)type;
	switch (ret->type) {
	case VALUE_NULL:
		return true;
	case VALUE_INT:
		return take(io, &ret->as.i, sizeof(ret->as.i));
	case VALUE_ID:
		return take(io, ret->as.id.b, sizeof(ret->as.id.b));
	case VALUE_TEXT:
	case VALUE_BYTES:
		return take_text(io, &ret->as.s);
	}
	return false;
}

bool
row_unpack(struct str bytes, struct value *ret, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!take_value(&bytes, &ret[i]))
			return false;
	return bytes.len == 0;
}
