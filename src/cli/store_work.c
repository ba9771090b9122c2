#include "cli/store_work.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "catalog/warehouse_clients.h"
#include "catalog/warehouse_root.h"
#include "http/cors.h"
#include "object/beneath.h"
#include "object/object.h"
#include "plugin/loader.h"
#include "plugin/options.h"
#include "record/entities.h"

#define WORK_US (60 * CLOCK_SECOND)

/* ---- parent */
enum err
serving_get_account(struct serving *s, struct error *e)
{
	return account_get(
	    arena_cstr(s->arena, s->settings.user), &s->account, e);
}

static void
warn_of_store(const char *sentence)
{
	log_line(LEVEL_WARN, "%s", sentence);
}

enum err
serving_load_store(struct serving *s, struct error *e)
{
	const struct plugin_search search = { embedded_plugins,
		s->settings.plugin_dir };

	TRY(plugin_load(&search, PLUGIN_STORE, s->settings.store_plugin,
	    &s->app.store_plugin, e));
	s->store_settings.state_dir = s->settings.state_dir;
	s->store_settings.warn = warn_of_store;
	s->store_settings.processes = (uint32_t)s->settings.workers;
	return plugin_options(s->arena, s->app.store_plugin,
	    &s->settings.store_options, &s->store_settings.value, e);
}

static enum err
name_place(struct serving *s, struct str url, struct error *e)
{
	struct str root;

	TRY(root_parse(s->arena, url, &root, e));
	if (!str_starts_with(root, STR("file:")) ||
	    beneath_add(object_path(root)))
		return OK;
	return fail(e, ERR_VALIDATION, "there are more than %d places",
	    OPERATOR_DIRS_MAX);
}

/* Where the operator's own links are followed; what is no place of files is
 * refused where it is used. */
static enum err
name_places(struct serving *s, struct error *e)
{
	struct str_list roots = s->settings.warehouse_allowed_roots;
	struct roots single;

	TRY(beneath_supported(e));
	if (str_starts_with(s->settings.warehouse_root, STR("file:")))
		TRY(name_place(s, s->settings.warehouse_root, e));
	for (size_t i = 0; i < roots.count; i++)
		if (str_starts_with(roots.at[i], STR("file:")) &&
		    !str_eq(roots.at[i], STR(ROOT_ANY)))
			TRY(name_place(s, roots.at[i], e));
	TRY(roots_parse(
	    s->arena, s->settings.bootstrap_allowed_locations, &single, e));
	for (size_t i = 0; i < single.count; i++)
		if (str_starts_with(single.at[i], STR("file:")))
			TRY(name_place(s, single.at[i], e));
	return OK;
}

enum err
serving_claim(struct serving *s, struct error *e)
{
	const char *dir = arena_cstr(s->arena, s->settings.state_dir);

	/* what the catalog makes is for its group too: engines are in it */
	(void)umask(007);
	s->app.settings = &s->settings;
	s->app.state_dir = str_from(dir);
	TRY(name_places(s, e));
	TRY(state_dir_make(dir, s->account, e));
	TRY(state_dir_lock(dir, s->account, e));
	return state_dir_tighten(dir, e);
}

enum err
serving_read_auth(struct serving *s, struct error *e)
{
	struct str given = s->settings.auth_token_secret;

	TRY(cors_check(&s->settings.cors_origins, e));
	return given.len != 0 ? keys_of_text(&s->keys, given, e) : OK;
}

enum err
serving_read_endpoints(struct serving *s, struct error *e)
{
	const struct str_list *given = &s->settings.warehouse_allowed_endpoints;

	return endpoint_rules_parse(
	    s->arena, given->at, given->count, &s->endpoints, e);
}

bool
serving_is_durable(const struct serving *s)
{
	return (s->app.store_plugin->flags & PLUGIN_SHARED) != 0;
}

/* The storage_config that a client would send for it. */
static struct pairs
first_bucket(const struct serving *s)
{
	const struct settings *from = &s->settings;
	const struct pair given[] = {
		{ STR("location"), from->warehouse_root },
		{ STR("s3.endpoint"), from->s3_endpoint },
		{ STR("s3.region"), from->s3_region },
		{ STR("s3.access-key-id"), from->s3_access_key },
		{ STR("s3.secret-access-key"), from->s3_secret_key },
		{ STR("s3.role-arn"), from->s3_role },
		{ STR("allowed-locations"), from->bootstrap_allowed_locations },
	};
	size_t count = sizeof(given) / sizeof(given[0]);
	struct pairs config = { ARENA_NEW(s->arena, struct pair, count), 0 };

	if (!str_starts_with(from->warehouse_root, STR("s3:")))
		return config;
	for (size_t i = 0; i < count; i++)
		if (given[i].value.len != 0)
			config.at[config.count++] = given[i];
	return config;
}

struct first_start
serving_first_start(const struct serving *s)
{
	struct str password = s->settings.bootstrap_password;

	return (struct first_start){ .storage = first_bucket(s),
		.password = password.len != 0 ? password : (struct str){ 0 },
		.root_name = s->settings.bootstrap_root_user,
		.admin_name = s->settings.bootstrap_admin_user,
		.admin_password = s->settings.bootstrap_admin_password,
		.state_dir = s->app.state_dir,
		.warehouse_root = s->settings.warehouse_root,
		.allowed_locations = s->settings.bootstrap_allowed_locations,
		.root_only = s->settings.bootstrap == BOOTSTRAP_NONE,
		.alone = (s->app.store_plugin->flags & PLUGIN_EXCLUSIVE) != 0 };
}

/* ---- child and worker */
enum err
serving_open(struct serving *s, struct error *e)
{
	const struct store_ops *ops = s->app.store_plugin->ops;

	warehouse_clients_start(s->app.warehouse_bytes);
	return ops->open(&s->store_settings, &record_schema, &s->app.store, e);
}

enum err
serving_work(struct serving *s, const struct store_work *work, struct error *e)
{
	struct arena *a = arena_new();
	struct call call = { .store = s->app.store,
		.arena = a,
		.error = e,
		.deadline_us = clock_mono_us() + WORK_US };
	enum err err = work->run(s, &call, work->with);

	arena_free(a);
	return err;
}

static enum err
reach_store(struct serving *s, const struct store_work *work, struct error *e)
{
	const struct store_ops *ops = s->app.store_plugin->ops;

	if (work->migrates)
		TRY(ops->migrate(&s->store_settings, &record_schema, e));
	return serving_open(s, e);
}

static enum err
work_in_this_child(struct serving *s, const void *with, struct error *e)
{
	const struct store_ops *ops = s->app.store_plugin->ops;
	const struct store_work *work = with;
	enum err err = reach_store(s, work, e);

	if (err != OK) {
		struct error why = *e;

		return fail(e, err, "store %s: %s", s->app.store_plugin->name,
		    why.message);
	}
	err = serving_work(s, work, e);
	ops->close(s->app.store);
	return err;
}

/* The exit code of a child, whatever signals say meanwhile; -1: it died. */
static int
wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static enum err
run_as_account(
    struct serving *s, child_run *run, const void *with, struct error *e)
{
	TRY(account_become(s->account, e));
	return run(s, with, e);
}

enum err
serving_in_child(
    struct serving *s, child_run *run, const void *with, struct error *e)
{
	/* the child's error, in memory that both see */
	struct error *told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = told == MAP_FAILED ? -1 : fork();
	enum err err = OK;

	if (pid == 0) {
		err = run_as_account(s, run, with, told);
		(void)fflush(stdout);
		_exit(err == OK ? 0 : 1);
	}

	int code = pid < 0 ? -1 : wait_for(pid);

	if (code < 0)
		err = fail(e, ERR_INTERNAL,
		    "the process that becomes the server's account died");
	else if (code != 0)
		err = fail(e, told->code, "%s", told->message);
	if (told != MAP_FAILED)
		(void)munmap(told, sizeof(*told));
	return err;
}

enum err
serving_work_in_child(
    struct serving *s, const struct store_work *work, struct error *e)
{
	return serving_in_child(s, work_in_this_child, work, e);
}
