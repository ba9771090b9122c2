/*
 * pool.c - lends clients to calls, and repeats transactions.
 *
 * A client and what comes from it serve one thread at a time.  The driver's
 * pool lets callers wait without an end to it, so the clients lent are counted
 * here.
 */
#include <stdlib.h>
#include <time.h>

#include "base/amount.h"
#include "base/clock.h"
#include "mongo.h"
#include "plugins/contract/check.h"

#define NAP_MIN (2 * CLOCK_MS)
#define NAP_MAX (50 * CLOCK_MS)

/* Never undone: the driver cannot be started a second time in a process, and
 * a store may be opened again. */
static void
start_driver(void)
{
	mongoc_log_set_handler(NULL, NULL); /* failures are returned */
	mongoc_init();
}

static enum err
no_amount(struct error *e, const char *option)
{
	return fail(e, ERR_VALIDATION,
	    "store.options.%s: not a number of the kind it needs.", option);
}

/* A duration as the driver wants it: milliseconds. */
static enum err
set_time(mongoc_uri_t *uri, const char *name, struct str text,
    const char *option, struct error *e)
{
	int64_t us;

	if (!amount_parse(text, amount_times, &us) || us < CLOCK_MS ||
	    us > HOUR)
		return no_amount(e, option);
	(void)mongoc_uri_set_option_as_int32(
	    uri, name, (int32_t)(us / CLOCK_MS));
	return OK;
}

static void
set_concerns(mongoc_uri_t *uri)
{
	mongoc_read_concern_t *read = mongoc_read_concern_new();
	mongoc_write_concern_t *write = mongoc_write_concern_new();

	(void)mongoc_read_concern_set_level(
	    read, MONGOC_READ_CONCERN_LEVEL_MAJORITY);
	mongoc_write_concern_set_w(write, MONGOC_WRITE_CONCERN_W_MAJORITY);
	mongoc_uri_set_read_concern(uri, read);
	mongoc_uri_set_write_concern(uri, write);
	mongoc_read_concern_destroy(read);
	mongoc_write_concern_destroy(write);
}

/* This process's share of a node's number. */
static bool
share_of(const struct plugin_settings *settings, enum mongo_option option,
    uint32_t *ret)
{
	int64_t n, processes = settings->processes;

	if (!amount_parse(settings->value[option], amount_plain, &n) ||
	    n > 100000)
		return false;
	*ret = (uint32_t)(processes > 1 ? n / processes : n);
	return true;
}

static enum err
set_options(struct mongo_store *s, mongoc_uri_t *uri,
    const struct plugin_settings *settings, struct error *e)
{
	const struct str *v = settings->value;

	TRY(set_time(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS,
	    v[OPTION_SERVER_TIMEOUT], "server_timeout", e));
	TRY(set_time(uri, MONGOC_URI_CONNECTTIMEOUTMS,
	    v[OPTION_CONNECT_TIMEOUT], "connect_timeout", e));
	TRY(set_time(uri, MONGOC_URI_SOCKETTIMEOUTMS, v[OPTION_SOCKET_TIMEOUT],
	    "socket_timeout", e));
	if (!amount_parse(
		v[OPTION_ACQUIRE_TIMEOUT], amount_times, &s->acquire_us))
		return no_amount(e, "acquire_timeout");
	if (!share_of(settings, OPTION_MAX_CONNECTIONS, &s->most))
		return no_amount(e, "max_connections");
	if (!share_of(settings, OPTION_MIN_CONNECTIONS, &s->first))
		return no_amount(e, "min_connections");
	if (s->most == 0)
		s->most = 1;
	if (s->first > s->most)
		s->first = s->most;
	(void)mongoc_uri_set_option_as_int32(
	    uri, MONGOC_URI_MAXPOOLSIZE, (int32_t)s->most);
	if (!mongoc_uri_has_option(uri, MONGOC_URI_DIRECTCONNECTION))
		(void)mongoc_uri_set_option_as_bool(
		    uri, MONGOC_URI_DIRECTCONNECTION, false);
	(void)mongoc_uri_set_appname(uri, "pangolin");
	set_concerns(uri);
	return OK;
}

/* The option, else the one the URL names, else "pangolin". */
static char *
database_name(const struct str *value, const mongoc_uri_t *uri)
{
	struct str name = value[OPTION_DATABASE];
	const char *in_url = mongoc_uri_get_database(uri);

	if (name.len == 0 && in_url != NULL)
		name = str_from(in_url);
	if (name.len == 0)
		name = STR("pangolin");
	return bson_strndup(name.ptr, name.len);
}

static enum err
make_pool(struct mongo_store *s, const struct plugin_settings *settings,
    struct error *e)
{
	char *url = bson_strndup(
	    settings->value[OPTION_URL].ptr, settings->value[OPTION_URL].len);
	mongoc_uri_t *uri = mongoc_uri_new_with_error(url, NULL);
	enum err err;

	bson_free(url);
	if (uri == NULL)
		return fail(e, ERR_VALIDATION,
		    "store.options.url: not a URL that begins with mongodb:// "
		    "or mongodb+srv://.");
	err = set_options(s, uri, settings, e);
	if (err == OK) {
		s->database = database_name(settings->value, uri);
		s->pool = mongoc_client_pool_new_with_error(uri, NULL);
		if (s->pool == NULL)
			err = fail(e, ERR_UNAVAILABLE,
			    "The servers that store.options.url names cannot "
			    "be found.");
	}
	mongoc_uri_destroy(uri);
	return err;
}

enum err
mongo_connect(const struct plugin_settings *settings,
    const struct schema *schema, struct mongo_store **ret, struct error *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct mongo_store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort(); /* as the arena does */
	(void)pthread_once(&once, start_driver);
	s->base = (struct rowlog_store){ { NULL }, &mongo_engine_ops, schema };
	s->watch = settings->watch;

	enum err err = make_pool(s, settings, e);

	pool_queue_init(&s->queue, s->most, s->watch);
	if (err == OK) {
		(void)mongoc_client_pool_set_error_api(
		    s->pool, MONGOC_ERROR_API_VERSION_2);
		*ret = s;
	} else {
		mongo_disconnect(s);
	}
	return err;
}

void
mongo_disconnect(struct mongo_store *s)
{
	if (s->pool != NULL)
		mongoc_client_pool_destroy(s->pool);
	bson_free(s->database);
	pool_queue_clear(&s->queue);
	free(s);
}

/* Those that fail are made when they are needed. */
void
mongo_warm_up(struct mongo_store *s)
{
	struct arena *a = arena_new();
	mongoc_client_t **client = ARENA_NEW(a, mongoc_client_t *, s->first);
	DOCUMENT ping = BSON_INITIALIZER;

	bson_append_int32(&ping, "ping", -1, 1);
	for (uint32_t i = 0; i < s->first; i++) {
		client[i] = mongoc_client_pool_pop(s->pool);
		(void)mongoc_client_command_simple(
		    client[i], "admin", &ping, NULL, NULL, NULL);
	}
	for (uint32_t i = 0; i < s->first; i++)
		mongoc_client_pool_push(s->pool, client[i]);
	if (s->first > s->made) {
		int64_t more = (int64_t)(s->first - s->made);

		s->made = s->first;
		count_add(&s->queue.counts->opened, more);
		count_add(&s->queue.counts->idle, more);
	}
	arena_free(a);
}

/* ---- one call */

/* The driver gives back the client that was free last, and makes one when
 * none is. */
static void
count_made(struct mongo_store *s)
{
	struct pool_counts *counts = s->queue.counts;

	if (s->queue.lent > s->made) {
		s->made++;
		count_add(&counts->opened, 1);
	} else {
		count_add(&counts->idle, -1);
	}
}

static enum err
take_client(struct mongo_store *s, const struct call *c, mongoc_client_t **ret)
{
	int64_t until_us = clock_mono_us() + s->acquire_us;
	bool entered;

	if (until_us > c->deadline_us)
		until_us = c->deadline_us;
	(void)pthread_mutex_lock(&s->queue.lock);
	entered = pool_queue_enter(&s->queue, until_us);
	if (entered)
		count_made(s);
	(void)pthread_mutex_unlock(&s->queue.lock);
	if (!entered)
		return fail(c->error,
		    until_us < c->deadline_us ? ERR_UNAVAILABLE : ERR_SLOW_DOWN,
		    "All connections to the store are in use.");
	*ret = mongoc_client_pool_pop(s->pool);
	mongo_set_deadline(*ret, c->deadline_us);
	return OK;
}

static void
leave(struct mongo_engine *m)
{
	struct mongo_store *s = m->store;

	if (m->session != NULL)
		mongoc_client_session_destroy(m->session);
	mongo_set_deadline(m->client, 0);
	mongoc_client_pool_push(s->pool, m->client);
	count_add(&s->queue.counts->idle, 1);
	(void)pthread_mutex_lock(&s->queue.lock);
	pool_queue_leave(&s->queue);
	(void)pthread_mutex_unlock(&s->queue.lock);
}

static enum err
start_transaction(struct mongo_engine *m)
{
	mongoc_read_concern_t *read = mongoc_read_concern_new();
	mongoc_transaction_opt_t *options = mongoc_transaction_opts_new();
	bson_error_t error;
	bool started;

	/* written with "majority", as the client does */
	(void)mongoc_read_concern_set_level(
	    read, MONGOC_READ_CONCERN_LEVEL_SNAPSHOT);
	mongoc_transaction_opts_set_read_concern(options, read);
	mongoc_transaction_opts_set_max_commit_time_ms(
	    options, mongo_left_ms(m));
	m->session = mongoc_client_start_session(m->client, NULL, &error);
	started = m->session != NULL && mongoc_client_session_start_transaction(
					    m->session, options, &error);
	mongoc_transaction_opts_destroy(options);
	mongoc_read_concern_destroy(read);
	return started ? OK : mongo_fail(m, &error, NULL);
}

enum err
mongo_begin(const struct call *c, bool write, struct engine **ret)
{
	struct mongo_store *s = (struct mongo_store *)c->store;
	struct mongo_engine *m;
	enum err err;

	if (c->nowait)
		return fail(c->error, ERR_WOULD_BLOCK,
		    "The store cannot answer without waiting.");
	m = ARENA_NEW(c->arena, struct mongo_engine, 1);
	m->base = (struct engine){ .ops = &mongo_engine_ops,
		.schema = s->base.schema,
		.arena = c->arena,
		.error = c->error };
	m->call = c;
	m->store = s;
	TRY(take_client(s, c, &m->client));
	err = write ? start_transaction(m) : OK;
	if (err != OK) {
		leave(m);
		return err;
	}
	*ret = &m->base;
	return OK;
}

enum err
mongo_read_begin(const struct call *c, struct engine **ret)
{
	TRY(check_deadline(c));
	return mongo_begin(c, false, ret);
}

/* A little longer each time, and never as long as the others. */
static void
nap(unsigned attempt)
{
	struct id dice = id_v4();
	int64_t most = NAP_MIN << (attempt < 5 ? attempt : 5);
	int64_t us = NAP_MIN + (most > NAP_MAX ? NAP_MAX : most) *
				   (dice.b[0] | dice.b[1] << 8) / 0xFFFF;
	const struct timespec t = { 0, (long)us * 1000 };

	(void)nanosleep(&t, NULL);
}

static enum err
not_told(struct error *e)
{
	return fail(e, ERR_COMMIT_UNKNOWN,
	    "The store did not tell whether the commit was kept.");
}

/*
 * A commit without an answer is sent again, by the driver too: the server knows
 * by the session whether it is done.  A server that forgets sessions when it
 * crashes says "no such transaction" of one that it has kept, so that answer
 * leaves a doubt, and the units of the transaction must decide.
 */
static enum err
commit_until_known(struct mongo_engine *m)
{
	for (unsigned attempt = 0;; attempt++) {
		DOCUMENT reply;
		bson_error_t error;

		if (mongoc_client_session_commit_transaction(
			m->session, &reply, &error))
			return OK;
		if (mongoc_error_has_label(
			&reply, "TransientTransactionError")) {
			enum err err = mongo_fail(m, &error, &reply);

			m->doubtful = mongo_lost_transaction(m);
			return err;
		}
		if (!mongoc_error_has_label(
			&reply, "UnknownTransactionCommitResult") ||
		    clock_mono_us() >= m->call->deadline_us)
			return not_told(m->base.error);
		nap(attempt);
	}
}

static enum err
commit(struct mongo_engine *m)
{
	const struct store_watch *watch = m->store->watch;
	int64_t began = slow_begin(watch);
	enum err err = commit_until_known(m);
	int64_t took = slow_end(watch, began);

	if (took != 0)
		watch->tell(watch, m->call,
		    &(struct slow_statement){
			.name = STR("commit"), .duration_us = took });
	return err;
}

void
mongo_read_end(struct engine *g)
{
	leave(mongo_of(g));
}

enum err
mongo_end(struct engine *g, bool keep)
{
	struct mongo_engine *m = mongo_of(g);
	enum err err = OK;

	if (m->session != NULL && keep)
		err = commit(m);
	else if (m->session != NULL)
		(void)mongoc_client_session_abort_transaction(m->session, NULL);
	leave(m);
	return err;
}

static enum err
transact_once(const struct call *c, mongo_work *work, void *arg,
    bool *ret_again, bool *io_doubtful)
{
	struct engine *g = NULL;
	bool keep = false;

	*ret_again = false;
	TRY(mongo_begin(c, true, &g));

	enum err err = work(g, arg, &keep);
	enum err at_end = mongo_end(g, err == OK && keep);

	*ret_again = mongo_of(g)->again;
	*io_doubtful |= mongo_of(g)->doubtful;
	return err == OK ? at_end : err;
}

enum err
transact(const struct call *c, mongo_work *work, void *arg)
{
	bool again = true, doubtful = false;

	TRY(check_deadline(c));
	for (unsigned attempt = 0;; attempt++) {
		enum err err = transact_once(c, work, arg, &again, &doubtful);

		if (err != OK && again && clock_mono_us() < c->deadline_us) {
			nap(attempt);
			continue;
		}
		return err != OK && doubtful ? not_told(c->error) : err;
	}
}
