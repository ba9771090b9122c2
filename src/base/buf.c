#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

char *
buf_reserve(struct buf *b, size_t n)
{
	if (b->room - b->len < n) {
		size_t room = b->room < 256 ? 256 : b->room * 2;

		if (n > SIZE_MAX / 4 || b->len > SIZE_MAX / 4)
			abort();
		if (room < b->len + n)
			room = b->len + n;
		b->data = arena_grow(b->arena, b->data, b->room, room);
		b->room = room;
	}
	return b->data + b->len;
}

void
buf_add(struct buf *b, struct str s)
{
	if (s.len == 0)
		return;
	memcpy(buf_reserve(b, s.len), s.ptr, s.len);
	b->len += s.len;
}

void
buf_add_char(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->len++;
}

void
buf_add_int(struct buf *b, int64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%lld", (long long)n);

	buf_add(b, (struct str){ digits, (size_t)len });
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);

	int n = vsnprintf(NULL, 0, fmt, ap);

	va_end(ap);
	if (n < 0)
		abort();
	(void)vsnprintf(
	    buf_reserve(b, (size_t)n + 1), (size_t)n + 1, fmt, again);
	va_end(again);
	b->len += (size_t)n;
}

static void
add_escaped(struct buf *b, unsigned char c)
{
	static const char letter[] = { ['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't',
		['"'] = '"',
		['\\'] = '\\' };

	if (c < sizeof(letter) && letter[c] != '\0') {
		buf_add_char(b, '\\');
		buf_add_char(b, letter[c]);
	} else {
		buf_printf(b, "\\u%04x", c);
	}
}

void
buf_add_json(struct buf *b, struct str s)
{
	size_t from = 0;

	buf_add_char(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
			continue;
		buf_add(b, (struct str){ s.ptr + from, i - from });
		add_escaped(b, c);
		from = i + 1;
	}
	buf_add(b, str_skip(s, from));
	buf_add_char(b, '"');
}
