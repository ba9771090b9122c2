/*
 * password_hash.h - hashes and checks passwords with argon2id
 * ("$argon2id$v=19$...").
 *
 * A hash takes 19 MiB and some 20 ms of CPU, and a client needs no token to ask
 * for one: hashes have a bulkhead of their own (calls/bulkheads.h), of half of
 * the cores at most, whose queue is bounded.
 */
#ifndef PANGOLIN_PASSWORD_HASH_H
#define PANGOLIN_PASSWORD_HASH_H

#include "plugin/store.h"

#define PASSWORD_MIN 8 /* bytes */
#define PASSWORD_MAX 1024

/* ERR_BAD_REQUEST unless it may become a password. */
MUST_CHECK enum err password_check(struct str password, struct error *);

MUST_CHECK enum err password_hash(
    struct call *, struct str password, struct str *ret);

/* A `hash` whose ptr is NULL matches nothing, after as much work. */
MUST_CHECK enum err password_verify(
    struct call *, struct str hash, struct str password, bool *ret);

/* Whether the hash was made with other parameters than today's. */
bool password_needs_rehash(struct arena *, struct str hash);

/* 24 letters and digits: 142 random bits. */
struct str password_random(struct arena *);

#endif
