/*
 * settings.h - the operator's settings, from one table (settings_table.c).
 *
 * A setting has a TOML key "section.name", an environment variable
 * PANGOLIN_SECTION_NAME, and a default.  What is given later wins: default,
 * file, environment, command line.  An empty variable counts as not given.
 * Beside each secret X there is X_file, which names a file to read it from.
 */
#ifndef PANGOLIN_SETTINGS_H
#define PANGOLIN_SETTINGS_H

#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "config/address.h"
#include "config/limits.h"
#include "config/network.h"
#include "config/plugin_options.h"

/* The exit code for a bad configuration, found before anything starts. */
#define EXIT_BAD_SETTINGS 2

struct str_list {
	struct str *at;
	size_t count, room;
};

enum bootstrap { BOOTSTRAP_DEFAULT, BOOTSTRAP_NONE };
enum tls_mode { TLS_AUTO, TLS_OFF, TLS_FILES, TLS_SELF_SIGNED };
enum tls_version { TLS_1_2, TLS_1_3 };

/* Times are microseconds.  Everything lives in the arena it was loaded in. */
struct settings {
	struct str file;       /* the file that was read, or absent */
	struct str plugin_dir; /* "": the plugins inside the program */
	struct str public_url; /* "": not known */
	struct networks trusted_proxies;
	enum bootstrap bootstrap;
	struct str bootstrap_allowed_locations, bootstrap_password;
	struct str bootstrap_root_user, bootstrap_admin_user;
	struct str bootstrap_admin_password;
	struct address listen;
	int64_t workers;      /* at least 1: "0" is already resolved */
	int64_t threads;      /* of each worker's pool */
	struct str user;      /* to become when started as root */
	struct str state_dir; /* absolute */
	int64_t shutdown_grace_us;

	enum log_level log_level;
	enum log_format log_format;
	bool log_access, metrics_enabled;
	struct str store_plugin;
	struct options store_options, cache_options;
	int64_t store_slow_us; /* 0: no statement is slow */
	struct str_list cors_origins, auth_redirect_uris;
	struct str_list cache_levels;                /* in order to ask */
	int64_t cache_read_lag_us, cache_max_age_us; /* max 0: strong */
	struct str warehouse_root; /* a URL without a slash at its end */
	struct str s3_endpoint, s3_region, s3_access_key, s3_secret_key,
	    s3_role; /* of a warehouse_root in S3; "": not given */
	struct str_list warehouse_allowed_roots;     /* as warehouse_root */
	struct str_list warehouse_allowed_endpoints; /* endpoint_guard.h */
	struct str warehouse_sealing_key; /* "": that of a file in state_dir */
	int64_t idempotency_lifetime_us, tasks_at_once, tasks_open,
	    tasks_history_us, audit_retention_us; /* 0: for ever */
	int64_t history_retention_us, history_grace_us, history_upkeep_us;
	bool location_ids, auth_enabled, audit_reads;
	int64_t auth_token_ttl_us, auth_session_lifetime_us, auth_rate_limit,
	    auth_rate_window_us, auth_longest_pause_us;
	int64_t auth_stateless_ttl_us; /* 0: no such tokens */
	struct str auth_token_secret;  /* "": a key kept in state_dir */
	struct oidc_settings *oidc;    /* oidc_settings.h: providers */
	size_t oidc_count;
	enum tls_mode tls_mode;
	struct str tls_certificate, tls_key; /* PEM files; "": none */
	struct str_list tls_names; /* more names of a self-signed one */
	enum tls_version tls_min_version;
	int64_t tls_hsts_max_age_us; /* 0: not sent */
	struct limits limits;

	struct str_list unknown_env, secret_files; /* worth a warning */
};

/* Whether the server speaks TLS. */
static inline bool
settings_use_tls(const struct settings *s)
{
	return s->tls_mode == TLS_FILES || s->tls_mode == TLS_SELF_SIGNED;
}

/* A key given on the command line; `value` as in the environment. */
struct override {
	struct str key, value;
};

/*
 * Read and check everything.  `file` is NULL for none.  ERR_VALIDATION: one
 * sentence, beginning with "FILE:LINE:COLUMN: ", "VARIABLE: " or "command
 * line: " when it is about one value.  No value of a secret is in it.
 */
MUST_CHECK enum err settings_load(struct arena *, const char *file,
    const struct override *overrides, size_t count, struct settings *ret,
    struct error *);

/* The warning for one of unknown_env, with the variable that was meant. */
struct str settings_unknown_variable(struct arena *, struct str name);

/* A commented sample: every key with its help and default. */
void settings_print_sample(FILE *);

/* pangolin.toml(5) in mdoc, without .Dd, .Dt and .Os. */
void settings_print_man(FILE *);

/* The values in force, as TOML.  Secrets are masked, and so are the options
 * of plugins: which of those are secret is not known here. */
void settings_print(FILE *, const struct settings *);

#endif
