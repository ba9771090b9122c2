#include "iceberg/decimal.h"

__extension__ typedef unsigned __int128 uint128;

#define EXPONENT_MAX 1000000 /* beyond it any digit is beyond 38 of them */

int128
decimal_power(int power)
{
	int128 n = 1;

	while (power-- > 0)
		n *= 10;
	return n;
}

/* The text of a number taken apart. */
struct parts {
	bool negative;
	struct str whole, fraction; /* digits */
	int64_t exponent;
};

static struct str
take_digits(struct str *s)
{
	struct str digits = { s->ptr, 0 };

	while (s->len != 0 && *s->ptr >= '0' && *s->ptr <= '9') {
		digits.len++;
		*s = str_skip(*s, 1);
	}
	return digits;
}

static bool
take_exponent(struct str s, int64_t *ret)
{
	*ret = 0;
	if (s.len == 0)
		return true;
	if (*s.ptr != 'e' && *s.ptr != 'E')
		return false;
	s = str_skip(s, 1);
	if (s.len > 1 && *s.ptr == '+' && s.ptr[1] != '-')
		s = str_skip(s, 1);
	return str_to_int(s, ret) && *ret <= EXPONENT_MAX &&
	       *ret >= -EXPONENT_MAX;
}

static bool
take_apart(struct str s, struct parts *ret)
{
	*ret = (struct parts){ .negative = s.len != 0 && *s.ptr == '-' };
	if (s.len != 0 && (*s.ptr == '-' || *s.ptr == '+'))
		s = str_skip(s, 1);
	ret->whole = take_digits(&s);
	if (s.len != 0 && *s.ptr == '.') {
		s = str_skip(s, 1);
		ret->fraction = take_digits(&s);
	}
	return ret->whole.len + ret->fraction.len != 0 &&
	       take_exponent(s, &ret->exponent);
}

static int
digit_at(const struct parts *p, size_t i)
{
	if (i < p->whole.len)
		return p->whole.ptr[i] - '0';
	i -= p->whole.len;
	return i < p->fraction.len ? p->fraction.ptr[i] - '0' : 0;
}

/* The first `keep` digits, which may be more than there are; false when these
 * are more than 38. */
static bool
first_digits(const struct parts *p, int64_t keep, struct rounded *ret)
{
	int128 last = decimal_power(DECIMAL_DIGITS - 1);
	int64_t count = (int64_t)(p->whole.len + p->fraction.len);

	*ret = (struct rounded){ 0 };
	for (int64_t i = 0; i < keep && (i < count || ret->n != 0); i++) {
		if (ret->n >= last)
			return false;
		ret->n = ret->n * 10 + digit_at(p, (size_t)i);
	}
	for (int64_t i = keep > 0 ? keep : 0; i < count && !ret->more; i++)
		ret->more = digit_at(p, (size_t)i) != 0;
	return true;
}

bool
decimal_parse(struct str text, int32_t scale, struct rounded *ret)
{
	struct parts parts;

	if (!take_apart(text, &parts))
		return false;

	int64_t keep = (int64_t)parts.whole.len + parts.exponent + scale;

	if (!first_digits(&parts, keep, ret))
		*ret = (struct rounded){ DECIMAL_BEYOND, true };
	if (parts.negative)
		ret->n = -ret->n - ret->more;
	return true;
}

void
decimal_write(struct buf *b, int128 n, int32_t scale)
{
	char digits[2 * DECIMAL_DIGITS + 4];
	char *end = digits + sizeof(digits), *at = end;
	uint128 left = n < 0 ? 0 - (uint128)n : (uint128)n;

	for (int32_t i = 0; left != 0 || i <= scale; i++) {
		if (i == scale && scale != 0)
			*--at = '.';
		*--at = (char)('0' + (int)(left % 10));
		left /= 10;
	}
	if (n < 0)
		*--at = '-';
	buf_add(b, (struct str){ at, (size_t)(end - at) });
}

bool
decimal_from_bytes(struct str bytes, int128 *ret)
{
	if (bytes.len == 0)
		return false;

	bool negative = ((unsigned char)*bytes.ptr & 0x80) != 0;
	unsigned char sign = negative ? 0xff : 0;
	uint128 n = negative ? ~(uint128)0 : 0;

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.ptr[i];

		if (i + DECIMAL_BYTES < bytes.len && c != sign)
			return false;
		n = n << 8 | c;
	}
	if ((n >> 127 != 0) != negative)
		return false;
	*ret = (int128)n;
	return *ret<DECIMAL_BEYOND && * ret> - DECIMAL_BEYOND;
}

size_t
decimal_to_bytes(int128 n, char ret[DECIMAL_BYTES])
{
	size_t len = 1;

	while (len < DECIMAL_BYTES && n >> (8 * len - 1) != 0 &&
	       n >> (8 * len - 1) != -1)
		len++;
	for (size_t i = 0; i < len; i++)
		ret[i] = (char)(unsigned char)(n >> (8 * (len - 1 - i)));
	return len;
}
