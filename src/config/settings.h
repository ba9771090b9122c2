/*
 * settings.h - what the operator decides, from one table (settings_table.c).
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

/* A bad configuration is found before anything starts: exit with this. */
#define EXIT_BAD_SETTINGS 2

struct str_list {
	struct str *at;
	size_t count;
};

/* A key of [store.options] or [cache.options.PLUGIN].  The loader checks it
 * against the plugin's own table, and begins its messages with `where`. */
struct option {
	struct str plugin; /* absent in store.options */
	struct str name, value;
	struct str where; /* "FILE:LINE:COLUMN", or the variable's name */
};

struct options {
	struct option *at;
	size_t count;
};

enum bootstrap { BOOTSTRAP_DEFAULT, BOOTSTRAP_NONE };
enum tls_mode { TLS_AUTO, TLS_OFF, TLS_FILES, TLS_SELF_SIGNED };
enum tls_version { TLS_1_2, TLS_1_3 };

/* Times are microseconds.  Everything lives in the arena it was loaded in. */
struct settings {
	struct str file;       /* what was read; absent when nothing was */
	struct str plugin_dir; /* "": the plugins inside the program */
	struct str public_url; /* "": not known */
	struct networks trusted_proxies;
	enum bootstrap bootstrap;
	struct str bootstrap_allowed_locations;

	struct address listen;
	int64_t workers;      /* at least 1: "0" is already resolved */
	int64_t threads;      /* of each worker's pool */
	struct str user;      /* to become when started as root */
	struct str state_dir; /* absolute */
	int64_t shutdown_grace_us;

	enum log_level log_level;
	bool log_access, metrics_enabled;
	struct str store_plugin;
	struct options store_options;
	int64_t store_slow_us;        /* 0: no statement is slow */
	struct str_list cache_levels; /* in the order to ask them */
	struct options cache_options;
	int64_t cache_read_lag_us, cache_max_age_us; /* max 0: strong */
	struct str warehouse_root; /* a URL without a slash at its end */
	struct str_list warehouse_allowed_roots; /* none: anywhere */

	int64_t idempotency_lifetime_us;
	int64_t tasks_at_once, tasks_history_us;

	bool auth_enabled;
	int64_t auth_token_ttl_us;
	struct str auth_token_secret; /* "": a key kept in state_dir */
	enum tls_mode tls_mode;
	struct str tls_certificate, tls_key; /* PEM files; "": none */
	struct str_list tls_names; /* more names of a self-signed one */
	enum tls_version tls_min_version;
	struct limits limits;

	/* PANGOLIN_... that no setting has: worth a warning */
	struct str_list unknown_env;
};

/* Does the server speak TLS? */
static inline bool
settings_use_tls(const struct settings *s)
{
	return s->tls_mode == TLS_FILES || s->tls_mode == TLS_SELF_SIGNED;
}

/* What the command line says about a key; `value` as in the environment. */
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

/* A commented sample: every key with its help and default. */
void settings_print_sample(FILE *);

/* pangolin.toml(5) in mdoc: what comes behind .Dd, .Dt and .Os. */
void settings_print_man(FILE *);

/* The values in force, as TOML.  Secrets are masked, and so are the options
 * of plugins: which of those are secret is not known here. */
void settings_print(FILE *, const struct settings *);

#endif
