/* hash.h - a keyed hash for keys, a checksum for values. */
#ifndef PANGOLIN_HASH_H
#define PANGOLIN_HASH_H

#include "base/str.h"

/* SipHash-1-3: a client that does not know the seed cannot make keys
 * collide. */
uint64_t hash_key(const uint64_t seed[2], struct str);

/* Of bytes that were torn or overwritten; nobody chooses them. */
uint64_t hash_sum(struct str);

#endif
