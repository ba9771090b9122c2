/*
 * settings_check.c - defaults that depend on the machine, and rules that
 * concern more than one setting.
 */
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/oidc_settings.h"

#define WORKERS_MAX 4 /* when the operator does not say */

/* Those this process may use: a container may have fewer than the machine. */
static int64_t
count_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return CPU_COUNT(&set);
}

/* XDG Base Directory Specification: a relative path there is ignored. */
static enum err
derive_state_dir(struct load *l)
{
	struct str *dir = &l->settings->state_dir;
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (dir->len != 0)
		return OK;
	if (geteuid() == 0)
		*dir = STR("/var/lib/pangolin");
	else if (xdg != NULL && xdg[0] == '/')
		*dir = arena_printf(l->arena, "%s/pangolin", xdg);
	else if (home != NULL && home[0] == '/')
		*dir = arena_printf(l->arena, "%s/.local/state/pangolin", home);
	else
		return fail(l->error, ERR_VALIDATION,
		    "server.state_dir must be given, because HOME is not set");
	return OK;
}

static struct str
own_root(struct load *l)
{
	return arena_printf(l->arena, "file://" STR_FMT "/warehouse",
	    STR_ARG(l->settings->state_dir));
}

/* Tenants make warehouses where the first one is, unless told otherwise; what
 * is in S3 is bounded by its keys. */
static void
derive_allowed_roots(struct load *l)
{
	struct str_list *roots = &l->settings->warehouse_allowed_roots;

	if (roots->count == 0) {
		roots->at = ARENA_NEW(l->arena, struct str, 1);
		roots->at[roots->count++] =
		    str_starts_with(l->settings->warehouse_root, STR("s3:"))
			? own_root(l)
			: l->settings->warehouse_root;
	}
	for (size_t i = 0; i < roots->count; i++)
		while (str_ends_with(roots->at[i], STR("/")) &&
		       !str_eq(roots->at[i], STR("file:///")))
			roots->at[i].len--;
}

enum err
settings_derive(struct load *l)
{
	struct settings *s = l->settings;
	int64_t processors = count_processors();

	TRY(derive_state_dir(l));
	if (s->workers == 0)
		s->workers =
		    processors < WORKERS_MAX ? processors : WORKERS_MAX;
	if (s->warehouse_root.len == 0)
		s->warehouse_root = own_root(l);
	while (str_ends_with(s->warehouse_root, STR("/")))
		s->warehouse_root.len--;
	derive_allowed_roots(l);
	return OK;
}

/* ---- rules */

/* Neither passwords in the clear nor no passwords at all get on a
 * network by accident. */
static enum err
check_loopback(const struct settings *s, struct error *e)
{
	if (s->listen.loopback)
		return OK;
	if (!s->auth_enabled)
		return fail(e, ERR_VALIDATION,
		    "listen address " STR_FMT
		    " is not loopback: auth.enabled = false is allowed on "
		    "loopback addresses only",
		    STR_ARG(s->listen.text));
	if (s->tls_mode == TLS_AUTO)
		return fail(e, ERR_VALIDATION,
		    "listen address " STR_FMT
		    " is not loopback: set tls.mode to \"files\" or "
		    "\"self-signed\" to serve HTTPS, or to \"off\" to serve "
		    "plain HTTP, as behind a proxy that does TLS",
		    STR_ARG(s->listen.text));
	return OK;
}

static enum err
check_tls(const struct settings *s, struct error *e)
{
	const struct {
		struct str path;
		const char *key;
	} rows[] = {
		{ s->tls_certificate, "tls.certificate" },
		{ s->tls_key, "tls.key" },
	};

	if (s->tls_mode == TLS_OFF)
		return OK;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool given = rows[i].path.len != 0;

		if (given == (s->tls_mode == TLS_FILES))
			continue;
		return given
			   ? fail(e, ERR_VALIDATION,
				 "%s is given, but tls.mode is not \"files\"",
				 rows[i].key)
			   : fail(e, ERR_VALIDATION,
				 "tls.mode = \"files\" needs %s", rows[i].key);
	}
	return OK;
}

/* A bucket needs keys, and keys need a bucket. */
static enum err
check_bucket(const struct settings *s, bool is_s3, struct error *e)
{
	const struct {
		struct str value;
		const char *key;
		bool needed;
	} rows[] = {
		{ s->s3_access_key, "warehouse.s3_access_key_id", true },
		{ s->s3_secret_key, "warehouse.s3_secret_access_key", true },
		{ s->s3_endpoint, "warehouse.s3_endpoint", false },
		{ s->s3_region, "warehouse.s3_region", false },
		{ s->s3_role, "warehouse.s3_role_arn", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (is_s3 && rows[i].needed && rows[i].value.len == 0)
			return fail(e, ERR_VALIDATION,
			    "warehouse.root is in S3: %s must be given",
			    rows[i].key);
		if (!is_s3 && rows[i].value.len != 0)
			return fail(e, ERR_VALIDATION,
			    "%s is given, but warehouse.root is no URL such as "
			    "s3://bucket/prefix",
			    rows[i].key);
	}
	return OK;
}

static enum err
check_warehouse(const struct settings *s, struct error *e)
{
	struct str root = s->warehouse_root;
	bool is_s3 = str_starts_with(root, STR("s3://"));

	if (is_s3 || str_starts_with(root, STR("file:///")))
		return check_bucket(s, is_s3, e);
	return fail(e, ERR_VALIDATION,
	    "warehouse.root must be a URL such as file:///data/warehouse or "
	    "s3://bucket/prefix, not \"" STR_FMT "\"",
	    STR_ARG(root));
}

/* The first warehouse's root is checked by what makes it. */
static enum err
check_allowed_roots(const struct settings *s, struct error *e)
{
	struct str_list roots = s->warehouse_allowed_roots;

	for (size_t i = 0; i < roots.count; i++)
		if (!str_starts_with(roots.at[i], STR("file:///")) &&
		    !str_eq(roots.at[i], s->warehouse_root))
			return fail(e, ERR_VALIDATION,
			    "warehouse.allowed_roots must be URLs such as "
			    "file:///srv/warehouses, not \"" STR_FMT "\"",
			    STR_ARG(roots.at[i]));
	return OK;
}

/* Relations between limits without which requests would wait for ever. */
static enum err
check_limits(const struct limits *l, struct error *e)
{
	const struct {
		int64_t small, large;
		const char *small_key, *large_key;
	} pairs[] = {
		{ l->target_bytes, l->head_bytes, "target", "head" },
		{ l->head_bytes, l->input_bytes, "head", "input" },
		{ l->body_bytes, l->bodies_bytes, "body", "bodies" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].small > pairs[i].large)
			return fail(e, ERR_VALIDATION,
			    "limits.%s_bytes must not be more than "
			    "limits.%s_bytes",
			    pairs[i].small_key, pairs[i].large_key);
	return OK;
}

enum err
settings_check(const struct settings *s, struct error *e)
{
	TRY(check_tls(s, e));
	TRY(check_loopback(s, e));
	TRY(check_warehouse(s, e));
	TRY(check_allowed_roots(s, e));
	TRY(oidc_check(s, e));
	return check_limits(&s->limits, e);
}
