/*
 * settings_table.c - THE table of settings, and finding in it.
 *
 * To add a setting: a field in struct settings and a row here.  The readers,
 * the sample file, pangolin.toml(5) and check-config follow.
 */
#include "config/settings_table.h"

#include <stdio.h>

#include "base/amount.h"
#include "base/did_you_mean.h"

static const char *const log_levels[] = { "debug", "info", "warn", "error",
	NULL };
static const char *const log_formats[] = { "auto", "json", "text", NULL };
static const char *const bootstraps[] = { "default", "none", NULL };
static const char *const tls_modes[] = { "auto", "off", "files", "self-signed",
	NULL };
static const char *const tls_versions[] = { "1.2", "1.3", NULL };

/* Readers and printers treat the field of an enum as an int. */
_Static_assert(sizeof(enum log_level) == sizeof(int) &&
		   sizeof(enum log_format) == sizeof(int) &&
		   sizeof(enum tls_mode) == sizeof(int) &&
		   sizeof(enum tls_version) == sizeof(int) &&
		   sizeof(enum bootstrap) == sizeof(int),
    "an enum is as wide as an int");

/* The offset of a field, which must have the type of its row. */
#define FIELD(type, name)                                                      \
	_Generic(((struct settings *)NULL)->name, type                         \
		 : offsetof(struct settings, name))
#define STRING(name) SETTING_STRING, 0, FIELD(struct str, name)
#define SECRET(name) SETTING_STRING, SETTING_SECRET, FIELD(struct str, name)
#define PATH(name) SETTING_PATH, 0, FIELD(struct str, name)
#define ADDRESS(name) SETTING_ADDRESS, 0, FIELD(struct address, name)
#define INT(name, flags) SETTING_INT, flags, FIELD(int64_t, name)
#define TIME(name, flags) SETTING_DURATION, flags, FIELD(int64_t, name)
#define SIZE(name, flags) SETTING_SIZE, flags, FIELD(int64_t, name)
#define BOOL(name, flags) SETTING_BOOL, flags, FIELD(bool, name)
#define ENUM(type, name, flags) SETTING_ENUM, flags, FIELD(enum type, name)
#define LIST(name) SETTING_LIST, 0, FIELD(struct str_list, name)
#define URL(name) SETTING_URL, 0, FIELD(struct str, name)
#define NETWORKS(name) SETTING_NETWORKS, 0, FIELD(struct networks, name)
#define LIVE SETTING_LIVE
#define NEGATED SETTING_NEGATED

/* clang-format off */
const struct setting settings_table[] = {
{ "plugin_dir", NULL, PATH(plugin_dir), "", 0, 4096, NULL,
  "Folder to load plugins from; empty: those inside the program." },
{ "bootstrap", NULL, ENUM(bootstrap, bootstrap, 0), "default", 0, 0,
  bootstraps,
  "What the first start creates: a tenant and a warehouse named default, or "
  "none." },

{ "bootstrap_password", "PANGOLIN_ROOT_PASSWORD", SECRET(bootstrap_password),
  "", 8, 1024, NULL,
  "Password that the first start gives root and admin; empty: a random one, in "
  "the file initial-admin-password of server.state_dir.  Later starts do not "
  "look at it." },
{ "bootstrap_root_user", "PANGOLIN_ROOT_USER", STRING(bootstrap_root_user),
  "root", 1, 255, NULL, "How the first start calls root." },
{ "bootstrap_admin_user", "PANGOLIN_ADMIN_USER", STRING(bootstrap_admin_user),
  "", 1, 255, NULL,
  "How the first start calls the administrator of the tenant default; empty: "
  "admin, or tenant_admin where root has that name." },
{ "bootstrap_admin_password", "PANGOLIN_ADMIN_PASSWORD",
  SECRET(bootstrap_admin_password), "", 8, 1024, NULL,
  "Password that the first start gives that administrator; empty: the same as "
  "root's." },
{ "bootstrap_allowed_locations", NULL, STRING(bootstrap_allowed_locations), "",
  0, 4096, NULL,
  "Places besides its own where clients may put tables of the first warehouse, "
  "with commas between them: its allowed-locations." },

{ "public_url", NULL, URL(public_url), "", 0, 1024, NULL,
  "URL that clients reach this server by, with the path that a proxy takes "
  "off; empty: what trusted_proxies say, else none is given to clients." },
{ "trusted_proxies", NULL, NETWORKS(trusted_proxies), "", 0, 64, NULL,
  "Addresses and networks of proxies whose X-Forwarded-* or Forwarded headers "
  "are believed." },

{ "server.listen", NULL, ADDRESS(listen), "127.0.0.1:8181", 0, 0, NULL,
  "Address and port; an IPv6 address stands in brackets: [::1]:8181." },
{ "server.cors_origins", "PANGOLIN_CORS_ALLOWED_ORIGINS", LIST(cors_origins),
  "", 0, 64, NULL,
  "Origins whose web pages may send requests and read the answers, such as "
  "https://lake.example; \"*\": all; empty: none but the server's own." },
{ "server.workers", NULL, INT(workers, 0), "0", 0, 64, NULL,
  "Worker processes; 0: one for each processor, at most 4." },
{ "server.threads", NULL, INT(threads, 0), "32", 4, 256, NULL,
  "Threads of each worker, for work that waits." },
{ "server.user", NULL, STRING(user), "pangolin", 1, 32, NULL,
  "Account to become when started as root; without it nothing starts, and "
  "\"root\" stays root." },
{ "server.state_dir", "STATE_DIRECTORY", PATH(state_dir), "", 0, 4096, NULL,
  "Folder for everything kept on this machine; empty: /var/lib/pangolin for "
  "root, else $XDG_STATE_HOME/pangolin or ~/.local/state/pangolin." },

{ "shutdown.grace", "PANGOLIN_SHUTDOWN_GRACE_SECS",
  TIME(shutdown_grace_us, LIVE), "25s", 0, 10 * MINUTE, NULL,
  "Time for requests in progress to end when the server stops." },

{ "log.level", NULL, ENUM(log_level, log_level, LIVE), "info", 0, 0,
  log_levels, "The least important lines to write." },
{ "log.format", NULL, ENUM(log_format, log_format, 0), "auto", 0, 0,
  log_formats,
  "Lines as JSON objects or as text for people; auto: text on a terminal, else "
  "JSON." },
{ "log.access", NULL, BOOL(log_access, LIVE), "true", 0, 0, NULL,
  "Whether each request gets a line, of level info, when it is over." },

{ "metrics.enabled", NULL, BOOL(metrics_enabled, LIVE), "true", 0, 0, NULL,
  "Whether GET /metrics answers, which needs no token." },

{ "store.plugin", NULL, STRING(store_plugin), "sqlite", 1, 4096, NULL,
  "Where the catalog is kept: the name of a store plugin, or a file with a "
  "slash in its name." },
{ "store.slow_query", NULL, TIME(store_slow_us, LIVE), "100ms", 0, HOUR, NULL,
  "Statements of the store that take so long get a line in the log; 0: none "
  "does." },

{ "cache.levels", NULL, LIST(cache_levels), "memory", 0, 8, NULL,
  "Names of cache plugins, in the order to ask them; with none all works as "
  "well, but slower." },
{ "cache.read_lag", NULL, TIME(cache_read_lag_us, 0), "1ms", 0, CLOCK_SECOND,
  NULL, "How often, at most, a store that has to be waited for is asked "
  "what has changed; reads wait for the answer." },
{ "cache.max_age", NULL, TIME(cache_max_age_us, LIVE), "0s", 0, MINUTE, NULL,
  "How old an answer from the caches may be; 0: never older than the newest "
  "write that was acknowledged before." },

{ "warehouse.root", NULL, STRING(warehouse_root), "", 0, 1024, NULL,
  "URL below which the first warehouse keeps its tables, \"file:///srv/lake\" "
  "or \"s3://bucket/prefix\"; empty: the folder warehouse in "
  "server.state_dir.  The first start reads this and what is below for S3; "
  "later changes are made by PUT /api/v1/warehouses/default." },
{ "warehouse.s3_endpoint", NULL, STRING(s3_endpoint), "", 0, 1024, NULL,
  "Where the bucket of warehouse.root is; empty: AWS." },
{ "warehouse.s3_region", NULL, STRING(s3_region), "", 0, 64, NULL,
  "Region of that bucket; empty: us-east-1." },
{ "warehouse.s3_access_key_id", NULL, STRING(s3_access_key), "", 0, 256, NULL,
  "Key by which the server uses that bucket." },
{ "warehouse.s3_secret_access_key", NULL, SECRET(s3_secret_key), "", 0, 4096,
  NULL, "The secret of that key; it is encrypted in the store." },
{ "warehouse.s3_role_arn", NULL, STRING(s3_role), "", 0, 2048, NULL,
  "Role whose sessions engines get for their tables there; empty: engines get "
  "no credentials." },
{ "warehouse.allowed_roots", NULL, LIST(warehouse_allowed_roots), "", 0, 64,
  NULL,
  "URLs at or below which tenants may make warehouses; empty: warehouse.root, "
  "or the folder warehouse in server.state_dir where that is in S3; "
  "\"file:///\": wherever the server can write, but never in server.state_dir "
  "beside its folder warehouse.  Symbolic links are followed in these paths "
  "and in that of warehouse.root, never below them." },
{ "warehouse.allowed_endpoints", NULL, LIST(warehouse_allowed_endpoints), "",
  0, 64, NULL,
  "Hosts, addresses and networks that S3 warehouses may be at besides public "
  "addresses: an endpoint that is loopback, private or link-local is refused "
  "unless it is here." },
{ "warehouse.sealing_key", "PANGOLIN_ENCRYPTION_KEY",
  SECRET(warehouse_sealing_key), "", 32, 4096, NULL,
  "Key that the secrets of warehouses are encrypted with in the store, the "
  "same on all nodes; of several with commas between them the first encrypts, "
  "all decrypt.  Empty: a random one in server.state_dir, where the store "
  "belongs to one machine." },

{ "iceberg.idempotency_lifetime", NULL, TIME(idempotency_lifetime_us, 0),
  "30m", CLOCK_SECOND, 365 * DAY, NULL,
  "How long, at least, a request that is sent again with its Idempotency-Key "
  "is answered as it was the first time." },
{ "iceberg.location_ids", NULL, BOOL(location_ids, 0), "true", 0, 0, NULL,
  "Whether the place that a new table or view gets ends in 8 digits that "
  "follow from its uuid; if not, it does so only where a table has the place "
  "already, or would lie in it." },

{ "tasks.at_once", NULL, INT(tasks_at_once, 0), "2", 1, 64, NULL,
  "Background tasks that may run at the same time, over all workers; each "
  "worker does one at a time." },
{ "tasks.open", NULL, INT(tasks_open, 0), "100", 1, 100000, NULL,
  "Background tasks of a tenant that may be unfinished at the same time; "
  "beyond: 429." },
{ "tasks.history", NULL, TIME(tasks_history_us, 0), "30d", MINUTE, 3650 * DAY,
  NULL, "How long finished tasks and their results are kept." },

{ "history.retention", NULL, TIME(history_retention_us, 0), "30d", 0,
  3650 * DAY, NULL,
  "How old a state of a catalog may be that no tag or branch names before the "
  "task `prune` forgets it; a catalog's property history.retention wins." },
{ "history.grace", NULL, TIME(history_grace_us, 0), "24h", CLOCK_SECOND,
  365 * DAY, NULL,
  "How long a metadata file that nothing points to any more is kept before "
  "the task `sweep` deletes it: longer than any request lasts." },
{ "history.upkeep_interval", NULL, TIME(history_upkeep_us, 0), "24h", 0,
  365 * DAY, NULL,
  "How often the tasks `prune`, `sweep` and `fold` are queued for each catalog, "
  "at a time of its own; 0: never; a catalog's property "
  "history.upkeep_interval wins." },

{ "audit.reads", NULL, BOOL(audit_reads, 0), "false", 0, 0, NULL,
  "Whether the audit log has reads, too: tables and views that are loaded or "
  "planned, histories and conflicts." },
{ "audit.retention", NULL, TIME(audit_retention_us, 0), "365d", 0,
  3650 * DAY, NULL,
  "How long entries of the audit log are kept; 0: for ever." },

{ "auth.enabled", "PANGOLIN_NO_AUTH", BOOL(auth_enabled, NEGATED), "true",
  0, 0, NULL,
  "Whether requests need credentials; false on a loopback address only. "
  "Other sites are kept out then, and no credentials are made." },
{ "auth.token_ttl", "PANGOLIN_SESSION_TTL_SECS",
  TIME(auth_token_ttl_us, LIVE), "1d", MINUTE, 365 * DAY, NULL,
  "How long a token of a sign-in, by password or OAuth, is valid; no token "
  "outlives auth.session_lifetime." },
{ "auth.session_lifetime", NULL, TIME(auth_session_lifetime_us, LIVE), "1d",
  MINUTE, 365 * DAY, NULL,
  "How long a session lasts, with all tokens that its first is exchanged for: "
  "then its user signs in again." },
{ "auth.stateless_token_ttl", NULL, TIME(auth_stateless_ttl_us, 0), "5m", 0,
  15 * MINUTE, NULL,
  "How long a token is valid that is given out while the store takes no "
  "writes, and so has no session there; 0: then nobody can sign in." },
{ "auth.rate_limit", "PANGOLIN_AUTH_RATE_LIMIT", INT(auth_rate_limit, LIVE),
  "10", 0, 1000, NULL,
  "How often a sign-in of one account may fail in auth.rate_window before more "
  "are refused, of one address ten times as often; 0: always." },
{ "auth.rate_window", "PANGOLIN_AUTH_RATE_WINDOW_SECS",
  TIME(auth_rate_window_us, LIVE), "1m", CLOCK_SECOND, 12 * HOUR, NULL,
  "How long failed sign-ins count, from the first, and how long an account or "
  "address that has failed too often must pause." },
{ "auth.longest_pause", NULL, TIME(auth_longest_pause_us, LIVE), "1h",
  CLOCK_SECOND, 12 * HOUR, NULL,
  "The pause is twice as long each time that one follows soon, up to this." },
{ "auth.redirect_uris", "PANGOLIN_OAUTH_REDIRECT_URIS",
  LIST(auth_redirect_uris), "", 0, 64, NULL,
  "Addresses of other sites where a sign-in with a provider may end, beside "
  "the server's own page." },
{ "auth.token_secret", "PANGOLIN_JWT_SECRET", SECRET(auth_token_secret), "",
  32, 4096, NULL,
  "Key that signs tokens, the same on all nodes; of several with commas between "
  "them the first signs, all are taken.  Empty: a random one kept in the "
  "store." },

{ "rate.reads", NULL, INT(limits.reads, LIVE), "0", 0, 1000000, NULL,
  "Reads that a principal may send in rate.window, before more are refused "
  "(429); 0: any number." },
{ "rate.writes", NULL, INT(limits.writes, LIVE), "0", 0, 1000000, NULL,
  "The same for requests that change something and are no commits." },
{ "rate.commits", NULL, INT(limits.commits, LIVE), "0", 0, 1000000, NULL,
  "The same for commits to tables and views, transactions, merges, reverts, "
  "resets and cherry-picks." },
{ "rate.window", NULL, TIME(limits.rate_window_us, LIVE), "1m",
  CLOCK_SECOND, 12 * HOUR, NULL,
  "How long it takes until a principal that has sent them all may send as "
  "many again; they come back one by one." },

{ "rate.shared", NULL, BOOL(limits.rate_shared, LIVE), "false", 0, 0, NULL,
  "Whether the nodes on one store count failed sign-ins together: each costs "
  "writes in the store then.  Their clocks must agree." },

{ "tls.mode", NULL, ENUM(tls_mode, tls_mode, 0), "auto", 0, 0, tls_modes,
  "auto: plain HTTP, on a loopback address only; off: plain HTTP on any "
  "address; files: TLS with tls.certificate and tls.key; self-signed: TLS "
  "with a certificate that the server makes in server.state_dir." },
{ "tls.certificate", NULL, PATH(tls_certificate), "", 0, 4096, NULL,
  "PEM file with the server's certificate, its chain behind it; read again "
  "when it changes, and on SIGHUP." },
{ "tls.key", NULL, PATH(tls_key), "", 0, 4096, NULL,
  "PEM file with the certificate's private key, without a passphrase." },
{ "tls.names", NULL, LIST(tls_names), "", 0, 32, NULL,
  "Names and addresses that a self-signed certificate has beside the "
  "machine's name, localhost and server.listen." },
{ "tls.min_version", NULL, ENUM(tls_version, tls_min_version, 0), "1.2", 0, 0,
  tls_versions, "The oldest version of TLS that is spoken." },
{ "tls.hsts_max_age", NULL, TIME(tls_hsts_max_age_us, 0), "365d", 0,
  3650 * DAY, NULL,
  "How long browsers that came by HTTPS use nothing else for this host, on any "
  "port: Strict-Transport-Security. 0: it is not sent; nor is it without "
  "tls.mode = files or a public_url of https." },

{ "limits.connections", NULL, INT(limits.connections, 0), "0", 0, 1000000,
  NULL,
  "Connections of one worker; 0: as many as the open files allow, less 256, "
  "but 20000 at most." },
{ "limits.head_bytes", NULL, SIZE(limits.head_bytes, LIVE), "32KiB",
  1 * KIB, 1 * MIB, NULL, "Request line and headers; beyond: 431." },
{ "limits.header_lines", NULL, INT(limits.header_lines, LIVE), "100",
  10, 1000, NULL, "Headers of a request; beyond: 431." },
{ "limits.target_bytes", NULL, SIZE(limits.target_bytes, LIVE), "16KiB",
  256, 1 * MIB, NULL, "Path and query of a request; beyond: 414." },
{ "limits.body_bytes", "PANGOLIN_MAX_BODY_BYTES",
  SIZE(limits.body_bytes, LIVE), "16MiB", 1 * KIB, 1 * GIB, NULL,
  "Body of a request; beyond: 413." },
{ "limits.public_body_bytes", NULL, SIZE(limits.public_body_bytes, LIVE),
  "64KiB", 1 * KIB, 1 * GIB, NULL,
  "Body of a request that needs no credentials, a sign-in; beyond: 413.  It "
  "may not be packed." },
{ "limits.bodies_bytes", NULL, SIZE(limits.bodies_bytes, LIVE), "128MiB",
  1 * KIB, 64 * GIB, NULL,
  "All bodies in flight in one worker; beyond: 429, on reads 503.  An "
  "announced length counts before it comes, an unpacked one before it is "
  "unpacked." },
{ "limits.bodies_tenant_percent", NULL,
  INT(limits.bodies_tenant_percent, LIVE), "75", 1, 100, NULL,
  "Percent of limits.bodies_bytes that one tenant may hold, but one body at "
  "least; beyond: 429, on reads 503." },
{ "limits.bodies_address_percent", NULL,
  INT(limits.bodies_address_percent, LIVE), "10", 1, 100, NULL,
  "Percent of limits.bodies_bytes that one address (IPv6: one /64) may hold "
  "while it is not known who asks, as in a sign-in; beyond: 429." },
{ "limits.bodies_small_percent", NULL,
  INT(limits.bodies_small_percent, LIVE), "12", 0, 90, NULL,
  "Percent of limits.bodies_bytes that is kept for bodies of at most 64 KiB." },
{ "limits.worker_memory_bytes", NULL,
  SIZE(limits.worker_memory_bytes, LIVE), "1GiB", 64 * MIB, 1024 * GIB, NULL,
  "Resident memory of one worker, the caches that workers share among it; "
  "near it: 429, on reads 503." },
{ "limits.request_memory_bytes", NULL,
  SIZE(limits.request_memory_bytes, LIVE), "640MiB", 8 * MIB, 64 * GIB, NULL,
  "What a request may take of it; beyond: 413 when its body is large, else "
  "400." },
{ "limits.metadata_bytes", NULL, SIZE(limits.metadata_bytes, LIVE), "64MiB",
  64 * KIB, 1 * GIB, NULL,
  "A metadata file of a table or view, unpacked; beyond: 400." },
{ "limits.name_bytes", NULL, INT(limits.name_bytes, LIVE), "255", 1, 1024,
  NULL,
  "Bytes of the name of a new table, view or level of a namespace; beyond: "
  "400." },
{ "limits.path_bytes", NULL, INT(limits.path_bytes, LIVE), "1024", 1, 1024,
  NULL,
  "Bytes of a new namespace's levels, or of the name of a new table or view "
  "with the levels before it; beyond: 400." },
{ "limits.input_bytes", NULL, SIZE(limits.input_bytes, LIVE), "64KiB",
  4 * KIB, 16 * MIB, NULL,
  "Input of a connection that may wait; beyond: reading pauses." },
{ "limits.output_bytes", NULL, SIZE(limits.output_bytes, LIVE), "64KiB",
  4 * KIB, 16 * MIB, NULL,
  "Output of a connection that may wait; beyond: its next request waits." },
{ "limits.head_time", NULL, TIME(limits.head_time_us, LIVE), "10s",
  CLOCK_SECOND, 10 * MINUTE, NULL,
  "From the first byte of a request's head to its last; beyond: 408." },
{ "limits.tls_handshake_time", NULL,
  TIME(limits.tls_handshake_time_us, LIVE), "10s", CLOCK_SECOND, 10 * MINUTE,
  NULL, "A TLS handshake; beyond: the connection is closed." },
{ "limits.idle_time", NULL, TIME(limits.idle_time_us, LIVE), "120s",
  CLOCK_SECOND, DAY, NULL,
  "Without a request; beyond: the connection is closed." },
{ "limits.progress_bytes", NULL, SIZE(limits.progress_bytes, LIVE), "10KiB",
  0, 1 * GIB, NULL,
  "Least progress of a body or reply in each progress_time; slower: 408." },
{ "limits.progress_time", NULL, TIME(limits.progress_time_us, LIVE), "10s",
  CLOCK_SECOND, 10 * MINUTE, NULL,
  "The span over which progress_bytes are measured." },
{ "limits.thread_wait_time", NULL, TIME(limits.thread_wait_time_us, LIVE),
  "5s", 100 * CLOCK_MS, 10 * MINUTE, NULL,
  "Wait of a request for a thread; beyond: 429, on reads 503." },
{ "limits.request_time", "PANGOLIN_REQUEST_TIMEOUT_SECS",
  TIME(limits.request_time_us, LIVE), "30s", CLOCK_SECOND, 60 * MINUTE, NULL,
  "A whole request; beyond: 429, on reads 503." },
{ "limits.drain_bytes", NULL, SIZE(limits.drain_bytes, LIVE), "1MiB",
  0, 1 * GIB, NULL,
  "What is read of a refused body before its connection is closed." },
{ "limits.drain_time", NULL, TIME(limits.drain_time_us, LIVE), "2s",
  0, 10 * MINUTE, NULL,
  "How long a refused body is read before its connection is closed." },
{ .key = NULL },
};
/* clang-format on */

void
setting_env(const struct setting *row, char ret[SETTING_ENV])
{
	(void)snprintf(ret, SETTING_ENV, "PANGOLIN_%s", row->key);
	for (char *p = ret; *p != '\0'; p++) {
		if (*p == '.')
			*p = '_';
		else if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	}
}

const struct setting *
setting_find(struct str key)
{
	for (const struct setting *row = settings_table; row->key; row++)
		if (str_eq(str_from(row->key), key))
			return row;
	return NULL;
}

const struct setting *
setting_find_secret_file(struct str key)
{
	if (!str_ends_with(key, STR("_file")))
		return NULL;
	key.len -= STR("_file").len;

	const struct setting *row = setting_find(key);

	return row != NULL && (row->flags & SETTING_SECRET) != 0 ? row : NULL;
}

struct str
setting_section(const struct setting *row)
{
	const char *dot = strrchr(row->key, '.');

	return (
	    struct str){ row->key, dot != NULL ? (size_t)(dot - row->key) : 0 };
}

const char *
setting_name(const struct setting *row)
{
	const char *dot = strrchr(row->key, '.');

	return dot != NULL ? dot + 1 : row->key;
}

bool
setting_is_section(struct str key)
{
	for (const struct setting *row = settings_table; row->key; row++)
		if (key.len != 0 && str_eq(setting_section(row), key))
			return true;
	return false;
}

#define KEY_MAX 64 /* characters; no key is longer */

/* The setting whose name in its section is the last part of `key`. */
static const char *
same_name(struct str key)
{
	const char *dot = memrchr(key.ptr, '.', key.len);
	struct str name =
	    dot != NULL ? str_skip(key, (size_t)(dot + 1 - key.ptr)) : key;

	for (const struct setting *row = settings_table; row->key; row++)
		if (str_eq(str_from(setting_name(row)), name))
			return row->key;
	return NULL;
}

const char *
setting_nearest(struct str key)
{
	struct did_you_mean guess = did_you_mean(key);

	guess.edits = key.len / 3 + 1; /* farther is another word */
	if (key.len == 0 || key.len > KEY_MAX)
		return NULL;
	for (const struct setting *row = settings_table; row->key; row++)
		did_you_mean_offer(&guess, row->key);
	return guess.best != NULL ? guess.best : same_name(key);
}
