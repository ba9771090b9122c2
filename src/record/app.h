/* app.h - what a worker holds open; made by main.c, passed down, never global.
 */
#ifndef PANGOLIN_APP_H
#define PANGOLIN_APP_H

#include <stdalign.h>
#include <stdatomic.h>

#include "plugin/store.h"
#include "shm/slots.h"
#include "shm/traffic.h"

struct settings;   /* config/settings.h */
struct keys;       /* identity/token.h */
struct hot_files;  /* shm/hot_files.h */
struct routes;     /* http/route.h */
struct runner;     /* tasks/runner.h */
struct committer;  /* catalog/committer.h */
struct levels;     /* cache/levels.h */
struct lanes;      /* plugin/usage.h */
struct log_marks;  /* shm/log_marks.h */
struct statements; /* shm/statements.h */
struct tls_shared; /* tls/tls_shared.h */

/* Counted by a worker's store, on cache lines of its own. */
struct store_pool {
	alignas(64) struct pool_counts counts;
};

struct app {
	const struct settings *settings;
	struct store *store;
	const struct plugin *store_plugin;
	const struct keys *keys;     /* what tokens are signed with */
	struct committer *committer; /* of this node: all workers share it */
	struct levels *levels;       /* caches; NULL: there is none */
	struct log_marks *marks;     /* how far logs are known, see cache/ */
	struct hot_files *hot;       /* what is asked for most */
	struct str state_dir;
	struct runner *runner; /* to be told of new tasks */
	struct lanes *lanes;   /* for the usage of calls that are made */

	/* what ops/ tells of all workers */
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
