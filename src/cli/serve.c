#include "cli/serve.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "identity/bootstrap.h"
#include "plugin/loader.h"
#include "plugin/options.h"
#include "record/entities.h"

/* What the first work on the store may take. */
#define FIRST_WORK_US (60 * CLOCK_SECOND)

static int
exit_code(enum err err)
{
	return err == ERR_VALIDATION ? EXIT_BAD_SETTINGS : 1;
}

/* ---- the store, in the child and in the worker alike */
static enum err
open_store(struct serving *s, struct error *e)
{
	const struct store_ops *ops = s->app.store_plugin->ops;

	return ops->open(&s->store_settings, &record_schema, &s->app.store, e);
}

static enum err
first_start(struct serving *s, struct error *e)
{
	struct arena *a = arena_new();
	struct call call = { .store = s->app.store,
		.arena = a,
		.error = e,
		.deadline_us = clock_mono_us() + FIRST_WORK_US };
	const struct first_start what = { .state_dir = s->app.state_dir,
		.warehouse_root = s->settings.warehouse_root,
		.root_only = s->settings.bootstrap == BOOTSTRAP_NONE };
	bool made = false;
	enum err err = bootstrap(&call, &what, &made);

	if (err == OK && made)
		log_line(LEVEL_INFO,
		    "first start: the password of root%s is in " STR_FMT
		    "/" PASSWORD_FILE,
		    what.root_only ? "" : " and admin",
		    STR_ARG(s->app.state_dir));
	arena_free(a);
	return err;
}

/* Data outlives the process where several processes may share it. */
static bool
store_is_durable(const struct serving *s)
{
	return (s->app.store_plugin->flags & PLUGIN_SHARED) != 0;
}

static enum err
first_work(struct serving *s, struct error *e)
{
	const struct store_ops *ops = s->app.store_plugin->ops;

	TRY(account_become(s->account, e));
	TRY(ops->migrate(&s->store_settings, &record_schema, e));
	TRY(open_store(s, e));

	enum err err = first_start(s, e);

	ops->close(s->app.store);
	return err;
}

/*
 * The parent opens no store: SQLite forbids carrying an open one over fork,
 * and what root makes the workers could not write.
 */
static int
first_work_in_child(struct serving *s)
{
	struct error e = { 0 };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		enum err err = first_work(s, &e);

		if (err != OK)
			log_line(LEVEL_ERROR, "store %s: %s",
			    s->app.store_plugin->name, e.message);
		_exit(err == OK ? 0 : exit_code(err));
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (pid < 0 || !WIFEXITED(status)) {
		log_line(LEVEL_ERROR, "the process that opens the store died");
		return 1;
	}
	return WEXITSTATUS(status);
}

/* ---- parent */
static enum err
load_store(struct serving *s, struct error *e)
{
	const struct plugin_search search = { embedded_plugins,
		s->settings.plugin_dir };
	const struct plugin *p = NULL;

	TRY(plugin_load(
	    &search, PLUGIN_STORE, s->settings.store_plugin, &p, e));
	s->app.store_plugin = p;
	s->store_settings.state_dir = s->app.state_dir;
	TRY(plugin_options(s->arena, p, &s->settings.store_options,
	    &s->store_settings.value, e));
	for (size_t i = 0; i < s->settings.cache_plugins.count; i++)
		TRY(plugin_load(&search, PLUGIN_CACHE,
		    s->settings.cache_plugins.at[i], &p, e));
	if (!store_is_durable(s) && s->settings.workers != 1) {
		log_line(LEVEL_INFO,
		    "store %s lives in one process: 1 worker instead of %lld",
		    s->app.store_plugin->name, (long long)s->settings.workers);
		s->settings.workers = 1;
	}
	return OK;
}

static enum err
listen_on(struct serving *s, struct error *e)
{
	uint16_t workers = (uint16_t)s->settings.workers;
	struct shm *shm = NULL;

	size_t routes = s->server_settings.routes.count;

	TRY(shm_new(slots_size(workers) + traffic_size(workers, routes) +
			sizeof(struct orders),
	    &shm, e));
	s->app.routes = &s->server_settings.routes;
	s->app.slots = slots_new(shm, workers);
	s->app.traffic = traffic_new(shm, workers, routes);
	s->app.started_us = clock_now_us();
	s->server_settings.orders = SHM_NEW(shm, struct orders, 1);
	s->server_settings.app = &s->app;
	s->server_settings.limits = &s->settings.limits;
	s->server_settings.listen = s->settings.listen.text;
	s->server_settings.workers = workers;
	s->server_settings.threads = (uint16_t)s->settings.threads;
	s->server_settings.grace_us = s->settings.shutdown_grace_us;
	s->server_settings.slots = s->app.slots;
	return server_listen(&s->server_settings, &s->server, e);
}

static enum err
prepare(struct serving *s, struct error *e)
{
	const char *user = arena_cstr(s->arena, s->settings.user);
	const char *dir = arena_cstr(s->arena, s->settings.state_dir);
	bool missing = false;

	/* what the catalog makes is for its group too: engines are in it */
	(void)umask(007);
	s->account = account_find(user, &missing);
	if (missing)
		log_line(
		    LEVEL_WARN, "there is no user %s: running as root", user);
	s->app.settings = &s->settings;
	s->app.state_dir = str_from(dir);
	TRY(state_dir_make(dir, s->account, e));
	TRY(state_dir_lock(dir, e));
	TRY(load_store(s, e));
	return listen_on(s, e);
}

int
serve_prepare(struct serving *s)
{
	struct error e = { 0 };
	enum err err;

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

	int status = store_is_durable(s) ? first_work_in_child(s) : 0;

	if (status == 0)
		log_line(LEVEL_INFO,
		    "listening on " STR_FMT ", store %s, %lld %s",
		    STR_ARG(s->settings.listen.text), s->app.store_plugin->name,
		    (long long)s->settings.workers,
		    s->settings.workers == 1 ? "worker" : "workers");
	return status;
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
		.deadline_us = clock_mono_us() + FIRST_WORK_US };
	enum err err = keys_load(&call, &s->keys);

	arena_free(a);
	return err;
}

enum err
serve_start(struct serving *s, struct error *e)
{
	TRY(open_store(s, e));
	if (!store_is_durable(s))
		TRY(first_start(s, e));
	TRY(load_keys(s, e));
	s->app.keys = &s->keys;
	return server_start(s->server, e);
}
