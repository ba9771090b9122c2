/*
 * reload.h - SIGHUP: the settings are read again.
 *
 * The parent reads, because workers may not be allowed to, and leaves what a
 * running server can take in shared memory, where they find it.  A worker that
 * is born later has it from its parent.
 */
#ifndef PANGOLIN_RELOAD_H
#define PANGOLIN_RELOAD_H

#include "cli/serve.h"

/* Bytes of shared memory that it takes. */
size_t reload_size(void);
void reload_init(struct serving *, struct shm *);

/* Parent.  Settings that are wrong change nothing; the log says why. */
void reload_read(struct serving *);

/* Worker, every now and then: takes what is new. */
void reload_take(struct serving *);

#endif
