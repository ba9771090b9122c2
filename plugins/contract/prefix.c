/* prefix.c - computes where the texts that begin with a prefix end. */
#include "plugins/contract/prefix.h"

static size_t
utf8_encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	unsigned lead = 0xF00u >> n & 0xFFu;

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80u | (c & 0x3Fu));
	out[0] = (char)(lead | c);
	return n;
}

const struct value *
text_behind(struct arena *a, struct str prefix)
{
	while (prefix.len != 0) {
		size_t at = prefix.len - 1;
		uint32_t c, mask;

		while (
		    at != 0 && ((unsigned char)prefix.ptr[at] & 0xC0) == 0x80)
			at--;
		mask = prefix.len - at == 1 ? 0x7F : 0x7Fu >> (prefix.len - at);
		c = (unsigned char)prefix.ptr[at] & mask;
		for (size_t i = at + 1; i < prefix.len; i++)
			c = c << 6 | ((unsigned char)prefix.ptr[i] & 0x3Fu);
		prefix.len = at;
		if (c >= 0x10FFFF)
			continue;
		c = c + 1 == 0xD800 ? 0xE000 : c + 1; /* no surrogates */

		struct value *v = ARENA_NEW(a, struct value, 1);
		char *p = arena_alloc(a, 1, at + 4);

		if (at != 0)
			memcpy(p, prefix.ptr, at);
		v->type = VALUE_TEXT;
		v->as.s = (struct str){ p, at + utf8_encode(c, p + at) };
		return v;
	}
	return NULL;
}
