#include "cli/serve.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cache/refresh.h"
#include "catalog/committer.h"
#include "cli/caches.h"
#include "cli/reload.h"
#include "cli/store_work.h"
#include "cli/tls_keeper.h"
#include "shm/hot_files.h"
#include "shm/log_marks.h"

/* What reading the keys may take. */
#define KEYS_US (60 * CLOCK_SECOND)

/* How long a chunk of a task may hold up a worker that is to end. */
#define TASK_WAIT_US CLOCK_SECOND

static int
exit_code(enum err err)
{
	return err == ERR_VALIDATION ? EXIT_BAD_SETTINGS : 1;
}

static enum err
first_start(struct serving *s, struct call *c, void *with)
{
	const struct first_start what = serving_first_start(s);
	bool made = false;

	(void)with;
	TRY(bootstrap(c, &what, &made));
	if (made)
		log_line(LEVEL_INFO,
		    "first start: the password of root%s is in " STR_FMT
		    "/" PASSWORD_FILE,
		    what.root_only ? "" : " and admin",
		    STR_ARG(s->app.state_dir));
	return OK;
}

static const struct store_work first_work = { true, first_start, NULL };

/* ---- parent */
/* A store that lives in one process has one worker. */
static void
fit_workers(struct serving *s)
{
	if (serving_is_durable(s) || s->settings.workers == 1)
		return;
	log_line(LEVEL_INFO,
	    "store %s lives in one process: 1 worker instead of %lld",
	    s->app.store_plugin->name, (long long)s->settings.workers);
	s->settings.workers = 1;
}

static enum err
listen_on(struct serving *s, struct error *e)
{
	uint16_t workers = (uint16_t)s->settings.workers;
	struct shm *shm = NULL;

	size_t routes = s->server_settings.routes.count;
	size_t caches = 0;

	s->caches.workers = workers;
	TRY(levels_size(&s->caches, &caches, e));
	TRY(shm_new(slots_size(workers) + traffic_size(workers, routes) +
			shm_size(sizeof(struct store_pool), workers) +
			statements_size() + sizeof(struct orders) +
			reload_size() + committer_size() + log_marks_size() +
			hot_files_size() + caches,
	    &shm, e));
	s->app.committer = committer_new(shm);
	s->app.marks = log_marks_new(shm);
	s->app.hot = hot_files_new(shm);
	s->app.pools = SHM_NEW(shm, struct store_pool, workers);
	s->app.statements = statements_new(shm);
	s->app.levels = levels_new(s->arena, shm, &s->caches);
	s->app.lanes = &s->lanes;
	s->app.routes = &s->server_settings.routes;
	s->app.slots = slots_new(shm, workers);
	s->app.traffic = traffic_new(shm, workers, routes);
	s->app.started_us = clock_now_us();
	s->server_settings.orders = SHM_NEW(shm, struct orders, 1);
	reload_init(s, shm);
	s->server_settings.app = &s->app;
	s->server_settings.freshness =
	    (struct freshness){ reads_refresh, s->settings.cache_read_lag_us };
	s->server_settings.limits = &s->settings.limits;
	s->server_settings.listen = s->settings.listen.text;
	s->server_settings.workers = workers;
	s->server_settings.threads = (uint16_t)s->settings.threads;
	s->server_settings.grace_us = s->settings.shutdown_grace_us;
	s->server_settings.slots = s->app.slots;
	s->server_settings.lanes = &s->lanes;
	s->server_settings.trusted_proxies = s->settings.trusted_proxies;
	return server_listen(&s->server_settings, &s->server, e);
}

static enum err
prepare(struct serving *s, struct error *e)
{
	if (!serving_find_account(s))
		log_line(LEVEL_WARN,
		    "there is no user " STR_FMT ": running as root",
		    STR_ARG(s->settings.user));
	TRY(serving_claim(s, e));
	TRY(serving_load_store(s, e));
	TRY(caches_plan(s->arena, &s->settings, &s->caches, e));
	fit_workers(s);
	TRY(tls_keeper_start(s, e));
	TRY(listen_on(s, e));
	return serving_is_durable(s) ? serving_work_in_child(s, &first_work, e)
				     : OK;
}

int
serve_prepare(struct serving *s)
{
	struct error e = { 0 };
	enum err err;

	notify_open(&s->notify);
	s->loaded = s->settings;
	log_set_level(s->settings.log_level);
	for (size_t i = 0; i < s->settings.unknown_env.count; i++)
		log_line(LEVEL_WARN,
		    "no setting is named by the variable " STR_FMT,
		    STR_ARG(s->settings.unknown_env.at[i]));
	if (!s->settings.auth_enabled)
		log_line(LEVEL_WARN,
		    "auth.enabled is false: whoever can connect may do "
		    "everything in the first tenant");
	err = prepare(s, &e);
	if (err != OK) {
		log_line(LEVEL_ERROR, "%s", e.message);
		return exit_code(err);
	}

	log_line(LEVEL_INFO, "listening on " STR_FMT "%s%s, store %s, %lld %s",
	    STR_ARG(s->settings.listen.text),
	    server_is_inherited(s->server) ? " (inherited)" : "",
	    settings_use_tls(&s->settings) ? " with TLS" : "",
	    s->app.store_plugin->name, (long long)s->settings.workers,
	    s->settings.workers == 1 ? "worker" : "workers");
	return 0;
}

/* ---- worker */
static enum err
load_keys(struct serving *s, struct error *e)
{
	struct str given = s->settings.auth_token_secret;

	if (given.len != 0) {
		keys_of_text(&s->keys, given);
		return OK;
	}

	struct arena *a = arena_new();
	struct call call = { .store = s->app.store,
		.arena = a,
		.error = e,
		.deadline_us = clock_mono_us() + KEYS_US };
	enum err err = keys_load(&call, &s->keys);

	arena_free(a);
	return err;
}

static enum err
start_tasks(struct serving *s, struct error *e)
{
	const struct runner_settings settings = { .store = s->app.store,
		.levels = s->app.levels,
		.hot = s->app.worker == 0 && s->app.levels != NULL ? s->app.hot
								   : NULL,
		.state_dir = s->app.state_dir,
		.at_once = s->settings.tasks_at_once,
		.history_us = s->settings.tasks_history_us,
		.answers_us = s->settings.idempotency_lifetime_us };

	return runner_start(&settings, &s->app.runner, e);
}

/* Half of the threads, so that the other half is there for the rest. */
static void
open_lanes(struct serving *s)
{
	unsigned half = (unsigned)(s->settings.threads + 1) / 2;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	const unsigned permits[LANE_COUNT] = {
		[LANE_STORE] = half,
		[LANE_OBJECT] = half,
		[LANE_CPU] = cores < 1 ? 1 : (unsigned)cores,
		[LANE_WRITE] = half,
	};

	s->lanes.store_is_prompt =
	    (s->app.store_plugin->flags & PLUGIN_READS_DO_NOT_BLOCK) != 0;
	lanes_init(&s->lanes, permits);
}

/* A worker that is born again has none of the connections of the last one. */
static void
watch_store(struct serving *s)
{
	struct pool_counts *pool = &s->app.pools[s->app.worker].counts;

	atomic_store(&pool->most, 0);
	atomic_store(&pool->lent, 0);
	atomic_store(&pool->idle, 0);
	atomic_store(&pool->waiting, 0);
	s->slow_log =
	    slow_log_of(s->app.statements, pool, &s->settings.store_slow_us);
	s->store_settings.watch = &s->slow_log.base;
}

enum err
serve_start(struct serving *s, struct error *e)
{
	open_lanes(s);
	committer_sweep(s->app.committer);
	watch_store(s);
	TRY(serving_open(s, e));
	TRY(levels_open(s->app.levels, s->app.worker, e));
	if (!serving_is_durable(s))
		TRY(serving_work(s, &first_work, e));
	TRY(load_keys(s, e));
	s->app.keys = &s->keys;
	TRY(start_tasks(s, e));
	return server_start(s->server, e);
}

void
serve_stop(struct serving *s)
{
	runner_stop(s->app.runner, TASK_WAIT_US);
}
