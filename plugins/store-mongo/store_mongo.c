/*
 * store_mongo.c - a store in a database of a MongoDB replica set.
 *
 * Each worker opens it for itself, after the fork: the driver's threads and
 * connections do not survive one.
 */
#include <openssl/opensslv.h>
#include <zlib.h>

#include "base/clock.h"
#include "calls.h"
#include "plugins/contract/check.h"

#define OPEN_TIME (30 * CLOCK_SECOND)

static void
mongo_close(struct store *store)
{
	mongo_disconnect((struct mongo_store *)store);
}

static enum err mongo_open(const struct plugin_settings *settings,
    const struct schema *schema, struct store **ret, struct error *e);

static const struct store_ops ops = {
	.migrate = mongo_migrate,
	.open = mongo_open,
	.close = mongo_close,
	.ping = call_ping,
	.get = mongo_get,
	.scan = call_scan,
	.count = call_count,
	.walk = mongo_walk,
	.apply = mongo_apply,
	.heads = mongo_heads,
	.read = mongo_read,
	.list = mongo_list,
	.changes = call_changes,
	.fold = mongo_fold,
	.prune = mongo_prune,
	.erase = mongo_erase,
	.load = mongo_load,
};

static enum err
check_stored(
    struct mongo_store *s, const struct schema *schema, struct error *e)
{
	struct call c = { .store = &s->base.base,
		.arena = arena_new(),
		.error = e,
		.deadline_us = clock_mono_us() + OPEN_TIME };
	enum err err = mongo_check_version(&c, schema);

	arena_free(c.arena);
	return err;
}

static enum err
mongo_open(const struct plugin_settings *settings, const struct schema *schema,
    struct store **ret, struct error *e)
{
	struct mongo_store *s;
	enum err err;

	TRY(check_schema(schema, e));
	TRY(mongo_connect(settings, schema, &s, e));
	s->base.base.ops = &ops;
	err = mongo_check_server(s, e);
	if (err == OK)
		err = check_stored(s, schema, e);
	if (err == OK)
		mongo_warm_up(s);
	if (err == OK)
		*ret = &s->base.base;
	else
		mongo_disconnect(s);
	return err;
}

PLUGIN_EXPORT const struct plugin *
pangolin_plugin(void)
{
	static const struct plugin_option options[] = {
		[OPTION_URL] = { "url", NULL, true,
		    "mongodb://HOST:PORT/?replicaSet=NAME, or "
		    "mongodb+srv://." },
		[OPTION_DATABASE] = { "database", "", false,
		    "The database; empty: the one in the URL, else pangolin." },
		[OPTION_MAX_CONNECTIONS] = { "max_connections", "64", false,
		    "Connections of this node at most, all workers together." },
		[OPTION_MIN_CONNECTIONS] = { "min_connections", "0", false,
		    "Connections of this node made at the start." },
		[OPTION_ACQUIRE_TIMEOUT] = { "acquire_timeout", "5s", false,
		    "How long a call waits for a free connection." },
		[OPTION_SERVER_TIMEOUT] = { "server_timeout", "5s", false,
		    "How long a call waits for a primary." },
		[OPTION_CONNECT_TIMEOUT] = { "connect_timeout", "5s", false,
		    "How long connecting may take." },
		[OPTION_SOCKET_TIMEOUT] = { "socket_timeout", "30s", false,
		    "How long an answer may take." },
		[OPTIONS] = { NULL, NULL, false, NULL },
	};
	static const char *const libraries[] = {
		"libmongoc " MONGOC_VERSION_S,
		"libbson " BSON_VERSION_S,
		"OpenSSL " OPENSSL_VERSION_STR,
		"zlib " ZLIB_VERSION,
		NULL,
	};
	static const struct plugin self = {
		.abi = PLUGIN_ABI,
		.kind = PLUGIN_STORE,
		.flags = PLUGIN_SHARED,
		.ops_size = sizeof(ops),
		.name = "mongo",
		.about = "A MongoDB replica set, shared by nodes.",
		.libraries = libraries,
		.ops = &ops,
		.options = options,
	};

	return &self;
}
