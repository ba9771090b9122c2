/* murmur3.c - the hash of bucket transforms (table spec, Appendix B). */
#include "iceberg/transform_apply.h"

static uint32_t
rotate(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

static uint32_t
scramble(uint32_t word)
{
	return rotate(word * 0xcc9e2d51u, 15) * 0x1b873593u;
}

/* Up to four bytes, the first one lowest. */
static uint32_t
word_at(const char *at, size_t bytes)
{
	uint32_t word = 0;

	while (bytes-- != 0)
		word = word << 8 | (unsigned char)at[bytes];
	return word;
}

uint32_t
murmur3(struct str s)
{
	uint32_t h = 0;

	for (size_t at = 0; at < s.len; at += 4) {
		size_t left = s.len - at;

		h ^= scramble(word_at(s.ptr + at, left < 4 ? left : 4));
		if (left >= 4)
			h = rotate(h, 13) * 5 + 0xe6546b64u;
	}
	h ^= (uint32_t)s.len;
	h = (h ^ h >> 16) * 0x85ebca6bu;
	h = (h ^ h >> 13) * 0xc2b2ae35u;
	return h ^ h >> 16;
}
