#include "hash.h"

#define LANES ((size_t)4)

static uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static uint64_t
load(const char *p, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, p, len);
	return word;
}

/* ---- SipHash (Aumasson and Bernstein, 2012), one round and three */
struct sip {
	uint64_t a, b, c, d;
};

static inline void
sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = rotate(s->b, 13) ^ s->a;
	s->a = rotate(s->a, 32);
	s->c += s->d;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate(s->b, 17) ^ s->c;
	s->c = rotate(s->c, 32);
}

static inline void
sip_word(struct sip *s, uint64_t word)
{
	s->d ^= word;
	sip_round(s);
	s->a ^= word;
}

uint64_t
hash_key(const uint64_t seed[2], struct str key)
{
	struct sip s = {
		.a = seed[0] ^ UINT64_C(0x736f6d6570736575),
		.b = seed[1] ^ UINT64_C(0x646f72616e646f6d),
		.c = seed[0] ^ UINT64_C(0x6c7967656e657261),
		.d = seed[1] ^ UINT64_C(0x7465646279746573),
	};
	uint64_t last = (uint64_t)key.len << 56;

	for (; key.len >= 8; key = str_skip(key, 8))
		sip_word(&s, load(key.ptr, 8));
	if (key.len != 0)
		last |= load(key.ptr, key.len);
	sip_word(&s, last);
	s.c ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

/* ---- four sums side by side, as wide as the processor multiplies */
static uint64_t
mix(uint64_t sum, uint64_t word)
{
	return rotate((sum ^ word) * UINT64_C(0x9e3779b97f4a7c15), 29);
}

uint64_t
hash_sum(struct str s)
{
	uint64_t lane[LANES] = { s.len, 1, 2, 3 };

	for (; s.len >= 8 * LANES; s = str_skip(s, 8 * LANES))
		for (size_t i = 0; i < LANES; i++)
			lane[i] = mix(lane[i], load(s.ptr + 8 * i, 8));
	for (; s.len >= 8; s = str_skip(s, 8))
		lane[0] = mix(lane[0], load(s.ptr, 8));
	if (s.len != 0)
		lane[1] = mix(lane[1], load(s.ptr, s.len));
	for (size_t i = 1; i < LANES; i++)
		lane[0] = mix(lane[0], lane[i]);
	return lane[0];
}
