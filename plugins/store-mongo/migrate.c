/*
 * migrate.c - makes and widens the collections.
 *
 * Collections and indexes are made outside transactions, each by a command that
 * may be repeated; a lease in `meta` only keeps two processes from doing the
 * same work.  The version is raised at the end.
 */
#include <time.h>

#include "base/clock.h"
#include "calls.h"
#include "plugins/contract/check.h"
#include "rows.h"

#define MIGRATE_TIME (600 * CLOCK_SECOND)
#define LEASE_TIME (60 * CLOCK_SECOND)
#define WIRE_VERSION_MIN 9 /* MongoDB 4.4: $unionWith */
#define LIFETIME_MAX 10    /* seconds a dead writer may hold a branch */

enum { CODE_NAMESPACE_EXISTS = 48 };

enum meta_field {
	META_ID,
	META_VERSION,
	META_MIN_WRITER,
	META_OWNER,
	META_UNTIL_US,
	META_FIELDS
};

/* clang-format off */
static const struct field meta_fields[META_FIELDS] = {
	[META_ID]         = { "id", VALUE_TEXT, 0 },
	[META_VERSION]    = { "version", VALUE_INT, 0 },
	[META_MIN_WRITER] = { "min_writer", VALUE_INT, 0 },
	[META_OWNER]      = { "owner", VALUE_ID, 0 },
	[META_UNTIL_US]   = { "until_us", VALUE_INT, 0 },
};
/* clang-format on */
static const struct entity meta = { "meta", meta_fields, NULL, META_FIELDS, 1,
	0, 0 };

static const struct value schema_key = { VALUE_TEXT,
	{ .s = STR_INIT("schema") } };
static const struct value lease_key = { VALUE_TEXT,
	{ .s = STR_INIT("lease") } };

#define SET(field) (UINT64_C(1) << (field))

/* ---- what is stored */

struct stored {
	int64_t version, min_writer; /* 0: nothing is there */
};

static enum err
read_stored(struct call *c, struct stored *ret)
{
	const struct value *row = NULL;
	struct engine *g;
	enum err err;

	*ret = (struct stored){ 0, 0 };
	TRY(mongo_read_begin(c, &g));
	err = rowlog_find(g, &meta, &schema_key, &row);
	mongo_read_end(g);
	if (err == OK && row != NULL) {
		ret->version = int_or(row[META_VERSION], 0);
		ret->min_writer = int_or(row[META_MIN_WRITER], 1);
	}
	return err;
}

static enum err
refuse_newer(int64_t stored, const struct schema *schema, struct error *e)
{
	if (stored <= schema->version)
		return OK;
	return fail(e, ERR_UNAVAILABLE,
	    "The store has schema version %lld, this program knows %u.",
	    (long long)stored, schema->version);
}

/* An older program may go on beside a newer one until that raises
 * min_writer; a newer one must not start before migrate(). */
enum err
mongo_check_version(struct call *c, const struct schema *schema)
{
	struct stored stored;

	TRY(read_stored(c, &stored));
	if (stored.version < schema->version)
		return fail(c->error, ERR_UNAVAILABLE,
		    "The store has schema version %lld, not yet %u: migrate "
		    "it first.",
		    (long long)stored.version, schema->version);
	return refuse_newer(stored.min_writer, schema, c->error);
}

/* ---- the server */

static int64_t
hello_number(const mongoc_server_description_t *server, const char *name)
{
	bson_iter_t at;

	if (!bson_iter_init_find(
		&at, mongoc_server_description_hello_response(server), name))
		return 0;
	return bson_iter_as_int64(&at);
}

static enum err
check_server(const mongoc_server_description_t *server, struct error *e)
{
	if (strcmp(mongoc_server_description_type(server), "Standalone") == 0)
		return fail(e, ERR_UNAVAILABLE,
		    "The MongoDB server is standalone, and only a replica set "
		    "has transactions: start mongod with --replSet rs0, run "
		    "rs.initiate() in mongosh once (one member is enough), and "
		    "add replicaSet=rs0 to the URL.");
	if (hello_number(server, "maxWireVersion") < WIRE_VERSION_MIN)
		return fail(e, ERR_UNAVAILABLE,
		    "The MongoDB server is older than 4.4.");
	return OK;
}

enum err
mongo_check_server(struct mongo_store *s, struct error *e)
{
	mongoc_client_t *client = mongoc_client_pool_pop(s->pool);
	mongoc_server_description_t *server =
	    mongoc_client_select_server(client, true, NULL, NULL);
	enum err err;

	if (server == NULL) {
		err = fail(e, ERR_UNAVAILABLE,
		    "The store has no primary that can be reached.");
	} else {
		err = check_server(server, e);
		mongoc_server_description_destroy(server);
	}
	mongoc_client_pool_push(s->pool, client);
	return err;
}

/* ---- making */

static enum err
make_collection(struct engine *g, const struct entity *t)
{
	DOCUMENT command = BSON_INITIALIZER;
	enum err err;

	bson_append_utf8(&command, "create", -1, t->name, -1);
	err = mongo_command(mongo_of(g), t, &command);
	return mongo_of(g)->code == CODE_NAMESPACE_EXISTS ? OK : err;
}

/* Rows are found and sorted by the fields of an index and then by the key. */
static void
add_ordered(bson_t *to, const struct entity *t, uint16_t index)
{
	const struct order o = order_of(t, index);
	bson_t key;

	bson_append_document_begin(to, "key", -1, &key);
	for (uint16_t i = 0; i < o.count; i++)
		bson_append_int32(&key, field_path(t, o.field[i]), -1, 1);
	bson_append_document_end(to, &key);
}

/* The constraint, from which rows with a NULL are exempt. */
static void
add_unique(bson_t *to, const struct entity *t, const struct index *x)
{
	bson_t key, filter, is;

	bson_append_document_begin(to, "key", -1, &key);
	for (uint16_t i = 0; i < x->field_count; i++)
		bson_append_int32(&key, field_path(t, x->field[i]), -1, 1);
	bson_append_document_end(to, &key);
	bson_append_bool(to, "unique", -1, true);
	bson_append_document_begin(to, "partialFilterExpression", -1, &filter);
	for (uint16_t i = 0; i < x->field_count; i++) {
		bson_append_document_begin(
		    &filter, field_path(t, x->field[i]), -1, &is);
		bson_append_bool(&is, "$exists", -1, true);
		bson_append_document_end(&filter, &is);
	}
	bson_append_document_end(to, &filter);
}

struct index_list {
	bson_t at;
	uint32_t count;
};

static void
add_name(bson_t *index, const char *name, const char *end)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "%s%s", name, end);
	bson_append_utf8(index, "name", -1, text, -1);
}

static void
add_index(bson_t *all, uint32_t *n, const struct entity *t, uint16_t i)
{
	const struct index *x = &t->indexes[i];
	char room[16];
	bson_t one;

	bson_append_document_begin(all, array_name((*n)++, room), -1, &one);
	add_ordered(&one, t, i);
	add_name(&one, x->name, "");
	bson_append_document_end(all, &one);
	if (!x->unique)
		return;
	bson_append_document_begin(all, array_name((*n)++, room), -1, &one);
	add_unique(&one, t, x);
	add_name(&one, x->name, "_unique");
	bson_append_document_end(all, &one);
}

static enum err
make_indexes(struct engine *g, const struct entity *t)
{
	DOCUMENT command = BSON_INITIALIZER;
	uint32_t n = 0;
	bson_t all, one;

	bson_append_utf8(&command, "createIndexes", -1, t->name, -1);
	bson_append_array_begin(&command, "indexes", -1, &all);
	if (t->key_count > 1) {
		n = 1;
		bson_append_document_begin(&all, "0", -1, &one);
		add_ordered(&one, t, INDEX_KEY);
		add_name(&one, t->name, "_key");
		bson_append_bool(&one, "unique", -1, true);
		bson_append_document_end(&all, &one);
	}
	for (uint16_t i = 0; i < t->index_count; i++)
		add_index(&all, &n, t, i);
	bson_append_array_end(&command, &all);
	return n != 0 ? mongo_command(mongo_of(g), t, &command) : OK;
}

static enum err
make_entity(struct call *c, const struct entity *t)
{
	struct engine *g;
	enum err err;

	TRY(mongo_read_begin(c, &g));
	err = make_collection(g, t);
	if (err == OK)
		err = make_indexes(g, t);
	mongo_read_end(g);
	return err;
}

/* ---- the lease */

struct step {
	const struct write *write;
	enum verdict verdict;
};

static enum err
step_work(struct engine *g, void *arg, bool *ret_keep)
{
	struct step *step = arg;

	TRY(g->ops->write(g, &meta, step->write, &step->verdict));
	*ret_keep = step->verdict == VERDICT_NONE;
	return OK;
}

static enum err
write_meta(struct call *c, const struct value *row, uint64_t set,
    const struct test *when, bool *ret_done)
{
	const struct write w = { .op = set != 0 ? WRITE_PUT : WRITE_DELETE,
		.row = row,
		.set = set,
		.when = when,
		.when_count = when != NULL };
	struct step step = { &w, VERDICT_NONE };

	TRY(transact(c, step_work, &step));
	*ret_done = step.verdict == VERDICT_NONE;
	return OK;
}

/* One that has run out is anybody's. */
static enum err
take_lease(struct call *c, struct id owner, bool *ret)
{
	int64_t now = clock_now_us();
	const struct value row[META_FIELDS] = {
		[META_ID] = lease_key,
		[META_OWNER] = of_id(owner),
		[META_UNTIL_US] = of_int(now + LEASE_TIME),
	};
	const struct test absent = { .op = TEST_ABSENT };
	const struct test over = { META_UNTIL_US, TEST_LE, of_int(now) };
	const uint64_t set = SET(META_OWNER) | SET(META_UNTIL_US);

	TRY(write_meta(c, row, set, &absent, ret));
	return *ret ? OK : write_meta(c, row, set, &over, ret);
}

static enum err
give_lease(struct call *c, struct id owner)
{
	const struct test mine = { META_OWNER, TEST_EQ, of_id(owner) };
	bool given;

	return write_meta(c, &lease_key, 0, &mine, &given);
}

static enum err
raise_version(struct call *c, const struct schema *schema)
{
	const struct value row[META_FIELDS] = {
		[META_ID] = schema_key,
		[META_VERSION] = of_int(schema->version),
		[META_MIN_WRITER] = of_int(1),
	};
	const struct test absent = { .op = TEST_ABSENT };
	const struct test lower = { META_VERSION, TEST_LT,
		of_int(schema->version) };
	bool done;

	TRY(write_meta(
	    c, row, SET(META_VERSION) | SET(META_MIN_WRITER), &absent, &done));
	return done ? OK : write_meta(c, row, SET(META_VERSION), &lower, &done);
}

static enum err
widen(struct call *c, const struct schema *schema)
{
	for (uint16_t i = 0; i < ROWLOG_ENTITIES; i++)
		TRY(make_entity(c, &rowlog_entities[i]));
	for (uint16_t i = 0; i < schema->count; i++)
		TRY(make_entity(c, &schema->entities[i]));
	return raise_version(c, schema);
}

/* Until it is done, by this process or by another. */
static enum err
migrate_in_turn(struct call *c, const struct schema *schema)
{
	const struct timespec pause = { 0, 50000000 };
	struct id owner = id_v4();

	for (;;) {
		struct stored stored;
		bool mine;
		enum err err;

		TRY(read_stored(c, &stored));
		TRY(refuse_newer(stored.version, schema, c->error));
		if (stored.version == schema->version)
			return OK;
		TRY(make_entity(c, &meta));
		TRY(take_lease(c, owner, &mine));
		if (!mine) {
			(void)nanosleep(&pause, NULL);
			continue;
		}
		err = widen(c, schema);
		TRY(give_lease(c, owner));
		return err;
	}
}

/* A dead writer's transaction holds the next position of its branch until
 * the server ends it. */
static void
warn_of_lifetime(struct mongo_store *s, const struct plugin_settings *settings)
{
	mongoc_client_t *client = mongoc_client_pool_pop(s->pool);
	DOCUMENT command = BSON_INITIALIZER;
	DOCUMENT reply;
	bson_iter_t at;
	char text[256];

	bson_append_int32(&command, "getParameter", -1, 1);
	bson_append_int32(&command, "transactionLifetimeLimitSeconds", -1, 1);
	if (mongoc_client_command_simple(
		client, "admin", &command, NULL, &reply, NULL) &&
	    bson_iter_init_find(
		&at, &reply, "transactionLifetimeLimitSeconds") &&
	    bson_iter_as_int64(&at) > LIFETIME_MAX) {
		(void)snprintf(text, sizeof(text),
		    "MongoDB keeps the transaction of a writer that died for "
		    "%lld s, and its branch waits: set "
		    "transactionLifetimeLimitSeconds to 5 or 10.",
		    (long long)bson_iter_as_int64(&at));
		settings->warn(text);
	}
	mongoc_client_pool_push(s->pool, client);
}

enum err
mongo_migrate(const struct plugin_settings *settings,
    const struct schema *schema, struct error *e)
{
	struct mongo_store *s;
	struct call c = { .error = e };
	enum err err;

	TRY(check_schema(schema, e));
	TRY(mongo_connect(settings, schema, &s, e));
	err = mongo_check_server(s, e);
	if (err == OK) {
		if (settings->warn != NULL)
			warn_of_lifetime(s, settings);
		c.store = &s->base.base;
		c.arena = arena_new();
		c.deadline_us = clock_mono_us() + MIGRATE_TIME;
		err = migrate_in_turn(&c, schema);
		arena_free(c.arena);
	}
	mongo_disconnect(s);
	return err;
}
