/*
 * store_work.h - what serve, init and reset-password have in common: the
 * state directory is claimed, and a child works on the store.
 *
 * The parent opens no store: SQLite forbids carrying an open one over fork,
 * and what root makes the workers could not write.
 */
#ifndef PANGOLIN_STORE_WORK_H
#define PANGOLIN_STORE_WORK_H

#include "cli/serve.h"
#include "identity/bootstrap.h"

/* The account to become; false: root was told of one that is not there. */
MUST_CHECK bool serving_find_account(struct serving *);

/* Parent: the state directory, made and locked.  ERR_CONFLICT: a server
 * runs. */
MUST_CHECK enum err serving_claim(struct serving *, struct error *);

/* Parent: the store's plugin with its options. */
MUST_CHECK enum err serving_load_store(struct serving *, struct error *);

/* Data outlives the process where several processes may share it. */
bool serving_is_durable(const struct serving *);

/* Child and worker: the store's own open. */
MUST_CHECK enum err serving_open(struct serving *, struct error *);

/* What to do with an open store, by one call with a minute of time. */
struct store_work {
	bool migrates; /* first; else the store has to be there */
	enum err (*run)(struct serving *, struct call *, void *with);
	void *with;
};

/* In this process, which has opened the store. */
MUST_CHECK enum err serving_work(
    struct serving *, const struct store_work *, struct error *);

/* Parent: in a child that becomes the account; its error is told here. */
MUST_CHECK enum err serving_work_in_child(
    struct serving *, const struct store_work *, struct error *);

/* What bootstrap() has to know, by the settings. */
struct first_start serving_first_start(const struct serving *);

#endif
