/*
 * reload.h - SIGHUP: reads the settings again.
 *
 * The parent reads, because workers may not be allowed to, and puts the
 * settings that a running server can take into shared memory, where workers
 * find them.  A worker that is born later has them from its parent.
 */
#ifndef PANGOLIN_RELOAD_H
#define PANGOLIN_RELOAD_H

#include "cli/serve.h"

/* Bytes of shared memory for this. */
size_t reload_size(void);
void reload_init(struct serving *, struct shm *);

/* Called in the parent.  Wrong settings change nothing; the log says why. */
void reload_read(struct serving *);

/* Called in a worker every now and then: takes new settings. */
void reload_take(struct serving *);

#endif
