/*
 * verified.h - remembers the last password that was verified, as a MAC.
 *
 * It is one entry in memory that all workers share, without a lock: a reader
 * that meets a writer sees parts of two MACs, which is the MAC of nothing.
 */
#ifndef PANGOLIN_VERIFIED_H
#define PANGOLIN_VERIFIED_H

#include "base/uuid.h"
#include "shm/shm.h"

#define VERIFIED_BYTES 32

struct verified;

struct verified *verified_new(struct shm *);
size_t verified_size(void); /* bytes that verified_new() takes */

/* Remembers whose it was, and the MAC. */
void verified_put(
    struct verified *, struct id who, const uint8_t mac[VERIFIED_BYTES]);

/* The entry; a nil id: there is none. */
void verified_get(
    const struct verified *, struct id *ret, uint8_t ret_mac[VERIFIED_BYTES]);

#endif
