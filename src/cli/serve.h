/*
 * serve.h - prepares the server before there are workers, and starts a worker.
 *
 * Kore-free: main.c puts it between kore's hooks.
 */
#ifndef PANGOLIN_SERVE_H
#define PANGOLIN_SERVE_H

#include "app/app.h"
#include "cache/levels.h"
#include "calls/bulkheads.h"
#include "cli/notify.h"
#include "cli/slow_log.h"
#include "cli/state_dir.h"
#include "config/settings.h"
#include "http/server.h"
#include "identity/token.h"
#include "object/endpoint_guard.h"
#include "record/audit_notes.h"
#include "tasks/auditor.h"
#include "tasks/runner.h"

#define OVERRIDES_MAX 16

/* The sources of the settings, to read them again. */
struct source {
	const char *file; /* NULL: none */
	struct override overrides[OVERRIDES_MAX];
	size_t override_count;
};

struct live;
struct outage;
struct tls_keeper;

struct serving {
	struct arena *arena;
	struct source source;
	struct settings settings;
	struct settings loaded;        /* the settings as they were read */
	struct live *live;             /* see reload.h */
	unsigned live_version;         /* the version this process has */
	struct tls_keeper *tls_keeper; /* NULL: plain HTTP */
	struct account account;
	struct plugin_settings store_settings;
	struct levels_plan caches;
	struct app app;
	struct outage *outage;      /* of the store, for all workers */
	struct bulkheads bulkheads; /* of this worker */
	struct audit_notes audit_notes;
	struct auditor_shared *auditors; /* of all workers */
	struct auditor *auditor;         /* this worker's */
	struct slow_log slow_log;
	struct keys keys;
	struct endpoint_rules endpoints; /* of warehouses */
	struct verified *verified;
	struct revocations *revocations;           /* shared by the workers, */
	uint8_t stateless_secret[TOKEN_KEY_BYTES]; /* and so is this */
	const char *kore_version;
	struct server_settings server_settings; /* routes, stages: main.c's */
	struct server *server;
	struct notify notify; /* the parent's */
};

/*
 * Called in the parent: takes the state directory and its lock, loads plugins,
 * opens the address, and runs a child that migrates the store and does the
 * first start.  `s->settings` is loaded.  Logs errors; the result is an exit
 * code, 0 to go on.
 */
MUST_CHECK int serve_prepare(struct serving *s);

/* Called in a worker, privileges dropped: opens the store, then accepts
 * requests. */
MUST_CHECK enum err serve_start(struct serving *s, struct error *);

/* Called in a worker before it drains: its task ends after the chunk in
 * progress. */
void serve_stop(struct serving *s);

#endif
