/*
 * shm.h - the one piece of memory that all workers share.
 *
 * The parent makes it before it forks; workers that are born later find it at
 * the same address.  No pointer to anything outside is ever stored in it.
 */
#ifndef PANGOLIN_SHM_H
#define PANGOLIN_SHM_H

#include <stddef.h>

#include "base/error.h"

struct shm;

MUST_CHECK enum err shm_new(size_t size, struct shm **ret, struct error *);

/* Allocates zeroed memory on cache lines of its own, for ever.  Parent only.
 * Asking for more than there is ends the process. */
void *shm_alloc(struct shm *, size_t size, size_t count);

/* The bytes that shm_alloc() takes of it. */
size_t shm_size(size_t size, size_t count);

#define SHM_NEW(s, type, count) ((type *)shm_alloc((s), sizeof(type), (count)))

#endif
