/*
 * password.h - passwords as argon2id hashes ("$argon2id$v=19$...").
 *
 * A hash takes 19 MiB and some 20 ms of CPU, so a worker makes as many at once
 * as there are cores (plugin/lanes.h).
 */
#ifndef PANGOLIN_PASSWORD_H
#define PANGOLIN_PASSWORD_H

#include "plugin/store.h"

#define PASSWORD_MIN 8 /* bytes */
#define PASSWORD_MAX 1024

/* ERR_BAD_REQUEST unless it may become somebody's password. */
MUST_CHECK enum err password_check(struct str password, struct error *);

MUST_CHECK enum err password_hash(
    struct call *, struct str password, struct str *ret);

/* A `hash` whose ptr is NULL matches nothing, after as much work. */
MUST_CHECK enum err password_verify(
    struct call *, struct str hash, struct str password, bool *ret);

/* Made with other parameters than those of today. */
bool password_needs_rehash(struct arena *, struct str hash);

/* 24 letters and digits: 142 random bits. */
struct str password_random(struct arena *);

#endif
