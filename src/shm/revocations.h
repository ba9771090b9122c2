/*
 * revocations.h - remembers the newest revoked tokens that have no row in the
 * store.
 *
 * It is a ring in memory that all workers share, without a lock: each entry is
 * written by one store, so a worker may die anywhere.  An entry that falls out
 * before its time revokes all tokens of that moment with it, so no revoked
 * token becomes valid again.
 */
#ifndef PANGOLIN_REVOCATIONS_H
#define PANGOLIN_REVOCATIONS_H

#include "base/uuid.h"
#include "shm/shm.h"

#define REVOCATIONS_MAX 256

struct revocations;

struct revocations *revocations_new(struct shm *);
size_t revocations_size(void); /* bytes that revocations_new() takes */

/* Revokes `id` until then; seconds since 1970. */
void revocations_add(
    struct revocations *, struct id id, int64_t until_s, int64_t now_s);

/* Whether a token is revoked.  `issued_s`: when it was issued. */
bool revocations_hold(
    const struct revocations *, struct id id, int64_t issued_s);

#endif
