/*
 * store_work.h - claims the state directory and runs work on the store in a
 * child: what serve, init and reset-password have in common.
 *
 * The parent opens no store: SQLite forbids carrying an open one over fork, and
 * workers could not write files that root makes.
 */
#ifndef PANGOLIN_STORE_WORK_H
#define PANGOLIN_STORE_WORK_H

#include "cli/serve.h"
#include "identity/bootstrap.h"

/* The account to become, by account_get(). */
MUST_CHECK enum err serving_get_account(struct serving *, struct error *);

/* Parent: the state directory, made and locked, and the places of warehouses
 * that the settings name (object/beneath.h).  ERR_CONFLICT: a server runs. */
MUST_CHECK enum err serving_claim(struct serving *, struct error *);

/* Parent: warehouse.allowed_endpoints. */
MUST_CHECK enum err serving_read_endpoints(struct serving *, struct error *);

/* Parent: auth.token_secret, and whether server.cors_origins are origins. */
MUST_CHECK enum err serving_read_auth(struct serving *, struct error *);

/* Parent: the store's plugin with its options. */
MUST_CHECK enum err serving_load_store(struct serving *, struct error *);

/* Whether the store's data outlives the process. */
bool serving_is_durable(const struct serving *);

/* Child and worker: the store's own open. */
MUST_CHECK enum err serving_open(struct serving *, struct error *);

/* Work on an open store, by one call with a minute of time. */
struct store_work {
	bool migrates; /* first; else the store has to be there */
	enum err (*run)(struct serving *, struct call *, void *with);
	void *with;
};

/* In this process, which has opened the store. */
MUST_CHECK enum err serving_work(
    struct serving *, const struct store_work *, struct error *);

/* Parent: `run` in a child that becomes the account; its error is told here. */
typedef enum err child_run(struct serving *, const void *with, struct error *);
MUST_CHECK enum err serving_in_child(
    struct serving *, child_run *, const void *with, struct error *);

/* Parent: in a child that becomes the account; its error is told here. */
MUST_CHECK enum err serving_work_in_child(
    struct serving *, const struct store_work *, struct error *);

/* The arguments of bootstrap(), from the settings. */
struct first_start serving_first_start(const struct serving *);

#endif
