/*
 * check_config.c - pangolin check-config: checks the settings without touching
 * a server, a store or a file of theirs.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/warehouse_root.h"
#include "cli/caches.h"
#include "cli/store_work.h"
#include "cli/tls_keeper.h"
#include "cli/verbs.h"
#include "object/object.h"

/* ---- directories */

/* The part of `path` that is there, which may be all of it. */
static bool
cut_to_what_is_there(char *path, struct stat *ret)
{
	while (stat(path, ret) != 0) {
		char *slash = strrchr(path, '/');

		if ((errno != ENOENT && errno != ENOTDIR) || slash == NULL)
			return false;
		slash[slash == path] = '\0';
	}
	return true;
}

/* Whether `path` is a directory that this process can write in, or could be
 * made; it is not made. */
static enum err
check_directory(const char *key, struct str path, struct error *e)
{
	char there[PATH_MAX];
	struct stat st;

	if (path.len >= sizeof(there))
		return fail(e, ERR_VALIDATION, "%s is too long", key);
	(void)snprintf(there, sizeof(there), STR_FMT, STR_ARG(path));
	if (!cut_to_what_is_there(there, &st))
		return fail(e, ERR_VALIDATION, "%s: %s cannot be opened: %s",
		    key, there, strerrordesc_np(errno));
	if (!S_ISDIR(st.st_mode))
		return fail(
		    e, ERR_VALIDATION, "%s: %s is not a directory", key, there);
	if (access(there, W_OK | X_OK) != 0)
		return fail(e, ERR_VALIDATION,
		    "%s: user %u cannot write in %s: %s", key,
		    (unsigned)getuid(), there, strerrordesc_np(errno));
	return OK;
}

static enum err
check_state_dir(struct serving *s, struct error *e)
{
	return check_directory("server.state_dir", s->settings.state_dir, e);
}

/* A path below the state directory is made by the first start, in a directory
 * that it gives to the account. */
static bool
is_made_by_the_start(const struct serving *s, struct str path)
{
	struct str dir = s->settings.state_dir;

	return s->account.name != NULL && str_starts_with(path, dir) &&
	       path.len > dir.len && path.ptr[dir.len] == '/';
}

static enum err
check_root(struct serving *s, const char *key, struct str url, struct error *e)
{
	struct error why = { 0 };
	struct str root;

	if (str_eq(url, STR(ROOT_ANY)))
		return OK;
	if (root_parse(s->arena, url, &root, &why) != OK)
		return fail(e, ERR_VALIDATION, "%s: %s", key, why.message);
	if (!str_starts_with(root, STR("file:")))
		return OK;
	root = object_path(root);
	return is_made_by_the_start(s, root) ? OK
					     : check_directory(key, root, e);
}

static enum err
check_roots(struct serving *s, const void *with, struct error *e)
{
	const struct str_list *roots = &s->settings.warehouse_allowed_roots;

	(void)with;
	if (s->settings.bootstrap != BOOTSTRAP_NONE)
		TRY(check_root(
		    s, "warehouse.root", s->settings.warehouse_root, e));
	for (size_t i = 0; i < roots->count; i++)
		if (!str_eq(roots->at[i], s->settings.warehouse_root))
			TRY(check_root(
			    s, "warehouse.allowed_roots", roots->at[i], e));
	return OK;
}

static enum err
check_roots_as_the_account(struct serving *s, struct error *e)
{
	return serving_in_child(s, check_roots, NULL, e);
}

/* ---- the rest */
static enum err
check_caches(struct serving *s, struct error *e)
{
	return caches_plan(s->arena, &s->settings, &s->caches, e);
}

static enum err
check_tls(struct serving *s, struct error *e)
{
	return tls_keeper_check(&s->settings, e);
}

static enum err (*const checks[])(struct serving *, struct error *) = {
	serving_get_account,
	serving_load_store,
	check_caches,
	check_tls,
	serving_read_endpoints,
	serving_read_auth,
	check_state_dir,
	check_roots_as_the_account,
};

/* Variables may be meant for a later release: they are told, and no error. */
static void
tell_variables(struct serving *s)
{
	const struct str_list *unknown = &s->settings.unknown_env;

	for (size_t i = 0; i < unknown->count; i++)
		(void)fprintf(stderr, "pangolin: " STR_FMT "\n",
		    STR_ARG(
			settings_unknown_variable(s->arena, unknown->at[i])));
}

int
check_config_run(const struct command *c)
{
	bool wrong = false;

	settings_print(stdout, &c->serving->settings);
	(void)fflush(stdout);
	tell_variables(c->serving);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct error e = { 0 };

		if (checks[i](c->serving, &e) == OK)
			continue;
		(void)fprintf(stderr, "pangolin: %s\n", e.message);
		wrong = true;
	}
	if (wrong)
		return EXIT_BAD_SETTINGS;
	(void)puts("# OK"); /* a comment: the output stays a configuration */
	return 0;
}
