#include "client/printable.h"

/* The length of the character at the start of `s`; 0: it is no UTF-8. */
static size_t
character(struct str s)
{
	for (size_t n = 1; n <= 4 && n <= s.len; n++)
		if (str_is_utf8((struct str){ s.ptr, n }))
			return n;
	return 0;
}

/* Beside ASCII: C1 (U+0080 to U+009F), the marks of direction (U+061C, U+200E,
 * U+200F, U+202A to U+202E, U+2066 to U+2069) and the separators of lines. */
static bool
is_control(struct str c)
{
	const unsigned char *b = (const unsigned char *)c.ptr;

	if (c.len == 1)
		return b[0] < 0x20 || b[0] == 0x7f;
	if (c.len == 2)
		return (b[0] == 0xc2 && b[1] < 0xa0) ||
		       (b[0] == 0xd8 && b[1] == 0x9c);
	if (c.len != 3 || b[0] != 0xe2)
		return false;
	return (b[1] == 0x80 && (b[2] == 0x8e || b[2] == 0x8f ||
				    (b[2] >= 0xa8 && b[2] <= 0xae))) ||
	       (b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9);
}

void
printable_add(struct buf *b, struct str text)
{
	while (text.len != 0) {
		size_t n = character(text);
		struct str c = { text.ptr, n != 0 ? n : 1 };

		text = str_skip(text, c.len);
		if (n != 0 && !is_control(c)) {
			buf_add(b, c);
			continue;
		}
		for (size_t i = 0; i < c.len; i++)
			buf_printf(b, "\\x%02x", (unsigned char)c.ptr[i]);
	}
}

struct str
printable(struct arena *a, struct str text)
{
	struct buf b = buf_in(a);

	printable_add(&b, text);
	return buf_str(&b);
}

size_t
printable_width(struct str text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.len; i++)
		width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
	return width;
}
