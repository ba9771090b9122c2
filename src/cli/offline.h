/*
 * offline.h - verbs that work on the store without a server: in a child that
 * is the server's account.  init and reset-password hold the lock of the state
 * directory, so that no server runs.
 */
#ifndef PANGOLIN_OFFLINE_H
#define PANGOLIN_OFFLINE_H

#include "cli/store_work.h"

/* The exit code; what went wrong is told on standard error. */
int offline_verdict(enum err, const struct error *);

/* As serve would, but only a store that is there without a server. */
MUST_CHECK enum err offline_choose_store(struct serving *, struct error *);

/* It has to be there. */
MUST_CHECK enum err offline_find_state_dir(struct serving *, struct error *);

#endif
