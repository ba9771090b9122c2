#include "cli/serve.h"

#include <sys/resource.h>
#include <unistd.h>

#include "app/freshness.h"
#include "base/clock.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/niced.h"
#include "calls/permits.h"
#include "catalog/committer.h"
#include "catalog/reseal.h"
#include "catalog/warehouse_storage.h"
#include "cli/caches.h"
#include "cli/greeting.h"
#include "cli/reload.h"
#include "cli/sealing_key.h"
#include "cli/secret_files.h"
#include "cli/store_work.h"
#include "cli/tls_keeper.h"
#include "identity/token_keys.h"
#include "oidc/provider.h"
#include "oidc/provider_http.h"
#include "shm/attempts.h"
#include "shm/buckets.h"
#include "shm/hot_files.h"
#include "shm/outage.h"
#include "shm/warehouse_bytes.h"
#include "shm/watermarks.h"

/* Reading the keys may take so long. */
#define KEYS_US (60 * CLOCK_SECOND)

/* How long a chunk of a task may hold up a worker that is to end. */
#define TASK_WAIT_US CLOCK_SECOND
#define AUDIT_WAIT_US (2 * CLOCK_SECOND)

static int
exit_code(enum err err)
{
	return err == ERR_VALIDATION ? EXIT_BAD_SETTINGS : 1;
}

/* A new sealing key takes over here, and secrets of before there was one. */
static enum err
reseal_warehouses(struct call *c)
{
	struct resealed resealed;

	TRY(warehouses_reseal(c, &resealed));
	if (resealed.done != 0)
		log_line(LEVEL_INFO, "sealed the secrets of %zu warehouses",
		    resealed.done);
	if (resealed.locked != 0)
		log_line(LEVEL_WARN,
		    "no key of warehouse.sealing_key or " SEALING_KEY_FILE
		    " opens the secrets of %zu warehouses",
		    resealed.locked);
	return OK;
}

static enum err
first_start(struct serving *s, struct call *c, void *with)
{
	const struct first_start what = serving_first_start(s);
	struct str users = bootstrap_users(c->arena, &what);
	bool made = false;

	(void)with;
	TRY(sealing_key_load(s, c->error));
	warehouse_storage_allow(&s->endpoints);
	TRY(bootstrap(c, &what, &made));
	TRY(reseal_warehouses(c));
	if (made)
		log_line(LEVEL_INFO,
		    "first start: the password of " STR_FMT " is in " STR_FMT
		    "/" PASSWORD_FILE,
		    STR_ARG(users), STR_ARG(s->app.state_dir));
	greeting_print(s, made);
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

/* RFC 6797.  Not with a certificate of our own making: browsers that know of
 * HSTS let nobody click past a warning (12.1). */
static struct str
hsts_line(const struct serving *s)
{
	const struct settings *settings = &s->settings;
	bool https = settings->tls_mode == TLS_FILES ||
		     str_starts_with(settings->public_url, STR("https://"));

	if (!https || settings->tls_hsts_max_age_us == 0)
		return STR("");
	return arena_printf(s->arena,
	    "Strict-Transport-Security: max-age=%lld\r\n",
	    (long long)(settings->tls_hsts_max_age_us / CLOCK_SECOND));
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
			statements_size() + revocations_size() +
			verified_size() + attempts_size() + buckets_size() +
			sizeof(struct orders) + reload_size() +
			shm_size(sizeof(struct outage), 1) + committer_size() +
			watermarks_size() + hot_files_size() +
			audit_notes_size() + auditor_shared_size() +
			warehouse_bytes_size() + caches,
	    &shm, e));
	s->app.slots = slots_new(shm, workers);
	s->app.committer = committer_new(shm, s->app.slots);
	s->app.watermarks = watermarks_new(shm);
	s->app.hot = hot_files_new(shm);
	s->app.warehouse_bytes = warehouse_bytes_new(shm);
	s->app.pools = SHM_NEW(shm, struct store_pool, workers);
	s->outage = SHM_NEW(shm, struct outage, 1);
	s->app.statements = statements_new(shm);
	s->revocations = revocations_new(shm);
	s->verified = verified_new(shm);
	s->app.attempts = attempts_new(shm);
	s->app.buckets = buckets_new(shm);
	audit_notes_make(shm, &s->audit_notes);
	s->auditors = auditor_shared_new(shm);
	keys_random_secret(s->stateless_secret);
	s->app.levels = levels_new(s->arena, shm, &s->caches);
	s->app.bulkheads = &s->bulkheads;
	s->app.routes = &s->server_settings.routes;
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
	s->server_settings.shared_bytes = caches;
	s->server_settings.bulkheads = &s->bulkheads;
	s->server_settings.trusted_proxies = s->settings.trusted_proxies;
	s->server_settings.hsts = hsts_line(s);
	s->server_settings.no_auth = !s->settings.auth_enabled;
	s->server_settings.cors_origins = &s->settings.cors_origins;
	s->server_settings.public_url = s->settings.public_url;
	return server_listen(&s->server_settings, &s->server, e);
}

static enum err
prepare(struct serving *s, struct error *e)
{
	TRY(serving_read_auth(s, e));
	TRY(serving_get_account(s, e));
	TRY(serving_claim(s, e));
	TRY(state_dir_own(s->app.state_dir.ptr, PID_FILE, e));
	TRY(serving_load_store(s, e));
	TRY(caches_plan(s->arena, &s->settings, &s->caches, e));
	TRY(serving_read_endpoints(s, e));
	secret_files_warn(s);
	fit_workers(s);
	TRY(tls_keeper_start(s, e));
	TRY(listen_on(s, e));
	return serving_is_durable(s) ? serving_work_in_child(s, &first_work, e)
				     : OK;
}

/* A core file would hold the secrets of requests.  One byte, not none: the
 * kernel pipes a core into a program whatever the limit, unless it is 1
 * (core(5)). */
static void
refuse_core_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max == 0 ? 0 : 1;
	(void)setrlimit(RLIMIT_CORE, &limit);
}

int
serve_prepare(struct serving *s)
{
	struct error e = { 0 };
	enum err err;

	refuse_core_files();
	notify_open(&s->notify);
	s->loaded = s->settings;
	log_set_level(s->settings.log_level);
	for (size_t i = 0; i < s->settings.unknown_env.count; i++)
		log_line(LEVEL_WARN, STR_FMT,
		    STR_ARG(settings_unknown_variable(
			s->arena, s->settings.unknown_env.at[i])));
	if (s->settings.auth_token_ttl_us >
	    s->settings.auth_session_lifetime_us)
		log_line(LEVEL_WARN,
		    "auth.token_ttl is more than auth.session_lifetime: "
		    "tokens are valid for the latter only");
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
static void
allow_stateless(struct serving *s)
{
	s->keys.stateless_s = s->settings.auth_stateless_ttl_us / CLOCK_SECOND;
	s->keys.ended = s->revocations;
	s->keys.verified = s->verified;
}

static enum err
load_keys(struct serving *s, struct error *e)
{
	struct str given = s->settings.auth_token_secret;

	if (given.len != 0) {
		allow_stateless(s); /* serving_read_auth() has set them */
		return OK;
	}

	struct arena *a = arena_new();
	struct call call = { .store = s->app.store,
		.arena = a,
		.error = e,
		.deadline_us = clock_mono_us() + KEYS_US };
	enum err err = keys_load(&call, &s->keys);

	arena_free(a);
	TRY(err);
	keys_share_stateless(&s->keys, s->stateless_secret);
	allow_stateless(s);
	return OK;
}

static enum err
start_auditor(struct serving *s, struct error *e)
{
	const struct auditor_settings settings = { .store = s->app.store,
		.notes = &s->audit_notes,
		.shared = s->auditors,
		.slot = &s->app.slots.at[s->app.worker],
		.retention_us = s->settings.audit_retention_us,
		.limits = &s->settings.limits };

	audit_notes_use(&s->audit_notes);
	return auditor_start(&settings, &s->auditor, e);
}

static enum err
start_tasks(struct serving *s, struct error *e)
{
	const struct runner_settings settings = { .store = s->app.store,
		.outage = s->outage,
		.worker = s->app.worker,
		.levels = s->app.levels,
		.hot = s->app.worker == 0 && s->app.levels != NULL ? s->app.hot
								   : NULL,
		.state_dir = s->app.state_dir,
		.at_once = s->settings.tasks_at_once,
		.history_us = s->settings.tasks_history_us,
		.retention_us = s->settings.history_retention_us,
		.grace_us = s->settings.history_grace_us,
		.upkeep_us = s->settings.history_upkeep_us,
		.answers_us = s->settings.idempotency_lifetime_us,
		.limits = &s->settings.limits };

	return runner_start(&settings, &s->app.runner, e);
}

/* Passwords that may wait in a worker, 20 ms each where it hashes one at once;
 * a client behind so many is told to try again. */
#define PASSWORD_QUEUE 128

static void
open_bulkheads(struct serving *s)
{
	unsigned permits[BULKHEAD_COUNT];

	permits_choose((unsigned)s->settings.threads,
	    (unsigned)s->settings.workers, permits);
	s->bulkheads.store_is_prompt =
	    (s->app.store_plugin->flags & PLUGIN_READS_DO_NOT_BLOCK) != 0;
	bulkheads_init(&s->bulkheads, permits);
	bulkheads_bound(&s->bulkheads, BULKHEAD_PASSWORD, PASSWORD_QUEUE);
	niced_start(permits[BULKHEAD_CPU] + permits[BULKHEAD_PASSWORD]);
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

static enum err
open_caches(struct serving *s, struct error *e)
{
	const struct cache_records records = { s->app.store, ENTITY_CACHED };

	return levels_open(s->app.levels, &records, s->app.worker, e);
}

enum err
serve_start(struct serving *s, struct error *e)
{
	heap_tune();
	open_bulkheads(s);
	committer_sweep(s->app.committer);
	watch_store(s);
	TRY(serving_open(s, e));
	TRY(open_caches(s, e));
	if (!serving_is_durable(s))
		TRY(serving_work(s, &first_work, e));
	TRY(load_keys(s, e));
	TRY(sealing_key_load(s, e));
	warehouse_storage_allow(&s->endpoints);
	s->app.keys = &s->keys;
	TRY(providers_open(&s->settings, &s->app.providers, e));
	TRY(start_auditor(s, e));
	TRY(start_tasks(s, e));
	return server_start(s->server, e);
}

void
serve_stop(struct serving *s)
{
	runner_stop(s->app.runner, TASK_WAIT_US);
	auditor_stop(s->auditor, AUDIT_WAIT_US);
	providers_stop(s->app.providers, PROVIDER_WAIT_US);
}
