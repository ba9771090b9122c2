#include "base/str.h"

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n != 0 ? memcmp(a.ptr, b.ptr, n) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

int
str_cmp_nocase(struct str a, struct str b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		unsigned char x = (unsigned char)lower(a.ptr[i]);
		unsigned char y = (unsigned char)lower(b.ptr[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.len > b.len) - (a.len < b.len);
}

struct str
str_cut(struct str *rest, char sep)
{
	const char *hit = rest->len ? memchr(rest->ptr, sep, rest->len) : NULL;
	struct str head = *rest;

	if (hit == NULL) {
		*rest = (struct str){ 0 };
		return head;
	}
	head.len = (size_t)(hit - rest->ptr);
	rest->ptr += head.len + 1;
	rest->len -= head.len + 1;
	return head;
}

struct str
str_trim(struct str s)
{
	while (s.len != 0 && (*s.ptr == ' ' || *s.ptr == '\t'))
		s = str_skip(s, 1);
	while (
	    s.len != 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

bool
str_to_int(struct str s, int64_t *ret)
{
	bool negative = s.len != 0 && *s.ptr == '-';
	int64_t n = 0;

	if (negative)
		s = str_skip(s, 1);
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int digit = s.ptr[i] - '0';

		if (digit < 0 || digit > 9 ||
		    __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, digit, &n))
			return false;
	}
	/* counted downwards, because INT64_MIN has no positive twin */
	if (!negative && __builtin_sub_overflow((int64_t)0, n, &n))
		return false;
	*ret = n;
	return true;
}

int
str_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Length of the sequence that starts at `p`, or 0 when it is malformed. */
static size_t
utf8_step(const unsigned char *p, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xC2 ? 0
		   : p[0] < 0xE0 ? 2
		   : p[0] < 0xF0 ? 3
		   : p[0] < 0xF5 ? 4
				 : 0;

	if (n <= 1)
		return n;
	if (n > left)
		return 0;

	uint32_t c = p[0] & (0x7Fu >> n);

	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3Fu);
	}
	if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	return n;
}

bool
str_is_utf8(struct str s)
{
	for (size_t i = 0; i < s.len;) {
		size_t n =
		    utf8_step((const unsigned char *)s.ptr + i, s.len - i);

		if (n == 0)
			return false;
		i += n;
	}
	return true;
}
