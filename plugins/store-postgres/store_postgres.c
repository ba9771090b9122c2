/*
 * store_postgres.c - a store in a PostgreSQL database, for many nodes.
 *
 * Each worker opens it for itself, after the fork: connections do not survive
 * one.
 */
#include <stdlib.h>

#include <libpq_version.h>
#include <openssl/opensslv.h>

#include "base/clock.h"
#include "plugins/contract/check.h"
#include "postgres.h"

static void
postgres_close(struct store *store)
{
	struct postgres *p = (struct postgres *)store;

	pool_close(&p->pool);
	options_clear(&p->options);
	free(p);
}

static enum err
postgres_ping(struct call *c, struct store_stats *ret)
{
	int64_t began = clock_mono_us();
	PGresult *r = NULL;

	TRY(ask(c, &QUERY("ping", "SELECT 1", NULL), &r));
	PQclear(r);
	ret->latency_us = clock_mono_us() - began;
	return OK;
}

static enum err postgres_open(const struct plugin_settings *settings,
    const struct schema *schema, struct store **ret, struct error *e);

static const struct store_ops ops = {
	.migrate = postgres_migrate,
	.open = postgres_open,
	.close = postgres_close,
	.ping = postgres_ping,
	.get = postgres_get,
	.scan = call_scan,
	.count = call_count,
	.walk = postgres_walk,
	.apply = postgres_apply,
	.heads = postgres_heads,
	.read = postgres_read,
	.list = postgres_list,
	.changes = postgres_changes,
	.fold = postgres_fold,
	.prune = postgres_prune,
	.erase = postgres_erase,
	.load = postgres_load,
};

/* The first connection finds out whether the store can be used, and stays. */
static enum err
open_first(struct postgres *p, const struct schema *schema, struct error *e)
{
	int64_t until = clock_mono_us() + p->options.connect_us;
	struct conn *first;

	TRY(pool_borrow(&p->pool, until, false, &first, e));

	enum err err = postgres_check_version(first, schema, e);

	pool_give_back(&p->pool, first);
	return err;
}

static enum err
postgres_open(const struct plugin_settings *settings,
    const struct schema *schema, struct store **ret, struct error *e)
{
	struct postgres *p = calloc(1, sizeof(*p));
	enum err err;

	if (p == NULL)
		return fail(e, ERR_UNAVAILABLE, "The store has no memory.");
	p->base =
	    (struct rowlog_store){ { &ops }, &postgres_engine_ops, schema };
	err = check_schema(schema, e);
	if (err == OK)
		err = options_read(settings, &p->options, e);
	p->watch = settings->watch;
	pool_open(&p->pool, &p->options, p->watch);
	if (err == OK)
		err = open_first(p, schema, e);
	if (err == OK)
		*ret = &p->base.base;
	else
		postgres_close(&p->base.base);
	return err;
}

PLUGIN_EXPORT const struct plugin *
pangolin_plugin(void)
{
	static const char *const libraries[] = {
		"libpq " LIBPQ_VERSION,
		"openssl " OPENSSL_VERSION_STR,
		NULL,
	};
	static const struct plugin self = {
		.abi = PLUGIN_ABI,
		.kind = PLUGIN_STORE,
		.flags = PLUGIN_SHARED,
		.ops_size = sizeof(ops),
		.name = "postgres",
		.about = "A PostgreSQL database; one truth for many nodes.",
		.libraries = libraries,
		.ops = &ops,
		.options = option_table,
	};

	return &self;
}
