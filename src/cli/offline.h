/*
 * offline.h - verbs that work on the store without a server.
 *
 * They run in a child that becomes the server's account. init and
 * reset-password hold the lock of the state directory, so that no server runs.
 */
#ifndef PANGOLIN_OFFLINE_H
#define PANGOLIN_OFFLINE_H

#include "cli/store_work.h"

/* The exit code of a verb; its error goes to standard error. */
int offline_verdict(enum err, const struct error *);

/* Chooses the store as serve would; a store that only a running server has is
 * refused. */
MUST_CHECK enum err offline_choose_store(struct serving *, struct error *);

/* The state directory, which must exist. */
MUST_CHECK enum err offline_get_state_dir(struct serving *, struct error *);

#endif
