/*
 * hash.h - FNV-1a, 64 bits, for tables and locks.
 *
 * It has no key: a client that chooses the bytes can make them collide, so
 * names that clients choose are looked up in a str_map, which has a key.
 */
#ifndef PANGOLIN_HASH_H
#define PANGOLIN_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(14695981039346656037)

/* Extends `hash` by these bytes. */
uint64_t hash_add(uint64_t hash, const void *bytes, size_t len);

/* Eight bytes at a time: faster, and another number on another machine. */
uint64_t hash_words(const void *bytes, size_t len);

#endif
