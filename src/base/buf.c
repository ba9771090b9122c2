#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Printed texts are seldom longer. */
#define PRINT_ROOM 128

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
	char digits[20], *at = digits + sizeof(digits);
	uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) != 0);
	if (n < 0)
		*--at = '-';
	buf_add(b, (struct str){ at, (size_t)(digits + sizeof(digits) - at) });
}

void
buf_add_hex(struct buf *b, struct str bytes)
{
	static const char digits[] = "0123456789ABCDEF";
	char *at = buf_reserve(b, 2 * bytes.len);

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.ptr[i];

		*at++ = digits[byte >> 4];
		*at++ = digits[byte & 15];
	}
	b->len += 2 * bytes.len;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);

	char *at = buf_reserve(b, PRINT_ROOM);
	int n = vsnprintf(at, PRINT_ROOM, fmt, ap);

	va_end(ap);
	if (n < 0)
		abort();
	if (n >= PRINT_ROOM)
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

/* Eight bytes, each a copy of `c`. */
#define EIGHT(c) (UINT64_C(0x0101010101010101) * (c))

/* Has one of eight bytes the value `c`?  May say so wrongly, never not. */
static uint64_t
has_byte(uint64_t eight, unsigned char c)
{
	uint64_t x = eight ^ EIGHT(c);

	return (x - EIGHT(1)) & ~x & EIGHT(0x80);
}

/* None of the eight bytes here needs an escape. */
static bool
eight_are_plain(const char *at)
{
	uint64_t eight;

	memcpy(&eight, at, sizeof(eight));

	uint64_t low = (eight - EIGHT(0x20)) & ~eight & EIGHT(0x80);

	return (low | has_byte(eight, '"') | has_byte(eight, '\\') |
		   has_byte(eight, 0x7F)) == 0;
}

void
buf_add_json(struct buf *b, struct str s)
{
	size_t from = 0;

	buf_add_char(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.len - i >= 8 && eight_are_plain(s.ptr + i)) {
			i += 7;
			continue;
		}

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
