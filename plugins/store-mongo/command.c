/*
 * command.c - sends commands to the server, and reads what its refusals mean.
 */
#include "base/clock.h"
#include "mongo.h"

#define BULK_COUNT 1000
#define BULK_BYTES (8 * 1024 * 1024)

/* The server's error codes that are told apart. */
enum {
	CODE_LOCK_TIMEOUT = 24,
	CODE_MAX_TIME_EXPIRED = 50,
	CODE_WRITE_CONFLICT = 112,
	CODE_SNAPSHOT_UNAVAILABLE = 246,
	CODE_NO_SUCH_TRANSACTION = 251,
	CODE_TIME_LIMIT = 262,
	CODE_DUPLICATE_KEY = 11000,
};

int64_t
mongo_left_ms(const struct mongo_engine *m)
{
	int64_t left = (m->call->deadline_us - clock_mono_us()) / CLOCK_MS;

	if (left < 1)
		return 1;
	return left < INT32_MAX ? left : INT32_MAX;
}

void
mongo_add_options(struct mongo_engine *m, bson_t *options)
{
	bson_append_int64(options, "maxTimeMS", -1, mongo_left_ms(m));
	if (m->session != NULL)
		(void)mongoc_client_session_append(m->session, options, NULL);
}

/* Another transaction was faster.  A duplicate key is the same: rows that
 * clash with what is there are found before they are written. */
static bool
is_lost_race(uint32_t code)
{
	return code == CODE_DUPLICATE_KEY || code == CODE_WRITE_CONFLICT ||
	       code == CODE_LOCK_TIMEOUT || code == CODE_SNAPSHOT_UNAVAILABLE ||
	       code == CODE_NO_SUCH_TRANSACTION;
}

bool
mongo_lost_transaction(const struct mongo_engine *m)
{
	return m->code == CODE_NO_SUCH_TRANSACTION;
}

static enum err
fail_code(struct mongo_engine *m, uint32_t code)
{
	struct error *e = m->base.error;

	m->code = code;
	if (is_lost_race(code)) {
		m->again = m->session != NULL;
		return fail(e, ERR_SLOW_DOWN,
		    "The store was busy: other writers were always faster.");
	}
	if (code == CODE_MAX_TIME_EXPIRED || code == CODE_TIME_LIMIT)
		return fail(
		    e, ERR_SLOW_DOWN, "The store did not answer in time.");
	return fail(e, ERR_UNAVAILABLE,
	    "The store refused to answer (MongoDB error %u).", code);
}

enum err
mongo_fail(
    struct mongo_engine *m, const bson_error_t *error, const bson_t *reply)
{
	if (error->domain == MONGOC_ERROR_SERVER_SELECTION) {
		count_add(&m->store->queue.counts->failed, 1);
		return fail(m->base.error, ERR_UNAVAILABLE,
		    "The store has no primary that can be reached.");
	}
	if (reply != NULL &&
	    mongoc_error_has_label(reply, "TransientTransactionError"))
		m->again = m->session != NULL;
	if (error->domain == MONGOC_ERROR_STREAM) {
		count_add(&m->store->queue.counts->failed, 1);
		return fail(m->base.error, ERR_UNAVAILABLE,
		    "The connection to the store was lost.");
	}
	return fail_code(m, error->code);
}

/* The first of what a reply lists as not written; 0: all was. */
static uint32_t
write_error(const bson_t *reply)
{
	bson_iter_t at, code;

	if (bson_iter_init(&at, reply) &&
	    bson_iter_find_descendant(&at, "writeErrors.0.code", &code))
		return (uint32_t)bson_iter_as_int64(&code);
	return 0;
}

static int64_t
rows_written(const bson_t *reply)
{
	bson_iter_t n;

	return bson_iter_init_find(&n, reply, "n") ? bson_iter_as_int64(&n) : 0;
}

enum err
mongo_command(
    struct mongo_engine *m, const struct entity *t, const bson_t *command)
{
	DOCUMENT options = BSON_INITIALIZER;
	DOCUMENT reply;
	int64_t began = slow_begin(m->store->watch), took;
	bson_error_t error;
	bool sent;

	mongo_add_options(m, &options);
	sent = mongoc_client_write_command_with_opts(
	    m->client, m->store->database, command, &options, &reply, &error);
	took = slow_end(m->store->watch, began);
	if (took != 0)
		mongo_tell_slow(m, t, command, rows_written(&reply), took);

	uint32_t code = write_error(&reply);

	if (code != 0)
		return fail_code(m, code);
	return sent ? OK : mongo_fail(m, &error, &reply);
}

/* ---- bulks */

struct bulk
bulk_of(struct engine *g, const char *command, const char *list,
    const struct entity *t)
{
	return (struct bulk){ .engine = mongo_of(g),
		.command = command,
		.list = list,
		.entity = t,
		.documents = bson_new() };
}

void
bulk_end(struct bulk *b)
{
	bson_destroy(b->documents);
}

enum err
bulk_flush(struct bulk *b)
{
	DOCUMENT command = BSON_INITIALIZER;

	if (b->count == 0)
		return OK;
	bson_append_utf8(&command, b->command, -1, b->entity->name, -1);
	bson_append_array(&command, b->list, -1, b->documents);
	bson_reinit(b->documents);
	b->count = 0;
	return mongo_command(b->engine, b->entity, &command);
}

enum err
bulk_add(struct bulk *b, const bson_t *document)
{
	char room[16];

	if (b->count == BULK_COUNT ||
	    b->documents->len + document->len > BULK_BYTES)
		TRY(bulk_flush(b));
	bson_append_document(
	    b->documents, array_name(b->count++, room), -1, document);
	return OK;
}
