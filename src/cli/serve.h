/*
 * serve.h - all that is done before there are workers, and in a new worker.
 *
 * Kore-free: main.c puts it between kore's hooks.
 */
#ifndef PANGOLIN_SERVE_H
#define PANGOLIN_SERVE_H

#include "cache/levels.h"
#include "cli/notify.h"
#include "cli/slow_log.h"
#include "cli/state_dir.h"
#include "config/settings.h"
#include "http/server.h"
#include "identity/token.h"
#include "plugin/lanes.h"
#include "record/app.h"
#include "tasks/runner.h"

#define OVERRIDES_MAX 8

/* Where settings are read from; kept, to read them again. */
struct source {
	const char *file; /* NULL: none */
	struct override overrides[OVERRIDES_MAX];
	size_t override_count;
};

struct live;
struct tls_keeper;

struct serving {
	struct arena *arena;
	struct source source;
	struct settings settings;
	struct settings loaded;        /* the same as they were read */
	struct live *live;             /* see reload.h */
	unsigned live_version;         /* what this process has of it */
	struct tls_keeper *tls_keeper; /* NULL: plain HTTP */
	struct account account;
	struct plugin_settings store_settings;
	struct levels_plan caches;
	struct app app;
	struct lanes lanes; /* of this worker */
	struct slow_log slow_log;
	struct keys keys;
	const char *kore_version;
	struct server_settings server_settings; /* routes, stages: main.c's */
	struct server *server;
	struct notify notify; /* the parent's */
};

/*
 * Parent: state directory and its lock, plugins, address, and a child that
 * migrates the store and makes what the first start makes.  `s->settings` is
 * loaded.  Logs what went wrong; the result is an exit code, 0 to go on.
 */
MUST_CHECK int serve_prepare(struct serving *s);

/* A worker, privileges dropped: the store is opened, then requests are
 * accepted. */
MUST_CHECK enum err serve_start(struct serving *s, struct error *);

/* A worker is about to drain: its task ends behind the chunk in progress. */
void serve_stop(struct serving *s);

#endif
