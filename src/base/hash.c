#include "base/hash.h"

#include <string.h>

#define PRIME UINT64_C(1099511628211)

uint64_t
hash_add(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * PRIME;
	return hash;
}

uint64_t
hash_words(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint64_t hash = HASH_START, word;

	for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * PRIME;
		hash ^= hash >> 32;
	}
	return hash_add(hash, at, len);
}
