/*
 * app.h - the resources that a worker holds open; main.c makes them and passes
 * them down, they are never global.
 */
#ifndef PANGOLIN_APP_H
#define PANGOLIN_APP_H

#include <stdalign.h>
#include <stdatomic.h>

#include "plugin/store.h"
#include "shm/slots.h"
#include "shm/traffic.h"

struct settings;        /* config/settings.h */
struct keys;            /* identity/token.h */
struct attempts;        /* shm/attempts.h */
struct buckets;         /* shm/buckets.h */
struct providers;       /* oidc/provider.h */
struct hot_files;       /* shm/hot_files.h */
struct warehouse_bytes; /* shm/warehouse_bytes.h */
struct routes;          /* http/route.h */
struct runner;          /* tasks/runner.h */
struct committer;       /* catalog/committer.h */
struct levels;          /* cache/levels.h */
struct bulkheads;       /* calls/usage.h */
struct watermarks;      /* shm/watermarks.h */
struct statements;      /* shm/statements.h */
struct tls_shared;      /* tls/tls_shared.h */

/* Counts of a worker's store, on cache lines of their own. */
struct store_pool {
	alignas(64) struct pool_counts counts;
};

struct app {
	const struct settings *settings;
	struct store *store;
	const struct plugin *store_plugin;
	const struct keys *_Atomic keys; /* that sign tokens */
	struct committer *committer;   /* of this node: all workers share it */
	struct levels *levels;         /* caches; NULL: there is none */
	struct watermarks *watermarks; /* see cache/heads.h */
	struct hot_files *hot;         /* the files that are read most */
	struct warehouse_bytes *warehouse_bytes; /* NULL: not counted */
	struct attempts *attempts;   /* failed sign-ins; NULL: not counted */
	struct buckets *buckets;     /* of requests, by principal */
	struct providers *providers; /* of sign-in; NULL: there are none */
	struct str state_dir;
	struct runner *runner;       /* is told of new tasks */
	struct bulkheads *bulkheads; /* permits for the calls of requests */

	/* what ops/ shows of all workers */
	const struct routes *routes;
	struct slots slots;
	struct traffic traffic;        /* by index into `routes` */
	struct store_pool *pools;      /* by worker */
	struct statements *statements; /* that were slow */
	const struct tls_shared *tls;  /* NULL: plain HTTP */
	unsigned worker;               /* index of this one */
	int64_t started_us;            /* the server; UTC */
	_Atomic bool draining;         /* this worker takes no more requests */
};

#endif
